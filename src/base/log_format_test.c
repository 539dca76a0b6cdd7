#include "base/test.h"

#include "base/log_format.h"

static struct buffer line_of(enum log_level level)
{
    struct buffer line = BUFFER_EMPTY;
    log_line_start(&line, "2026-11-24T12:44:03.123Z", level, "refused");
    log_line_text(&line, "id", SPAN("1k10"));
    log_line_text(&line, "words", SPAN("No \"such\" user\n<22>faked\\"));
    log_line_text(&line, "empty", SPAN(""));
    log_line_text(&line, "digits", SPAN("0550"));
    log_line_number(&line, "next-in-s", -7);
    log_line_number(&line, "code", 550);
    return line;
}

static void json_has_every_field(void **state)
{
    struct buffer line = line_of(LOG_LEVEL_WARNING), out = BUFFER_EMPTY;
    log_format_json(&out, buffer_span(&line));
    assert_string_equal(buffer_text(&out),
                        "{\"time\":\"2026-11-24T12:44:03.123Z\",\"level\":\"warning\",\"event\":"
                        "\"refused\",\"id\":\"1k10\","
                        "\"words\":\"No \\\"such\\\" "
                        "user<U+000A><22>faked\\\\\",\"empty\":\"\",\"digits\":\"0550\","
                        "\"next-in-s\":-7,\"code\":550}");
    buffer_free(&line);
    buffer_free(&out);
}

static void syslog_has_facility_and_severity(void **state)
{
    static const struct {
        enum log_level level;
        const char *before;
    } cases[] = {{LOG_LEVEL_INFO, "<22>"}, {LOG_LEVEL_WARNING, "<20>"}, {LOG_LEVEL_ERROR, "<19>"}};
    for (size_t n = 0; n < COUNT_OF(cases); n++) {
        struct buffer line = line_of(cases[n].level), out = BUFFER_EMPTY, wanted = BUFFER_EMPTY;
        log_format_syslog(&out, buffer_span(&line), "Nov 24 12:44:03", 77);
        buffer_printf(
            &wanted,
            "%sNov 24 12:44:03 plainpost[77]: refused id=1k10 words=\"No \\\"such\\\" "
            "user<U+000A><22>faked\\\\\" empty=\"\" digits=\"0550\" next-in-s=-7 code=550",
            cases[n].before);
        assert_string_equal(buffer_text(&out), buffer_text(&wanted));
        buffer_free(&line);
        buffer_free(&out);
        buffer_free(&wanted);
    }
}

static void the_journal_gets_fields(void **state)
{
    struct buffer line = line_of(LOG_LEVEL_ERROR), out = BUFFER_EMPTY;
    log_format_journal(&out, buffer_span(&line));
    assert_string_equal(
        buffer_text(&out),
        "MESSAGE=refused id=1k10 words=\"No \\\"such\\\" user<U+000A><22>faked\\\\\" "
        "empty=\"\" digits=\"0550\" next-in-s=-7 code=550\n"
        "PRIORITY=3\nSYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=plainpost\n"
        "PLAINPOST_EVENT=refused\nPLAINPOST_ID=1k10\n"
        "PLAINPOST_WORDS=No \"such\" user<U+000A><22>faked\\\n"
        "PLAINPOST_EMPTY=\nPLAINPOST_DIGITS=0550\nPLAINPOST_NEXT_IN_S=-7\nPLAINPOST_CODE=550\n");
    buffer_free(&line);
    buffer_free(&out);
}

static void an_event_may_be_all(void **state)
{
    struct buffer line = BUFFER_EMPTY, out = BUFFER_EMPTY;
    log_line_start(&line, "T", LOG_LEVEL_INFO, "ended");
    log_format_json(&out, buffer_span(&line));
    assert_string_equal(buffer_text(&out),
                        "{\"time\":\"T\",\"level\":\"info\",\"event\":\"ended\"}");
    buffer_free(&line);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_every_field),
        cmocka_unit_test(syslog_has_facility_and_severity),
        cmocka_unit_test(the_journal_gets_fields),
        cmocka_unit_test(an_event_may_be_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
