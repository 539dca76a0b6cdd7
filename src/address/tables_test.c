/* Users, domains, aliases and recipients in SQLite databases. */
#include "base/test.h"

#include "address/directory.h"
#include "address/expand.h"
#include "base/buffer.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/plainpost-tables-XXXXXX";
static char path[sizeof folder + 16], text_path[sizeof folder + 16];

#define SCHEMA                                                                                     \
    "CREATE TABLE domains (name TEXT PRIMARY KEY) WITHOUT ROWID;"                                  \
    "CREATE TABLE users (address TEXT PRIMARY KEY, quota, messages, maildir TEXT, mbox TEXT) "     \
    "WITHOUT ROWID;"                                                                               \
    "CREATE TABLE aliases (name TEXT, target TEXT);"                                               \
    "CREATE TABLE recipients (address TEXT PRIMARY KEY) WITHOUT ROWID;"

static void sql(const char *text)
{
    sqlite3 *db;
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void write_text(const char *text)
{
    FILE *f = fopen(text_path, "w");
    fputs(text, f);
    fclose(f);
}

static int remove_all(void **state)
{
    static const char *const behind[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < COUNT_OF(behind); i++) {
        char name[sizeof path + 16];
        snprintf(name, sizeof name, "%s%s", path, behind[i]);
        unlink(name);
    }
    unlink(text_path);
    return 0;
}

static int make_folder(void **state)
{
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/t.db", folder);
    snprintf(text_path, sizeof text_path, "%s/t", folder);
    return 0;
}

static int remove_folder(void **state)
{
    return rmdir(folder);
}

/* "%" stands for the path of the database, "~" for that of the text file. */
static void parse_options(struct options *o, const char *format)
{
    struct buffer text = BUFFER_EMPTY;
    struct error e;
    for (; *format; format++)
        if (*format == '%')
            buffer_add_text(&text, path);
        else if (*format == '~')
            buffer_add_text(&text, text_path);
        else
            buffer_add_char(&text, *format);
    if (!options_parse(o, "test.conf", buffer_span(&text), &e))
        fail_msg("%s", e.text);
    buffer_free(&text);
}

static struct directory *load(struct options *o, struct file_marks *marks, const char *options)
{
    struct error e = {""};
    parse_options(o, options);
    struct directory *d = directory_load(o, marks, &e);
    if (!d)
        fail_msg("%s", e.text);
    return d;
}

static void unload(struct options *o, struct file_marks *marks, struct directory *d)
{
    directory_unref(&d);
    file_marks_free(marks);
    options_free(o);
}

static void add_where(struct buffer *out, const struct directory *d, const char *address)
{
    struct destination to = directory_find(d, SPAN_NONE, span_of(address));
    buffer_add_text(out, to.is_ours ? "ours " : "");
    switch (to.kind) {
    case DESTINATION_MAILBOX:
        buffer_printf(out, "%s%.*s %llu %llu", to.mailbox->form == MAILBOX_MBOX ? "mbox " : "",
                      SPAN_F(to.mailbox->path), (unsigned long long)to.mailbox->quota_bytes,
                      (unsigned long long)to.mailbox->quota_messages);
        break;
    case DESTINATION_ROUTE:
        target_print(out, to.target);
        break;
    case DESTINATION_NO_SUCH_USER:
        buffer_add_text(out, "nobody");
        break;
    case DESTINATION_NO_ROUTE:
        buffer_add_text(out, "nowhere");
        break;
    }
}

struct where {
    const char *address, *where;
};

static void expect_all(const struct directory *d, const struct where *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buffer got = BUFFER_EMPTY;
        add_where(&got, d, cases[i].address);
        if (strcmp(buffer_text(&got), cases[i].where) != 0)
            fail_msg("%s leads to \"%s\", not \"%s\"", cases[i].address, buffer_text(&got),
                     cases[i].where);
        buffer_free(&got);
    }
}

