/* What is said to a filter is shown as one word a packet: its kind, and behind it the data, in
 * which
 * "|" stands for NUL, "_" for a blank, and a dot for what else can't be seen. */
#include "base/test.h"

#include "milter/dialogue.h"

#include <stdlib.h>
#include <string.h>

static const struct milter_macro macros[] = {{"j", SPAN("mx.example.org")},
                                             {"i", SPAN("ID")},
                                             {"{tls_version}", SPAN("TLSv1.3")},
                                             {"{rcpt_addr}", SPAN("bob@example.org")}};

static struct milter_facts facts(void)
{
    return (struct milter_facts){.client_name = SPAN_NONE,
                                 .family = '4',
                                 .port = 0x4142,
                                 .client_address = SPAN("192.0.2.1"),
                                 .helo = SPAN("laptop.test"),
                                 .reverse_path = SPAN("alice@example.com"),
                                 .mail_parameters = SPAN("SIZE=10 BODY=8BITMIME"),
                                 .recipient = SPAN("bob@example.org"),
                                 .rcpt_parameters = SPAN_NONE,
                                 .message = SPAN("Subject: a\r\n b\r\nX:y\r\n\r\nbody\r\n"),
                                 .macros = macros,
                                 .macro_count = COUNT_OF(macros)};
}

static void show(struct buffer *to, struct buffer *out)
{
    struct span rest = buffer_span(out);
    struct packet p;
    while (rest.len) {
        assert_int_equal(packet_next(&rest, 1 << 20, &p), PACKET_DONE);
        buffer_printf(to, "%s%c", to->len ? " " : "", p.kind);
        for (size_t i = 0; i < p.data.len && i < 60; i++) {
            char c = p.data.at[i];
            buffer_add_char(to, c == 0 ? '|' : c == ' ' ? '_' : c < ' ' || c > '~' ? '.' : c);
        }
    }
    buffer_clear(out);
}

static enum dialogue_wait answer(struct dialogue *c, struct span octets, struct buffer *out)
{
    return dialogue_input(c, octets, out);
}

static enum dialogue_wait say(struct dialogue *c, char kind, struct span data, struct buffer *out)
{
    struct buffer packet = BUFFER_EMPTY;
    size_t begin = packet_begin(&packet, kind);
    buffer_add_span(&packet, data);
    packet_end(&packet, begin);
    enum dialogue_wait wait = answer(c, buffer_span(&packet), out);
    buffer_free(&packet);
    return wait;
}

static enum dialogue_wait negotiate(struct dialogue *c, uint32_t version, uint32_t actions,
                                    uint32_t steps, struct span lists, struct buffer *out)
{
    struct buffer packet = BUFFER_EMPTY;
    size_t begin = packet_begin(&packet, MILTER_NEGOTIATE);
    packet_add_u32(&packet, version);
    packet_add_u32(&packet, actions);
    packet_add_u32(&packet, steps);
    buffer_add_span(&packet, lists);
    packet_end(&packet, begin);
    enum dialogue_wait wait = answer(c, buffer_span(&packet), out);
    buffer_free(&packet);
    return wait;
}

/* A filter that says "continue" to all. Returns when the question has its answer. */
static void go_on(struct dialogue *c, enum dialogue_wait wait, struct buffer *out,
                  struct buffer *shown)
{
    for (int i = 0; wait != DIALOGUE_HAS_ANSWER; i++) {
        assert_true(i < 100000);
        if (shown)
            show(shown, out);
        buffer_clear(out);
        wait = wait == DIALOGUE_WAITS_ROOM ? dialogue_go_on(c, out)
                                           : say(c, MILTER_CONTINUE, SPAN_NONE, out);
    }
    if (shown)
        show(shown, out);
}

