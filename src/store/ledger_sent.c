/* Own messages have a mark of their own in the table of messages, so that what strangers have sent
 * to an address is not looked through for what ours have. */
#include "store/ledger_sent.h"

#include "store/ledger_inside.h"

#include <sodium.h>

enum { MOST_OF_ADDRESS = 1000 /* strangers may write to it, and in its name */ };

struct asking {
    struct ledger *ledger;
    const struct sent_question *question;
    struct span bracketed; /* the Message-ID, "<…>", */
    struct span bare;      /* and without */
    const unsigned char *key;
    struct arena *arena;
    struct sent *found;
    size_t count, limit;
    struct error *error;
};

static int64_t keyed_hash(struct span text, const unsigned char *key)
{
    struct buffer low = BUFFER_EMPTY;
    int64_t hash;
    _Static_assert(sizeof hash == crypto_shorthash_BYTES, "");
    _Static_assert(SENT_KEY == crypto_shorthash_KEYBYTES, "");
    for (size_t i = 0; i < text.len; i++)
        buffer_add_char(&low, ascii_lower(text.at[i]));
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)buffer_text(&low), low.len,
                     key);
    buffer_free(&low);
    return hash;
}

static struct span without_brackets(struct span id)
{
    bool has = id.len > 2 && id.at[0] == '<' && id.at[id.len - 1] == '>';
    return has ? span_first(span_skip(id, 1), id.len - 2) : id;
}

static struct span account_of(const struct envelope *e)
{
    if (e->login.len)
        return e->login;
    return e->client_address.len ? e->client_address : e->client_name;
}

static bool is_by(const struct sent_question *q, struct span account, struct span reverse_path)
{
    for (size_t i = 0; i < q->by_count; i++)
        if (span_equal_nocase(q->by[i], account) || span_equal_nocase(q->by[i], reverse_path))
            return true;
    return !q->by_count;
}

/* ---- stories */

/* SIZE_MAX: it went to others. */
static size_t recipient_asked_for(const struct sent_question *q, const struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count; i++)
        if (span_equal_nocase(e->recipients[i].address, q->to) &&
            (!q->has_owner || !e->recipients[i].parent))
            return i;
    return SIZE_MAX;
}

static bool is_meant(const struct asking *s, const struct envelope *e)
{
    const struct sent_question *q = s->question;
    if (q->id && q->id != e->id)
        return false;
    if (q->message_id.len && !span_equal_nocase(e->header_message_id, s->bracketed) &&
        !span_equal_nocase(e->header_message_id, s->bare))
        return false;
    if (q->has_owner && (!e->has_owner || e->owner != q->owner))
        return false;
    return is_by(q, account_of(e), e->reverse_path) &&
           (!q->to.len || recipient_asked_for(q, e) != SIZE_MAX);
}

static bool read_outcome(struct asking *s, struct sent *one, size_t recipient)
{
    sqlite3_stmt *stmt = ledger_prepare(
        s->ledger,
        "SELECT entry FROM event WHERE message = ? AND recipient = ? ORDER BY seq DESC LIMIT 1",
        s->error);
    struct entry found = {0};
    if (!stmt)
        return false;
    sqlite3_bind_int64(stmt, 1, (int64_t)one->id);
    sqlite3_bind_int64(stmt, 2, (int64_t)recipient);
    int step = sqlite3_step(stmt);
    struct span entry = step == SQLITE_ROW ? arena_copy(s->arena, ledger_blob(stmt, 0)) : SPAN_NONE;
    sqlite3_finalize(stmt);
    one->has_outcome = entry.len && entry_next(&entry, &found, s->arena) > 0;
    one->outcome = found.outcome;
    return step == SQLITE_ROW || step == SQLITE_DONE || ledger_fail(s->ledger, s->error, "read");
}

static size_t count_named(const struct envelope *e)
{
    size_t count = 0;
    for (size_t i = 0; i < e->recipient_count; i++)
        count += !e->recipients[i].parent;
    return count;
}

static bool take(struct asking *s, const struct envelope *e)
{
    struct sent *one = &s->found[s->count++];
    size_t recipient = recipient_asked_for(s->question, e);
    *one = (struct sent){.id = e->id,
                         .time_ms = e->accepted_ms,
                         .account = arena_copy(s->arena, account_of(e)),
                         .name = arena_copy(s->arena, envelope_account(e)),
                         .reverse_path = arena_copy(s->arena, e->reverse_path),
                         .recipients = count_named(e),
                         .client_address = arena_copy(s->arena, e->client_address),
                         .client_name = arena_copy(s->arena, e->client_name),
                         .message_id = arena_copy(s->arena, e->header_message_id),
                         .subject = arena_copy(s->arena, e->subject)};
    if (!s->question->to.len)
        return true;
    one->to = arena_copy(s->arena, e->recipients[recipient].address);
    return read_outcome(s, one, recipient);
}

