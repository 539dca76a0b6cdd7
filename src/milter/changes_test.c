/* What filters want changed, as packets, and what becomes of a message and its envelope. */
#include "base/test.h"

#include "milter/changes.h"

#include <string.h>

#define FIELD(index, name, value) "\0\0\0" index name "\0" value "\0"

struct wish {
    char kind;
    struct span data;
};

#define MESSAGE "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\n\r\nbody\r\n"

static struct transaction make(const char *message, struct server_recipient *recipients)
{
    recipients[0] = (struct server_recipient){.address = SPAN("alice@example.org")};
    recipients[1] = (struct server_recipient){.address = SPAN("bob@example.org")};
    struct transaction t = {
        .reverse_path = SPAN("from@example.com"), .recipients = recipients, .recipient_count = 2};
    buffer_add_text(&t.message, message);
    return t;
}

static bool apply(struct transaction *t, const struct wish *wishes, bool has_leading_space,
                  struct arena *a, struct error *why)
{
    struct changes c = {.has_leading_space = has_leading_space};
    bool is_well = true;
    for (; is_well && wishes->kind; wishes++)
        is_well = changes_take(&c, &(struct packet){wishes->kind, wishes->data}, 100000, why);
    is_well = is_well && changes_apply(&c, t, a, why);
    changes_free(&c);
    return is_well;
}

/* The number of a field counts those of its name, from 1; 0 is 1. The place of an insertion counts
 * all, and our Received, which is not there yet, has place 0. */
static const struct {
    struct wish wishes[4];
    const char *result; /* or, with a blank in front, why not */
} texts[] = {
    {{{0}}, MESSAGE},
    {{{'h', SPAN("X\0y\0")}}, "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\nX: y\r\n\r\nbody\r\n"},
    {{{'i', SPAN(FIELD("\0", "X", "y"))}}, "X: y\r\n" MESSAGE},
    {{{'i', SPAN(FIELD("\1", "X", "y"))}}, "X: y\r\n" MESSAGE},
    {{{'i', SPAN(FIELD("\2", "X", "y"))}},
     "A: 1\r\nX: y\r\nB: 2\r\n\tfolded\r\na: 3\r\n\r\nbody\r\n"},
    {{{'i', SPAN(FIELD("\4", "X", "y"))}},
     "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\nX: y\r\n\r\nbody\r\n"},
    {{{'i', SPAN(FIELD("\11", "X", "y"))}},
     "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\nX: y\r\n\r\nbody\r\n"},
    {{{'i', SPAN(FIELD("\1", "X", "1"))}, {'i', SPAN(FIELD("\1", "X", "2"))}},
     "X: 2\r\nX: 1\r\n" MESSAGE},
    {{{'m', SPAN(FIELD("\1", "a", "9"))}}, "a: 9\r\nB: 2\r\n\tfolded\r\na: 3\r\n\r\nbody\r\n"},
    {{{'m', SPAN(FIELD("\0", "A", "9"))}}, "A: 9\r\nB: 2\r\n\tfolded\r\na: 3\r\n\r\nbody\r\n"},
    {{{'m', SPAN(FIELD("\2", "A", "9"))}}, "A: 1\r\nB: 2\r\n\tfolded\r\nA: 9\r\n\r\nbody\r\n"},
    {{{'m', SPAN(FIELD("\3", "A", "9"))}},
     "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\nA: 9\r\n\r\nbody\r\n"},
    {{{'m', SPAN(FIELD("\1", "B", ""))}}, "A: 1\r\na: 3\r\n\r\nbody\r\n"},
    {{{'m', SPAN(FIELD("\2", "B", ""))}}, MESSAGE},
    /* What went still counts. */
    {{{'m', SPAN(FIELD("\1", "A", ""))}, {'m', SPAN(FIELD("\2", "A", ""))}},
     "B: 2\r\n\tfolded\r\n\r\nbody\r\n"},
    {{{'m', SPAN(FIELD("\1", "A", ""))}, {'m', SPAN(FIELD("\1", "A", "4"))}},
     "A: 4\r\nB: 2\r\n\tfolded\r\na: 3\r\n\r\nbody\r\n"},
    {{{'m', SPAN(FIELD("\1", "A", ""))}, {'i', SPAN(FIELD("\2", "X", "y"))}},
     "X: y\r\nB: 2\r\n\tfolded\r\na: 3\r\n\r\nbody\r\n"},
    /* A value can't begin another field, or end the header. */
    {{{'h', SPAN("X\0a\n\tb\0")}},
     "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\nX: a\r\n\tb\r\n\r\nbody\r\n"},
    {{{'h', SPAN("X\0a\r\nBcc: b\r\n\r\nc\0")}},
     "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\nX: a\r\n Bcc: b\r\n c\r\n\r\nbody\r\n"},
    {{{'h', SPAN("X\0\0")}}, "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\nX: \r\n\r\nbody\r\n"},
    {{{'h', SPAN("X y\0z\0")}}, " named a field \"X y\", which can be no name of one"},
    {{{'h', SPAN("\0z\0")}}, " named a field \"\", which can be no name of one"},
    {{{'h', SPAN("X:\0z\0")}}, " named a field \"X:\", which can be no name of one"},
    {{{'h', SPAN("X\0z")}}, " sent a change (\"h\") that is malformed"},
    {{{'h', SPAN("X\0z\0more")}}, " sent a change (\"h\") that is malformed"},
    {{{'m', SPAN("\0\0\1")}}, " sent a change (\"m\") that is malformed"},
    /* The body comes in pieces, and has whatever line ends. */
    {{{'b', SPAN("new\r")}, {'b', SPAN("\nlines\nhere")}},
     "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\n\r\nnew\r\nlines\r\nhere\r\n"},
    {{{'b', SPAN("")}}, "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\n\r\n"},
    {{{'b', SPAN("x")}, {'h', SPAN("X\0y\0")}, {'b', SPAN("z")}},
     "A: 1\r\nB: 2\r\n\tfolded\r\na: 3\r\nX: y\r\n\r\nxz\r\n"},
    {{{'b', SPAN("a\0b")}}, " gave the message a body with a NUL in it, which is no text"},
};

