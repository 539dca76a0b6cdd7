/* How it looks, in each way; that nothing of a mail is live in it; that lines are as wide as asked.
 */
#include "base/test.h"

#include "base/visible.h"
#include "bounce/render.h"
#include "bounce/render_wrap.h"
#include "bounce/trial_notice.h"
#include "bounce/trial_page.h"

#include <string.h>

typedef void (*rendering)(struct buffer *, const struct notice *, const struct verdict *,
                          const struct advice *, const struct render_wishes *);

static void render(struct buffer *out, rendering how, const struct trial *t, unsigned width)
{
    struct arena arena = ARENA_EMPTY;
    struct advice a;
    const struct language *l = language_find(span_of(t->language));
    const struct advise_wishes advise = {
        .language = l, .audience = t->audience, .me = span_of(t->me)};
    const struct render_wishes w = {
        .language = l, .audience = t->audience, .width = width, .file = SPAN("notice.eml")};
    notice_advise(&a, &t->notice, &t->verdict, &advise, &arena);
    buffer_clear(out);
    how(out, &t->notice, &t->verdict, &a, &w);
    arena_clear(&arena);
}

static bool has(const struct buffer *out, const char *piece)
{
    return strstr(buffer_text(out), piece) != NULL;
}

static void a_text_answers_in_order(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    render(&out, render_text, &t, 80);
    assert_string_equal(
        buffer_text(&out),
        "notice.eml\n"
        "Inbox full: bob@example.net\n"
        "The message “Lunch” to bob@example.net was not delivered.\n"
        "\nDid it arrive?\n"
        "  No. It was not delivered, and it is not tried again. The recipient's mailbox\n"
        "  has no room for this message.\n"
        "\nDid you send it?\n"
        "  Likely. It is about your message if you wrote to bob@example.net about\n"
        "  “Lunch”. If you did not, somebody used your address as the sender; nothing is\n"
        "  wrong with your account.\n"
        "\nWho must act?\n"
        "  The recipient.\n"
        "\nWhat to do\n"
        "  1. Let the recipient know by another way that their mailbox is full.\n"
        "  2. Send the message again when they have made room.\n"
        "  3. If it has large attachments, try again without them.\n"
        "\nWhy we think so\n"
        "  Our judgement: a true notice (likely).\n"
        "  To be sure, look into your folder of sent messages: if the message is there,\n"
        "  this notice is about it.\n"
        "\nDetails\n"
        "  bob@example.net\n"
        "    What became of it: Not delivered\n"
        "    Codes: 552 5.2.2\n"
        "    Server: mx.example.net\n"
        "    The server's own words:\n"
        "      552 5.2.2 Mailbox full\n"
        "  The message\n"
        "    Subject: Lunch\n"
        "    From: Alice <alice@example.org>\n"
        "    To: bob@example.net\n"
        "    Message-ID: 1@example.org\n"
        "  The notice\n"
        "    Subject: Undelivered mail\n"
        "    From: Mail Delivery System <mailer-daemon@mail.example.org>\n"
        "    Reporting server: mail.example.org\n"
        "    Written by: Postfix\n");
    buffer_free(&out);
}

static void lines_are_as_wide_as_asked(void **state)
{
    static const unsigned widths[] = {40, 60, 80, 100};
    struct buffer out = BUFFER_EMPTY;
    struct trial t;
    for (size_t l = 0; language_at(l); l++)
        for (size_t i = 0; i < COUNT_OF(widths); i++) {
            trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
            t.language = language_tag(language_at(l));
            t.audience = AUDIENCE_OPERATOR;
            t.notice.recipient_count = 3;
            t.recipients[1].cause.cause = CAUSE_BLOCKED_REPUTATION;
            render(&out, render_text, &t, widths[i]);
            for (struct span rest = buffer_span(&out); rest.len;) {
                struct span line = span_cut(&rest, '\n');
                assert_true(width_of_text(line) <= widths[i] ||
                            span_find(line, SPAN("mailer-daemon@")) != SPAN_NOT_FOUND);
            }
        }
    buffer_free(&out);
}

static void colours_only_when_asked(void **state)
{
    struct buffer out = BUFFER_EMPTY, plain = BUFFER_EMPTY;
    struct arena arena = ARENA_EMPTY;
    struct trial t;
    struct advice a;
    const struct advise_wishes advise = {0};
    const struct render_wishes coloured = {.is_coloured = true}, bare = {0};
    trial_notice(&t, NOTICE_FAILURE, VERDICT_PHISHING);
    notice_advise(&a, &t.notice, &t.verdict, &advise, &arena);
    render_text(&out, &t.notice, &t.verdict, &a, &coloured);
    render_text(&plain, &t.notice, &t.verdict, &a, &bare);
    assert_true(has(&out, "\033[1;31mProbably a trick") && !has(&plain, "\033"));
    buffer_free(&out);
    buffer_free(&plain);
    arena_clear(&arena);
}

