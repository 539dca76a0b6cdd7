/* What is kept of an outcome outlives what it was made of. */
#include "base/test.h"

#include "queue/kept_outcome.h"

#include <stdlib.h>

static void fill(struct outcome *o, struct arena *a)
{
    *o = (struct outcome){.kind = OUTCOME_DELAYED,
                          .words = arena_copy(a, SPAN("try later")),
                          .host = arena_copy(a, SPAN("mx.b.test")),
                          .address = arena_copy(a, SPAN("192.0.2.7:25")),
                          .stage = arena_copy(a, SPAN("in reply to RCPT TO")),
                          .login = arena_copy(a, SPAN("relay@home.test")),
                          .return_path = arena_copy(a, SPAN("SRS0=a=b=c.test=d@home.test"))};
}

static void check(const struct outcome *o)
{
    assert_true(o->kind == OUTCOME_DELAYED && span_equal(o->words, SPAN("try later")) &&
                span_equal(o->host, SPAN("mx.b.test")) &&
                span_equal(o->address, SPAN("192.0.2.7:25")) &&
                span_equal(o->stage, SPAN("in reply to RCPT TO")) &&
                span_equal(o->login, SPAN("relay@home.test")) &&
                span_equal(o->return_path, SPAN("SRS0=a=b=c.test=d@home.test")));
}

static void all_of_its_texts_are_kept(void **state)
{
    struct arena first = ARENA_EMPTY, second = ARENA_EMPTY;
    struct outcome o;
    fill(&o, &first);
    struct kept_outcome *kept = outcome_keep(&o);
    struct outcome copy = outcome_into(&second, &o);
    arena_clear(&first);
    check(&kept->outcome);
    check(&copy);
    free(kept);
    arena_clear(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_of_its_texts_are_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