static const struct {
    uint32_t version, steps;
    struct span lists;
    const char *said;
} courses[] = {
    {6, 0, SPAN(""),
     "O|||.||..|... DCj|mx.example.org| C[192.0.2.1]|4AB192.0.2.1| DH{tls_version}|TLSv1.3| "
     "Hlaptop.test| DMi|ID| M<alice@example.com>|SIZE=10|BODY=8BITMIME| "
     "DRi|ID|{rcpt_addr}|bob@example.org| R<bob@example.org>| "
     "DTi|ID| T LSubject|a._b| LX|y| DNi|ID| N Bbody.. DEi|ID| E"},
    {6, MILTER_ALL_STEPS & ~(uint32_t)0x77f, SPAN(""), /* it answers to the end only */
     "O|||.||..|... DCj|mx.example.org| C[192.0.2.1]|4AB192.0.2.1| DH{tls_version}|TLSv1.3| "
     "Hlaptop.test| DMi|ID| M<alice@example.com>|SIZE=10|BODY=8BITMIME| "
     "DRi|ID|{rcpt_addr}|bob@example.org| R<bob@example.org>| "
     "DTi|ID| T LSubject|_a._b| LX|y| DNi|ID| N Bbody.. DEi|ID| E"},
    {6, 0x37f, SPAN(""), /* it hears of the end only */
     "O|||.||..|... DCj|mx.example.org| DH{tls_version}|TLSv1.3| DMi|ID| "
     "DRi|ID|{rcpt_addr}|bob@example.org| DTi|ID| DNi|ID| DEi|ID| E"},
    {2, 0, SPAN(""), /* it is too old to know of DATA */
     "O|||.||..|... DCj|mx.example.org| C[192.0.2.1]|4AB192.0.2.1| DH{tls_version}|TLSv1.3| "
     "Hlaptop.test| DMi|ID| M<alice@example.com>|SIZE=10|BODY=8BITMIME| "
     "DRi|ID|{rcpt_addr}|bob@example.org| R<bob@example.org>| "
     "DTi|ID| LSubject|a._b| LX|y| DNi|ID| N Bbody.. DEi|ID| E"},
    {6, 0x37f, SPAN("\0\0\0\0{j} i {none}\0\0\0\0\2\0\0\0\0\11x\0\0\0\0\5{rcpt_addr}\0"),
     "O|||.||..|... DC{j}|mx.example.org|i|ID| DH{tls_version}|TLSv1.3| DM "
     "DRi|ID|{rcpt_addr}|bob@example.org| DTi|ID| DNi|ID| DE{rcpt_addr}|bob@example.org| E"},
};

static void a_filter_is_told_what_it_wants_to_hear(void **state)
{
    for (size_t i = 0; i < COUNT_OF(courses); i++) {
        struct dialogue *c = dialogue_new(100000);
        struct buffer out = BUFFER_EMPTY, shown = BUFFER_EMPTY;
        struct milter_facts f = facts();
        assert_int_equal(dialogue_mail(c, &f, &out), DIALOGUE_WAITS_FILTER);
        show(&shown, &out);
        go_on(c, negotiate(c, courses[i].version, 0, courses[i].steps, courses[i].lists, &out),
              &out, &shown);
        assert_int_equal(dialogue_verdict(c), MILTER_TAKES);
        go_on(c, dialogue_rcpt(c, &f, &out), &out, &shown);
        go_on(c, dialogue_message(c, &f, &out), &out, &shown);
        assert_int_equal(dialogue_verdict(c), MILTER_TAKES);
        assert_string_equal(buffer_text(&shown), courses[i].said);
        dialogue_free(&c);
        buffer_free(&out);
        buffer_free(&shown);
    }
}

/* One that has been told of a sender, and has said so much: */
static struct dialogue *at_mail(const struct milter_facts *f, struct buffer *out)
{
    struct dialogue *c = dialogue_new(100000);
    dialogue_mail(c, f, out);
    go_on(c, negotiate(c, 6, MILTER_ALL_ACTIONS, MILTER_MAY_SKIP, SPAN_NONE, out), out, NULL);
    buffer_clear(out);
    return c;
}

