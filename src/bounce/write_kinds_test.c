/* What is written of every outcome and cause, in every language: it reads well, and explain reads
 * it back. */
#include "base/test.h"

#include "bounce/read.h"
#include "bounce/render_wrap.h"
#include "bounce/trial_page.h"
#include "bounce/trial_report.h"
#include "mail/content.h"
#include "mail/parts.h"

#include <string.h>

enum { COLUMNS = 78, LARGEST = 40000 };

static const int64_t until_ms = 1764432000000;

/* What was written, and what is read in it. */
struct fixture {
    struct trial_report t;
    struct buffer out, text, card;
    struct arena arena;
    struct notice notice;
    struct survey survey;
};

static void fixture_start(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    trial_report(&f->t);
}

static void fixture_clear(struct fixture *f)
{
    buffer_clear(&f->out);
    buffer_clear(&f->text);
    buffer_clear(&f->card);
    arena_clear(&f->arena);
}

static void fixture_free(struct fixture *f)
{
    buffer_free(&f->out);
    buffer_free(&f->text);
    buffer_free(&f->card);
    arena_clear(&f->arena);
}

static void decode(struct buffer *out, const struct mime_entity *e)
{
    struct buffer crlf = BUFFER_EMPTY;
    content_decode(&crlf, e->body, e->encoding);
    for (size_t i = 0; i < crlf.len; i++)
        if (crlf.at[i] != '\r')
            buffer_add_char(out, crlf.at[i]);
    buffer_free(&crlf);
}

static void write_and_read(struct fixture *f)
{
    static struct parts walk;
    struct mime_entity e;
    bool is_8bit;
    fixture_clear(f);
    report_write(&f->out, &f->t.report, &is_8bit);
    assert_true(f->out.len < LARGEST);
    parts_start(&walk, buffer_span(&f->out));
    assert_true(parts_next(&walk, &e) && mime_is(&e, "text", "plain"));
    decode(&f->text, &e);
    if (!f->t.report.is_plain) {
        assert_true(parts_next(&walk, &e) && mime_is(&e, "text", "html"));
        decode(&f->card, &e);
    }
    assert_true(parts_next(&walk, &e) && mime_is(&e, "message", NULL));
    notice_read(&f->notice, &f->survey, buffer_span(&f->out), &f->arena);
}

static bool has(const struct buffer *b, const char *text)
{
    return span_find(buffer_span(b), span_of(text)) != SPAN_NOT_FOUND;
}

/* Wider is only a word that has no place to break. */
static void check_text(const struct fixture *f)
{
    struct span rest = buffer_span(&f->text);
    assert_true(text_is_harmless(rest));
    while (rest.len) {
        struct span line = span_cut(&rest, '\n');
        struct span words = span_trim(line);
        if (width_of_text(line) > COLUMNS && span_find_char(words, ' ') != SPAN_NOT_FOUND)
            fail_msg("too wide: \"%.*s\"", SPAN_F(line));
    }
}

static void check_card(const struct fixture *f)
{
    size_t at;
    if (!card_is_harmless(buffer_span(&f->card), &at))
        fail_msg("in the card: %.60s", f->card.at + at);
}

static void check_read(const struct fixture *f, enum notice_kind kind, enum notice_action action)
{
    const struct outcome *o = &f->t.outcomes[0];
    assert_int_equal(f->notice.kind, kind);
    assert_int_equal(f->notice.recipient_count, 1);
    const struct notice_recipient *to = &f->notice.recipients[0];
    assert_true(span_equal(to->address, SPAN("bob@example.net")));
    assert_int_equal(to->action, action);
    assert_int_equal(to->code, o->is_remote ? o->code : 0);
    assert_int_equal(to->last_attempt_ms, o->time_ms);
    assert_int_equal(to->retry_until_ms, action == ACTION_DELAYED ? until_ms : 0);
    assert_true(span_equal(f->notice.reporting, SPAN("mx.example.org")));
    assert_true(span_equal(f->notice.original.subject, SPAN("Figures")));
}

/* ---- causes */

