/* What postmaster reads when a domain is forged. */
#include "base/test.h"

#include "daemon/forged_letter.h"

#include <string.h>

static struct forged_letter letter(const struct doctor_report *r)
{
    return (struct forged_letter){.hostname = SPAN("mx.example.org"),
                                  .domain = SPAN("example.org"),
                                  .to = SPAN("postmaster@example.org"),
                                  .name = SPAN("1k@mx.example.org"),
                                  .now_ms = INT64_C(1795519200000),
                                  .what = {.since_ms = INT64_C(1795515600000),
                                           .notices = 412,
                                           .for_nobody = 154,
                                           .made_up = 101,
                                           .servers = 87,
                                           .addresses = FORGED_MANY},
                                  .report = r};
}

/* Without its encoding. */
static const char *text_of(const struct forged_letter *l, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY, text = BUFFER_EMPTY;
    forged_letter_write(&out, l);
    struct span rest = buffer_span(&out);
    while (rest.len) {
        struct span line = span_cut(&rest, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        bool is_soft = line.len && line.at[line.len - 1] == '=';
        buffer_add_span(&text, span_first(line, line.len - is_soft));
        buffer_add_text(&text, is_soft ? "" : "\n");
    }
    const char *kept = arena_text(a, buffer_span(&text));
    buffer_free(&out);
    buffer_free(&text);
    return kept;
}

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void it_says_what_came_and_what_to_publish(void **state)
{
    struct doctor_finding findings[] = {
        {.topic = DOCTOR_SPF, .level = DOCTOR_FINE, .says = SPAN("The SPF record can be used.")},
        {.topic = DOCTOR_DMARC,
         .level = DOCTOR_WARNING,
         .says = SPAN("There is no DMARC record."),
         .todo = SPAN("Begin with one that only asks for reports:"),
         .publish = SPAN("_dmarc.example.org. TXT \"v=DMARC1; p=none\"")}};
    const struct doctor_report r = {.at = findings, .count = COUNT_OF(findings)};
    struct forged_letter l = letter(&r);
    struct arena a = ARENA_EMPTY;
    const char *text = text_of(&l, &a);
    expect(text, "\nSubject: Somebody forges addresses of example.org\n");
    expect(text, "\nTo: <postmaster@example.org>\n");
    expect(text, "\nMessage-ID: <1k@mx.example.org>\n");
    expect(text, "412 such");
    expect(text, "at least 87");
    expect(text, "more than 512 addresses");
    expect(text, "154 of\nthem");
    expect(text, "\n101 were for addresses in whose name nothing was ever sent from here");
    expect(text, "an alias takes all of example.org.");
    expect(text, "\n  SPF    The SPF record can be used.\n");
    expect(text, "\n  DMARC  There is no DMARC record.\n         Begin with one");
    expect(text, "\n      _dmarc.example.org. TXT \"v=3DDMARC1; p=3Dnone\"\n");
    expect(text, "\n      plainpost dkim new example.org\n");
    expect(text, "\n      plainpost doctor example.org\n");
    expect(text, "kept out of mailboxes");
    arena_clear(&a);
}

static void it_says_what_is_done_already(void **state)
{
    const struct doctor_report none = {0};
    struct forged_letter l = letter(&none);
    struct arena a = ARENA_EMPTY;
    l.is_signed = l.refuses = true;
    const char *text = text_of(&l, &a);
    expect(text, "This server signs mail of the domain.");
    expect(text, "are refused");
    assert_null(strstr(text, "plainpost dkim new"));
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_came_and_what_to_publish),
        cmocka_unit_test(it_says_what_is_done_already),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