static void the_next_message_is_told_anew(void **state)
{
    struct buffer out = BUFFER_EMPTY, shown = BUFFER_EMPTY;
    struct milter_facts f = facts();
    struct dialogue *c = at_mail(&f, &out);
    go_on(c, dialogue_mail(c, &f, &out), &out, &shown); /* the one before had no end */
    assert_string_equal(buffer_text(&shown),
                        "A DMi|ID| M<alice@example.com>|SIZE=10|BODY=8BITMIME|");
    go_on(c, dialogue_message(c, &f, &out), &out, NULL);
    buffer_clear(&shown);
    f.helo = SPAN("other.test");
    go_on(c, dialogue_mail(c, &f, &out), &out, &shown);
    assert_string_equal(buffer_text(&shown), "DH{tls_version}|TLSv1.3| Hother.test| DMi|ID| "
                                             "M<alice@example.com>|SIZE=10|BODY=8BITMIME|");
    buffer_clear(&shown);
    f.client_address = SPAN("2001:db8::1");
    f.family = '6';
    f.client_name = SPAN("host.test");
    go_on(c, dialogue_mail(c, &f, &out), &out, &shown);
    assert_string_equal(buffer_text(&shown), "A K DCj|mx.example.org| Chost.test|6AB2001:db8::1| "
                                             "DH{tls_version}|TLSv1.3| Hother.test| DMi|ID| "
                                             "M<alice@example.com>|SIZE=10|BODY=8BITMIME|");
    buffer_clear(&shown);
    dialogue_quit(c, &out);
    show(&shown, &out);
    assert_string_equal(buffer_text(&shown), "A Q");
    dialogue_free(&c);
    buffer_free(&out);
    buffer_free(&shown);
}

/* The steps: C connect, H HELO, M MAIL, R RCPT, T DATA, L a field, N the end of the header, B the
 * body, E the end. What becomes of an answer to each: "." goes on, a accepted, r refused, d
 * discarded, "!" it has failed, p it still waits. */
static const struct {
    char kind;
    struct span data;
    const char *at; /* CHMRTLNBE */
} answers[] = {
    {'c', SPAN(""), "..aa....a"}, /* after MAIL, RCPT and the end it is asked no more */
    {'a', SPAN(""), "aaaaaaaaa"},         {'r', SPAN(""), "rrrrrrrrr"},
    {'t', SPAN(""), "rrrrrrrrr"},         {'4', SPAN(""), "rrrrrrrrr"},
    {'y', SPAN("550 no\0"), "rrrrrrrrr"}, {'y', SPAN("550 no"), "!!!!!!!!!"},
    {'d', SPAN(""), "!!ddddddd"},         {'f', SPAN(""), "r!!!!!!!!"},
    {'s', SPAN(""), "!!!!!!!.!"},         {'p', SPAN(""), "ppppppppp"},
    {'q', SPAN("why\0"), "!!!!!!!!p"},    {'h', SPAN("X\0y\0"), "!!!!!!!!p"},
    {'b', SPAN("x"), "!!!!!!!!p"},        {'+', SPAN("<a@example.org>\0"), "!!!!!!!!p"},
    {'h', SPAN("X"), "!!!!!!!!!"},        {'c', SPAN("x"), "!!!!!!!!!"},
    {'a', SPAN("x"), "!!!!!!!!!"},        {'O', SPAN(""), "!!!!!!!!!"},
    {'z', SPAN(""), "!!!!!!!!!"},         {'\0', SPAN(""), "!!!!!!!!!"},
};

/* Up to the step, which waits for its answer. */
static struct dialogue *at_step(size_t step, const struct milter_facts *f, struct buffer *out)
{
    static const char order[] = "CHMRTLNBE";
    struct dialogue *c = dialogue_new(100000);
    dialogue_mail(c, f, out);
    enum dialogue_wait wait = negotiate(c, 6, MILTER_ALL_ACTIONS, MILTER_MAY_SKIP, SPAN_NONE, out);
    for (;;) {
        struct span rest = buffer_span(out);
        struct packet p = {0};
        while (rest.len)
            assert_int_equal(packet_next(&rest, 1 << 20, &p), PACKET_DONE);
        buffer_clear(out);
        if (wait == DIALOGUE_HAS_ANSWER)
            wait = order[step] == 'R' ? dialogue_rcpt(c, f, out) : dialogue_message(c, f, out);
        else if (p.kind == order[step])
            return c;
        else
            wait = say(c, MILTER_CONTINUE, SPAN_NONE, out);
    }
}