static void messages_are_changed(void **state)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct server_recipient recipients[2];
        struct arena a = ARENA_EMPTY;
        struct error why = {0};
        struct transaction t = make(MESSAGE, recipients);
        bool fails = texts[i].result[0] == ' ';
        assert_int_equal(apply(&t, texts[i].wishes, false, &a, &why), !fails);
        if (fails)
            assert_string_equal(why.text, texts[i].result + 1);
        assert_string_equal(buffer_text(&t.message), fails ? MESSAGE : texts[i].result);
        buffer_free(&t.message);
        arena_clear(&a);
    }
}

static void a_value_may_begin_at_the_colon(void **state)
{
    static const struct wish wishes[] = {
        {'h', SPAN("X\0a\0")}, {'h', SPAN("Y\0\tb\0")}, {'h', SPAN("Z\0\n\tc\0")}, {0}};
    struct server_recipient recipients[2];
    struct arena a = ARENA_EMPTY;
    struct error why;
    struct transaction t = make("A: 1\r\n\r\n", recipients);
    assert_true(apply(&t, wishes, true, &a, &why));
    assert_string_equal(buffer_text(&t.message), "A: 1\r\nX:a\r\nY:\tb\r\nZ:\r\n\tc\r\n\r\n");
    buffer_free(&t.message);
    arena_clear(&a);
}