static bool is_in_table(struct cause_found c)
{
    return c.variant == VARIANT_NONE ||
           cause_text(c) != cause_text((struct cause_found){c.cause, VARIANT_NONE});
}

enum way { REFUSED, GIVEN_UP, DELAYED_BY_OTHERS, DELAYED_BY_US, WAYS };

static void make(struct fixture *f, struct cause_found c, enum way way)
{
    struct outcome *o = &f->t.outcomes[0];
    bool is_delayed = way == DELAYED_BY_OTHERS || way == DELAYED_BY_US;
    o->kind = is_delayed ? OUTCOME_DELAYED : OUTCOME_FAILED;
    o->cause = c;
    o->is_expired = way == GIVEN_UP;
    o->is_remote = way == REFUSED || way == DELAYED_BY_OTHERS;
    o->code = !o->is_remote ? 0 : is_delayed ? 450 : 550;
    o->status = !o->is_remote ? STATUS_NONE : is_delayed ? STATUS(4, 0, 0) : STATUS(5, 0, 0);
    o->words = SPAN("Computer says no"); /* the cause shows in no word of it */
    f->t.told[0].attempts = way == REFUSED ? 1 : 12;
    f->t.told[0].retry_until_ms = is_delayed ? until_ms : 0;
}

static void check_cause(struct fixture *f, struct cause_found c, enum way way,
                        const struct language *l)
{
    bool is_delayed = way == DELAYED_BY_OTHERS || way == DELAYED_BY_US;
    const struct notice_recipient *to;
    make(f, c, way);
    f->t.report.language = l;
    write_and_read(f);
    check_text(f);
    check_card(f);
    check_read(f, is_delayed ? NOTICE_DELAY : NOTICE_FAILURE,
               is_delayed ? ACTION_DELAYED : ACTION_FAILED);
    to = &f->notice.recipients[0];
    assert_int_equal(to->cause.cause, c.cause);
    assert_int_equal(to->cause.variant, c.variant);
    struct status want = outcome_report_status(&f->t.outcomes[0]);
    assert_true(status_equal(to->status, want));
    assert_true(has(&f->text, "Computer says no"));
    assert_true(has(&f->card, ">Computer says no") || has(&f->card, "Computer says no</pre>"));
}

static void every_cause_is_read_back_in_every_language(void **state)
{
    struct fixture f;
    fixture_start(&f);
    for (size_t l = 0; language_at(l); l++)
        for (int c = 0; c < CAUSE_COUNT; c++)
            for (int v = 0; v < VARIANT_COUNT; v++) {
                struct cause_found found = {(enum cause)c, (enum variant)v};
                for (int way = 0; way < WAYS && is_in_table(found); way++)
                    check_cause(&f, found, (enum way)way, language_at(l));
            }
    fixture_free(&f);
}

/* ---- what each kind says */

/* RFC 2852. */
static void what_a_sender_set_a_time_for_is_told_with_it(void **state)
{
    static const struct {
        enum outcome_kind kind;
        bool is_late, keeps_deadline;
        const char *text, *status;
    } cases[] = {
        {OUTCOME_DELAYED, true, false,
         "  You wanted it to arrive by Mon 24 Nov 2025, 17:01 (UTC+1), and it has not.\n",
         "\r\nAction: delayed\r\nStatus: 4.4.7\r\n"},
        {OUTCOME_DELAYED, false, false, NULL, "\r\nAction: delayed\r\nStatus: 4.1.1\r\n"},
        {OUTCOME_RELAYED, false, false,
         "  It was passed on to a server that does not watch the time by which you\n  want it "
         "to arrive.\n",
         "\r\nAction: relayed\r\nStatus: 2.1.1\r\n"},
        {OUTCOME_RELAYED, false, true, NULL, "\r\nAction: relayed\r\nStatus: 2.1.1\r\n"},
    };
    struct fixture f;
    fixture_start(&f);
    f.t.original.parameters.by = BY_NOTIFY;
    f.t.original.parameters.by_ms = 1764000060000;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome *o = &f.t.outcomes[0];
        o->kind = cases[i].kind;
        o->status.class = o->kind == OUTCOME_DELAYED ? 4 : 2;
        o->keeps_deadline = cases[i].keeps_deadline;
        o->is_passed_on = true;
        o->time_ms = 1764000000000;
        f.t.told[0].is_late = cases[i].is_late;
        write_and_read(&f);
        check_text(&f);
        assert_true(cases[i].text ? has(&f.text, cases[i].text)
                                  : !has(&f.text, "arrive by") && !has(&f.text, "watch"));
        assert_true(has(&f.out, cases[i].status));
        assert_true(has(&f.out, "\r\nDeliver-By-Date: Mon, 24 Nov 2025 17:01:00 +0100\r\n"));
    }
    fixture_free(&f);
}

