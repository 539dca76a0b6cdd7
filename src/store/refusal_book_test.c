#include "base/test.h"

#include "store/refusal_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE };
#define NOW ((int64_t)1700000000000)

static const struct refusal_book_settings usual = {.most = 50, .keep_ms = 24 * HOUR};
static char directory[40], path[60];
static struct refusal_book *list;
static struct error error;

static int begin(void **state)
{
    strcpy(directory, "/tmp/refusals-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/list", directory);
    list = refusal_book_open(path, &usual, &error);
    return !list;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[80];
    refusal_book_close(&list);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static size_t lost;

static void note_of(const char *client, const char *sender, const char *recipient, int code,
                    int64_t after, unsigned network)
{
    unsigned char bytes[16] = {0};
    const struct refusal what = {.first_ms = NOW + after,
                                 .last_ms = NOW + after,
                                 .count = 1,
                                 .client = span_of(client),
                                 .hello = SPAN("mail.x.example"),
                                 .has_sender = sender != NULL,
                                 .sender = span_of(sender),
                                 .recipient = span_of(recipient),
                                 .code = code,
                                 .status = code == 550 ? SPAN("5.7.1") : SPAN("5.1.1"),
                                 .words = SPAN("first\nsecond"),
                                 .why = SPAN("zen.example=5")};
    memcpy(bytes, &network, sizeof network);
    lost += !refusal_book_note(list, &what, bytes, code == 551);
}

static void note(const char *client, const char *sender, const char *recipient, int64_t after)
{
    note_of(client, sender, recipient, 550, after, 1);
}

static void flush(int64_t after)
{
    assert_true(refusal_book_flush(list, NOW + after, &error));
}

static size_t find(const char *what, struct refusal **found)
{
    static struct arena a;
    size_t count;
    arena_clear(&a);
    if (what)
        assert_true(refusal_book_find(path, span_of(what), 100, &a, found, &count, &error));
    return what ? count : 0;
}

static void they_are_found(void **state)
{
    struct refusal *f;
    note("192.0.2.7", "a@x.example", "b@y.example", 0);
    note("192.0.2.7", "A@x.example", "B@y.example", 1000); /* the same */
    flush(1000);
    note("192.0.2.7", "a@x.example", "b@y.example", 30 * MINUTE);
    note("192.0.2.7", "", "c@y.example", 30 * MINUTE);
    note("2001:db8::7", NULL, "", 30 * MINUTE);
    flush(30 * MINUTE);
    note("192.0.2.7", "a@x.example", "b@y.example", 70 * MINUTE); /* a new hour */
    flush(70 * MINUTE);
    assert_int_equal(find("a@X.example", &f), 2);
    assert_true(f[0].count == 3 && f[0].first_ms == NOW && f[0].last_ms == NOW + 30 * MINUTE);
    assert_true(f[1].count == 1 && f[1].first_ms == NOW + 70 * MINUTE);
    assert_true(f[0].has_sender && span_equal(f[0].sender, SPAN("a@x.example")));
    assert_true(span_equal(f[0].hello, SPAN("mail.x.example")) && f[0].code == 550);
    assert_true(span_equal(f[0].words, SPAN("first\nsecond")));
    assert_true(span_equal(f[0].status, SPAN("5.7.1")) &&
                span_equal(f[0].why, SPAN("zen.example=5")));
    assert_int_equal(find("B@y.example", &f), 2);
    assert_int_equal(find("c@y.example", &f), 1);
    assert_true(f[0].has_sender && !f[0].sender.len);
    assert_int_equal(find("192.0.2.7", &f), 3);
    assert_int_equal(find("2001:DB8:0::7", &f), 1);
    assert_true(!f[0].has_sender && !f[0].recipient.len);
    assert_int_equal(find("", &f), 0);
    assert_int_equal(find("' OR 1 = 1; --", &f), 0);
    find(NULL, NULL);
}

static void note_words(const char *words, const char *why)
{
    static const unsigned char network[16] = {1};
    const struct refusal what = {.first_ms = NOW,
                                 .last_ms = NOW,
                                 .count = 1,
                                 .client = SPAN("192.0.2.7"),
                                 .recipient = SPAN("b@y.example"),
                                 .code = 550,
                                 .status = SPAN("5.7.1"),
                                 .words = span_of(words),
                                 .why = span_of(why)};
    lost += !refusal_book_note(list, &what, network, false);
}

/* What a filter adds, and how often it was asked, makes no other reason. */
static void each_reason_is_told_in_its_own_words(void **state)
{
    static const struct {
        const char *words, *why; /* the latest */
        uint64_t count;
    } cases[] = {
        {"please try again in 5 seconds", "", 3},
        {"It looks like spam.", "filter rspamd", 1},
        {"It looks like spam.", "filter other", 1},
        {"192.0.2.7 is listed.", "zen.example=10", 2},
    };
    struct refusal *f;
    lost = 0;
    note_words("192.0.2.7 is listed.", "zen.example=5");
    note_words("Please try again in 7 seconds", "");
    note_words("Please try again in 12 seconds", "");
    flush(0);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        note_words(cases[i].words, cases[i].why);
    flush(0);
    assert_int_equal(find("192.0.2.7", &f), COUNT_OF(cases));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t at = 0;
        while (at < COUNT_OF(cases) && !(span_equal(f[at].words, span_of(cases[i].words)) &&
                                         span_equal(f[at].why, span_of(cases[i].why))))
            at++;
        if (at == COUNT_OF(cases) || f[at].count != cases[i].count)
            fail_msg("%s", cases[i].words);
    }
    assert_int_equal(lost, 0);
    find(NULL, NULL);
}