static void messages_without_the_usual_parts_are_changed(void **state)
{
    static const struct {
        const char *before, *after;
    } cases[] = {
        {"", "X: y\r\n"},
        {"\r\n", "X: y\r\n\r\n"},
        {"\r\nbody\r\n", "X: y\r\n\r\nbody\r\n"},
        {"no field\r\n", "X: y\r\n\r\nno field\r\n"},
        {"A: 1\r\n", "A: 1\r\nX: y\r\n"},
        {"A: 1\r\nno field\r\n", "A: 1\r\nX: y\r\n\r\nno field\r\n"},
    };
    static const struct wish wishes[] = {{'h', SPAN("X\0y\0")}, {0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct server_recipient recipients[2];
        struct arena a = ARENA_EMPTY;
        struct error why;
        struct transaction t = make(cases[i].before, recipients);
        assert_true(apply(&t, wishes, false, &a, &why));
        assert_string_equal(buffer_text(&t.message), cases[i].after);
        buffer_free(&t.message);
        arena_clear(&a);
    }
}

static const struct {
    struct wish wishes[3];
    const char *result; /* sender, recipients; or, with a blank in front, why not */
} envelopes[] = {
    {{{'+', SPAN("<new@example.net>\0")}},
     "from@example.com alice@example.org bob@example.org new@example.net"},
    {{{'+', SPAN("new@example.net\0")}},
     "from@example.com alice@example.org bob@example.org new@example.net"},
    {{{'+', SPAN("<Alice@Example.ORG>\0")}}, "from@example.com alice@example.org bob@example.org"},
    {{{'2', SPAN("<new@example.net>\0NOTIFY=NEVER\0")}},
     "from@example.com alice@example.org bob@example.org new@example.net/8"},
    {{{'2', SPAN("<new@example.net>\0NOTIFY=SOMETIMES\0")}},
     " gave parameters with an address that can't be: "},
    {{{'+', SPAN("<>\0")}}, " named an address that is none: \"<>\""},
    {{{'+', SPAN("<a b@example.net>\0")}}, " named an address that is none: "},
    {{{'-', SPAN("<alice@example.org>\0")}}, "from@example.com bob@example.org"},
    {{{'-', SPAN("<nobody@example.org>\0")}}, "from@example.com alice@example.org bob@example.org"},
    {{{'-', SPAN("<alice@example.org>\0")}, {'-', SPAN("bob@example.org\0")}}, "from@example.com"},
    {{{'-', SPAN("<alice@example.org>\0")}, {'+', SPAN("<alice@example.org>\0")}},
     "from@example.com bob@example.org alice@example.org"},
    {{{'e', SPAN("<>\0")}}, "<> alice@example.org bob@example.org"},
    {{{'e', SPAN("<other@example.net>\0RET=HDRS ENVID=x\0")}},
     "other@example.net/2/x alice@example.org bob@example.org"},
    {{{'e', SPAN("<other@example.net>\0FOO=1\0")}},
     " gave parameters with an address that can't be: "},
    {{{'e', SPAN("other\0")}}, " named an address that is none: "},
};

static void show(struct buffer *out, const struct transaction *t)
{
    buffer_printf(out, "%.*s", SPAN_F(t->reverse_path.len ? t->reverse_path : SPAN("<>")));
    if (t->parameters.ret || t->parameters.envid.len)
        buffer_printf(out, "/%d/%.*s", (int)t->parameters.ret, SPAN_F(t->parameters.envid));
    for (size_t i = 0; i < t->recipient_count; i++) {
        const struct server_recipient *r = &t->recipients[i];
        buffer_printf(out, " %.*s", SPAN_F(r->address));
        if (r->parameters.notify)
            buffer_printf(out, "/%u", r->parameters.notify);
    }
}

static void envelopes_are_changed(void **state)
{
    for (size_t i = 0; i < COUNT_OF(envelopes); i++) {
        struct server_recipient recipients[2];
        struct arena a = ARENA_EMPTY;
        struct error why = {0};
        struct buffer shown = BUFFER_EMPTY;
        struct transaction t = make(MESSAGE, recipients);
        bool fails = envelopes[i].result[0] == ' ';
        assert_int_equal(apply(&t, envelopes[i].wishes, false, &a, &why), !fails);
        show(&shown, &t);
        if (fails)
            assert_memory_equal(why.text, envelopes[i].result + 1, strlen(envelopes[i].result + 1));
        else
            assert_string_equal(buffer_text(&shown), envelopes[i].result);
        assert_string_equal(buffer_text(&t.message), MESSAGE);
        buffer_free(&t.message);
        buffer_free(&shown);
        arena_clear(&a);
    }
}

static void octets_above_ascii_are_noticed(void **state)
{
    static const struct wish wishes[] = {{'b', SPAN("gr\xc3\xbc\xc3\x9f"
                                                    "e\r\n")},
                                         {'+', SPAN("<gr\xc3\xbc\xc3\x9f"
                                                    "e@example.net>\0")},
                                         {0}};
    struct server_recipient recipients[2];
    struct arena a = ARENA_EMPTY;
    struct error why;
    struct transaction t = make(MESSAGE, recipients);
    assert_true(apply(&t, wishes, false, &a, &why));
    assert_true(t.is_8bit && t.parameters.smtputf8);
    buffer_free(&t.message);
    arena_clear(&a);
}

static void changes_are_bounded(void **state)
{
    struct changes c = {0};
    struct error why = {0};
    size_t taken = 0;
    while (taken < 1000 &&
           changes_take(&c, &(struct packet){'-', SPAN("<a@example.org>\0")}, 10000, &why))
        taken++;
    assert_true(taken > 50 && taken < 200);
    assert_string_equal(why.text, "wants more changes than this server takes: above 10000 bytes");
    changes_free(&c);
    assert_true(changes_are_none(&c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_changed),
        cmocka_unit_test(a_value_may_begin_at_the_colon),
        cmocka_unit_test(messages_without_the_usual_parts_are_changed),
        cmocka_unit_test(envelopes_are_changed),
        cmocka_unit_test(octets_above_ascii_are_noticed),
        cmocka_unit_test(changes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
