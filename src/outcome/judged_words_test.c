#include "base/test.h"

#include "outcome/judged_words.h"

#define GENUINE .judged = {true, VERDICT_GENUINE, CONFIDENCE_CERTAIN, PROVENANCE_PROVEN}
#define FORGED .judged = {true, VERDICT_NOT_YOURS, CONFIDENCE_VERY_LIKELY, PROVENANCE_DISPROVEN}
#define OPEN .judged = {true, VERDICT_GENUINE, CONFIDENCE_LIKELY, PROVENANCE_UNKNOWN}
#define ALICE .address = SPAN("alice@example.org")
#define BOB .address = SPAN("bob@example.org")

static struct {
    const char *what;
    struct recipient recipients[2];
    const char *reasons, *words, *json;
} rows[] = {
    {"nobody has judged", {{ALICE}, {BOB}}, "", "", "{}"},
    {"one and the same for both",
     {{ALICE, GENUINE}, {BOB, GENUINE}},
     "sent, own-signature",
     ", judged genuine (certain, proven): sent, own-signature",
     "{\"judged\":{\"class\":\"genuine\",\"confidence\":\"certain\",\"provenance\":\"proven\","
     "\"because\":[\"sent\",\"own-signature\"]}}"},
    {"what an alias leads to is told with it",
     {{ALICE, OPEN}, {BOB, OPEN, .parent = 1}},
     "",
     ", judged genuine (likely)",
     "{\"judged\":{\"class\":\"genuine\",\"confidence\":\"likely\",\"provenance\":\"unknown\","
     "\"because\":[]}}"},
    {"each his own",
     {{ALICE, GENUINE}, {BOB, FORGED}},
     "sent",
     ", judged genuine for alice@example.org (certain, proven): sent, judged not-yours for "
     "bob@example.org (very likely, disproven)",
     "{\"judged\":{\"class\":\"genuine\",\"confidence\":\"certain\",\"provenance\":\"proven\","
     "\"because\":[\"sent\"],\"others\":[{\"recipient\":\"bob@example.org\",\"class\":"
     "\"not-yours\",\"confidence\":\"very-likely\",\"provenance\":\"disproven\"}]}}"},
};

static void it_is_told(void **state)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer words = BUFFER_EMPTY, text = BUFFER_EMPTY;
        struct json j = json_start(&text);
        const struct envelope e = {.recipients = rows[i].recipients,
                                   .recipient_count = 2,
                                   .judged_by = span_of(rows[i].reasons)};
        judged_add_words(&words, &e);
        json_object(&j);
        judged_add_json(&j, &e);
        json_end(&j);
        if (!span_equal(buffer_span(&words), span_of(rows[i].words)) ||
            !span_equal(buffer_span(&text), span_of(rows[i].json)))
            fail_msg("%s: %s\n%s", rows[i].what, buffer_text(&words), buffer_text(&text));
        buffer_free(&words);
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