static void every_kind_has_its_words(void **state)
{
    static const struct {
        enum outcome_kind kind;
        const char *language, *subject, *title, *also;
        enum notice_kind notice;
        enum notice_action action;
        struct status status;
    } cases[] = {
        {OUTCOME_FAILED, "en", "Not delivered to bob@example.net: Figures",
         "Your message was not delivered\n\n  bob@example.net\n\nAddress not found\n",
         "Who must act?\n  You.\n", NOTICE_FAILURE, ACTION_FAILED, STATUS(5, 1, 1)},
        {OUTCOME_DELAYED, "en", "Not yet delivered to bob@example.net: Figures",
         "Your message has not arrived yet\n\n  bob@example.net\n\n  The mail server goes on "
         "trying until Sat 29 Nov 2025, 17:00 (UTC+1); you\n  need not do anything.\n",
         "  1. Do not send it again: it might arrive twice.\n", NOTICE_DELAY, ACTION_DELAYED,
         STATUS(4, 1, 1)},
        {OUTCOME_DELIVERED, "en", "Delivered to bob@example.net: Figures",
         "Your message was delivered\n\n  bob@example.net\n", "Who must act?\n  Nobody.\n",
         NOTICE_SUCCESS, ACTION_DELIVERED, STATUS(2, 1, 1)},
        {OUTCOME_RELAYED, "en", "Passed on for bob@example.net: Figures",
         "Your message was passed on\n\n  bob@example.net\n",
         "  It was passed on to a server that does not confirm what becomes of it.\n",
         NOTICE_SUCCESS, ACTION_RELAYED, STATUS(2, 1, 1)},
        {OUTCOME_EXPANDED, "en", "Passed on for bob@example.net: Figures",
         "Your message was passed on\n\n  bob@example.net\n",
         "  It was passed on to the members of a list.\n", NOTICE_SUCCESS, ACTION_EXPANDED,
         STATUS(2, 1, 1)},
        {OUTCOME_FAILED, "de", "Nicht zugestellt an bob@example.net: Figures",
         "Ihre Nachricht wurde nicht zugestellt\n\n  bob@example.net\n\nAdresse nicht gefunden\n",
         "In English\n\nYour message was not delivered\n\n  bob@example.net\n\nAddress not found\n",
         NOTICE_FAILURE, ACTION_FAILED, STATUS(5, 1, 1)},
    };
    struct fixture f;
    fixture_start(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        f.t.outcomes[0].kind = cases[i].kind;
        f.t.told[0].retry_until_ms = cases[i].kind == OUTCOME_DELAYED ? until_ms : 0;
        f.t.report.language = language_find(span_of(cases[i].language));
        write_and_read(&f);
        check_text(&f);
        check_card(&f);
        check_read(&f, cases[i].notice, cases[i].action);
        assert_true(status_equal(f.notice.recipients[0].status, cases[i].status));
        assert_true(span_equal(f.notice.subject, span_of(cases[i].subject)));
        assert_true(span_starts(buffer_span(&f.text), span_of(cases[i].title)));
        if (!has(&f.text, cases[i].also))
            fail_msg("no \"%s\" in \"%s\"", cases[i].also, buffer_text(&f.text));
        bool is_failure = cases[i].notice == NOTICE_FAILURE; /* RFC 3461 4.3 */
        assert_int_equal(has(&f.out, "message/rfc822"), is_failure);
        assert_int_equal(has(&f.out, "\r\nX-Failed-Recipients: "), is_failure);
    }
    fixture_free(&f);
}