static void users_of_a_database_have_mailboxes(void **state)
{
    static const struct where cases[] = {
        {"alice@x.test", "ours /m/x.test/alice 0 0"},
        {"ALICE+news@X.test", "ours /m/x.test/alice 0 0"},
        {"bob@x.test", "ours /srv/bob 10737418240 1000"},
        {"carol@x.test", "ours /m/x.test/carol 5000 0"},
        {"Dave@y.test", "ours /m/y.test/dave 0 0"},
        {"nobody@x.test", "ours nobody"},
        {"any@empty.test", "ours nobody"},
        {"any@else.test", "nowhere"},
        {"postmaster@x.test", "ours /m/x.test/alice 0 0"},
        {"abuse@x.test", "ours /m/x.test/alice 0 0"},
        {"erin@y.test", "ours mbox /s/erin 5000 0"},
        {"postmaster@y.test", "ours /m/y.test/dave 0 0"},
        {"postmaster@empty.test", "ours nobody"},
        {"postmaster", "ours /m/x.test/alice 0 0"},
    };
    struct options o;
    struct file_marks marks = {0};
    sql(SCHEMA
        "INSERT INTO domains VALUES ('Empty.test'), ('x.test');"
        "INSERT INTO users VALUES ('Alice@x.test', NULL, '', NULL, NULL),"
        " ('bob@x.test', '10GB', 1000, '/srv/bob', NULL), ('carol@x.test', 5000, NULL, '', NULL),"
        " ('dave@Y.test', 0, 0, NULL, NULL), ('erin@y.test', 5000, 0, NULL, '/s/erin');");
    struct directory *d = load(&o, &marks, "hostname x.test\nusers sqlite:%\nmailboxes /m\n");
    expect_all(d, cases, COUNT_OF(cases));
    unload(&o, &marks, d);
}

static void queries_fit_the_databases_of_others(void **state)
{
    static const struct where cases[] = {{"alice@x.test", "ours /m/x.test/alice 1024 0"},
                                         {"bob@x.test", "ours nobody"},
                                         {"any@y.test", "nowhere"}};
    struct options o;
    struct file_marks marks = {0};
    sql("CREATE TABLE mailbox (username, active, kb, password);"
        "INSERT INTO mailbox VALUES ('alice@x.test', 1, 1, 'x'), ('bob@x.test', 0, 1, 'y')");
    struct directory *d = load(&o, &marks,
                               "users sqlite:%\nmailboxes /m\ndomains-query \"\"\n"
                               "users-query \"SELECT username AS Address, kb * 1024 AS quota FROM "
                               "mailbox WHERE active\"\n");
    expect_all(d, cases, COUNT_OF(cases));
    unload(&o, &marks, d);
}

static void languages_stand_in_columns(void **state)
{
    struct options o;
    struct file_marks marks = {0};
    sql("CREATE TABLE d (name, lang); CREATE TABLE u (address, lang);"
        "INSERT INTO d VALUES ('X.test', 'FR'), ('y.test', NULL), ('z.test', '');"
        "INSERT INTO u VALUES ('ann@x.test', 'de'), ('ben@y.test', NULL)");
    struct directory *d = load(&o, &marks,
                               "users sqlite:%\nmailboxes /m\n"
                               "domains-query \"SELECT lang AS language, name FROM d\"\n"
                               "users-query \"SELECT address, lang AS language FROM u\"\n");
    struct directory_language ann = directory_language(d, SPAN("ann@x.test"));
    struct directory_language ben = directory_language(d, SPAN("ben@y.test"));
    assert_true(span_equal(ann.of_user, SPAN("de")) && span_equal(ann.of_domain, SPAN("fr")));
    assert_true(!ben.of_user.len && !ben.of_domain.len);
    unload(&o, &marks, d);
}

static void add_members(struct buffer *out, const struct directory *d, const char *address)
{
    struct arena a = ARENA_EMPTY;
    struct recipient one = {.address = span_of(address)};
    struct envelope e = {.recipients = &one, .recipient_count = 1};
    expand_recipients(d, &e, &a);
    for (size_t i = 1; i < e.recipient_count; i++)
        buffer_printf(out, "%s%.*s", i > 1 ? " " : "", SPAN_F(e.recipients[i].address));
    arena_clear(&a);
}

static unsigned members_notify(const struct directory *d, const char *address, unsigned notify)
{
    struct arena a = ARENA_EMPTY;
    struct recipient one = {.address = span_of(address), .parameters = {.notify = notify}};
    struct envelope e = {
        .recipients = &one, .recipient_count = 1, .reverse_path = SPAN("s@z.test")};
    expand_recipients(d, &e, &a);
    unsigned found = e.recipients[1].parameters.notify;
    assert_int_equal(envelope_tells_of_expansion(&e, 0),
                     (notify & NOTIFY_SUCCESS) && !(found & NOTIFY_SUCCESS));
    arena_clear(&a);
    return found;
}

