#include "base/test.h"

#include "base/buffer.h"
#include "store/table.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/plainpost-table-XXXXXX";
static char path[sizeof folder + 16];

static sqlite3 *make(const char *sql)
{
    sqlite3 *db;
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    return db;
}

static void make_and_close(const char *sql)
{
    sqlite3_close(make(sql));
}

static int remove_all(void **state)
{
    static const char *const behind[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < COUNT_OF(behind); i++) {
        char name[sizeof path + 16];
        snprintf(name, sizeof name, "%s%s", path, behind[i]);
        unlink(name);
    }
    return 0;
}

static int make_folder(void **state)
{
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/t.db", folder);
    return 0;
}

static int remove_folder(void **state)
{
    return rmdir(folder);
}

static bool add_row(void *arg, const struct table_row *row)
{
    struct buffer *out = arg;
    buffer_printf(out, "%llu", (unsigned long long)row->number);
    for (size_t i = 0; i < row->count; i++)
        buffer_printf(out, " %.*s=%.*s", SPAN_F(row->names[i]), SPAN_F(row->values[i]));
    buffer_add_char(out, '\n');
    return true;
}

/* What the queries give, or the error without the path. */
static void expect(const char *const *queries, const char *expected)
{
    struct buffer got = BUFFER_EMPTY;
    struct error e = {""};
    struct table *t = table_open(path, &e);
    bool ok = t != NULL;
    for (size_t i = 0; ok && queries[i]; i++)
        ok = table_read(t, span_of(queries[i]), add_row, &got, &e);
    table_close(&t);
    if (!ok) {
        assert_true(span_starts(span_of(e.text), span_of(path)));
        buffer_clear(&got);
        buffer_add_text(&got, e.text + strlen(path));
    }
    assert_string_equal(buffer_text(&got), expected);
    buffer_free(&got);
}

#define EXPECT(query, expected) expect((const char *const[]){query, NULL}, expected)

static void rows_come_as_text(void **state)
{
    make_and_close("CREATE TABLE users (address, quota, maildir);"
                   "INSERT INTO users VALUES ('a@x.test', 1000, NULL), ('b@x.test', '10GB', '/b'),"
                   " ('é@x.test', 1.5, '');");
    EXPECT("SELECT address, quota AS q, maildir FROM users ORDER BY 1",
           "1 address=a@x.test q=1000 maildir=\n"
           "2 address=b@x.test q=10GB maildir=/b\n"
           "3 address=é@x.test q=1.5 maildir=\n");
    EXPECT("SELECT address FROM users WHERE 0", "");
    EXPECT(" SELECT count(*) AS n FROM users ; ", "1 n=3\n");
}

static bool stop_at_once(void *arg, const struct table_row *row)
{
    (*(int *)arg)++;
    return false;
}

static void the_reader_may_stop(void **state)
{
    int calls = 0;
    struct error e;
    make_and_close("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)");
    struct table *t = table_open(path, &e);
    assert_false(table_read(t, SPAN("SELECT x FROM t"), stop_at_once, &calls, &e));
    assert_int_equal(calls, 1);
    table_close(&t);
}