static void words_that_always_differ_take_few_rows(void **state)
{
    enum { MANY = 1000 };
    const struct refusal_book_settings roomy = {.most = MANY, .keep_ms = HOUR};
    struct refusal *f;
    uint64_t all = 0;
    lost = 0;
    refusal_book_close(&list);
    list = refusal_book_open(path, &roomy, &error);
    assert_non_null(list);
    for (unsigned i = 0; i < MANY; i++) {
        char words[20];
        snprintf(words, sizeof words, "spam (%c%c%c)", 'a' + (char)(i / 100 % 10),
                 'a' + (char)(i / 10 % 10), 'a' + (char)(i % 10));
        note_words(words, "");
    }
    flush(0);
    size_t count = find("192.0.2.7", &f);
    for (size_t i = 0; i < count; i++)
        all += f[i].count;
    assert_true(count > 1 && count <= 64);
    assert_int_equal(all, MANY);
    assert_int_equal(lost, 0);
    find(NULL, NULL);
}

static void nobody_fills_the_disk(void **state)
{
    struct refusal *f;
    char text[40];
    note("192.0.2.7", "a@x.example", "b@y.example", 0);
    for (int i = 0; i < 500; i++) { /* one network */
        snprintf(text, sizeof text, "%d@y.example", i);
        note_of("198.51.100.1", "s@x.example", text, 550, i, 2);
    }
    assert_true(lost == 300);
    flush(0);
    assert_int_equal(find("198.51.100.1", &f), 50);
    assert_int_equal(find("192.0.2.7", &f), 0); /* it was the oldest */
    note("192.0.2.7", "a@x.example", "b@y.example", 1000);
    for (unsigned i = 0; i < 3000; i++) { /* many networks that guess addresses */
        snprintf(text, sizeof text, "%u@y.example", i);
        note_of("203.0.113.1", "s@x.example", text, 551, 1000 + i, 10 + i);
    }
    assert_true(lost == 300 + 2500);
    flush(5000);
    assert_int_equal(find("203.0.113.1", &f), 50);
    assert_int_equal(find("192.0.2.7", &f), 1);
    note("192.0.2.9", "a@x.example", "b@y.example", 25 * HOUR); /* what is old goes */
    flush(25 * HOUR);
    assert_int_equal(find("192.0.2.7", &f), 0);
    assert_int_equal(find("192.0.2.9", &f), 1);
    find(NULL, NULL);
}

