#include "base/test.h"

#include "store/feedback_book.h"

#include <stdlib.h>
#include <unistd.h>

enum { DAY = 86400 * 1000 };

static char path[] = "/tmp/feedback-XXXXXX";

static struct recipient recipients[] = {{.address = {"bob@b.test", 10}},
                                        {.address = {"carol@b.test", 12}}};
static struct story_event happened[] = {
    {.kind = STORY_ATTEMPT, .time_ms = 10 * DAY + 5},
    {.kind = STORY_ATTEMPT, .time_ms = 10 * DAY + 100},
};

static struct story story_of(message_id id)
{
    return (struct story){.envelope = {.id = id, .recipients = recipients, .recipient_count = 2},
                          .events = happened,
                          .event_count = 2};
}

static int add(struct feedback_book *b, message_id id, const char *recipient, int64_t time_ms,
               int64_t keep_since_ms)
{
    struct error e = {""};
    const struct feedback_note n = {.message = id,
                                    .recipient = span_of(recipient),
                                    .type = SPAN("abuse"),
                                    .through = SPAN("b.test"),
                                    .time_ms = time_ms,
                                    .told_in = 99};
    int result = feedback_book_add(b, &n, keep_since_ms, &e);
    assert_string_equal(e.text, "");
    return result;
}

static size_t told(struct story *s, struct arena *a)
{
    struct error e;
    size_t count = 0;
    assert_true(feedback_book_tell(path, s, a, &e));
    for (size_t i = 0; i < s->event_count; i++) {
        count += s->events[i].kind == STORY_COMPLAINED;
        assert_true(!i || s->events[i].time_ms >= s->events[i - 1].time_ms);
    }
    return count;
}

static void each_recipient_counts_once(void **state)
{
    (void)state;
    message_id id = (message_id)10 * DAY * 1000;
    struct arena a = ARENA_EMPTY;
    struct error e;
    struct feedback_book *b = feedback_book_open(path, &e);
    assert_non_null(b);
    assert_int_equal(add(b, id, "bob@b.test", 10 * DAY + 50, 0), 1);
    assert_int_equal(add(b, id, "Bob@B.test", 10 * DAY + 60, 0), 0);
    assert_int_equal(add(b, id, "carol@b.test", 10 * DAY + 100, 0), 1);
    assert_int_equal(add(b, id, "", 10 * DAY + 300, 0), 1);
    assert_int_equal(add(b, id, "", 10 * DAY + 301, 0), 0);
    feedback_book_close(&b);
    struct story s = story_of(id);
    assert_int_equal(told(&s, &a), 3);
    assert_int_equal(s.event_count, 5);
    assert_int_equal(s.events[1].kind, STORY_COMPLAINED); /* between the two attempts */
    assert_int_equal(s.events[1].recipient, 0);
    assert_int_equal(s.events[1].time_ms, 10 * DAY + 50); /* the first one stays */
    assert_int_equal(s.events[1].told_in, 99);
    assert_true(span_equal(s.events[1].through, SPAN("b.test")));
    assert_int_equal(s.events[3].recipient, 1);
    assert_int_equal(s.events[4].recipient, STORY_NOBODY);
    arena_clear(&a);
}

static void what_no_story_tells_of_is_forgotten(void **state)
{
    (void)state;
    message_id old = (message_id)10 * DAY * 1000, fresh = (message_id)20 * DAY * 1000;
    struct arena a = ARENA_EMPTY;
    struct error e;
    struct feedback_book *b = feedback_book_open(path, &e);
    assert_int_equal(add(b, fresh, "bob@b.test", 20 * DAY, 15LL * DAY), 1);
    feedback_book_close(&b);
    struct story s = story_of(old);
    assert_int_equal(told(&s, &a), 0);
    s = story_of(fresh);
    assert_int_equal(told(&s, &a), 1);
    arena_clear(&a);
}

/* Others have written it. */
static void what_is_told_is_bounded(void **state)
{
    (void)state;
    static char name[1000];
    message_id id = (message_id)30 * DAY * 1000;
    struct arena a = ARENA_EMPTY;
    struct error e = {""};
    struct feedback_book *b = feedback_book_open(path, &e);
    memset(name, 'a', sizeof name);
    const struct feedback_note n = {.message = id, .type = span_make(name, sizeof name)};
    assert_int_equal(feedback_book_add(b, &n, 0, &e), 1); /* though it lacks the rest */
    feedback_book_close(&b);
    struct story s = story_of(id);
    assert_int_equal(told(&s, &a), 1);
    assert_int_equal(s.events[0].why.len, 320);
    arena_clear(&a);
}

static void without_a_book_nobody_has_complained(void **state)
{
    (void)state;
    struct arena a = ARENA_EMPTY;
    struct error e;
    struct story s = story_of(1);
    assert_true(feedback_book_tell("/nowhere/feedback.sqlite", &s, &a, &e));
    assert_int_equal(s.event_count, 2);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recipient_counts_once),
        cmocka_unit_test(what_no_story_tells_of_is_forgotten),
        cmocka_unit_test(what_is_told_is_bounded),
        cmocka_unit_test(without_a_book_nobody_has_complained),
    };
    close(mkstemp(path));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
