/* What owners of accounts are to be told by letter. A row is written with the change that it is
 * about, and goes with the line that says that somebody was told: so whatever a crash cuts off,
 * each change is told by at least one letter. When the last one went out stays, by the address. */
#include "store/account_book_inside.h"

enum { MOST_OWED = 20 /* to one address: more nobody reads */ };

struct span account_part_name(enum account_part p)
{
    switch (p) {
    case PART_FORWARDING:
        return SPAN("forwarding");
    case PART_FILTERS:
        return SPAN("filter");
    case PART_PASSWORD:
        break;
    }
    return SPAN("password");
}

static enum account_part part_of(struct span name)
{
    for (enum account_part p = PART_FORWARDING; p < PART_PASSWORD; p++)
        if (span_equal(name, account_part_name(p)))
            return p;
    return PART_PASSWORD;
}

/* ---- writing */

static bool run(sqlite3_stmt *q)
{
    sqlite3_step(q);
    return sqlite3_finalize(q) == SQLITE_OK && q;
}

static bool put_one(struct account_book *b, struct span to, struct span name,
                    const struct account_owed *o)
{
    sqlite3_stmt *q = account_book_ask(b,
                                       "INSERT OR IGNORE INTO owed SELECT NULL, ?1, ?2, ?3, ?4, ?5"
                                       " WHERE (SELECT count(*) FROM owed WHERE address = ?1) < ?6",
                                       to);
    account_book_bind(q, 2, name);
    account_book_bind(q, 3, account_part_name(o->part));
    account_book_bind(q, 4, o->target);
    sqlite3_bind_int64(q, 5, o->since_ms);
    sqlite3_bind_int(q, 6, MOST_OWED);
    return run(q);
}

static bool put_letter(struct account_book *b, const struct account_letter_sent *l)
{
    sqlite3_stmt *q =
        account_book_ask(b, "DELETE FROM owed WHERE address = ? AND number <= ?", l->to);
    sqlite3_bind_int64(q, 2, (int64_t)l->until);
    if (!run(q))
        return false;
    q = account_book_ask(b, "INSERT OR REPLACE INTO letter VALUES (?, ?)", l->to);
    sqlite3_bind_int64(q, 2, l->time_ms);
    return run(q);
}

bool account_book_put_owed(struct account_book *b, struct span name, const struct account_change *c)
{
    bool ok = !c->letter || put_letter(b, c->letter);
    for (size_t i = 0; ok && i < c->owed_count; i++)
        ok = put_one(b, c->owed_to, name, &c->owed[i]);
    return ok;
}

/* ---- reading */

struct reading_owed {
    void (*each)(void *arg, const struct account_owed *o);
    void *arg;
};

static void take_owed(void *reading, sqlite3_stmt *q)
{
    const struct reading_owed *r = reading;
    const struct account_owed o = {.number = (uint64_t)sqlite3_column_int64(q, 0),
                                   .account = account_book_text(q, 1),
                                   .part = part_of(account_book_text(q, 2)),
                                   .target = account_book_text(q, 3),
                                   .since_ms = sqlite3_column_int64(q, 4)};
    r->each(r->arg, &o);
}

bool account_book_owed(struct account_book *b, struct span to,
                       void (*each)(void *arg, const struct account_owed *o), void *arg,
                       struct error *e)
{
    struct reading_owed r = {each, arg};
    return account_book_each(b,
                             "SELECT number, name, part, target, since_ms FROM owed"
                             " WHERE address = ? ORDER BY number",
                             to, 0, take_owed, &r, e) >= 0;
}

struct reading_addresses {
    void (*each)(void *arg, struct span to);
    void *arg;
};

static void take_address(void *reading, sqlite3_stmt *q)
{
    const struct reading_addresses *r = reading;
    r->each(r->arg, account_book_text(q, 0));
}

bool account_book_owed_to(struct account_book *b, void (*each)(void *arg, struct span to),
                          void *arg, struct error *e)
{
    struct reading_addresses r = {each, arg};
    return account_book_each(b, "SELECT DISTINCT address FROM owed", SPAN_NONE, 0, take_address, &r,
                             e) >= 0;
}

static void take_time(void *reading, sqlite3_stmt *q)
{
    *(int64_t *)reading = sqlite3_column_int64(q, 0);
}

bool account_book_last_letter(struct account_book *b, struct span to, int64_t *time_ms,
                              struct error *e)
{
    *time_ms = 0;
    return account_book_each(b, "SELECT time_ms FROM letter WHERE address = ?", to, 0, take_time,
                             time_ms, e) >= 0;
}