static void a_restart_changes_nothing(void **state)
{
    struct refusal *f;
    char text[40];
    for (int i = 0; i < 60; i++) {
        snprintf(text, sizeof text, "%d@y.example", i);
        note("192.0.2.7", "a@x.example", text, i);
    }
    flush(100);
    refusal_book_close(&list);
    list = refusal_book_open(path, &usual, &error);
    assert_non_null(list);
    note("192.0.2.7", "a@x.example", "new@y.example", 200);
    flush(200);
    assert_int_equal(find("192.0.2.7", &f), 50);
    assert_true(span_equal(f[49].recipient, SPAN("new@y.example")));
    find(NULL, NULL);
}

/* In a flood of notices to that mailbox; each client has a network of its own. */
static void flood(const char *mailbox, const char *client, const char *recipient, int64_t after)
{
    unsigned char bytes[16] = {(unsigned char)client[strlen(client) - 1]};
    struct buffer why = BUFFER_EMPTY;
    buffer_printf(&why, "%.*s%s", SPAN_F(refusal_flood), mailbox);
    const struct refusal what = {.first_ms = NOW + after,
                                 .last_ms = NOW + after,
                                 .count = 1,
                                 .client = span_of(client),
                                 .hello = SPAN("mail.x.example"),
                                 .has_sender = true,
                                 .recipient = span_of(recipient),
                                 .code = 550,
                                 .status = SPAN("5.7.1"),
                                 .words = SPAN("no"),
                                 .why = buffer_span(&why)};
    assert_true(refusal_book_note(list, &what, bytes, false));
    buffer_free(&why);
}

#define ALICE "alice@a.example"

static struct refused_flood flood_of(const char *mailbox, struct arena *a)
{
    struct refused_flood f;
    if (!refusal_book_flood(list, span_of(mailbox), &f, a, &error))
        fail_msg("%s", error.text);
    return f;
}

static void a_flood_is_counted_by_mailbox(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct span *mailboxes;
    size_t count;
    flood(ALICE, "192.0.2.9", ALICE, -3 * 24 * HOUR); /* another one, long over */
    flush(-3 * 24 * HOUR);
    flood(ALICE, "192.0.2.1", ALICE, 0);
    flood(ALICE, "192.0.2.1", "alice+shop@a.example", MINUTE);
    flush(2 * MINUTE);
    for (int i = 0; i < 3; i++)
        flood(ALICE, "192.0.2.2", ALICE, 10 * HOUR + i);
    flood("bob@a.example", "192.0.2.2", "bob@a.example", 10 * HOUR);
    note("192.0.2.2", "", ALICE, 10 * HOUR); /* for another reason */
    flush(10 * HOUR);
    list = (refusal_book_close(&list), refusal_book_open(path, &usual, &error));
    const struct refused_flood f = flood_of(ALICE, &a);
    assert_true(f.count == 5 && f.client_count == 2 && f.known_clients == 2);
    assert_true(f.first_ms == NOW && f.last_ms == NOW + 10 * HOUR + 2);
    assert_true(span_equal(f.clients[0].client, SPAN("192.0.2.2")) && f.clients[0].count == 3);
    assert_true(span_equal(f.clients[1].client, SPAN("192.0.2.1")) && f.clients[1].count == 2);
    assert_true(f.clients[1].first_ms == NOW && f.clients[1].last_ms == NOW + MINUTE);
    assert_true(span_equal(f.clients[1].hello, SPAN("mail.x.example")));
    assert_true(flood_of("bob@a.example", &a).count == 1);
    assert_true(flood_of("carol@a.example", &a).count == 0 && error.text[0] == '\0');
    assert_true(refusal_book_flooded(list, NOW + HOUR, &mailboxes, &count, &a, &error));
    assert_int_equal(count, 2);
    assert_true(span_equal(mailboxes[0], SPAN(ALICE)));
    assert_true(refusal_book_flooded(list, NOW + 11 * HOUR, &mailboxes, &count, &a, &error));
    assert_int_equal(count, 0);
    arena_clear(&a);
}