/* RFC 3461 knows no such report: for machines it is one of success, for people it says more. */
static void what_was_delayed_and_arrived_is_told_in_every_language(void **state)
{
    static const struct {
        enum outcome_kind kind;
        const char *subject, *title, *action;
    } cases[] = {
        {OUTCOME_DELIVERED, "Delivered after all to bob@example.net: Figures",
         "Your message was delivered after all\n\n  bob@example.net\n",
         "\r\nAction: delivered\r\n"},
        {OUTCOME_RELAYED, "Passed on after all for bob@example.net: Figures",
         "Your message was passed on after all\n\n  bob@example.net\n", "\r\nAction: relayed\r\n"},
    };
    struct fixture f;
    fixture_start(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t l = 0; language_at(l); l++) {
            f.t.outcomes[0].kind = cases[i].kind;
            f.t.outcomes[0].told_ms = 1764000000000;
            f.t.report.language = language_at(l);
            write_and_read(&f);
            check_text(&f);
            check_card(&f);
            assert_int_equal(f.notice.kind, NOTICE_SUCCESS);
            assert_true(has(&f.out, cases[i].action) && has(&f.text, cases[i].title));
            assert_true(has(&f.out, "\r\nIn-Reply-To: <1@example.org>\r\n"));
            assert_true(has(&f.text, "17:00 (UTC+1) a notice told you that it was delayed."));
            assert_true(l || span_equal(f.notice.subject, span_of(cases[i].subject)));
            assert_false(has(&f.out, "message/rfc822") || has(&f.out, "X-Failed-Recipients"));
        }
    fixture_free(&f);
}

/* One was late, and one was not. */
static void what_was_late_stands_apart(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.report.recipient_count = 3;
    for (size_t i = 0; i < 3; i++)
        f.t.outcomes[i].kind = OUTCOME_DELIVERED;
    f.t.outcomes[1].told_ms = f.t.outcomes[2].told_ms = 1764000000000;
    write_and_read(&f);
    check_card(&f);
    assert_true(has(&f.text, "Your message was delivered\n\n  bob@example.net\n"));
    assert_true(has(&f.text, "\nDelivered after all\n  eve@example.net\n  joe@example.net\n"));
    f.t.outcomes[0].told_ms = 1764000000000;
    write_and_read(&f);
    assert_true(span_equal(f.notice.subject, SPAN("Delivered after all to 3 recipients: Figures")));
    fixture_free(&f);
}

/* Nobody gave a status: the address was right, and more is not known. */
static void success_without_a_status_is_215(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.outcomes[0] = (struct outcome){.kind = OUTCOME_DELIVERED, .time_ms = 1764000060000};
    write_and_read(&f);
    check_read(&f, NOTICE_SUCCESS, ACTION_DELIVERED);
    assert_true(has(&f.out, "\r\nStatus: 2.1.5\r\n"));
    assert_false(has(&f.out, "Remote-MTA"));
    assert_true(has(&f.text, "Last attempt: Mon 24 Nov 2025, 17:01 (UTC+1)"));
    fixture_free(&f);
}

/* What an alias leads to is no business of whoever sent it. */
static void nobody_sees_where_an_alias_leads(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.outcomes[0] = (struct outcome){
        .kind = OUTCOME_EXPANDED, .time_ms = 1764000060000, .words = SPAN("secret@example.com")};
    write_and_read(&f);
    assert_false(has(&f.text, "secret") || has(&f.card, "secret") || has(&f.out, "secret"));
    fixture_free(&f);
}