/* RFC 3461 5.2.7: of several in the place of one none reports success. */
static void expect_wishes(const struct directory *d)
{
    const unsigned both = NOTIFY_SUCCESS | NOTIFY_FAILURE;
    assert_int_equal(members_notify(d, "root@x.test", both), both);
    assert_int_equal(members_notify(d, "team@x.test", both), NOTIFY_FAILURE);
    assert_int_equal(members_notify(d, "team@x.test", NOTIFY_SUCCESS), NOTIFY_NEVER);
    assert_int_equal(members_notify(d, "team@x.test", NOTIFY_FAILURE), NOTIFY_FAILURE);
    assert_int_equal(members_notify(d, "team@x.test", 0), 0);
}

static void aliases_of_a_database_lead_to_theirs(void **state)
{
    static const struct where cases[] = {
        {"team@x.test", "alice@x.test bob@y.test o'neil@x.test carol@y.test all@y.test"},
        {"root@x.test", "alice@x.test"},
        {"info@x.test", "alice@x.test"},
        {"whoever@x.test", "all@y.test"},
        {"alice@x.test", ""},
        {"postmaster@x.test", ""}, /* always the domain's own */
        {"text@x.test", "alice@x.test"},
        {"a@x.test", "b@x.test a@x.test"}, /* a circle comes to its end */
        {"self@x.test", "self@x.test"},
    };
    struct options o;
    struct file_marks marks = {0};
    sql(SCHEMA "INSERT INTO users VALUES ('alice@x.test', 0, 0, NULL, NULL);"
               "INSERT INTO aliases VALUES ('team', 'alice, bob@y.test'), ('root', 'alice'),"
               " ('info@X.test', 'alice'), ('Team', '\"o''neil\"'), ('@x.test', 'all@y.test'),"
               " ('team', 'carol@y.test'), ('a@x.test', 'b@x.test'), ('b@x.test', 'a@x.test'),"
               " ('self', '\\self');");
    write_text("text: alice\n");
    struct directory *d =
        load(&o, &marks, "users sqlite:%\naliases ~\naliases sqlite:%\nroute * mx\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer got = BUFFER_EMPTY;
        add_members(&got, d, cases[i].address);
        assert_string_equal(buffer_text(&got), cases[i].where);
        buffer_free(&got);
    }
    expect_wishes(d);
    unload(&o, &marks, d);
}

static void relay_domains_have_recipients(void **state)
{
    static const struct where cases[] = {
        {"ann@away.test", "ours 192.0.2.1:25"},
        {"Ann+tag@Away.test", "ours 192.0.2.1:25"},
        {"ben@away.test", "ours nobody"},
        {"ben@b.away.test", "ours 192.0.2.2:25"},
        {"ann@b.away.test", "ours nobody"},
        {"everywhere@away.test", "ours 192.0.2.1:25"},
        {"everywhere@c.b.away.test", "ours 192.0.2.2:25"},
        {"postmaster@away.test", "ours 192.0.2.1:25"},
        {"Abuse@b.away.test", "ours 192.0.2.2:25"},
        {"tess@text.test", "ours mx"},
        {"tom@text.test", "ours mx"},
        {"tim@text.test", "ours nobody"},
        {"whoever@any.test", "ours mx"},
        {"whoever@ask.test", "ours mx"},
        {"whoever@sub.any.test", "mx"},
        {"whoever@else.test", "mx"},
        {"alice@local.test", "ours /m/local.test/alice 0 0"},
    };
    struct options o;
    struct file_marks marks = {0};
    sql(SCHEMA "INSERT INTO domains VALUES ('local.test');"
               "INSERT INTO users VALUES ('alice@local.test', 0, 0, NULL, NULL);"
               "INSERT INTO recipients VALUES ('Ann@away.test'), ('ben@b.away.test'),"
               " ('everywhere')");
    write_text("# who\ntess@text.test\n\n  Tom   OK # as Postfix has it\n");
    struct directory *d = load(&o, &marks,
                               "hostname mx.away.test\n"
                               "mailboxes /m\nusers sqlite:%\nroute * mx\n"
                               "route away.test 192.0.2.1:25\nroute *.away.test 192.0.2.2:25\n"
                               "relay-domain away.test recipients sqlite:%\n"
                               "relay-domain *.away.test recipients sqlite:%\n"
                               "relay-domain text.test recipients ~\n"
                               "relay-domain any.test any\nrelay-domain ask.test ask\n");
    expect_all(d, cases, COUNT_OF(cases));
    assert_true(directory_find(d, SPAN_NONE, SPAN("x@ask.test")).relay->check == RELAY_ASK);
    assert_null(directory_find(d, SPAN_NONE, SPAN("x@else.test")).relay);
    struct arena a = ARENA_EMPTY;
    assert_true(span_equal(directory_postmaster(d, &a), SPAN("postmaster@mx.away.test")));
    arena_clear(&a);
    unload(&o, &marks, d);
}