static char became(const struct dialogue *c, enum dialogue_wait wait, const struct buffer *out)
{
    if (wait == DIALOGUE_HAS_ANSWER)
        switch (dialogue_verdict(c)) {
        case MILTER_TAKES:
            return 'a';
        case MILTER_REFUSES:
            return 'r';
        case MILTER_DISCARDS:
            return 'd';
        case MILTER_FAILED:
            return '!';
        }
    return out->len ? '.' : 'p';
}

static void every_answer_is_known_at_every_step(void **state)
{
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        for (size_t step = 0; step < 9; step++) {
            struct buffer out = BUFFER_EMPTY;
            struct milter_facts f = facts();
            struct dialogue *c = at_step(step, &f, &out);
            enum dialogue_wait wait = say(c, answers[i].kind, answers[i].data, &out);
            char what = became(c, wait, &out);
            if (what != answers[i].at[step])
                print_error("%c at step %zu: %c\n", answers[i].kind, step, what);
            assert_int_equal(what, answers[i].at[step]);
            dialogue_free(&c);
            buffer_free(&out);
        }
}

static const struct {
    const char *text;
    int code;
    const char *status, *words; /* code 0: it has failed */
} replies[] = {
    {"550 5.7.9 No, thanks", 550, "5.7.9", "No, thanks"},
    {"550 No, thanks", 550, "5.7.1", "No, thanks"},
    {"451 4.7.1 Later\r\n", 451, "4.7.1", "Later"},
    {"451 5.7.1 Later", 451, "4.7.1", "Later"},
    {"421 4.3.2 Bye", 421, "4.3.2", "Bye"},
    {"554-5.7.1 One\r\n554 5.7.1 Two", 554, "5.7.1", "One\nTwo"},
    {"550 100%% sure", 550, "5.7.1", "100% sure"},
    {"550 Gr\xc3\xbc\xc3\x9f"
     "e\x07",
     550, "5.7.1", "Gr????e?"},
    {"250 Fine", 0, "", ""},
    {"354 Go on", 0, "", ""},
    {"no", 0, "", ""},
    {"", 0, "", ""},
    {"554-One\r\n550 Two", 0, "", ""},
    {"554-One", 0, "", ""},
    {"554 One\r\n554 Two", 0, "", ""},
};

static void replies_of_a_filter_are_checked(void **state)
{
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        struct buffer out = BUFFER_EMPTY, status = BUFFER_EMPTY;
        struct milter_facts f = facts();
        struct dialogue *c = at_mail(&f, &out);
        dialogue_rcpt(c, &f, &out);
        struct span text = span_make(replies[i].text, strlen(replies[i].text) + 1);
        assert_int_equal(say(c, MILTER_REPLY, text, &out), DIALOGUE_HAS_ANSWER);
        struct reply r = dialogue_reply(c);
        if (replies[i].code) {
            assert_int_equal(dialogue_verdict(c), MILTER_REFUSES);
            assert_int_equal(r.code, replies[i].code);
            buffer_printf(&status, "%d.%d.%d", r.status.class, r.status.subject, r.status.detail);
            assert_string_equal(buffer_text(&status), replies[i].status);
            assert_true(span_equal(r.text, span_of(replies[i].words)));
        } else {
            assert_int_equal(dialogue_verdict(c), MILTER_FAILED);
            assert_string_equal(dialogue_failure(c),
                                "answered RCPT with a reply that is none of SMTP");
        }
        dialogue_free(&c);
        buffer_free(&out);
        buffer_free(&status);
    }
}

static const struct {
    uint32_t version, actions, steps;
    const char *why; /* "": it is well */
} negotiations[] = {
    {6, MILTER_ALL_ACTIONS, MILTER_ALL_STEPS, ""},
    {2, 0x3f, 0x7f, ""},
    {1, 0, 0, "speaks version 1 of the milter protocol; this server speaks 2 to 6"},
    {7, 0, 0, "speaks version 7 of the milter protocol; this server speaks 2 to 6"},
    {6, 0x200, 0, "wants what this server did not offer (actions 0x200, steps 0x0)"},
    {6, 0, 0x800, "wants what this server did not offer (actions 0x0, steps 0x800)"},
};