static void mixed_results_stand_by_cause(void **state)
{
    static const struct span received[] = {SPAN("zoe@example.com")};
    static const char *const in_order[] = {"2 of the 4 recipients did not get your message\n",
                                           "  bob@example.net\n",
                                           "Address not found\n",
                                           "\n---\n\n  joe@example.net\n\nInbox full\n",
                                           "Passed on\n  eve@example.net\n",
                                           "Delivered\n  zoe@example.com\n",
                                           "The message\n",
                                           "Details\n  bob@example.net\n"};
    struct fixture f;
    fixture_start(&f);
    f.t.report.recipient_count = 3;
    f.t.report.received = received;
    f.t.report.received_count = 1;
    f.t.outcomes[1].kind = OUTCOME_RELAYED;
    f.t.outcomes[2].cause.cause = CAUSE_INBOX_FULL;
    write_and_read(&f);
    check_text(&f);
    check_card(&f);
    struct span rest = buffer_span(&f.text);
    for (size_t i = 0; i < COUNT_OF(in_order); i++) {
        size_t at = span_find(rest, span_of(in_order[i]));
        if (at == SPAN_NOT_FOUND)
            fail_msg("no \"%s\" in the rest of \"%s\"", in_order[i], buffer_text(&f.text));
        rest = span_skip(rest, at + strlen(in_order[i]));
    }
    assert_int_equal(f.notice.kind, NOTICE_FAILURE);
    assert_int_equal(f.notice.recipient_count, 3);
    assert_int_equal(f.notice.recipients[1].action, ACTION_RELAYED);
    assert_int_equal(f.notice.recipients[2].cause.cause, CAUSE_INBOX_FULL);
    assert_true(span_equal(f.notice.subject, SPAN("Not delivered to 2 recipients: Figures")));
    assert_true(has(&f.out, "X-Failed-Recipients: bob@example.net,\r\n joe@example.net\r\n"));
    fixture_free(&f);
}

/* Time to wait is over: nobody is told to go on waiting. */
static void given_up_tells_that_the_time_is_over(void **state)
{
    struct fixture f;
    fixture_start(&f);
    make(&f, (struct cause_found){CAUSE_COULD_NOT_REACH, VARIANT_GREYLISTED}, GIVEN_UP);
    write_and_read(&f);
    assert_true(has(&f.text, "\nDelivery was tried for too long\n"));
    assert_true(has(&f.text, "\n  Asked to come back later. "));
    assert_true(has(&f.text, "It was tried 12 times, the last time on Mon 24 Nov 2025, 17:01"));
    assert_false(has(&f.text, "Just wait"));
    make(&f, (struct cause_found){CAUSE_INBOX_FULL, VARIANT_NONE}, GIVEN_UP);
    write_and_read(&f);
    assert_true(has(&f.text, "\nInbox full\n"));
    fixture_free(&f);
}

static void earlier_attempts_are_told(void **state)
{
    struct outcome earlier[12];
    struct fixture f;
    fixture_start(&f);
    for (size_t i = 0; i < COUNT_OF(earlier); i++) {
        earlier[i] = f.t.outcomes[0];
        earlier[i].kind = OUTCOME_DELAYED;
        earlier[i].time_ms = 1764000000000 + (int64_t)i * 3600000;
        earlier[i].words = i == 1 ? SPAN("long ago") : i == 2 ? SPAN("not now") : SPAN("later");
    }
    f.t.told[0].earlier = earlier;
    f.t.told[0].earlier_count = COUNT_OF(earlier);
    write_and_read(&f);
    check_text(&f);
    assert_true(has(&f.text, "not now") && has(&f.text, "later") && has(&f.text, "No such user"));
    assert_false(has(&f.text, "long ago")); /* the last ten */
    fixture_free(&f);
}