/* Anybody may be the sender of mail to a relay domain: he does not choose its way. */
static void a_sender_has_no_say_in_relaying(void **state)
{
    struct options o;
    struct file_marks marks = {0};
    write_text("alice@home.test\n");
    struct directory *d = load(&o, &marks,
                               "users ~\nroute * mx\nroute from:s.test 192.0.2.1:25\n"
                               "relay-domain any.test any\n");
    assert_int_equal(directory_find(d, SPAN("a@s.test"), SPAN("x@any.test")).target->kind,
                     TARGET_MX);
    assert_int_equal(directory_find(d, SPAN("a@s.test"), SPAN("x@else.test")).target->kind,
                     TARGET_SMTP);
    unload(&o, &marks, d);
}

/* The recipients of a relay domain go before what is all of its domain. */
static void recipients_are_not_caught(void **state)
{
    struct options o;
    struct file_marks marks = {0};
    struct buffer got = BUFFER_EMPTY;
    sql(SCHEMA "INSERT INTO aliases VALUES ('@away.test', 'all@home.test');"
               "INSERT INTO recipients VALUES ('ann@away.test')");
    write_text("all@home.test\n");
    struct directory *d = load(&o, &marks,
                               "users ~\naliases sqlite:%\nroute * mx\n"
                               "relay-domain away.test recipients sqlite:%\n");
    add_members(&got, d, "ann+tag@away.test");
    buffer_add_char(&got, '|');
    add_members(&got, d, "ben@away.test");
    assert_string_equal(buffer_text(&got), "|all@home.test");
    assert_true(directory_only_catches(d, SPAN("Ben@away.test")));
    assert_true(directory_only_catches(d, SPAN("ben+tag@away.test")));
    assert_false(directory_only_catches(d, SPAN("ann@away.test")) ||
                 directory_only_catches(d, SPAN("ann+tag@away.test")));
    assert_false(directory_only_catches(d, SPAN("all@home.test")) ||
                 directory_only_catches(d, SPAN("ben@home.test")) ||
                 directory_only_catches(d, SPAN("ben@elsewhere.test")));
    buffer_free(&got);
    unload(&o, &marks, d);
}