/* By the index that leads to the fewest. */
static sqlite3_stmt *stories_asked_for(struct asking *s)
{
    const struct sent_question *q = s->question;
    sqlite3_stmt *stmt = ledger_prepare(
        s->ledger,
        q->id ? "SELECT entry FROM message WHERE id = ? AND own"
        : q->message_id.len
            ? "SELECT entry FROM message WHERE message_id_hash IN (?, ?) AND own ORDER BY id DESC"
            : "SELECT entry FROM message WHERE own AND id IN"
              " (SELECT message FROM recipient WHERE address_hash = ?) ORDER BY id DESC",
        s->error);
    if (!stmt)
        return NULL;
    sqlite3_bind_int64(
        stmt, 1, q->id ? (int64_t)q->id : ledger_hash(q->message_id.len ? s->bracketed : q->to));
    if (!q->id && q->message_id.len)
        sqlite3_bind_int64(stmt, 2, ledger_hash(s->bare));
    return stmt;
}

static bool read_stories(struct asking *s)
{
    sqlite3_stmt *stmt = stories_asked_for(s);
    int step = SQLITE_DONE;
    bool ok = stmt != NULL;
    while (ok && s->count < s->limit && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct arena scratch = ARENA_EMPTY;
        struct envelope e = ledger_envelope(ledger_blob(stmt, 0), &scratch);
        if (is_meant(s, &e))
            ok = take(s, &e);
        arena_clear(&scratch);
    }
    if (ok && step != SQLITE_ROW && step != SQLITE_DONE)
        ok = ledger_fail(s->ledger, s->error, "read");
    sqlite3_finalize(stmt);
    return ok;
}

/* ---- what is left of those that are forgotten */

/* Is there such a row of those two numbers? */
static bool find_row(struct asking *s, const char *sql, int64_t one, int64_t two, bool *is_there)
{
    sqlite3_stmt *stmt = ledger_prepare(s->ledger, sql, s->error);
    if (!stmt)
        return false;
    sqlite3_bind_int64(stmt, 1, one);
    sqlite3_bind_int64(stmt, 2, two);
    int step = sqlite3_step(stmt);
    sqlite3_finalize(stmt);
    *is_there = step == SQLITE_ROW;
    return step == SQLITE_ROW || step == SQLITE_DONE || ledger_fail(s->ledger, s->error, "read");
}

static bool went_to(struct asking *s, message_id id, bool *yes)
{
    const struct sent_question *q = s->question;
    return find_row(s,
                    q->has_owner ? "SELECT 1 FROM proof_to WHERE address = ? AND id = ? AND named"
                                 : "SELECT 1 FROM proof_to WHERE address = ? AND id = ?",
                    keyed_hash(q->to, s->key), (int64_t)id, yes);
}

static bool has_message_id(struct asking *s, message_id id, bool *yes)
{
    return find_row(s, "SELECT 1 FROM proof WHERE message_id = ? AND id = ?",
                    keyed_hash(s->bare, s->key), (int64_t)id, yes);
}

static bool take_proof(struct asking *s, sqlite3_stmt *stmt)
{
    const struct sent_question *q = s->question;
    message_id id = (message_id)sqlite3_column_int64(stmt, 0);
    bool is_of_owner = !q->has_owner || (sqlite3_column_type(stmt, 4) != SQLITE_NULL &&
                                         sqlite3_column_int64(stmt, 4) == q->owner);
    bool is_to = true, is_it = true;
    if (!is_of_owner || !is_by(q, ledger_blob(stmt, 1), ledger_blob(stmt, 2)))
        return true;
    if ((q->to.len && !went_to(s, id, &is_to)) ||
        (q->message_id.len && !has_message_id(s, id, &is_it)))
        return false;
    if (is_to && is_it)
        s->found[s->count++] =
            (struct sent){.id = id,
                          .time_ms = (int64_t)(id / 1000),
                          .account = arena_copy(s->arena, ledger_blob(stmt, 1)),
                          .name = arena_copy(s->arena, ledger_blob(stmt, 1)),
                          .reverse_path = arena_copy(s->arena, ledger_blob(stmt, 2)),
                          .recipients = (size_t)sqlite3_column_int64(stmt, 3),
                          .is_hashed = true,
                          .to = arena_copy(s->arena, q->to)};
    return true;
}