static void an_invitation_is_called_by_its_name(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.report.message =
        SPAN("Subject: Figures\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n"
             "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Budget <2026>\r\n"
             "DTSTART:20251201T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    write_and_read(&f);
    check_card(&f);
    assert_true(has(&f.text, "\n  The invitation “Budget <2026>” for Mon 1 Dec 2025, 10:00 (UTC+1) "
                             "was not\n  delivered to bob@example.net.\n"));
    assert_true(has(&f.text, "\n  Time of the meeting: Mon 1 Dec 2025, 10:00 (UTC+1)\n"));
    assert_true(has(&f.card, "“Budget &lt;2026&gt;”"));
    fixture_free(&f);
}

static void a_slip_of_the_finger_is_asked_about(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.recipients[0].address = SPAN("bob@gmial.com");
    write_and_read(&f);
    assert_true(has(&f.text, "\n\n  Did you mean bob@gmail.com?\n"));
    f.t.outcomes[0].cause.cause = CAUSE_INBOX_FULL; /* then it is right */
    write_and_read(&f);
    assert_false(has(&f.text, "Did you mean"));
    fixture_free(&f);
}

/* What the sender has written to before comes first. */
static void an_address_that_was_written_to_is_asked_about(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.recipients[0].address = SPAN("bob@gmial.com");
    f.t.told[0].meant = SPAN("bob@gmail.test");
    f.t.told[0].meant_ms = 1763938800000; /* 23 Nov 2025, 23:00 UTC */
    for (size_t l = 0; language_at(l); l++) {
        f.t.report.language = language_at(l);
        write_and_read(&f);
        check_text(&f);
        check_card(&f);
        assert_true(has(&f.text, "bob@gmail.test") && !has(&f.text, "bob@gmail.com"));
        assert_true(l ||
                    has(&f.text, "\n  Did you mean bob@gmail.test, to whom you wrote on Mon 24 "
                                 "Nov 2025?\n"));
    }
    f.t.outcomes[0].cause.cause = CAUSE_INBOX_FULL;
    write_and_read(&f);
    assert_false(has(&f.text, "bob@gmail.test"));
    fixture_free(&f);
}

static void its_size_is_told_where_it_is_too_large(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.original.size = 31457280;
    write_and_read(&f);
    assert_false(has(&f.text, "Size"));
    f.t.outcomes[0].cause.cause = CAUSE_MESSAGE_TOO_LARGE;
    write_and_read(&f);
    assert_true(has(&f.text, "\n  Size: 31.5 MB\n"));
    f.t.original.size = 2345;
    write_and_read(&f);
    assert_true(has(&f.text, "\n  Size: 2.3 KB\n"));
    fixture_free(&f);
}

/* Only a limit that is below what was sent explains anything. */
static void limits_are_told_as_numbers_in_every_language(void **state)
{
    static const struct {
        struct cause_found cause;
        const char *words, *row; /* NULL: none */
    } cases[] = {
        {{CAUSE_MESSAGE_TOO_LARGE, 0}, "limit is 10240000", ": 10.2 MB\n"},
        {{CAUSE_MESSAGE_TOO_LARGE, 0}, "limit is 40 MB", NULL},
        {{CAUSE_MESSAGE_TOO_LARGE, 0}, "too large", NULL},
        {{CAUSE_INBOX_FULL, 0}, "limit is 10240000", NULL},
        {{CAUSE_TOO_MANY, VARIANT_RECIPIENTS}, "too many recipients (max 2)", ": 2\n"},
        {{CAUSE_TOO_MANY, VARIANT_RECIPIENTS}, "too many recipients (max 3)", NULL},
        {{CAUSE_TOO_MANY, VARIANT_RATE}, "limit 2", NULL},
    };
    struct fixture f;
    fixture_start(&f);
    f.t.original.size = 31457280;
    f.t.outcomes[0].status = STATUS_NONE;
    for (size_t l = 0; language_at(l); l++)
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            f.t.report.language = language_at(l);
            f.t.outcomes[0].cause = cases[i].cause;
            f.t.outcomes[0].words = span_of(cases[i].words);
            write_and_read(&f);
            check_text(&f);
            check_card(&f);
            size_t at = span_find(buffer_span(&f.text), SPAN("Largest allowed"));
            if (!l && !cases[i].row)
                assert_true(at == SPAN_NOT_FOUND && !has(&f.text, "Most allowed"));
            if (!l && cases[i].row)
                assert_true(has(&f.text, cases[i].row));
        }
    fixture_free(&f);
}

static void programs_get_text_alone(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.report.is_plain = true;
    write_and_read(&f);
    check_text(&f);
    check_read(&f, NOTICE_FAILURE, ACTION_FAILED);
    assert_false(has(&f.out, "text/html") || has(&f.out, "multipart/alternative"));
    fixture_free(&f);
}

