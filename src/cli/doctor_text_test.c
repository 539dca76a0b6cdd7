#include "base/test.h"

#include "cli/doctor_text.h"
#include "doctor/doctor_trial.h"

static const char evil[] = "example.org TXT v=spf1 ip4:192.0.2.7 ip6:2001:db8::7 -all\033[2J\n"
                           "_dmarc.example.org TXT\n_smtp._tls.example.org TXT\n"
                           "7.2.0.192.in-addr.arpa PTR";

static void show(struct buffer *out, const char *changes, bool as_json)
{
    struct doctor_trial t;
    doctor_trial_init(&t);
    doctor_trial_change(&t, changes);
    doctor_trial_run(&t);
    if (as_json)
        doctor_print_json(out, &t.request, &t.report);
    else
        doctor_print(out, &t.request, &t.report);
    doctor_trial_free(&t);
}

static void must_have(const struct buffer *out, const char *part)
{
    if (span_find(buffer_span(out), span_of(part)) == SPAN_NOT_FOUND)
        fail_msg("no “%s” in:\n%s", part, buffer_text(out));
}

static void people_read_what_is_wrong_first(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    show(&out, evil, false);
    must_have(&out, "example.org, as others see it\nIt is one of the domains of this server, "
                    "mail.example.org.\n\nBroken\n  Reverse DNS: 192.0.2.7\n"
                    "    The address 192.0.2.7 has no name in the reverse DNS.\n");
    must_have(&out,
              "    > Only whoever gives you the address (your hosting or Internet provider) can\n"
              "      enter it, often on a page of theirs. Ask for:\n"
              "      7.2.0.192.in-addr.arpa. IN PTR mail.example.org.\n");
    must_have(&out, "<U+001B>[2J");
    must_have(&out, "\nDoubtful\n  DMARC\n");
    must_have(&out, "\n2 things are broken, 1 is doubtful, 1 could be better; ");
    assert_true(span_find_char(buffer_span(&out), '\033') == SPAN_NOT_FOUND);
    for (struct span rest = buffer_span(&out); rest.len;) {
        struct span line = span_cut(&rest, '\n');
        if (line.len > 80 && !span_starts(line, SPAN("      ")))
            fail_msg("too long: %.*s", SPAN_F(line));
    }
    buffer_free(&out);
}

static void where_all_is_right_it_is_short(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    show(&out, "", false);
    must_have(&out,
              "mail.example.org.\n\nFine\n  Mail servers  Its mail goes to mail.example.org.\n");
    must_have(&out, " things are fine.\n");
    assert_true(span_find(buffer_span(&out), SPAN("Broken")) == SPAN_NOT_FOUND);
    buffer_free(&out);
}

static void programs_get_json(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    show(&out, evil, true);
    must_have(&out,
              "{\"domain\":\"example.org\",\"time\":\"2026-11-18T11:06:40.000Z\",\"ours\":true,"
              "\"hostname\":\"mail.example.org\",\"ok\":false,\"broken\":2,\"warnings\":1,"
              "\"advice\":1,\"not_checked\":0,\"fine\":");
    must_have(
        &out,
        "{\"topic\":\"reverse-dns\",\"level\":\"broken\",\"about\":\"192.0.2.7\",\"says\":\"");
    must_have(&out, "\"publish\":[\"7.2.0.192.in-addr.arpa. IN PTR mail.example.org.\"]}");
    must_have(&out, "\\u001b[2J");
    assert_int_equal(span_find_char(buffer_span(&out), '\n'), out.len - 1);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_read_what_is_wrong_first),
        cmocka_unit_test(where_all_is_right_it_is_short),
        cmocka_unit_test(programs_get_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