static void negotiations_are_checked(void **state)
{
    for (size_t i = 0; i < COUNT_OF(negotiations); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct milter_facts f = facts();
        struct dialogue *c = dialogue_new(100000);
        dialogue_mail(c, &f, &out);
        enum dialogue_wait wait = negotiate(c, negotiations[i].version, negotiations[i].actions,
                                            negotiations[i].steps, SPAN_NONE, &out);
        assert_string_equal(dialogue_failure(c), negotiations[i].why);
        if (negotiations[i].why[0])
            assert_true(wait == DIALOGUE_HAS_ANSWER && dialogue_verdict(c) == MILTER_FAILED);
        dialogue_free(&c);
        buffer_free(&out);
    }
}

static void what_is_no_milter_fails(void **state)
{
    static const struct {
        struct span octets;
        const char *why;
    } cases[] = {
        {SPAN("220 mx.example.org ESMTP\r\n"),
         "does not speak the milter protocol: a packet of its has an impossible length"},
        {SPAN("\0\0\0\1c"), "does not speak the milter protocol: it began with \"c\""},
        {SPAN("\0\0\0\5O\0\0\0\6"), "gave an answer to the negotiation that is malformed"},
        {SPAN("\0\0\0\20O\0\0\0\6\0\0\0\0\0\0\0\0\0\0\0"),
         "gave an answer to the negotiation that is malformed"},
        {SPAN("\0\0\0\15O\0\0\0\6\0\0\0\0\0\36\367\377\0\0\0\1c"),
         "spoke without having been asked"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct milter_facts f = facts();
        struct dialogue *c = dialogue_new(100000);
        dialogue_mail(c, &f, &out);
        assert_int_equal(answer(c, cases[i].octets, &out), DIALOGUE_HAS_ANSWER);
        assert_int_equal(dialogue_verdict(c), MILTER_FAILED);
        assert_string_equal(dialogue_failure(c), cases[i].why);
        dialogue_free(&c);
        buffer_free(&out);
    }
}

static void a_refusal_counts_as_long_as_it_should(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct milter_facts f = facts();
    struct dialogue *c = at_step(0, &f, &out); /* of the client: for all of its mail */
    say(c, MILTER_REJECT, SPAN_NONE, &out);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(dialogue_mail(c, &f, &out), DIALOGUE_HAS_ANSWER);
        assert_true(dialogue_verdict(c) == MILTER_REFUSES && dialogue_reply(c).code == 550);
    }
    f.port++; /* another client */
    assert_int_equal(dialogue_mail(c, &f, &out), DIALOGUE_WAITS_FILTER);
    dialogue_free(&c);
    buffer_clear(&out);
    c = at_step(3, &f, &out); /* of a recipient: of no other */
    say(c, MILTER_REJECT, SPAN_NONE, &out);
    assert_int_equal(dialogue_rcpt(c, &f, &out), DIALOGUE_WAITS_FILTER);
    dialogue_free(&c);
    buffer_clear(&out);
    c = at_step(3, &f, &out); /* accepted is all of the message, and not the next one */
    say(c, MILTER_ACCEPT, SPAN_NONE, &out);
    assert_int_equal(dialogue_rcpt(c, &f, &out), DIALOGUE_HAS_ANSWER);
    assert_int_equal(dialogue_message(c, &f, &out), DIALOGUE_HAS_ANSWER);
    assert_int_equal(dialogue_verdict(c), MILTER_TAKES);
    assert_int_equal(dialogue_mail(c, &f, &out), DIALOGUE_WAITS_FILTER);
    dialogue_free(&c);
    buffer_clear(&out);
    c = at_step(3, &f, &out); /* discarded, likewise */
    say(c, MILTER_DISCARD, SPAN_NONE, &out);
    assert_int_equal(dialogue_message(c, &f, &out), DIALOGUE_HAS_ANSWER);
    assert_int_equal(dialogue_verdict(c), MILTER_DISCARDS);
    dialogue_free(&c);
    buffer_free(&out);
}