static bool read_proofs(struct asking *s)
{
    const struct sent_question *q = s->question;
    sqlite3_stmt *stmt = ledger_prepare(
        s->ledger,
        q->id ? "SELECT id, account, reverse_path, recipients, owner FROM proof WHERE id = ?"
        : q->message_id.len ? "SELECT id, account, reverse_path, recipients, owner FROM proof"
                              " WHERE message_id = ? ORDER BY id DESC"
                            : "SELECT id, account, reverse_path, recipients, owner FROM proof"
                              " JOIN proof_to USING (id) WHERE address = ? ORDER BY id DESC",
        s->error);
    int step = SQLITE_DONE;
    bool ok = stmt != NULL;
    if (ok)
        sqlite3_bind_int64(stmt, 1,
                           q->id ? (int64_t)q->id
                                 : keyed_hash(q->message_id.len ? s->bare : q->to, s->key));
    while (ok && s->count < s->limit && (step = sqlite3_step(stmt)) == SQLITE_ROW)
        ok = take_proof(s, stmt);
    if (ok && step != SQLITE_ROW && step != SQLITE_DONE)
        ok = ledger_fail(s->ledger, s->error, "read");
    sqlite3_finalize(stmt);
    return ok;
}

bool ledger_sent(struct ledger *l, const struct sent_question *q, const unsigned char *key,
                 size_t limit, struct arena *a, struct sent **found, size_t *count, struct error *e)
{
    struct span bare = without_brackets(q->message_id);
    struct asking s = {.ledger = l,
                       .question = q,
                       .bracketed = arena_printf(a, "<%.*s>", SPAN_F(bare)),
                       .bare = bare,
                       .key = key,
                       .arena = a,
                       .found = arena_new(a, limit * sizeof *s.found),
                       .limit = limit,
                       .error = e};
    /* Hashes are older than all stories. */
    bool ok = read_stories(&s) && (!key || read_proofs(&s));
    *found = s.found;
    *count = s.count;
    return ok;
}

bool ledger_has_message_id(struct ledger *l, struct span id, bool *has, struct error *e)
{
    struct arena a = ARENA_EMPTY;
    struct span bare = without_brackets(id);
    sqlite3_stmt *s =
        ledger_prepare(l, "SELECT 1 FROM message WHERE message_id_hash IN (?, ?) LIMIT 1", e);
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, ledger_hash(arena_printf(&a, "<%.*s>", SPAN_F(bare))));
    sqlite3_bind_int64(s, 2, ledger_hash(bare));
    int step = sqlite3_step(s);
    sqlite3_finalize(s);
    arena_clear(&a);
    *has = step == SQLITE_ROW;
    return step == SQLITE_ROW || step == SQLITE_DONE || ledger_fail(l, e, "read");
}

/* Is there any row of that address, among the newest? */
static bool find_of_address(struct ledger *l, const char *sql, struct span address, bool *is_there,
                            struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l, sql, e);
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, ledger_hash(address));
    sqlite3_bind_int(s, 2, MOST_OF_ADDRESS);
    int step = sqlite3_step(s);
    sqlite3_finalize(s);
    *is_there = step == SQLITE_ROW;
    return step == SQLITE_ROW || step == SQLITE_DONE || ledger_fail(l, e, "read");
}

bool ledger_sends(struct ledger *l, struct span sender, bool *sends, struct error *e)
{
    return find_of_address(
        l,
        "SELECT 1 FROM (SELECT own FROM message WHERE sender_hash = ? ORDER BY id DESC LIMIT ?)"
        " WHERE own LIMIT 1",
        sender, sends, e);
}

bool ledger_has_had_mail(struct ledger *l, struct span address, bool *has, struct error *e)
{
    return find_of_address(l,
                           "SELECT 1 FROM (SELECT message FROM recipient WHERE address_hash = ?"
                           " ORDER BY message DESC LIMIT ?) JOIN message ON id = message"
                           " WHERE sender_hash IS NOT NULL LIMIT 1",
                           address, has, e);
}

bool ledger_count_to(struct ledger *l, struct span address, size_t *count, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(
        l, "SELECT count(DISTINCT message) FROM recipient WHERE address_hash = ?", e);
    if (!s)
        return false;
    sqlite3_bind_int64(s, 1, ledger_hash(address));
    bool ok = sqlite3_step(s) == SQLITE_ROW;
    *count = ok ? (size_t)sqlite3_column_int64(s, 0) : 0;
    sqlite3_finalize(s);
    return ok || ledger_fail(l, e, "read");
}