static void operators_see_more(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    render(&out, render_text, &t, 80);
    assert_true(!has(&out, "To check on the server") && !has(&out, "inbox-full"));
    t.audience = AUDIENCE_OPERATOR;
    render(&out, render_text, &t, 80);
    assert_true(has(&out, "To check on the server\n  - ") && has(&out, "Cause: inbox-full\n"));
    assert_true(has(&out, "To be sure, give --sent"));
    buffer_free(&out);
}

/* What says nothing of its own is shown as it was written. */
static void own_words_are_shown_where_they_are_all_there_is(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_AUTO_REPLY, VERDICT_AUTO_REPLY);
    t.notice.text = SPAN("Back on Monday.\r\n\r\n\r\n\r\nEve\n");
    render(&out, render_text, &t, 80);
    assert_true(has(&out, "The notice's own words:\n      Back on Monday.\n\n      Eve\n"));
    trial_notice(&t, NOTICE_FAILURE, VERDICT_PHISHING);
    render(&out, render_text, &t, 80);
    assert_false(has(&out, "I am sorry"));
    buffer_free(&out);
}

static void many_recipients_are_counted(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct notice_recipient many[30];
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    for (size_t i = 0; i < COUNT_OF(many); i++)
        many[i] = t.recipients[0];
    t.notice.recipients = many;
    t.notice.recipient_count = COUNT_OF(many);
    t.notice.further_count = 5;
    render(&out, render_text, &t, 80);
    assert_true(has(&out, "  15 further recipients\n"));
    assert_true(has(&out, "“Lunch” was not delivered to several recipients."));
    buffer_free(&out);
}

/* ---- letters */

