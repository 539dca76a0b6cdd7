/* What has been sent, for those who can't, or need not, open the ledger themselves. A user hears of
 * what he has handed in. */
#include "control/server_inside.h"

#include "control/sent_lines.h"
#include "control/story_search.h"

enum { SENT_AT_ONCE = 20, MOST_SENT = 10000 };

static struct sent_question question_of(const struct conversation *c)
{
    const struct request *r = &c->request;
    struct sent_question q = {.to = r->filter.to,
                              .by = &r->filter.from,
                              .by_count = r->filter.from.len > 0,
                              .has_owner = r->filter.has_owner,
                              .owner = r->filter.owner};
    if (!story_id(r->what, &q.id))
        q.message_id = r->what;
    return q;
}

void sent_next(struct conversation *c)
{
    struct store *store = c->control->settings.store;
    const char *directory = buffer_text(&c->control->directory);
    struct sent_question q = question_of(c);
    struct buffer path = BUFFER_EMPTY;
    struct ledger *l = NULL;
    unsigned char key[SENT_KEY];
    size_t limit = c->request.limit && c->request.limit < MOST_SENT ? c->request.limit
                   : c->request.is_all                              ? MOST_SENT
                                                                    : SENT_AT_ONCE;
    buffer_printf(&path, "%s/ledger.sqlite", directory);
    c->ok = store_catch_up(store, &c->error) && store_sent_key(directory, key, &c->error) &&
            (l = ledger_open_read(buffer_text(&path), &c->error)) != NULL &&
            sent_lines(&c->answer, l, &q, key, limit, &c->error);
    ledger_close(&l);
    buffer_free(&path);
    c->is_done = true;
}
