/* Who is told, and who is not. What a signature proves is in tests/e2e/test_report_phishing.py. */
#include "base/test.h"

#include "abuse/contacts.h"
#include "auth/dns_trial.h"

#define CAME                                                                                       \
    "Received: from liar (unknown [192.0.2.7]) by mx.example.org; Fri, 27 Nov 2026 10:00:00 "      \
    "+0100\r\n"
#define CAME_NAMED(name)                                                                           \
    "Received: from liar (" name " [192.0.2.7]) by mx.example.org; Fri, 27 Nov 2026 10:00:00 "     \
    "+0100\r\n"
#define BANK "From: Bank <info@bank.example>\r\n"

static const char zone[] = "7.2.0.192.by-address.test TXT abuse@hoster.test, noc@hoster.test\n"
                           "2.113.0.203.by-address.test TXT abuse@pages.test\n"
                           "9.113.0.203.by-address.test TXT no address at all\n"
                           "www.evil.example A 203.0.113.2\n"
                           "www.other.example A 203.0.113.9\n"
                           "down.example FAIL\n"
                           "net.example.by-domain.test TXT desk@net.example\n"
                           "weebly.com.by-domain.test TXT postmaster@weebly.com\n"
                           "forged.example A 203.0.113.1\n"
                           "_dmarc.forged.example TXT v=DMARC1; p=reject; "
                           "ruf=mailto:ruf@forged.example,mailto:ruf@spy.test\n";

/* Those who are told, then behind "|" those who are not. */
static const struct {
    const char *message, *offline, *told;
} cases[] = {
    {CAME BANK "\r\nHi\r\n", "| abuse@bank.example",
     "abuse@hoster.test noc@hoster.test | abuse@bank.example"},
    /* the name of a client is the choice of who runs it, but for names made of addresses */
    {CAME_NAMED("mail.net.example") "\r\n", "| abuse@net.example",
     "abuse@hoster.test noc@hoster.test |"},
    {"Received: from liar (mail.net.example [192.0.2.99]) by mx.example.org\r\n\r\n",
     "| abuse@net.example", "| desk@net.example"},
    {"Received: from liar (192-0-2-99.dsl.net.example [192.0.2.99]) by mx.example.org\r\n\r\n",
     "abuse@net.example |", "desk@net.example |"},
    /* nothing that he writes himself names anybody */
    {"Received: from bank (bank [192.0.2.7]) by mx.elsewhere.test\r\n" BANK
     "Sender: <x@innocent.example>\r\nReply-To: <y@innocent.example>\r\n\r\n",
     "| abuse@bank.example", "| abuse@bank.example"},
    /* where it leads: the network is told, the domain may be his */
    {BANK "\r\nGo to https://www.evil.example/login?x=1 now\r\n",
     "| abuse@evil.example abuse@bank.example",
     "abuse@pages.test | abuse@evil.example abuse@bank.example"},
    {BANK "\r\nhttps://www.other.example/ https://down.example/\r\n",
     "| abuse@other.example abuse@down.example abuse@bank.example",
     "| abuse@other.example abuse@down.example abuse@bank.example"},
    {BANK "\r\nhttp://203.0.113.2/login\r\n", "| abuse@bank.example",
     "abuse@pages.test | abuse@bank.example"},
    /* pages that anybody can put up */
    {BANK "\r\nhttps://bank-login.weebly.com/\r\n", "abuse@weebly.com | abuse@bank.example",
     "abuse@weebly.com | abuse@bank.example"},
    /* the true bank's own pages, so that it looks right */
    {BANK "\r\nhttps://www.bank.example/ https://www.evil.example/\r\n",
     "| abuse@evil.example abuse@bank.example",
     "abuse@pages.test | abuse@evil.example abuse@bank.example"},
    {"Subject: x\r\n\r\n", "|", "|"},
};

static void find(struct contacts *found, struct complaint *c, const char *message,
                 enum complaint_kind kind, bool asks, struct arena *a)
{
    static const struct span ours[] = {SPAN("example.org")};
    const struct contact_zones zones = {SPAN("by-address.test"), SPAN("by-domain.test")};
    const struct complaint_request r = {.message = span_of(message),
                                        .ours = {ours, 1, NULL, SPAN_NONE},
                                        .hostname = SPAN("mx.example.org"),
                                        .now = 1795770000,
                                        .asks_dns = asks};
    struct lookups l = {0};
    while (!complaint_read(c, &r, &l, a) ||
           !contacts_find(found, c, kind, asks ? &zones : NULL, &l, a))
        dns_trial_answer(&l, span_of(zone));
    lookups_free(&l);
}

static void describe(struct buffer *out, const struct contacts *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (!found->at[i].why_not.len)
            buffer_printf(out, "%.*s ", SPAN_F(found->at[i].address));
    buffer_add_char(out, '|');
    for (size_t i = 0; i < found->count; i++)
        if (found->at[i].why_not.len)
            buffer_printf(out, " %.*s", SPAN_F(found->at[i].address));
}

static void nobody_is_told_whom_the_message_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer told = BUFFER_EMPTY;
        struct contacts found;
        struct complaint c;
        bool asks = i % 2;
        find(&found, &c, cases[i / 2].message, COMPLAINT_FRAUD, asks, &a);
        describe(&told, &found);
        assert_string_equal(buffer_text(&told), asks ? cases[i / 2].told : cases[i / 2].offline);
        buffer_free(&told);
        arena_clear(&a);
    }
}

static void who_is_forged_hears_of_it_where_he_wants_to(void **state)
{
    (void)state;
    struct arena a = ARENA_EMPTY;
    struct buffer told = BUFFER_EMPTY;
    struct contacts found;
    struct complaint c;
    find(&found, &c, CAME "From: x@forged.example\r\n\r\n", COMPLAINT_AUTH_FAILURE, true, &a);
    describe(&told, &found);
    assert_string_equal(buffer_text(&told), "ruf@forged.example |");
    buffer_clear(&told);
    find(&found, &c, CAME BANK "\r\n", COMPLAINT_AUTH_FAILURE, true, &a);
    describe(&told, &found);
    assert_string_equal(buffer_text(&told), "|");
    buffer_free(&told);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_told_whom_the_message_names),
        cmocka_unit_test(who_is_forged_hears_of_it_where_he_wants_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