static void letters_go_to_whoever_can_act(void **state)
{
    static const struct {
        enum notice_kind kind;
        enum verdict_class class;
        struct cause_found cause;
        const char *to, *text;
    } cases[] = {
        {NOTICE_FAILURE,
         VERDICT_GENUINE,
         {CAUSE_INBOX_FULL, 0},
         "To: the recipient, by another",
         "Could you make room in your mailbox"},
        {NOTICE_FAILURE,
         VERDICT_GENUINE,
         {CAUSE_ADDRESS_NOT_FOUND, 0},
         "To: the recipient, by",
         "Is the address right?"},
        {NOTICE_FAILURE,
         VERDICT_GENUINE,
         {CAUSE_SERVER_PROBLEM, 0},
         "To: postmaster@example.net (",
         "Please look into the problem at your server."},
        {NOTICE_FAILURE,
         VERDICT_GENUINE,
         {CAUSE_BLOCKED_REPUTATION, 0},
         "To: the people who run your mail\n",
         "Please find out why our server is on that list"},
        {NOTICE_FAILURE,
         VERDICT_GENUINE,
         {CAUSE_TOO_MANY, VARIANT_RATE},
         "There is nobody to write",
         "nobody needs to do anything"},
        {NOTICE_DELAY, VERDICT_GENUINE, {CAUSE_COULD_NOT_REACH, 0}, "There is nobody to write", ""},
        {NOTICE_DELAY, VERDICT_GENUINE, {CAUSE_INBOX_FULL, 0}, "To: the recipient, by another", ""},
        {NOTICE_SUCCESS, VERDICT_GENUINE, {0, 0}, "There is nobody to write", ""},
        {NOTICE_FAILURE,
         VERDICT_PHISHING,
         {0, 0},
         "To: the people who run your mail\n",
         "looks like a notice"},
        {NOTICE_FAILURE,
         VERDICT_NOT_YOURS,
         {0, 0},
         "To: the people who run your mail\n",
         "Subject: Somebody forges our address"},
        {NOTICE_FAILURE,
         VERDICT_ACCOUNT_ABUSED,
         {0, 0},
         "To: the people who run your mail\n",
         "password now."},
        {NOTICE_FAILURE, VERDICT_SPAM_IN_BOUNCE, {0, 0}, "There is nobody to write", ""},
        {NOTICE_NOT_A_BOUNCE, VERDICT_NOT_A_BOUNCE, {0, 0}, "There is nobody to write", ""},
        {NOTICE_CHALLENGE, VERDICT_UNKNOWN, {0, 0}, "To: the recipient, by another", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct trial t;
        trial_notice(&t, cases[i].kind, cases[i].class);
        t.recipients[0].cause = cases[i].cause;
        render(&out, render_letter, &t, 0);
        assert_true(strncmp(buffer_text(&out), cases[i].to, strlen(cases[i].to)) == 0);
        assert_true(has(&out, cases[i].text));
        buffer_free(&out);
    }
}

static void a_letter_is_whole(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    t.language = "de";
    render(&out, render_letter, &t, 0);
    assert_string_equal(
        buffer_text(&out),
        "An: der Empfänger, auf anderem Weg: Telefon, eine andere Adresse\n"
        "Betreff: Meine Mail an Sie kommt nicht an\n"
        "\nGuten Tag,\n"
        "\nmeine Nachricht an bob@example.net zum Thema „Lunch“ wurde nicht\nzugestellt.\n"
        "\nDer Grund, soweit die Meldung ihn zeigt: Postfach voll. Im Postfach des\n"
        "Empfängers ist kein Platz für diese Nachricht.\n"
        "\nKönnten Sie in Ihrem Postfach Platz schaffen und mir sagen, wann ich sie\n"
        "noch einmal senden kann?\n"
        "\nVielen Dank und freundliche Grüße\n"
        "\nDie Einzelheiten:\n"
        "  Empfänger: bob@example.net\n"
        "  Was daraus wurde: Nicht zugestellt\n"
        "  Codes: 552 5.2.2\n"
        "  Server: mx.example.net\n"
        "  Der Wortlaut des Servers:\n"
        "    552 5.2.2 Mailbox full\n"
        "  Betreff: Lunch\n"
        "  Von: Alice <alice@example.org>\n"
        "  An: bob@example.net\n"
        "  Message-ID: 1@example.org\n"
        "  Meldender Server: mail.example.org\n");
    buffer_free(&out);
}

/* ---- pages */

static void make_hostile(struct trial *t)
{
    static const char evil[] =
        "\"'><script>alert(1)</script><img src=//x onerror=alert(1)>&lt;\033";
    trial_notice(t, NOTICE_FAILURE, VERDICT_GENUINE);
    t->notice.recipient_count = 3;
    for (size_t i = 0; i < 3; i++) {
        t->recipients[i].address = span_of(evil);
        t->recipients[i].diagnostic = span_of(evil);
        t->recipients[i].remote = span_of(evil);
    }
    t->recipients[1].cause.cause = CAUSE_LOOP;
    t->notice.from = t->notice.subject = t->notice.reporting = t->notice.text = span_of(evil);
    t->notice.original.subject = t->notice.original.to = t->notice.original.from = span_of(evil);
    t->verdict.facts[0] = (struct verdict_fact){.name = "link-differs", .detail = span_of(evil)};
    t->verdict.fact_count = 1;
}

static void nothing_of_a_mail_is_live(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct trial t;
    size_t at;
    make_hostile(&t);
    for (int class = 0; class <= VERDICT_NOT_A_BOUNCE; class ++) {
        t.verdict.class = (enum verdict_class) class;
        render(&out, render_html, &t, 0);
        assert_true(page_is_harmless(buffer_span(&out), &at));
        assert_true(has(&out, "&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert_true(has(&out, "default-src 'none'; style-src 'sha256-"));
        render(&out, render_text, &t, 0);
        assert_true(text_is_harmless(buffer_span(&out)));
        render(&out, render_letter, &t, 0);
        assert_true(text_is_harmless(buffer_span(&out)));
    }
    buffer_free(&out);
}

static void a_page_says_its_language(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    t.language = "ja";
    render(&out, render_html, &t, 0);
    assert_true(has(&out, "<html lang=\"ja\" dir=\"ltr\">") && has(&out, "<h1>メールボックス"));
    t.language = "ar";
    render(&out, render_html, &t, 0);
    assert_true(has(&out, "<html lang=\"ar\" dir=\"rtl\">"));
    buffer_free(&out);
}

/* A subject that closes our isolate would write the rest of the line as it likes. */
static void nobody_else_turns_the_reading_order(void **state)
{
    static const rendering how[] = {render_text, render_html, render_letter};
    struct buffer out = BUFFER_EMPTY;
    struct trial t;
    trial_notice(&t, NOTICE_FAILURE, VERDICT_GENUINE);
    t.language = "ar";
    t.notice.original.subject = SPAN("\u2069\u202EABC\u200F\u2067");
    for (size_t i = 0; i < COUNT_OF(how); i++) {
        render(&out, how[i], &t, 0);
        assert_true(has(&out, i == 1 ? "«\u2068&lt;U+2069&gt;&lt;U+202E&gt;ABC&lt;U+200F&gt;"
                                     : "«\u2068<U+2069><U+202E>ABC<U+200F><U+2067>\u2069»"));
        assert_true(!has(&out, "\u202E") && !has(&out, "\u2067") && !has(&out, "<U+2068>"));
        for (struct span rest = buffer_span(&out); rest.len;) {
            int open = 0;
            struct span line = span_cut(&rest, '\n');
            for (uint32_t code; line.len; line = span_skip(line, utf8_next(line, &code)))
                open += utf8_next(line, &code) && code == 0x2068 ? 1 : code == 0x2069 ? -1 : 0;
            assert_int_equal(open, 0);
        }
    }
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_answers_in_order),
        cmocka_unit_test(lines_are_as_wide_as_asked),
        cmocka_unit_test(colours_only_when_asked),
        cmocka_unit_test(operators_see_more),
        cmocka_unit_test(own_words_are_shown_where_they_are_all_there_is),
        cmocka_unit_test(many_recipients_are_counted),
        cmocka_unit_test(letters_go_to_whoever_can_act),
        cmocka_unit_test(a_letter_is_whole),
        cmocka_unit_test(nothing_of_a_mail_is_live),
        cmocka_unit_test(a_page_says_its_language),
        cmocka_unit_test(nobody_else_turns_the_reading_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
