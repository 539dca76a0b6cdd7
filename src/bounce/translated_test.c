/* Everything that people read is taken from the catalogue, in each rendering, and nothing of it is
 * cut: shown in a language of which every letter can be told from English (trial_language.h). What
 * comes from the mail has no letter of English here. */
#include "base/test.h"

#include "bounce/render_triage.h"
#include "bounce/render_wrap.h"
#include "bounce/trial_language.h"
#include "bounce/trial_notice.h"

#include <stdio.h>

typedef void (*rendering)(struct buffer *, const struct notice *, const struct verdict *,
                          const struct advice *, const struct render_wishes *);

static const int64_t TUESDAY_MS = INT64_C(1795519200000);

static const char *const facts[] = {"asks-to-sign-in",
                                    "asks-to-verify",
                                    "asks-to-release",
                                    "asks-to-pay",
                                    "asks-for-password",
                                    "has-form",
                                    "has-script",
                                    "link-names-you",
                                    "link-differs",
                                    "unknown-link",
                                    "link-to-anybodys-page",
                                    "look-alike-host",
                                    "look-alike-sender",
                                    "active-attachment",
                                    "urges",
                                    "report-structure",
                                    "known-system",
                                    "names-recipient",
                                    "returns-message",
                                    "returns-nothing",
                                    "auto-submitted",
                                    "daemon-sender",
                                    "shows-no-words",
                                    "speaks-of-something-else",
                                    "no-notice",
                                    "report-of-day",
                                    "from-me",
                                    "not-from-me",
                                    "passed-here",
                                    "sent",
                                    "not-sent",
                                    "not-to-recipient",
                                    "long-ago",
                                    "wrote-to-recipient",
                                    "never-wrote-to-recipient",
                                    "own-signature",
                                    "own-signature-broken",
                                    "own-tag",
                                    "no-own-tag",
                                    "account-suspect",
                                    "returned-bulk",
                                    "returned-active"};

/* As trial_notice, but in Cyrillic letters. */
static void make(struct trial *t, enum notice_kind kind, enum verdict_class class)
{
    trial_notice(t, kind, class);
    t->me = "алиса@пример";
    for (size_t i = 0; i < COUNT_OF(t->recipients); i++) {
        struct notice_recipient *r = &t->recipients[i];
        r->address = i % 2 ? SPAN("ева@сервер") : SPAN("боб@сервер");
        r->original = i % 2 ? SPAN_NONE : SPAN("борис@сервер");
        r->remote = SPAN("почта.сервер");
        r->diagnostic = SPAN("552 5.2.2 Ящик полон");
        r->last_attempt_ms = r->retry_until_ms = TUESDAY_MS;
    }
    struct notice *n = &t->notice;
    n->agent = "Почта";
    n->reporting = SPAN("почта.пример");
    n->from = n->to = SPAN("алиса@пример");
    n->subject = n->text = SPAN("Не доставлено");
    n->date_ms = n->arrival_ms = TUESDAY_MS;
    n->original = (struct notice_original){.message_id = SPAN("1@пример"),
                                           .from = SPAN("алиса@пример"),
                                           .to = SPAN("боб@сервер"),
                                           .subject = SPAN("Обед"),
                                           .date_ms = TUESDAY_MS,
                                           .meeting = SPAN("Обед"),
                                           .meeting_ms = TUESDAY_MS};
}

static void add_facts(struct verdict *v, size_t from)
{
    v->fact_count = 0;
    for (size_t i = from; i < COUNT_OF(facts) && v->fact_count < MOST_FACTS; i++)
        v->facts[v->fact_count++] = (struct verdict_fact){
            .name = facts[i], .is_against = i % 2, .detail = i % 3 ? SPAN_NONE : SPAN("«вот»")};
}

static void check(const struct buffer *out, const char *allowed)
{
    struct span at;
    if (!trial_language_is_whole(buffer_span(out), allowed, &at))
        fail_msg("not translated, or cut: %.*s\n%s", (int)(at.len < 60 ? at.len : 60), at.at,
                 buffer_text(out));
}

static void check_width(const struct buffer *out, unsigned width)
{
    for (struct span rest = buffer_span(out); rest.len;) {
        struct span line = span_cut(&rest, '\n');
        assert_true(width_of_text(line) <= width);
    }
}

static void render_all(const struct trial *t, const struct language *l, struct arena *a)
{
    static const rendering how[] = {render_text, render_html, render_letter};
    struct buffer out = BUFFER_EMPTY;
    struct advice advice;
    const struct advise_wishes advise = {
        .language = l, .audience = t->audience, .me = span_of(t->me)};
    const struct render_wishes w = {
        .language = l, .audience = t->audience, .width = 60, .file = SPAN("письмо")};
    char allowed[400];
    int len = snprintf(allowed, sizeof allowed, "UTC postmaster ");
    for (size_t i = 0; i < t->notice.recipient_count; i++) {
        const struct cause_found *c = &t->recipients[i].cause;
        const char *variant = variant_name(c->variant);
        len += snprintf(allowed + len, sizeof allowed - (size_t)len, "%s%s%s ",
                        cause_name(c->cause), *variant ? "/" : "", variant);
    }
    notice_advise(&advice, &t->notice, &t->verdict, &advise, a);
    for (size_t i = 0; i < COUNT_OF(how); i++) {
        buffer_clear(&out);
        how[i](&out, &t->notice, &t->verdict, &advice, &w);
        check(&out, allowed);
        if (how[i] == render_text)
            check_width(&out, w.width);
    }
    buffer_free(&out);
}

