/* Whatever a domain has in the DNS, and its servers say, there is an answer, and it steers no
 * terminal. An input is lines of a zone (doctor_trial.h), and behind a line "%%" what the servers
 * say. */
#include "base/fuzz.h"

#include "base/json.h"
#include "base/visible.h"
#include "cli/doctor_text.h"
#include "doctor/doctor_trial.h"

static bool is_harmless(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (((unsigned char)text.at[i] < ' ' && text.at[i] != '\n') || text.at[i] == 0x7F)
            return false;
    return utf8_is_valid(text);
}

static void say_it(struct doctor_trial *t)
{
    struct buffer out = BUFFER_EMPTY;
    doctor_print(&out, &t->request, &t->report);
    assert(out.len && is_harmless(buffer_span(&out)));
    buffer_clear(&out);
    doctor_print_json(&out, &t->request, &t->report);
    assert(is_harmless(buffer_span(&out)) &&
           span_find_char(buffer_span(&out), '\n') == out.len - 1);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct doctor_trial t;
    struct buffer zone = BUFFER_EMPTY;
    struct span input = fuzz_piece(span_make(at, len)), words = SPAN_NONE;
    size_t end = span_find(input, SPAN("\n%%\n"));
    if (end != SPAN_NOT_FOUND)
        words = span_skip(input, end + 4);
    buffer_add_span(&zone, span_first(input, end));
    for (size_t i = 0; i < zone.len; i++) /* the zone is a C string */
        zone.at[i] = zone.at[i] ? zone.at[i] : ' ';
    doctor_trial_init(&t);
    doctor_trial_change(&t, buffer_text(&zone));
    t.request.is_ours = len % 2;
    t.is_secure = len % 3;
    if (words.len) {
        t.probes.policy.text = words;
        t.at[0].greeting = t.at[1].extensions = t.names[0] = words;
        t.at[0].code = 554;
        t.at[1].is_encrypted = false;
    }
    doctor_trial_run(&t);
    assert(t.report.count);
    say_it(&t);
    doctor_trial_free(&t);
    buffer_free(&zone);
    fuzz_piece_free(input);
    return 0;
}