static const struct refusal_book_settings for_long = {.most = 2000, .keep_ms = 240 * HOUR};

/* By when its last one came, and when its next did: a row tells of an hour. */
static void a_flood_goes_back_to_the_first_day_without(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct span *mailboxes;
    size_t count;
    list = (refusal_book_close(&list), refusal_book_open(path, &for_long, &error));
    flood(ALICE, "192.0.2.9", ALICE, -49 * HOUR);
    flush(-48 * HOUR);
    flood(ALICE, "192.0.2.9", ALICE, -24 * HOUR - 30 * MINUTE);
    flood(ALICE, "192.0.2.9", ALICE, -24 * HOUR + 20 * MINUTE);
    flush(-23 * HOUR);
    flood(ALICE, "192.0.2.1", ALICE, 0);
    flood(ALICE, "192.0.2.2", ALICE, 10 * MINUTE);
    flood(ALICE, "192.0.2.2", ALICE, 40 * MINUTE);
    flood(ALICE, "192.0.2.1", ALICE, 50 * MINUTE);
    flush(HOUR);
    const struct refused_flood f = flood_of(ALICE, &a);
    assert_int_equal(f.first_ms - NOW, -24 * HOUR - 30 * MINUTE);
    assert_int_equal(f.count, 6);
    assert_true(refusal_book_flooded(list, NOW + 45 * MINUTE, &mailboxes, &count, &a, &error));
    assert_int_equal(count, 1);
    arena_clear(&a);
}

static void of_a_flood_so_many_clients_are_known(void **state)
{
    struct arena a = ARENA_EMPTY;
    char client[20];
    list = (refusal_book_close(&list), refusal_book_open(path, &for_long, &error));
    for (int i = 0; i <= REFUSED_MOST_CLIENTS; i++) {
        snprintf(client, sizeof client, "%d.0.2.%d", i % 9, i);
        flood(ALICE, client, ALICE, i);
        if (i % 400 == 0)
            flush(i);
    }
    flush(MINUTE);
    const struct refused_flood f = flood_of(ALICE, &a);
    assert_int_equal(f.client_count, REFUSED_MOST_CLIENTS + 1);
    assert_int_equal(f.known_clients, REFUSED_MOST_CLIENTS);
    arena_clear(&a);
}

static void without_a_file_there_are_none(void **state)
{
    struct refusal *found;
    size_t count;
    struct arena a = ARENA_EMPTY;
    assert_true(refusal_book_find("/nowhere/at/all", SPAN("a"), 1, &a, &found, &count, &error));
    assert_true(!count);
    assert_null(refusal_book_open("/nowhere/at/all", &usual, &error));
    assert_non_null(strstr(error.text, "cannot open what was refused"));
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(they_are_found, begin, end),
        cmocka_unit_test_setup_teardown(each_reason_is_told_in_its_own_words, begin, end),
        cmocka_unit_test_setup_teardown(words_that_always_differ_take_few_rows, begin, end),
        cmocka_unit_test_setup_teardown(nobody_fills_the_disk, begin, end),
        cmocka_unit_test_setup_teardown(a_restart_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_flood_is_counted_by_mailbox, begin, end),
        cmocka_unit_test_setup_teardown(a_flood_goes_back_to_the_first_day_without, begin, end),
        cmocka_unit_test_setup_teardown(of_a_flood_so_many_clients_are_known, begin, end),
        cmocka_unit_test(without_a_file_there_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