/* ---- */

static void what_is_not_whole_is_found(void **state)
{
    static const struct {
        const char *text;
        bool is_whole;
    } cases[] = {
        {"⟦Ţó⟧ боб ⟦á ⟦é⟧⟧", true},
        {"<p class=\"x\">⟦Ţó⟧ &amp;</p><style>body</style>", true},
        {"⟦Ţó⟧ UTC inbox-full/quota", true},
        {"⟦Ţó⟧ Subject: боб", false},
        {"⟦Ţó Subject⟧", false},
        {"⟦Ţó⟧ inbox-full", false},
        {"<p title=\"x\">⟦Ţó⟧ x</p>", false},
        {"⟦Ţó", false},
        {"Ţó⟧", false},
        {"⟦Ţó⟧⟧ ⟦Ţó", false},
        {"⟦Ţó %2⟧", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span at;
        assert_int_equal(
            trial_language_is_whole(span_of(cases[i].text), "UTC inbox-full/quota ", &at),
            cases[i].is_whole);
    }
}

static void it_is_offered_to_nobody(void **state)
{
    assert_string_equal(language_tag(language_find(SPAN("xx"))), "en");
}

static void every_verdict_is_told_in_their_language(void **state)
{
    struct arena a = ARENA_EMPTY;
    const struct language *l = trial_language(&a);
    struct trial t;
    for (int kind = 0; kind <= NOTICE_LAST_KIND; kind++)
        for (int class = 0; class <= VERDICT_NOT_A_BOUNCE; class ++)
            for (int way = 0; way < 8; way++) {
                make(&t, (enum notice_kind)kind, (enum verdict_class) class);
                t.audience = way & 1 ? AUDIENCE_OPERATOR : AUDIENCE_PERSON;
                t.notice.recipient_count = way & 2 ? 3 : 1;
                t.recipients[1].cause.cause = CAUSE_BLOCKED_REPUTATION;
                t.verdict.confidence = (enum confidence)(way / 2);
                t.verdict.provenance = way & 4 ? PROVENANCE_PROVEN : PROVENANCE_UNKNOWN;
                add_facts(&t.verdict, way & 2 ? 0 : MOST_FACTS);
                render_all(&t, l, &a);
            }
    arena_clear(&a);
}

static void every_cause_is_told_in_their_language(void **state)
{
    struct arena a = ARENA_EMPTY;
    const struct language *l = trial_language(&a);
    struct trial t;
    for (int cause = 0; cause < CAUSE_COUNT; cause++)
        for (int variant = 0; variant < VARIANT_COUNT; variant++) {
            make(&t, NOTICE_FAILURE, VERDICT_GENUINE);
            t.audience = AUDIENCE_OPERATOR;
            t.notice.recipient_count = 4;
            t.notice.further_count = 5;
            t.recipients[0].cause = (struct cause_found){(enum cause)cause, (enum variant)variant};
            for (int action = ACTION_DELIVERED; action <= ACTION_EXPANDED; action++)
                t.recipients[action - ACTION_DELIVERED + 1].action = (enum notice_action)action;
            render_all(&t, l, &a);
        }
    arena_clear(&a);
}

/* ---- a mailbox */

static void fill_mailbox(struct triage *all)
{
    struct trial t;
    for (int kind = 0; kind <= NOTICE_LAST_KIND; kind++)
        for (int class = 0; class <= VERDICT_NOT_A_BOUNCE; class ++)
            for (int i = 0; i < 12; i++) {
                make(&t, (enum notice_kind)kind, (enum verdict_class) class);
                t.recipients[0].cause.cause = (enum cause)(i % CAUSE_COUNT);
                t.recipients[0].original = SPAN_NONE;
                t.recipients[0].address = arena_printf(&all->arena, "боб%d@сервер", i);
                t.notice.date_ms = TUESDAY_MS + i % 3 * INT64_C(86400000);
                t.verdict.provenance =
                    class == VERDICT_NOT_YOURS ? PROVENANCE_DISPROVEN : PROVENANCE_UNKNOWN;
                triage_add(all, &t.notice, &t.verdict, SPAN("ящик:1"));
            }
}

static void a_mailbox_is_told_in_their_language(void **state)
{
    struct arena a = ARENA_EMPTY;
    const struct language *l = trial_language(&a);
    struct buffer out = BUFFER_EMPTY;
    static struct triage t; /* large */
    const struct triage_wishes wishes = {.advise = {.language = l, .audience = AUDIENCE_OPERATOR},
                                         .now_ms = TUESDAY_MS + INT64_C(600000000)};
    const struct triage_hints hints = {.sent = SPAN("Отправленные"), .can_move = true};
    const struct render_wishes w = {.language = l, .audience = AUDIENCE_OPERATOR, .width = 60};
    const struct render_move moves[] = {{3, SPAN("Папка")}};
    triage_start(&t, &wishes);
    fill_mailbox(&t);
    triage_finish(&t);
    render_triage(&out, &t, &w, &hints);
    render_moves(&out, SPAN("Ящик"), moves, COUNT_OF(moves), 2, &w);
    render_moves(&out, SPAN("Ящик"), moves, 0, 1, &w);
    check(&out, "");
    check_width(&out, w.width);
    triage_free(&t);
    buffer_free(&out);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_whole_is_found),
        cmocka_unit_test(it_is_offered_to_nobody),
        cmocka_unit_test(every_verdict_is_told_in_their_language),
        cmocka_unit_test(every_cause_is_told_in_their_language),
        cmocka_unit_test(a_mailbox_is_told_in_their_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
