/* Opening. The schema is small because every message pays for it: what people see is in the
 * entries, kept as the journal has them; columns are only what is searched and counted. */
#include "store/ledger_inside.h"

#include "base/memory.h"

#include <stdlib.h>
#include <xxhash.h>

enum { SCHEMA_VERSION = 4, BUSY_MS = 10000 };

/* digest: the one that tells of it; NULL: it is owed. time: since when. */
#define OWED                                                                                       \
    "CREATE TABLE owed (address BLOB NOT NULL, seq INTEGER NOT NULL, message INTEGER NOT NULL,"    \
    " time INTEGER NOT NULL, digest INTEGER, PRIMARY KEY (address, seq)) WITHOUT ROWID;"           \
    "CREATE INDEX owed_by_message ON owed (message);"                                              \
    "CREATE INDEX owed_by_digest ON owed (digest) WHERE digest IS NOT NULL;"

/* reach: from when on all that was sent is known; NULL: nothing has come yet. proof: what is left
 * of what was sent when its story is forgotten (ledger_sent.c). */
#define SENT                                                                                       \
    "CREATE TABLE reach (one INTEGER PRIMARY KEY CHECK (one = 1), since INTEGER);"                 \
    "INSERT INTO reach VALUES (1, NULL);"                                                          \
    "CREATE TABLE proof (id INTEGER PRIMARY KEY, message_id INTEGER, account BLOB NOT NULL,"       \
    " reverse_path BLOB NOT NULL, recipients INTEGER NOT NULL, owner INTEGER);"                    \
    "CREATE INDEX proof_by_message_id ON proof (message_id) WHERE message_id IS NOT NULL;"         \
    "CREATE TABLE proof_to (address INTEGER, id INTEGER, named INTEGER NOT NULL, PRIMARY KEY "     \
    "(address, id))"                                                                               \
    " WITHOUT ROWID;"                                                                              \
    "PRAGMA user_version = 4;"

/* own: one of our own handed it in. */
#define OWN "ALTER TABLE message ADD COLUMN own INTEGER NOT NULL DEFAULT 0;"

static const char schema[] =
    "CREATE TABLE message (id INTEGER PRIMARY KEY, origin INTEGER NOT NULL, about INTEGER,"
    " message_id_hash INTEGER, sender_hash INTEGER, recipients INTEGER NOT NULL,"
    " entry BLOB NOT NULL, members INTEGER NOT NULL DEFAULT 0, own INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX message_by_message_id ON message (message_id_hash)"
    " WHERE message_id_hash IS NOT NULL;"
    "CREATE INDEX message_by_sender ON message (sender_hash) WHERE sender_hash IS NOT NULL;"
    "CREATE INDEX message_by_about ON message (about) WHERE about IS NOT NULL;"
    "CREATE TABLE recipient (address_hash INTEGER, message INTEGER, n INTEGER,"
    " PRIMARY KEY (address_hash, message, n)) WITHOUT ROWID;"
    /* seq grows with the position in the journal, so that feeding twice changes nothing */
    "CREATE TABLE event (message INTEGER, seq INTEGER, kind INTEGER NOT NULL, recipient INTEGER,"
    " notification INTEGER, entry BLOB NOT NULL, PRIMARY KEY (message, seq)) WITHOUT ROWID;"
    "CREATE TABLE forgotten (origin INTEGER, kind INTEGER, notified INTEGER,"
    " count INTEGER NOT NULL, PRIMARY KEY (origin, kind, notified)) WITHOUT ROWID;"
    "CREATE TABLE position (one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL,"
    " offset INTEGER NOT NULL);"
    "INSERT INTO position VALUES (1, 0, 0);" OWED SENT;

/* What makes the next version of each. */
static const char *const upgrades[SCHEMA_VERSION] = {
    schema,
    /* members: how many of the recipients aliases led to */
    "ALTER TABLE message ADD COLUMN members INTEGER NOT NULL DEFAULT 0;" OWED OWN SENT,
    OWED OWN SENT,
    OWN SENT,
};

int64_t ledger_hash(struct span text)
{
    struct buffer low = BUFFER_EMPTY;
    for (size_t i = 0; i < text.len; i++)
        buffer_add_char(&low, ascii_lower(text.at[i]));
    int64_t hash = (int64_t)XXH3_64bits(buffer_text(&low), low.len);
    buffer_free(&low);
    return hash;
}

bool ledger_fail(struct ledger *l, struct error *e, const char *tried)
{
    return error_set(e, "cannot %s the ledger: %s", tried, sqlite3_errmsg(l->db));
}

sqlite3_stmt *ledger_prepare(struct ledger *l, const char *sql, struct error *e)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v3(l->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) != SQLITE_OK)
        ledger_fail(l, e, "read");
    return s;
}

struct span ledger_blob(sqlite3_stmt *s, int column)
{
    const void *at = sqlite3_column_blob(s, column);
    return at ? span_make(at, (size_t)sqlite3_column_bytes(s, column)) : SPAN_NONE;
}

static bool read_version(struct ledger *l, int *version, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l, "PRAGMA user_version", e);
    if (!s)
        return false;
    bool ok = sqlite3_step(s) == SQLITE_ROW;
    *version = ok ? sqlite3_column_int(s, 0) : 0;
    sqlite3_finalize(s);
    return ok || ledger_fail(l, e, "read");
}

