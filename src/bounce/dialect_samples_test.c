/* Each file in tests/dialects is a notice of some system, and says in fields at its head what is to
 * be found in it:
 *
 *   X-Expect: ADDRESS CODE STATUS REMOTE | WORDS    for each recipient; "-": not told
 *   X-Expect-Kind: delay                            if it is no failure
 *
 * WORDS stand in the diagnostic. doc/adding-a-dialect.md tells more. */
#include "base/test.h"

#include "bounce/read.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define FOLDER "tests/dialects/"

enum { LONGEST_SAMPLE = 1 << 16, FEWEST_SAMPLES = 120 };

static struct span read_sample(struct arena *a, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, FOLDER "%s", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s can't be opened", path);
    char *room = arena_new(a, LONGEST_SAMPLE);
    size_t len = fread(room, 1, LONGEST_SAMPLE, f);
    fclose(f);
    assert_true(len < LONGEST_SAMPLE);
    return span_make(room, len);
}

static struct span last_word(struct span *rest)
{
    *rest = span_trim(*rest);
    size_t from = rest->len;
    while (from && rest->at[from - 1] != ' ')
        from--;
    struct span word = span_skip(*rest, from);
    *rest = span_trim(span_first(*rest, from));
    return word;
}

static const struct notice_recipient *find(const struct notice *n, struct span address)
{
    for (size_t i = 0; i < n->recipient_count; i++)
        if (span_equal(n->recipients[i].address, address))
            return &n->recipients[i];
    return NULL;
}

static struct span or_dash(struct span text)
{
    return text.len ? text : SPAN("-");
}

static void check_recipient(struct arena *a, const char *name, const struct notice *n,
                            struct span expected)
{
    struct span left = span_cut(&expected, '|'), words = span_trim(expected);
    struct span remote = last_word(&left), status = last_word(&left), code = last_word(&left);
    const struct notice_recipient *to = find(n, span_trim(left));
    if (!to)
        fail_msg("%s: the recipient %.*s was not found", name, SPAN_F(left));
    struct span got_code = to->code ? arena_printf(a, "%d", to->code) : SPAN("-");
    struct span got_status =
        status_is_given(to->status)
            ? arena_printf(a, "%d.%d.%d", to->status.class, to->status.subject, to->status.detail)
            : SPAN("-");
    if (!span_equal(got_code, code) || !span_equal(got_status, status) ||
        !span_equal(or_dash(to->remote), remote))
        fail_msg("%s: %.*s has code %.*s, status %.*s, remote %.*s", name, SPAN_F(left),
                 SPAN_F(got_code), SPAN_F(got_status), SPAN_F(or_dash(to->remote)));
    if (words.len && span_find(to->diagnostic, words) == SPAN_NOT_FOUND)
        fail_msg("%s: of %.*s it says \"%.*s\"", name, SPAN_F(left), SPAN_F(to->diagnostic));
}

static void check_sample(const char *name, struct span message)
{
    struct arena a = ARENA_EMPTY;
    struct notice n;
    struct survey s;
    notice_read(&n, &s, message, &a);
    size_t count = 0;
    for (size_t i = 0; i < s.field_count; i++) {
        if (!span_equal(s.fields[i].name, SPAN("X-Expect")))
            continue;
        check_recipient(&a, name, &n, span_trim(s.fields[i].value));
        count++;
    }
    if (count != n.recipient_count)
        fail_msg("%s: %zu recipients were found", name, n.recipient_count);
    struct span kind = survey_field(&s, "X-Expect-Kind", &a);
    assert_string_equal(notice_kind_name(n.kind), kind.len ? arena_text(&a, kind) : "failure");
    arena_clear(&a);
}

/* As a file has it, and with the line ends that mail has on its way. */
static void check_both(const char *name)
{
    struct arena a = ARENA_EMPTY;
    struct buffer b = BUFFER_EMPTY;
    struct span message = read_sample(&a, name);
    check_sample(name, message);
    for (size_t i = 0; i < message.len; i++) {
        if (message.at[i] == '\n')
            buffer_add_char(&b, '\r');
        buffer_add_char(&b, message.at[i]);
    }
    check_sample(name, buffer_span(&b));
    buffer_free(&b);
    arena_clear(&a);
}

static void each_sample_is_read(void **state)
{
    DIR *d = opendir(FOLDER);
    size_t count = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        if (!strstr(e->d_name, ".eml"))
            continue;
        check_both(e->d_name);
        count++;
    }
    closedir(d);
    assert_true(count >= FEWEST_SAMPLES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_sample_is_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