static void only_one_select_is_taken(void **state)
{
    static const char words[] = ": the query must be one SELECT of at most 16 columns";
    make_and_close("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    EXPECT("DELETE FROM t", words);
    EXPECT("DELETE FROM t RETURNING x", words);
    EXPECT("SELECT x FROM t; SELECT x FROM t", words);
    EXPECT("", words);
    EXPECT("-- nothing", words);
    EXPECT("SELECT 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", words);
    EXPECT("SELECT y FROM t", ": no such column: y");
    EXPECT("SELECT", ": incomplete input");
    EXPECT("SELECT x FROM t", "1 x=1\n");
}

static void what_is_no_database_is_told(void **state)
{
    EXPECT("SELECT 1", ": unable to open database file");
    FILE *f = fopen(path, "w");
    fputs("domain example.org\nalice@example.org\n", f);
    fclose(f);
    EXPECT("SELECT 1", ": file is not a database");
}

/* Half of a copy: the schema is there, what it points to is not. */
static void half_a_database_is_told(void **state)
{
    struct stat st;
    make_and_close(
        "CREATE TABLE t (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " LIMIT 5000) INSERT INTO t SELECT 'user' || i || '@example.org' FROM n");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size / 8192 * 4096), 0);
    EXPECT("SELECT x FROM t", ": database disk image is malformed");
}

static void a_lock_is_told(void **state)
{
    sqlite3 *db = make("CREATE TABLE t (x); BEGIN EXCLUSIVE; INSERT INTO t VALUES (1)");
    EXPECT("SELECT x FROM t", ": another program has locked this database for more than a second");
    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    EXPECT("SELECT x FROM t", "1 x=1\n");
    sqlite3_close(db);
}

static void only_what_is_committed_is_seen(void **state)
{
    sqlite3 *db = make("PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1);"
                       "BEGIN IMMEDIATE; INSERT INTO t VALUES (2)");
    EXPECT("SELECT x FROM t", "1 x=1\n");
    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    EXPECT("SELECT x FROM t", "1 x=1\n2 x=2\n");
    sqlite3_close(db);
}

struct meanwhile {
    sqlite3 *db;
    struct buffer rows;
};

static bool write_meanwhile(void *arg, const struct table_row *row)
{
    struct meanwhile *m = arg;
    assert_int_equal(sqlite3_exec(m->db, "INSERT INTO t VALUES (3)", NULL, NULL, NULL), SQLITE_OK);
    return add_row(&m->rows, row);
}

static void all_queries_see_the_same(void **state)
{
    struct error e;
    struct meanwhile m = {.db = make("PRAGMA journal_mode = WAL; CREATE TABLE t (x);"
                                     "INSERT INTO t VALUES (1)")};
    struct table *t = table_open(path, &e);
    assert_true(table_read(t, SPAN("SELECT x FROM t"), write_meanwhile, &m, &e));
    assert_true(table_read(t, SPAN("SELECT count(*) AS n FROM t"), add_row, &m.rows, &e));
    assert_string_equal(buffer_text(&m.rows), "1 x=1\n1 n=1\n");
    table_close(&t);
    sqlite3_close(m.db);
    buffer_free(&m.rows);
}

static void copy_file(const char *from, const char *to)
{
    static char bytes[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t n = fread(bytes, 1, sizeof bytes, in);
    assert_true(n > 0 && n < sizeof bytes && fwrite(bytes, 1, n, out) == n);
    fclose(in);
    fclose(out);
}

/* A program that has died in the middle of a transaction leaves its journal: the state in the file
 * is not to be believed without it. */
static void what_a_dead_writer_left_is_not_believed(void **state)
{
    char copy[sizeof path + 8], journal[sizeof path + 8], copied_journal[sizeof path + 16];
    snprintf(copy, sizeof copy, "%s2", path);
    snprintf(journal, sizeof journal, "%s-journal", path);
    snprintf(copied_journal, sizeof copied_journal, "%s-journal", copy);
    /* A cache of one page: changes go to the file before the end of the transaction. */
    sqlite3 *db = make("PRAGMA cache_size = 1; CREATE TABLE t (x); INSERT INTO t VALUES (1); BEGIN;"
                       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500)"
                       " INSERT INTO t SELECT zeroblob(50) FROM n");
    copy_file(path, copy);
    copy_file(journal, copied_journal);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(db);
    rename(copy, path);
    rename(copied_journal, journal);
    EXPECT("SELECT count(*) FROM t",
           ": a program has died while it wrote to this database; open it once with a program that "
           "may write to it, such as sqlite3, which puts it right");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(rows_come_as_text, remove_all),
        cmocka_unit_test_teardown(the_reader_may_stop, remove_all),
        cmocka_unit_test_teardown(only_one_select_is_taken, remove_all),
        cmocka_unit_test_teardown(what_is_no_database_is_told, remove_all),
        cmocka_unit_test_teardown(half_a_database_is_told, remove_all),
        cmocka_unit_test_teardown(a_lock_is_told, remove_all),
        cmocka_unit_test_teardown(only_what_is_committed_is_seen, remove_all),
        cmocka_unit_test_teardown(all_queries_see_the_same, remove_all),
        cmocka_unit_test_teardown(what_a_dead_writer_left_is_not_believed, remove_all),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