/* Of one that answers nothing before the end, more goes out than fits at once. */
static void a_large_body_goes_in_pieces(void **state)
{
    enum { BODY = 1000000 };
    struct buffer out = BUFFER_EMPTY, message = BUFFER_EMPTY;
    struct milter_facts f = facts();
    struct dialogue *c = dialogue_new(100000);
    size_t body = 0, largest = 0;
    buffer_add_text(&message, "A: b\r\n\r\n");
    memset(buffer_reserve(&message, BODY), 'x', BODY);
    message.len += BODY;
    message.at[message.len] = 0;
    f.message = buffer_span(&message);
    dialogue_mail(c, &f, &out);
    go_on(c, negotiate(c, 6, 0, MILTER_SILENT_BODY | MILTER_SILENT_HEADER, SPAN_NONE, &out), &out,
          NULL);
    buffer_clear(&out);
    enum dialogue_wait wait = dialogue_message(c, &f, &out);
    while (wait != DIALOGUE_HAS_ANSWER) {
        struct span rest = buffer_span(&out);
        struct packet p;
        largest = out.len > largest ? out.len : largest;
        while (rest.len && packet_next(&rest, 1 << 20, &p) == PACKET_DONE) {
            body += p.kind == MILTER_BODY ? p.data.len : 0;
            assert_true(p.data.len <= MILTER_LARGEST_PIECE);
        }
        buffer_clear(&out);
        wait = wait == DIALOGUE_WAITS_ROOM ? dialogue_go_on(c, &out)
                                           : say(c, MILTER_CONTINUE, SPAN_NONE, &out);
    }
    assert_int_equal(body, BODY);
    assert_true(largest < 400000);
    dialogue_free(&c);
    buffer_free(&out);
    buffer_free(&message);
}

static void changes_come_before_the_end(void **state)
{
    struct buffer out = BUFFER_EMPTY, all = BUFFER_EMPTY;
    struct milter_facts f = facts();
    struct dialogue *c = at_step(8, &f, &out);
    buffer_add(&all, "\0\0\0\5hX\0y\0", 9);
    buffer_add(&all, "\0\0\0\1p", 5);
    buffer_add(&all, "\0\0\0\5qwhy\0", 9);
    buffer_add(&all, "\0\0\0\1a", 5);
    for (size_t i = 0; i < all.len; i++) /* octet by octet */
        assert_int_equal(answer(c, span_make(all.at + i, 1), &out),
                         i + 1 < all.len ? DIALOGUE_WAITS_FILTER : DIALOGUE_HAS_ANSWER);
    const struct changes *changes = dialogue_changes(c);
    assert_int_equal(dialogue_verdict(c), MILTER_TAKES);
    assert_true(changes->first && changes->is_quarantined && !changes->has_body);
    assert_true(span_equal(changes->quarantine, SPAN("why")));
    dialogue_free(&c);
    c = at_step(8, &f, &out); /* what is refused is not changed */
    answer(c, buffer_span(&(struct buffer){.at = all.at, .len = 9, .cap = all.cap}), &out);
    say(c, MILTER_REJECT, SPAN_NONE, &out);
    assert_true(changes_are_none(dialogue_changes(c)));
    dialogue_free(&c);
    buffer_free(&out);
    buffer_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_is_told_what_it_wants_to_hear),
        cmocka_unit_test(the_next_message_is_told_anew),
        cmocka_unit_test(every_answer_is_known_at_every_step),
        cmocka_unit_test(replies_of_a_filter_are_checked),
        cmocka_unit_test(negotiations_are_checked),
        cmocka_unit_test(what_is_no_milter_fails),
        cmocka_unit_test(a_refusal_counts_as_long_as_it_should),
        cmocka_unit_test(a_large_body_goes_in_pieces),
        cmocka_unit_test(changes_come_before_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