bool ledger_read_position(struct ledger *l, struct error *e)
{
    sqlite3_stmt *s = ledger_prepare(l, "SELECT generation, offset FROM position", e);
    if (!s)
        return false;
    bool ok = sqlite3_step(s) == SQLITE_ROW;
    if (ok)
        l->position = (struct journal_position){(uint64_t)sqlite3_column_int64(s, 0),
                                                (uint64_t)sqlite3_column_int64(s, 1)};
    sqlite3_finalize(s);
    return ok || ledger_fail(l, e, "read");
}

static bool is_our_version(struct ledger *l, int version, struct error *e)
{
    if (version == SCHEMA_VERSION)
        return true;
    return error_set(e,
                     "the ledger was written by another version of plainpost (its format is %d, "
                     "this program's %d); use that version, or move the file ledger.sqlite away to "
                     "begin a new one",
                     version, SCHEMA_VERSION);
}

static struct ledger *open_file(const char *path, int flags, struct error *e)
{
    struct ledger *l = memory_new(sizeof *l);
    l->unread_from = INT64_MAX;
    if (sqlite3_open_v2(path, &l->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        error_set(e, "cannot open the ledger %s: %s", path, sqlite3_errmsg(l->db));
        ledger_close(&l);
        return NULL;
    }
    sqlite3_busy_timeout(l->db, BUSY_MS);
    return l;
}

static bool prepare_to_write(struct ledger *l, struct error *e)
{
    static const char *const sql[LEDGER_STATEMENTS] = {
        [INSERT_MESSAGE] = "INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [INSERT_RECIPIENT] = "INSERT OR IGNORE INTO recipient VALUES (?, ?, ?)",
        [INSERT_EVENT] = ("INSERT OR IGNORE INTO event SELECT ?1, ?2, ?3, ?4, ?5, ?6"
                          " WHERE EXISTS (SELECT 1 FROM message WHERE id = ?1)"),
        [SET_POSITION] = "UPDATE position SET generation = ?, offset = ?",
        [FIND_MESSAGE] = "SELECT entry FROM message WHERE id = ?",
        [INSERT_OWED] = "INSERT OR IGNORE INTO owed VALUES (?, ?, ?, ?, NULL)",
        [TELL_EVENTS] = ("UPDATE event SET notification = ?1 WHERE (message, seq) IN"
                         " (SELECT message, seq FROM owed"
                         " WHERE address = ?2 AND seq <= ?3 AND digest IS NULL)"),
        [TELL_OWED] = "UPDATE owed SET digest = ?1"
                      " WHERE address = ?2 AND seq <= ?3 AND digest IS NULL",
        [BEGIN_REACH] = "UPDATE reach SET since = ? WHERE since IS NULL",
        [INSERT_PROOF] = "INSERT OR IGNORE INTO proof VALUES (?, ?, ?, ?, ?, ?)",
        [INSERT_PROOF_TO] = "INSERT OR IGNORE INTO proof_to VALUES (?, ?, ?)",
    };
    for (int i = 0; i < LEDGER_STATEMENTS; i++)
        if (!(l->statements[i] = ledger_prepare(l, sql[i], e)))
            return false;
    return true;
}

static bool set_up(struct ledger *l, struct error *e)
{
    int version = 0;
    if (sqlite3_exec(l->db,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                     "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 8000;",
                     NULL, NULL, NULL) != SQLITE_OK)
        return ledger_fail(l, e, "open");
    if (!read_version(l, &version, e))
        return false;
    if (version < SCHEMA_VERSION) {
        char *made = sqlite3_mprintf("BEGIN IMMEDIATE;%sCOMMIT;", upgrades[version]);
        bool ok = made && sqlite3_exec(l->db, made, NULL, NULL, NULL) == SQLITE_OK;
        sqlite3_free(made);
        if (!ok)
            return ledger_fail(l, e, "make");
        version = SCHEMA_VERSION;
    }
    return is_our_version(l, version, e) && ledger_read_position(l, e) &&
           ledger_read_followed(l, e) && prepare_to_write(l, e);
}

struct ledger *ledger_open(const char *path, struct error *e)
{
    struct ledger *l = open_file(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e);
    if (l && !set_up(l, e))
        ledger_close(&l);
    return l;
}

struct ledger *ledger_open_read(const char *path, struct error *e)
{
    int version = 0;
    struct ledger *l = open_file(path, SQLITE_OPEN_READWRITE, e);
    if (l && (!read_version(l, &version, e) || !is_our_version(l, version, e) ||
              !ledger_read_position(l, e) || !ledger_read_followed(l, e)))
        ledger_close(&l);
    return l;
}

void ledger_close(struct ledger **l)
{
    if (!*l)
        return;
    for (int i = 0; i < LEDGER_STATEMENTS; i++)
        sqlite3_finalize((*l)->statements[i]);
    sqlite3_close((*l)->db);
    arena_clear(&(*l)->of_owed);
    free(*l);
    *l = NULL;
}

struct journal_position ledger_position(const struct ledger *l)
{
    return l->position;
}

bool ledger_read_followed(struct ledger *l, struct error *e)
{
    sqlite3_stmt *s =
        ledger_prepare(l, "SELECT count(*) FROM sqlite_schema WHERE name = 'event_by_seq'", e);
    if (!s)
        return false;
    bool ok = sqlite3_step(s) == SQLITE_ROW;
    l->is_followed = ok && sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return ok || ledger_fail(l, e, "read");
}
