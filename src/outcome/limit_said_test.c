#include "outcome/limit_said.h"

#include "base/test.h"

static void the_size_is_found_where_it_is_said(void **state)
{
    static const struct {
        const char *words;
        uint64_t limit;
    } cases[] = {
        /* our own */
        {"the message has 31457280 bytes; the receiving server takes at most 10240000", 10240000},
        {"this message is too large: this server takes at most 50000000 bytes", 50000000},
        {"the header of this message is too large: this server takes at most 262144 bytes", 0},
        {"The message is larger (31.5 MB) than the recipient's whole mailbox may be (10 MB).",
         10000000},
        /* as others say it */
        {"Message size exceeds fixed limit", 0},
        {"Message size exceeds fixed maximum message size (10240000)", 10240000},
        {"message size 12345678 exceeds size limit 10485760 of server mx1.example.net", 10485760},
        {"Message size exceeds maximum value of 20971520", 20971520},
        {"Message too big; size limit is 10240000 bytes", 10240000},
        {"Message size exceeds fixed maximum message size. Size: 13344 KB, Max size: 10240 KB",
         10240000},
        {"sorry, that message size exceeds my databytes limit (#5.3.4)", 0},
        {"Your message exceeded Google's message size limits. For more information, go to\n"
         "https://support.google.test/mail/?p=MaxSizeError 98e67ed59e1d1-2a3b4c12345678",
         0},
        {"RESOLVER.RST.RecipSizeLimit; message too large for this recipient", 0},
        {"Message length exceeds administrative limit. limit: 20MB", 20000000},
        {"The message is larger than 25 MiB", 26214400},
        {"exceeds the maximum size of 35,882,577 bytes", 35882577},
        {"exceeds the maximum size of 35.882.577 bytes", 35882577},
        {"limit is 1.5 GB", 1500000000},
        {"limit is 1,5 GB", 1500000000},
        {"limit is 10.240 KB", 10240},
        {"your message is over our 20 MB limit", 20000000},
        {"552 5.3.4 Limit 5.3.4", 0},
        {"maximum message size exceeded: 12345678", 0},
        {"maximum message size exceeded: 12345678 (limit 10485760)", 10485760},
        {"allowed size (20971520) is less than 31457280", 20971520},
        {"limit 100", 0}, /* of what? */
        {"limit of server mx7.example.net at 192.0.2.7 is not said", 0},
        {"the limit is not told here, because it would take too long: see 12345678", 0},
        {"limit 99999999999999999999 bytes", 0},
        {"limit 999999999999999 GB", 0},
        {"20 MB", 0},
        {"", 0},
        /* in other languages */
        {"Die Nachricht ist zu groß, erlaubt sind höchstens 20 MB", 20000000},
        {"Nachricht überschreitet die Grenze von 10240000 Bytes", 10240000},
        {"Message trop volumineux, taille maximale 10 Mo", 10000000},
        {"El mensaje supera el límite de 10 MB", 10000000},
        {"dimensione massima 30 MB", 30000000},
        {"tamanho máximo 25 MB", 25000000},
        {"превышен максимальный размер 10 МБ", 10000000},
        {"サイズの上限は 20 MB です", 20000000},
        {"邮件大小限制 50 MB", 50000000},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t limit = limit_said_of_size(span_of(cases[i].words));
        if (limit != cases[i].limit)
            fail_msg("%s: %llu", cases[i].words, (unsigned long long)limit);
    }
}

static void the_number_of_recipients_is_found_where_it_is_said(void **state)
{
    static const struct {
        const char *words;
        uint64_t limit;
    } cases[] = {
        {"too many recipients", 0},
        {"Error: too many recipients (max 50)", 50},
        {"Too many recipients: the limit is 100", 100},
        {"5.5.3 Too many recipients, maximum is 1,000", 1000},
        {"Message has more than 100 recipients", 100},
        {"this message has too many recipients: at most 1000 are taken", 1000},
        {"You may send to up to 20 recipients", 20},
        {"Too many recipients (101)", 0}, /* that is how many there were */
        {"recipient limit of 25 MB", 0},
        {"Zu viele Empfänger, höchstens 30", 30},
        {"Trop de destinataires : plus de 40", 40},
        {"Превышен лимит 15 получателей", 15},
        {"recipients limit 1000000000", 0},
        {"", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t limit = limit_said_of_recipients(span_of(cases[i].words));
        if (limit != cases[i].limit)
            fail_msg("%s: %llu", cases[i].words, (unsigned long long)limit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_size_is_found_where_it_is_said),
        cmocka_unit_test(the_number_of_recipients_is_found_where_it_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