bool ledger_sent_since(struct ledger *l, int64_t *since_ms, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l, "SELECT since FROM reach", e);
    if (!s)
        return false;
    bool ok = sqlite3_step(s) == SQLITE_ROW;
    bool is_known = ok && sqlite3_column_type(s, 0) != SQLITE_NULL;
    *since_ms = is_known ? sqlite3_column_int64(s, 0) : INT64_MAX;
    sqlite3_finalize(s);
    return ok || ledger_fail(l, e, "read");
}

/* ---- writing */

void ledger_keep_sent(struct ledger *l, const unsigned char key[SENT_KEY])
{
    l->keeps_sent = key != NULL;
    if (key)
        memcpy(l->sent_key, key, SENT_KEY);
}

bool ledger_begin_reach(struct ledger *l, int64_t since_ms)
{
    sqlite3_stmt *s = l->statements[BEGIN_REACH];
    sqlite3_bind_int64(s, 1, since_ms);
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    return ok;
}

static bool add_proof(struct ledger *l, const struct envelope *e)
{
    sqlite3_stmt *s = l->statements[INSERT_PROOF];
    struct span account = account_of(e), id = without_brackets(e->header_message_id);
    sqlite3_bind_int64(s, 1, (int64_t)e->id);
    if (id.len)
        sqlite3_bind_int64(s, 2, keyed_hash(id, l->sent_key));
    else
        sqlite3_bind_null(s, 2);
    sqlite3_bind_blob64(s, 3, account.at, account.len, SQLITE_STATIC);
    sqlite3_bind_blob64(s, 4, e->reverse_path.at, e->reverse_path.len, SQLITE_STATIC);
    sqlite3_bind_int64(s, 5, (int64_t)count_named(e));
    if (e->has_owner)
        sqlite3_bind_int64(s, 6, e->owner);
    else
        sqlite3_bind_null(s, 6);
    bool ok = sqlite3_step(s) == SQLITE_DONE;
    sqlite3_reset(s);
    s = l->statements[INSERT_PROOF_TO];
    for (size_t i = 0; ok && i < e->recipient_count; i++) {
        sqlite3_bind_int64(s, 1, keyed_hash(e->recipients[i].address, l->sent_key));
        sqlite3_bind_int64(s, 2, (int64_t)e->id);
        sqlite3_bind_int(s, 3, !e->recipients[i].parent);
        ok = sqlite3_step(s) == SQLITE_DONE;
        sqlite3_reset(s);
    }
    return ok;
}

bool ledger_prove_old(struct ledger *l, struct error *e)
{
    if (!l->keeps_sent)
        return true;
    sqlite3_stmt *s =
        ledger_prepare(l, "SELECT entry FROM message JOIN old USING (id) WHERE own", e);
    int step = SQLITE_DONE;
    bool ok = s != NULL;
    while (ok && (step = sqlite3_step(s)) == SQLITE_ROW) {
        struct arena a = ARENA_EMPTY;
        struct envelope sent = ledger_envelope(ledger_blob(s, 0), &a);
        ok = add_proof(l, &sent);
        arena_clear(&a);
    }
    ok = ok && step == SQLITE_DONE;
    if (!ok && s)
        ledger_fail(l, e, "write");
    sqlite3_finalize(s);
    return ok;
}

int ledger_forget_sent(struct ledger *l, int64_t before_ms, int count, struct error *e)
{
    char *sql = sqlite3_mprintf(
        "BEGIN IMMEDIATE;"
        "UPDATE reach SET since = %lld WHERE since < %lld;"
        "DELETE FROM proof_to WHERE id IN (SELECT id FROM proof WHERE id < %lld LIMIT %d);"
        "DELETE FROM proof WHERE id IN (SELECT id FROM proof WHERE id < %lld LIMIT %d);",
        (long long)before_ms, (long long)before_ms, (long long)before_ms * 1000, count,
        (long long)before_ms * 1000, count);
    bool ok = sql && sqlite3_exec(l->db, sql, NULL, NULL, NULL) == SQLITE_OK;
    int gone = ok ? sqlite3_changes(l->db) : -1;
    sqlite3_free(sql);
    if (ok && sqlite3_exec(l->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
        return gone;
    ledger_fail(l, e, "write");
    sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}
