#include "guard/state.h"

#include "base/test.h"
#include "guard/guard_trial.h"

#define NOW (INT64_C(20600) * TRIAL_DAY)

static bool survives(const struct guard_account *a)
{
    static struct guard_account again;
    struct buffer bytes = BUFFER_EMPTY;
    guard_state_write(&bytes, a);
    assert_in_range(bytes.len, 1, GUARD_STATE_MOST);
    bool ok = guard_state_read(&again, buffer_span(&bytes)) && memcmp(a, &again, sizeof *a) == 0;
    buffer_free(&bytes);
    return ok;
}

static void every_state_survives(void **state)
{
    static struct guard_trial t;
    assert_true(survives(&t.account));
    guard_trial_begin(&t, NOW);
    assert_true(survives(&t.account));
    guard_trial_to_strangers(&t, NOW, 45);
    assert_true(t.account.is_told && survives(&t.account));
    guard_release(&t.account, NOW);
    assert_true(survives(&t.account));
    guard_trial_to_strangers(&t, NOW, 200);
    assert_true(guard_is_red(&t.account) && survives(&t.account));
    t.account.profile = PROFILE_SERVICE;
    t.account.declared = 50000;
    assert_true(survives(&t.account));
}

static void fill(struct seen *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        all[i] = (struct seen){UINT64_MAX - i, UINT32_MAX, UINT32_MAX, SEEN_MOST, SEEN_MOST};
}

/* As large as it can be. */
static void a_full_one_has_room(void **state)
{
    static struct guard_account a;
    memset(&a.known, 0xFF, sizeof a.known);
    fill(a.links, GUARD_LINKS);
    fill(a.texts, GUARD_TEXTS);
    fill(a.clients, GUARD_CLIENTS);
    fill(a.networks, GUARD_NETWORKS);
    fill(a.countries, GUARD_COUNTRIES);
    assert_true(survives(&a));
    assert_in_range(sizeof a, 1, 8 * 1024);
}

static void what_is_cut_off_or_of_another_version_is_none(void **state)
{
    static struct guard_trial t;
    static struct guard_account again, zero;
    struct buffer bytes = BUFFER_EMPTY;
    guard_trial_begin(&t, NOW);
    guard_trial_to_strangers(&t, NOW, 200);
    guard_state_write(&bytes, &t.account);
    for (size_t len = 0; len < bytes.len; len++) {
        assert_false(guard_state_read(&again, span_make(bytes.at, len)));
        assert_memory_equal(&again, &zero, sizeof zero);
    }
    bytes.at[0] = 2;
    assert_false(guard_state_read(&again, buffer_span(&bytes)));
    buffer_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_survives),
        cmocka_unit_test(a_full_one_has_room),
        cmocka_unit_test(what_is_cut_off_or_of_another_version_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