static void faults_are_told(void **state)
{
    static const struct {
        const char *rows, *options, *words;
    } cases[] = {
        {"INSERT INTO users VALUES ('alice', 0, 0, NULL, NULL)", "users sqlite:%",
         "user \"alice\": is no address that can have a mailbox"},
        {"", "users sqlite:%\nusers-query \"SELECT NULL AS address\"", "user \"\": is no address"},
        {"INSERT INTO users VALUES ('a/b@x.test', 0, 0, NULL, NULL)", "users sqlite:%",
         "user \"a/b@x.test\": is no address that can have a mailbox"},
        {"INSERT INTO users VALUES ('a@x.test', 0, 0, NULL, NULL), ('A@x.test', 0, 0, NULL, NULL)",
         "users sqlite:%", "\"a@x.test\": there is another row for this user"},
        {"INSERT INTO users VALUES ('a@x.test', 'much', 0, NULL, NULL)", "users sqlite:%",
         "user \"a@x.test\": quota needs a size"},
        {"INSERT INTO users VALUES ('a@x.test', 0, -1, NULL, NULL)", "users sqlite:%",
         "user \"a@x.test\": messages needs a whole number"},
        {"INSERT INTO users VALUES ('a@x.test', 0, 0, 'x' || char(10), NULL)", "users sqlite:%",
         "user \"a@x.test\": it holds a control character"},
        {"INSERT INTO users VALUES ('a@x.test', 0, 9, NULL, '/var/mail/a')", "users sqlite:%",
         "user \"a@x.test\": the messages in an mbox are not counted"},
        {"INSERT INTO domains VALUES ('a.test')",
         "users sqlite:%\ndomains-query \"SELECT name, 'tlh' AS language FROM domains\"",
         "domain \"a.test\": language needs one of en, ar,"},
        {"INSERT INTO domains VALUES ('a.test')",
         "users sqlite:%\ndomains-query \"SELECT name, 'de' AS tongue FROM domains\"",
         "domains-query must give a column name"},
        {"INSERT INTO domains VALUES ('a.test')",
         "users sqlite:%\ndomains-query \"SELECT 'de' AS language FROM domains\"",
         "domains-query must give a column name"},
        {"INSERT INTO domains VALUES ('a b')", "users sqlite:%",
         "domain \"a b\": is no domain name"},
        {"", "users sqlite:%\nusers-query \"SELECT name FROM domains\"",
         ""}, /* no rows, nothing wrong */
        {"INSERT INTO domains VALUES ('x.test')",
         "users sqlite:%\nusers-query \"SELECT name FROM domains\"",
         "users-query gives no column address"},
        {"INSERT INTO domains VALUES ('x.test')",
         "users sqlite:%\nusers-query \"SELECT 'a@x.test' AS address, 1 AS colour FROM domains\"",
         "user \"a@x.test\": behind an address only"},
        {"", "users sqlite:%\nusers-query \"SELECT adress FROM users\"", "no such column: adress"},
        {"DROP TABLE users", "users sqlite:%", "no such table: users"},
        {"DROP TABLE domains", "users sqlite:%", "no such table: domains"},
        {"INSERT INTO aliases VALUES ('x', '|run')", "users ~\naliases sqlite:%",
         "\"|run\" can't be run: commands stand in files"},
        {"INSERT INTO aliases VALUES ('x', '|run')",
         "users ~\naliases sqlite:%\ndeliver-as yes\ncommand-user mail",
         "\"|run\" can't be run: commands stand in files"},
        {"INSERT INTO aliases VALUES ('x', ':include:/etc/passwd')", "users ~\naliases sqlite:%",
         "\":include:/etc/passwd\" can't stand in a database"},
        {"INSERT INTO aliases VALUES ('x', '')", "users ~\naliases sqlite:%",
         "\"x\" leads nowhere"},
        {"INSERT INTO aliases VALUES ('x', NULL)", "users ~\naliases sqlite:%",
         "\"x\" leads nowhere"},
        {"INSERT INTO aliases VALUES (NULL, 'x')", "users ~\naliases sqlite:%",
         "\"\" can't be an alias"},
        {"INSERT INTO aliases VALUES ('x', '\"y')", "users ~\naliases sqlite:%", "not closed"},
        {"INSERT INTO aliases VALUES ('x', 'y')", "users ~\naliases sqlite:%\naliases sqlite:%",
         "\"x\" is an alias in another table already"},
        {"", "users ~\naliases sqlite:%\naliases-query \"SELECT name FROM aliases\"", ""},
        {"INSERT INTO recipients VALUES ('@away.test')",
         "users ~\nroute * mx\nrelay-domain away.test recipients sqlite:%",
         "recipient \"@away.test\" is no address (alice@example.net) or name (alice)"},
        {"", "users ~\nroute * mx\nrelay-domain home.test any",
         "home.test is a relay-domain, and also a domain of the users"},
        {"", "users ~\nroute * mx\nrelay-domain x.test recipients %2", "cannot read"},
        {"", "users ~\nroute * mx\nrelay-domain x.test recipients sqlite:%2",
         "unable to open database file"},
        {"", "users ~\nroute * mx\nrelay-domain home2.test recipients ~", ""},
        {"", "users sqlite:~", "file is not a database"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct file_marks marks = {0};
        struct error e = {""};
        remove_all(NULL);
        write_text("alice@home.test\n");
        sql(SCHEMA);
        sql(cases[i].rows);
        parse_options(&o, cases[i].options);
        struct directory *d = directory_load(&o, &marks, &e);
        if (!d != (cases[i].words[0] != 0) || !strstr(e.text, cases[i].words))
            fail_msg("%s; %s: \"%s\", not \"%s\"", cases[i].rows, cases[i].options, e.text,
                     cases[i].words);
        unload(&o, &marks, d);
    }
}

/* As the daemon does, once a second. */
static const char *look_again(const struct options *o, struct file_marks *marks,
                              struct directory **d)
{
    static struct error e;
    e.text[0] = 0;
    struct directory *fresh = directory_load_again(o, marks, &e);
    if (!fresh)
        return e.text[0] ? e.text : "same";
    directory_unref(d);
    *d = fresh;
    return "fresh";
}

static void wait_a_tick(void)
{
    usleep(25000);
}

static void changes_are_seen(const char *how)
{
    struct options o;
    struct file_marks marks = {0};
    sql(how);
    sql(SCHEMA "INSERT INTO users VALUES ('alice@x.test', 0, 0, NULL, NULL)");
    wait_a_tick();
    struct directory *d = load(&o, &marks, "users sqlite:%\n");
    assert_string_equal(look_again(&o, &marks, &d), "same");
    wait_a_tick();
    assert_string_equal(look_again(&o, &marks, &d), "same"); /* reading changes nothing */
    sqlite3 *db; /* stays open: the write-ahead log keeps what is committed */
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "INSERT INTO users VALUES ('bob@x.test', 0, 0, NULL, NULL)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_string_equal(look_again(&o, &marks, &d), "fresh");
    assert_int_equal(directory_find(d, SPAN_NONE, SPAN("bob@x.test")).kind, DESTINATION_MAILBOX);
    /* Within the same tick, and of the same size: nothing shows, and it is seen all the same. */
    assert_int_equal(
        sqlite3_exec(db, "UPDATE users SET address = 'ben@x.test' WHERE address = 'bob@x.test'",
                     NULL, NULL, NULL),
        SQLITE_OK);
    wait_a_tick();
    assert_string_equal(look_again(&o, &marks, &d), "fresh");
    assert_int_equal(directory_find(d, SPAN_NONE, SPAN("ben@x.test")).kind, DESTINATION_MAILBOX);
    sqlite3_close(db);
    wait_a_tick();
    look_again(&o, &marks, &d); /* the log may be gone */
    wait_a_tick();
    assert_string_equal(look_again(&o, &marks, &d), "same");
    unload(&o, &marks, d);
}

static void commits_are_seen(void **state)
{
    changes_are_seen("PRAGMA journal_mode = DELETE");
}

static void commits_to_the_log_are_seen(void **state)
{
    changes_are_seen("PRAGMA journal_mode = WAL");
}

static void what_is_broken_is_tried_again(void **state)
{
    struct options o;
    struct file_marks marks = {0};
    sql(SCHEMA "INSERT INTO users VALUES ('alice@x.test', 0, 0, NULL, NULL)");
    wait_a_tick();
    struct directory *d = load(&o, &marks, "users sqlite:%\n");
    sql("ALTER TABLE users RENAME TO people");
    assert_non_null(strstr(look_again(&o, &marks, &d), "no such table: users"));
    wait_a_tick();
    assert_non_null(strstr(look_again(&o, &marks, &d), "no such table: users"));
    assert_int_equal(directory_find(d, SPAN_NONE, SPAN("alice@x.test")).kind, DESTINATION_MAILBOX);
    sql("ALTER TABLE people RENAME TO users");
    assert_string_equal(look_again(&o, &marks, &d), "fresh");
    unload(&o, &marks, d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(users_of_a_database_have_mailboxes, remove_all),
        cmocka_unit_test_teardown(languages_stand_in_columns, remove_all),
        cmocka_unit_test_teardown(queries_fit_the_databases_of_others, remove_all),
        cmocka_unit_test_teardown(aliases_of_a_database_lead_to_theirs, remove_all),
        cmocka_unit_test_teardown(relay_domains_have_recipients, remove_all),
        cmocka_unit_test_teardown(a_sender_has_no_say_in_relaying, remove_all),
        cmocka_unit_test_teardown(recipients_are_not_caught, remove_all),
        cmocka_unit_test_teardown(faults_are_told, remove_all),
        cmocka_unit_test_teardown(commits_are_seen, remove_all),
        cmocka_unit_test_teardown(commits_to_the_log_are_seen, remove_all),
        cmocka_unit_test_teardown(what_is_broken_is_tried_again, remove_all),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