/* The notice that ann@example.org did not get, about mail to bob@example.net. */
static void postmaster_is_told_of_a_lost_notice_in_every_language(void **state)
{
    struct fixture lost, f;
    fixture_start(&lost);
    fixture_start(&f);
    f.t.original.origin = ORIGIN_NOTIFICATION;
    f.t.original.reverse_path = SPAN_NONE;
    f.t.recipients[0].address = SPAN("ann@example.org");
    f.t.report.to = SPAN("postmaster@example.org");
    f.t.report.is_for_postmaster = true;
    for (size_t l = 0; language_at(l); l++) {
        lost.t.report.language = f.t.report.language = language_at(l);
        write_and_read(&lost);
        f.t.report.message = buffer_span(&lost.out);
        write_and_read(&f);
        check_text(&f);
        check_card(&f);
        assert_true(has(&f.text, "A notice could not be delivered\n"));
        assert_true(has(&f.text, "\n  ann@example.org\n") && has(&f.text, "\n  bob@example.net\n"));
        assert_true(has(&f.card, "bob@example.net"));
        assert_true(has(&f.out, "To: <postmaster@example.org>\r\n"));
        assert_true(has(&f.out, "message/rfc822"));
        assert_true(span_equal(f.notice.recipients[0].address, SPAN("ann@example.org")));
    }
    fixture_free(&lost);
    fixture_free(&f);
}

/* bob@example.net did not get what claims to be from ann@example.org. */
static void postmaster_is_told_of_a_forgery_in_every_language(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.original.vouched = VOUCHED_AGAINST;
    f.t.report.to = SPAN("postmaster@example.org");
    f.t.report.is_for_postmaster = true;
    for (size_t l = 0; language_at(l); l++) {
        f.t.report.language = language_at(l);
        write_and_read(&f);
        check_text(&f);
        check_card(&f);
        check_read(&f, NOTICE_FAILURE, ACTION_FAILED);
        assert_true(has(&f.text, "A message was not delivered, and its sender is not told\n"));
        assert_true(has(&f.text, "ann@example.org") && has(&f.text, "SPF"));
    }
    fixture_free(&f);
}

static void hostile_words_are_shown(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.outcomes[0].words = SPAN("<script>alert(1)</script>&\"'\r\n--words-1\x1b[2J\xff"
                                 "</pre><img src=x>\xe2\x80\xae");
    f.t.outcomes[0].host = SPAN("<b>mx");
    write_and_read(&f);
    check_text(&f);
    check_card(&f);
    check_read(&f, NOTICE_FAILURE, ACTION_FAILED);
    assert_true(has(&f.card, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"));
    assert_true(has(&f.card, "&lt;U+001B&gt;") && has(&f.card, "&lt;FF&gt;"));
    assert_true(has(&f.text, "<script>alert(1)</script>"));
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cause_is_read_back_in_every_language),
        cmocka_unit_test(every_kind_has_its_words),
        cmocka_unit_test(what_a_sender_set_a_time_for_is_told_with_it),
        cmocka_unit_test(what_was_delayed_and_arrived_is_told_in_every_language),
        cmocka_unit_test(what_was_late_stands_apart),
        cmocka_unit_test(success_without_a_status_is_215),
        cmocka_unit_test(nobody_sees_where_an_alias_leads),
        cmocka_unit_test(mixed_results_stand_by_cause),
        cmocka_unit_test(given_up_tells_that_the_time_is_over),
        cmocka_unit_test(earlier_attempts_are_told),
        cmocka_unit_test(an_invitation_is_called_by_its_name),
        cmocka_unit_test(a_slip_of_the_finger_is_asked_about),
        cmocka_unit_test(an_address_that_was_written_to_is_asked_about),
        cmocka_unit_test(its_size_is_told_where_it_is_too_large),
        cmocka_unit_test(limits_are_told_as_numbers_in_every_language),
        cmocka_unit_test(programs_get_text_alone),
        cmocka_unit_test(postmaster_is_told_of_a_lost_notice_in_every_language),
        cmocka_unit_test(postmaster_is_told_of_a_forgery_in_every_language),
        cmocka_unit_test(hostile_words_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
