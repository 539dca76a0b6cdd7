/* What was written down is read again; what was not written by us, or not to its end, is not. */
#include "base/test.h"

#include "cli/subscriptions.h"
#include "cli/triage_record.h"

#include <string.h>

static void what_is_written_is_read(void **state)
{
    struct triage_record r = {.messages = NULL}, again;
    struct buffer text = BUFFER_EMPTY;
    triage_record_add(&r, FOLDER_FORGED, SPAN("1.host"));
    triage_record_add(&r, FOLDER_STAYS, SPAN("2.host"));
    triage_record_add(&r, FOLDER_YOURS, SPAN("3 with blanks,S=1"));
    r.folders[FOLDER_FORGED].is_new = true;
    r.folders[FOLDER_YOURS].inode = 4711;
    r.folders[FOLDER_YOURS].size = 815;
    triage_record_write(&text, &r);
    assert_true(triage_record_read(&again, buffer_span(&text)));
    assert_false(again.is_done);
    assert_int_equal(again.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(again.messages[i].folder, r.messages[i].folder);
        assert_true(span_equal(again.messages[i].message, r.messages[i].message));
    }
    assert_true(again.folders[FOLDER_FORGED].is_new && again.folders[FOLDER_FORGED].is_used);
    assert_false(again.folders[FOLDER_YOURS].is_new || again.folders[FOLDER_TRICKS].is_used);
    assert_int_equal(again.folders[FOLDER_YOURS].inode, 4711);
    assert_int_equal(again.folders[FOLDER_YOURS].size, 815);
    triage_record_free(&again);
    buffer_add_text(&text, TRIAGE_RECORD_DONE);
    assert_true(triage_record_read(&again, buffer_span(&text)) && again.is_done);
    triage_record_free(&again);
    for (size_t len = 0; len + sizeof "end\ndone\n" - 1 < text.len; len++) {
        assert_false(triage_record_read(&again, span_first(buffer_span(&text), len)));
        triage_record_free(&again);
    }
    triage_record_free(&r);
    buffer_free(&text);
}

static void what_leads_elsewhere_is_none(void **state)
{
#define HEAD "plainpost triage 1\n"
    static const char *const cases[] = {
        "",
        "end\n",
        "plainpost triage 2\nend\n",
        HEAD "moved\tForged\t../../x\nend\n",
        HEAD "moved\tForged\t.hidden\nend\n",
        HEAD "moved\tForged\ta/b\nend\n",
        HEAD "moved\tForged\t\nend\n",
        HEAD "moved\tElsewhere\ta\nend\n",
        HEAD "stays\t/etc\nend\n",
        HEAD "folder\tForged\tx\t1\nend\n",
        HEAD "folder\tForged\t1\t1\told\nend\n",
        HEAD "folder\t..\t1\t1\nend\n",
        HEAD "removed\ta\nend\n",
        HEAD "moved\tForged\ta\n",
    };
    struct triage_record r;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (triage_record_read(&r, span_of(cases[i])))
            fail_msg("case %zu is taken", i);
        triage_record_free(&r);
    }
}

static void what_is_nobodys_stays(void **state)
{
    for (int p = 0; p < PILE_COUNT; p++) {
        bool moves = folder_of_pile((enum pile)p) != FOLDER_STAYS;
        bool is_known = p == PILE_YOURS || p == PILE_FORGED || p == PILE_SPAM || p == PILE_TRICKS ||
                        p == PILE_REPLIES;
        assert_int_equal(moves, is_known);
    }
}

static void subscriptions_in_both_forms(void **state)
{
    static const struct {
        const char *before, *with, *without;
    } cases[] = {
        {"", "A.B\n", ""},
        {"Sent\n", "Sent\nA.B\n", "Sent\n"},
        {"Sent\nA.B\nC", "Sent\nA.B\nC\n", "Sent\nC\n"},
        {"V\t2\n\nSent\n", "V\t2\n\nSent\nA\tB\n", "V\t2\n\nSent\n"},
        {"V\t2\n\nA\tB\n", "V\t2\n\nA\tB\n", "V\t2\n\n"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (int is_wanted = 0; is_wanted < 2; is_wanted++) {
            buffer_clear(&out);
            subscriptions_edit(&out, span_of(cases[i].before), SPAN("A.B"), is_wanted);
            assert_string_equal(buffer_text(&out), is_wanted ? cases[i].with : cases[i].without);
        }
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_leads_elsewhere_is_none),
        cmocka_unit_test(what_is_nobodys_stays),
        cmocka_unit_test(subscriptions_in_both_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
