/* To revoke an account makes the guard forget the clients that were new in that time. So those that
 * are left are its owner's, from before or from after; and what a client of before has sent is his,
 * for a notice that he misses is worse than one too many. */
#include "account/misuse.h"

#include "account/inside.h"
#include "base/memory.h"
#include "guard/state.h"

#include <stdlib.h>

struct looking {
    const struct misuse_question *question;
    bool is_within;
    int64_t from_ms; /* of the first one that it falls into */
};

static void look(void *arg, const struct account_removal *r)
{
    struct looking *l = arg;
    const struct misuse_question *q = l->question;
    if (l->is_within || q->sent_ms < r->from_ms || q->sent_ms > r->until_ms ||
        !span_equal_nocase(r->account, q->account))
        return;
    l->is_within = true;
    l->from_ms = r->from_ms;
}

static bool knew_client(struct span state, const struct misuse_question *q, int64_t at_ms)
{
    struct guard_account *guard = memory_new(sizeof *guard);
    uint64_t client = account_client(q->client_address, q->client_name, q->key);
    bool knew =
        guard_state_read(guard, state) && guard_knew_client(guard, q->limits, client, at_ms);
    free(guard);
    return knew;
}

bool account_was_misused(struct account_book *b, const struct misuse_question *q, bool *was,
                         struct error *e)
{
    struct looking l = {.question = q};
    struct arena a = ARENA_EMPTY;
    struct buffer name = BUFFER_EMPTY;
    struct account_row row;
    bool ok = account_book_removals(b, look, &l, e);
    int found = 0;
    if (ok && l.is_within) {
        for (size_t i = 0; i < q->account.len; i++)
            buffer_add_char(&name, ascii_lower(q->account.at[i]));
        found = account_book_find(b, buffer_span(&name), &a, &row, e);
    }
    *was = l.is_within && !(found > 0 && knew_client(row.state, q, l.from_ms));
    buffer_free(&name);
    arena_clear(&a);
    return ok && found >= 0;
}
