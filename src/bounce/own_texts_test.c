/* What an operator may write in place of our texts, what he hears of the rest, and what notices say
 * then. */
#include "base/test.h"

#include "bounce/notice_texts.h"
#include "bounce/own_texts.h"
#include "bounce/tables.h"
#include "bounce/told.h"
#include "bounce/trial_own_texts.h"
#include "bounce/trial_report.h"

#include <string.h>

/* ---- files */

#define HEAD "msgid \"\"\nmsgstr \"Language: de\\n\"\n" /* two lines */
#define BOB "msgid \"Not delivered to %1\"\n"
#define MANY                                                                                       \
    "msgid \"%1 further recipient\"\n"                                                             \
    "msgid_plural \"%1 further recipients\"\n"

/* "3: words" for each fault, "3- words" where a text is left out. */
static void add_fault(void *arg, size_t line, bool is_left_out, const char *words)
{
    buffer_printf(arg, "%zu%c %s;", line, is_left_out ? '-' : ':', words);
}

static bool read_file(struct own_texts *t, struct span file, struct own_texts_found *found,
                      struct buffer *faults)
{
    const struct text_faults hear = {add_fault, faults};
    return own_texts_read(t, file, &hear, found);
}

static struct own_texts *texts_of(const char *file)
{
    struct own_texts *t = own_texts_new();
    struct own_texts_found found;
    struct buffer faults = BUFFER_EMPTY;
    if (!read_file(t, span_of(file), &found, &faults))
        fail_msg("%s", buffer_text(&faults));
    buffer_free(&faults);
    return t;
}

/* ---- what is wrong with them */

static void faults_are_told(void **state)
{
    static const struct {
        const char *file, *told;
    } cases[] = {
        {"", "1: nothing stands in this file;"},
        {"# nothing\n", "1: nothing stands in this file;"},
        {BOB "msgstr \"x\"\n", "1: the file has no head that names its language"},
        {"msgid \"\"\nmsgstr \"MIME-Version: 1.0\\n\"\n", "1: the file has no head"},
        {"msgid \"\"\nmsgstr \"Language: tlh\\n\"\n", "1: Language: in the head does not name"},
        {"msgid \"\"\nmsgstr \"Language: de-AT\\n\"\n", ""},
        {"msgid \"\"\nmsgstr \"Language: en\\n\"\n", ""},
        {"msgid \"\"\nmsgstr \"Language: de\\nContent-Type: text/plain; charset=ISO-8859-1\\n\"\n",
         "1: Content-Type in the head must say charset=UTF-8"},
        {"msgid \"\"\nmsgstr \"Language: de\\nContent-Type: text/plain; charset=utf-8\\n\"\n", ""},
        {"msgid \"\"\nmsgstr \"Language: de\\nPlural-Forms: nplurals=3; plural=0;\\n\"\n",
         "1: Plural-Forms in the head has another number"},
        {"msgid \"\"\nmsgstr \"Language: de\\nPlural-Forms: nplurals=2; plural=n!=1;\\n\"\n", ""},
        {HEAD BOB "msgstr \"Es ging nicht an %1\"\n", ""},
        {HEAD BOB "msgstr \"\"\n", ""},
        {HEAD BOB "msgstr \"Es ging nicht\"\n", "4: %1 is missing"},
        {HEAD BOB "msgstr \"%1 %2\"\n", "4: %2 means nothing here"},
        {HEAD BOB "msgstr \"%1 zu 100 % nicht\"\n", ""},
        {HEAD BOB "msgstr \"%1\\n%1\"\n", "4: there is a line break"},
        {HEAD BOB "msgstr \"%1\x1b[31m\"\n", "4: there is a control character in it, U+001B;"},
        {HEAD BOB "msgstr \"%1\t\"\n", "4: there is a control character in it, U+0009;"},
        {HEAD BOB "msgstr \"%1\u202E\"\n", "4: there is a control character in it, U+202E;"},
        {HEAD BOB "msgstr \"\u2066%1\u2069\"\n", ""},
        {HEAD BOB "msgstr \"<b>%1</b>\"\n", "4: HTML is not understood here"},
        {HEAD BOB "msgstr \"%1 </p>\"\n", "4: HTML is not understood here"},
        {HEAD BOB "msgstr \"%1 <3 > 2 <\"\n", ""},
        {HEAD BOB "msgstr \"%1 is a long text and a long text and a long text and a long text and "
                  "a long text and a long text....\"\n",
         "4: it is too long: 101 letters, and there is room for 100;"},
        {HEAD "msgid \"Inbox full\"\nmsgstr \"Donaudampfschifffahrtsgesellschaftskapitaensmuetzen"
              "abzeichenbefestigungsnadel\"\n",
         "4: this is wider than a line"},
        {HEAD
         "msgid \"Inbox full\"\nmsgstr \"https://help.example.org/mail/what/to/do/when/an/inbox"
         "/is/full/and/nobody/answers\"\n",
         ""},
        {HEAD "msgid \"Inbox full\"\nmsgstr \"邮箱已满邮箱已满邮箱已满邮箱已满邮箱已满邮箱已满"
              "邮箱已满邮箱已满邮箱已满邮箱已满邮箱已满邮箱已满邮箱已满\"\n",
         ""},
        {HEAD "msgid \"Inbox fall\"\nmsgstr \"x\"\n", "3- no notice says “Inbox fall”"},
        {HEAD "msgid \"Did it arrive?\"\nmsgstr \"x\"\n", "3- no notice says “Did it arrive?”"},
        {HEAD "msgctxt \"x\"\nmsgid \"Inbox full\"\nmsgstr \"x\"\n", "4- no notice says"},
        {HEAD "#, fuzzy\nmsgid \"Inbox full\"\nmsgstr \"x\"\n", "4- this text is marked as fuzzy"},
        {HEAD BOB "msgstr \"a %1\"\n" BOB "msgstr \"b %1\"\n",
         "5: this text was already given in line 3"},
        {HEAD "msgid \"%1 further recipient\"\nmsgstr \"x\"\n", "3: this text depends on a number"},
        {HEAD "msgid \"Inbox full\"\nmsgid_plural \"x\"\nmsgstr[0] \"x\"\nmsgstr[1] \"x\"\n",
         "3: this text depends on no number"},
        {HEAD MANY "msgstr[0] \"noch %1\"\n",
         "3: this language has 2 forms for numbers, msgstr[0] to msgstr[1]; 1 is here;"},
        {HEAD MANY "msgstr[0] \"noch einer\"\nmsgstr[1] \"noch %1\"\n", ""},
        {HEAD MANY "msgstr[0] \"noch einer\"\nmsgstr[1] \"noch viele\"\n", "6: %1 is missing"},
        {HEAD MANY "msgstr[0] \"\"\nmsgstr[1] \"noch %1\"\n", "5: msgstr[0] is empty"},
        {HEAD MANY "msgstr[0] \"\"\nmsgstr[1] \"\"\n", ""},
        {HEAD "msgid \"YOUR OWN WORDS\"\nmsgstr \"Hilfe: 4711\\nNummer %1\"\n", ""},
        {HEAD "msgid \"YOUR OWN WORDS\"\nmsgstr \"%2\"\n", "4: %2 means nothing here"},
        {HEAD "nonsense\n", "3: a line begins with msgid"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct own_texts *t = own_texts_new();
        struct own_texts_found found;
        struct buffer told = BUFFER_EMPTY;
        bool ok = read_file(t, span_of(cases[i].file), &found, &told);
        struct span want = span_of(cases[i].told);
        if (!span_starts(buffer_span(&told), want) || (!want.len && told.len) ||
            ok != (span_find(want, SPAN(":")) == SPAN_NOT_FOUND))
            fail_msg("%s\n%s, not %s", cases[i].file, buffer_text(&told), cases[i].told);
        buffer_free(&told);
        own_texts_unref(&t);
    }
}

static void all_faults_are_told(void **state)
{
    struct own_texts *t = own_texts_new();
    struct own_texts_found found;
    struct buffer told = BUFFER_EMPTY;
    assert_false(read_file(t,
                           SPAN(HEAD BOB "msgstr \"x\"\nmsgid \"Inbox fall\"\nmsgstr \"x\"\n" MANY
                                         "msgstr[0] \"%2\"\nmsgstr[1] \"%3\"\n"),
                           &found, &told));
    for (const char *const *line = (const char *const[]){"4: ", ";5- ", ";9: ", ";10: ", NULL};
         *line; line++)
        assert_non_null(strstr(buffer_text(&told), *line));
    assert_int_equal(found.left_out, 1);
    buffer_free(&told);
    own_texts_unref(&t);
}

static void a_language_has_one_file(void **state)
{
    struct own_texts *t = texts_of(HEAD);
    struct own_texts_found found;
    struct buffer told = BUFFER_EMPTY;
    assert_true(read_file(t, SPAN("msgid \"\"\nmsgstr \"Language: fr\\n\"\n"), &found, &told));
    assert_false(read_file(t, SPAN(HEAD), &found, &told));
    assert_non_null(strstr(buffer_text(&told), "1: another file has the texts of this language"));
    buffer_free(&told);
    own_texts_unref(&t);
}

/* ---- what is exported */

/* Each text of each language keeps to the rules, and comes back as it was. */
static void an_export_is_read_back(void **state)
{
    for (size_t i = 0; language_at(i); i++) {
        struct buffer file = BUFFER_EMPTY, told = BUFFER_EMPTY;
        struct own_texts *t = own_texts_new();
        struct own_texts_found found;
        own_texts_export(&file, language_at(i));
        if (!read_file(t, buffer_span(&file), &found, &told) || told.len)
            fail_msg("%s: %s", language_tag(language_at(i)), buffer_text(&told));
        assert_ptr_equal(found.language, language_at(i));
        assert_int_equal(found.own, 0);
        assert_int_equal(found.same, notice_text_count);
        assert_false(found.has_help);
        buffer_free(&file);
        buffer_free(&told);
        own_texts_unref(&t);
    }
}

static void own_words_are_exported_with_the_others(void **state)
{
    struct own_texts *t =
        texts_of(HEAD "msgid \"Inbox full\"\nmsgstr \"Der \\\"Kasten\\\" ist \\\\voll\"\n" MANY
                      "msgstr[0] \"noch einer\"\nmsgstr[1] \"noch %1\"\n"
                      "msgid \"YOUR OWN WORDS\"\nmsgstr \"Hilfe: 4711\\nNummer %1\"\n");
    struct own_texts *again = own_texts_new();
    struct own_texts_found found;
    struct buffer file = BUFFER_EMPTY, told = BUFFER_EMPTY;
    own_texts_export(&file, own_texts_language(t, language_find(SPAN("de"))));
    assert_true(read_file(again, buffer_span(&file), &found, &told));
    assert_int_equal(found.own, 3);
    assert_int_equal(found.same, notice_text_count - 2);
    assert_true(found.has_help);
    const struct language *l = own_texts_language(again, language_find(SPAN("de")));
    assert_string_equal(words(l, "Inbox full"), "Der \"Kasten\" ist \\voll");
    assert_string_equal(words_plural(l, "%1 further recipient", "%1 further recipients", 1),
                        "noch einer");
    assert_string_equal(words_plural(l, "%1 further recipient", "%1 further recipients", 5),
                        "noch %1");
    assert_string_equal(words_help(l), "Hilfe: 4711\nNummer %1");
    buffer_free(&file);
    buffer_free(&told);
    own_texts_unref(&t);
    own_texts_unref(&again);
}

/* ---- what is said */

static void tell(struct buffer *out, struct trial_report *t, const struct language *l, bool is_card)
{
    struct arena a = ARENA_EMPTY;
    struct told told;
    t->report.language = l;
    report_tell(&told, &t->report, &a);
    (is_card ? told_as_card : told_as_text)(out, &told);
    arena_clear(&a);
}

static bool has(const struct buffer *b, const char *text)
{
    return strstr(buffer_text(b), text) != NULL;
}

static void only_what_is_replaced_changes(void **state)
{
    struct own_texts *t =
        texts_of(HEAD "msgid \"Address not found\"\nmsgstr \"Unbekannt <&> hier\"\n");
    struct trial_report r;
    struct buffer text = BUFFER_EMPTY, card = BUFFER_EMPTY;
    trial_report(&r);
    tell(&text, &r, own_texts_language(t, language_find(SPAN("de"))), false);
    tell(&card, &r, own_texts_language(t, language_find(SPAN("de"))), true);
    assert_true(has(&text, "\nUnbekannt <&> hier\n") && !has(&text, "Adresse nicht gefunden"));
    assert_true(has(&text, "Ihre Nachricht wurde nicht zugestellt\n"));
    assert_true(has(&text, "\nAddress not found\n")); /* the echo */
    assert_true(has(&card, "Unbekannt &lt;&amp;&gt; hier"));
    assert_false(has(&text, "Brauchen Sie Hilfe?"));
    assert_string_equal(words(language_find(SPAN("de")), "Address not found"),
                        "Adresse nicht gefunden"); /* as explain says it */
    buffer_clear(&text);
    tell(&text, &r, own_texts_language(t, language_find(SPAN("fr"))), false);
    assert_false(has(&text, "Unbekannt"));
    buffer_free(&text);
    buffer_free(&card);
    own_texts_unref(&t);
}

static void the_echo_has_own_words_too(void **state)
{
    struct own_texts *t =
        texts_of("msgid \"\"\nmsgstr \"Language: en\\n\"\n"
                 "msgid \"Address not found\"\nmsgstr \"Nobody is called that\"\n"
                 "msgid \"YOUR OWN WORDS\"\nmsgstr \"Call 4711 about %1.\\n\\nOr write.\"\n");
    struct trial_report r;
    struct buffer german = BUFFER_EMPTY, english = BUFFER_EMPTY;
    trial_report(&r);
    tell(&german, &r, own_texts_language(t, language_find(SPAN("de"))), false);
    assert_true(has(&german, "Adresse nicht gefunden"));
    assert_true(has(strstr(buffer_text(&german), "In English") ? &german : &english,
                    "Nobody is called that"));
    tell(&english, &r, own_texts_language(t, NULL), false);
    assert_true(has(&english, "Nobody is called that") && !has(&english, "In English"));
    const char *help = strstr(buffer_text(&english), "\nDo you need help?\n  Call 4711 about ");
    assert_non_null(help);
    assert_non_null(strstr(help, ".\n\n  Or write.\n\nThe message\n"));
    buffer_free(&german);
    buffer_free(&english);
    own_texts_unref(&t);
}

static void help_stands_where_there_is_trouble(void **state)
{
    static const struct {
        enum outcome_kind kind;
        bool has_help;
    } cases[] = {{OUTCOME_FAILED, true},
                 {OUTCOME_DELAYED, true},
                 {OUTCOME_DELIVERED, false},
                 {OUTCOME_RELAYED, false},
                 {OUTCOME_EXPANDED, false}};
    struct own_texts *t =
        texts_of(HEAD "msgid \"YOUR OWN WORDS\"\nmsgstr \"Rufen Sie 4711 an.\"\n");
    struct trial_report r;
    trial_report(&r);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer text = BUFFER_EMPTY;
        r.outcomes[0].kind = cases[i].kind;
        tell(&text, &r, own_texts_language(t, language_find(SPAN("de"))), false);
        assert_int_equal(has(&text, "Brauchen Sie Hilfe?\n  Rufen Sie 4711 an.\n"),
                         cases[i].has_help);
        buffer_free(&text);
    }
    own_texts_unref(&t);
}

/* ---- nothing is forgotten */

static void check_own(const struct buffer *text)
{
    struct span at;
    if (!trial_is_own(buffer_span(text), &at))
        fail_msg("not in the table of texts: %.60s", at.at);
}

static void check_all(struct trial_report *r, const struct language *l)
{
    for (unsigned i = 0; i < CAUSE_COUNT * VARIANT_COUNT * 3; i++) {
        struct buffer text = BUFFER_EMPTY;
        unsigned cause = i / 3;
        r->outcomes[0].cause = (struct cause_found){(enum cause)(cause / VARIANT_COUNT),
                                                    (enum variant)(cause % VARIANT_COUNT)};
        r->outcomes[0].is_expired = i % 3 == 2;
        r->outcomes[0].kind = i % 3 == 1 ? OUTCOME_DELAYED : OUTCOME_FAILED;
        r->told[0].attempts = 1 + i % 2;
        r->told[0].retry_until_ms = i % 2 ? 1764432000000 : 0;
        r->report.recipient_count = 1 + i % TRIAL_RECIPIENTS;
        tell(&text, r, l, false);
        check_own(&text);
        buffer_free(&text);
    }
}

static void check_told(struct trial_report *r, const struct language *l, int64_t told_ms)
{
    struct buffer text = BUFFER_EMPTY;
    r->outcomes[0].told_ms = r->outcomes[1].told_ms = told_ms;
    tell(&text, r, l, false);
    check_own(&text);
    buffer_free(&text);
}

static void every_text_of_a_notice_can_be_replaced(void **state)
{
    static const enum outcome_kind kinds[] = {OUTCOME_FAILED, OUTCOME_DELAYED, OUTCOME_DELIVERED,
                                              OUTCOME_RELAYED, OUTCOME_EXPANDED};
    struct trial_report r;
    struct own_texts *t = trial_own_texts();
    const struct language *l = trial_own_language(t);
    trial_report(&r);
    for (size_t i = 1; i < TRIAL_RECIPIENTS; i++)
        r.told[i] = (struct report_recipient){.recipient = i, .outcome = &r.outcomes[i]};
    check_all(&r, l);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct buffer mail = BUFFER_EMPTY;
        bool is_8bit;
        r.outcomes[0].kind = r.outcomes[1].kind = r.outcomes[2].kind = kinds[i];
        for (r.report.recipient_count = 1; r.report.recipient_count <= 2;
             r.report.recipient_count++) {
            report_write(&mail, &r.report, &is_8bit);
            check_told(&r, l, 0);
            check_told(&r, l, 1764000000000); /* after all */
        }
        assert_false(has(&mail, "\r\nSubject: =?"));
        buffer_free(&mail);
    }
    own_texts_unref(&t);
}

static void postmaster_s_texts_can_be_replaced(void **state)
{
    struct trial_report r;
    struct own_texts *t = trial_own_texts();
    trial_report(&r);
    r.report.is_for_postmaster = true;
    for (size_t i = 0; i < 2; i++) { /* a forged sender; then a notice of ours that was lost */
        struct buffer text = BUFFER_EMPTY;
        r.original.vouched = i ? VOUCHED_UNKNOWN : VOUCHED_AGAINST;
        r.original.origin = i ? ORIGIN_NOTIFICATION : ORIGIN_SMTP;
        tell(&text, &r, trial_own_language(t), false);
        check_own(&text);
        buffer_free(&text);
    }
    own_texts_unref(&t);
}

/* Of every cause one that failed and one that waits. */
static void fill_digest(struct notice_digest *d)
{
    for (unsigned i = 0; i < 2 * CAUSE_COUNT; i++) {
        struct recipient to = {.address = SPAN("bob@example.net")};
        const struct envelope e = {.id = i + 1, .recipients = &to, .recipient_count = 1};
        const struct outcome o = {.kind = i % 2 ? OUTCOME_FAILED : OUTCOME_DELAYED,
                                  .time_ms = 1795519200000 + i,
                                  .cause = {(enum cause)(i / 2), VARIANT_NONE},
                                  .words = SPAN("no"),
                                  .host = SPAN("mx.example.net")};
        notice_digest_add(d, &e, 0, &o);
    }
}

static void a_digest_s_texts_can_be_replaced(void **state)
{
    struct buffer text = BUFFER_EMPTY, mail = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct notice_digest d = notice_digest_start(&a);
    struct envelope e;
    struct told told;
    struct own_texts *t = trial_own_texts();
    d.hostname = SPAN("mx.example.org");
    d.to = SPAN("alice@example.org");
    d.language = trial_own_language(t);
    fill_digest(&d);
    notice_digest_tell(&told, &d);
    told_as_text(&text, &told);
    check_own(&text);
    notice_digest_write(&e, &mail, &d, 1);
    assert_false(has(&mail, "\r\nSubject: =?"));
    notice_digest_end(&d);
    arena_clear(&a);
    buffer_free(&text);
    buffer_free(&mail);
    own_texts_unref(&t);
}

static void check_letter(const struct told *t)
{
    struct buffer text = BUFFER_EMPTY;
    told_as_text(&text, t);
    check_own(&text);
    buffer_free(&text);
}

static void a_letter_s_texts_can_be_replaced(void **state)
{
    static const struct account_letter_sample sample = {SPAN("bob@example.net"), SPAN("hello")};
    struct own_texts *t = trial_own_texts();
    struct arena a = ARENA_EMPTY;
    struct told told;
    struct account_letter account = {.account = SPAN("alice"),
                                     .from = SPAN("192.0.2.1"),
                                     .country = SPAN("Japan"),
                                     .recipients = 5,
                                     .samples = &sample,
                                     .sample_count = 1,
                                     .reasons = &sample.subject,
                                     .reason_count = 1,
                                     .language = trial_own_language(t)};
    struct user_letter user = {.subject = SPAN("hello"),
                               .link = SPAN("hxxps://bad[.]example/x"),
                               .other = SPAN("other.example"),
                               .addresses = 180,
                               .language = trial_own_language(t)};
    for (int i = 0; i < 2 * (ACCOUNT_LETTER_REVOKED + 1); i++) {
        account.kind = (enum account_letter_kind)(i / 2);
        account.is_for_postmaster = i % 2;
        account_letter_tell(&told, &account, &a);
        check_letter(&told);
    }
    for (int i = 0; i <= LETTER_LINK_OTHER + 1; i++) {
        user.kind = i ? LETTER_HELD_LINK : LETTER_SHOWN_ADDRESSES;
        user.why = i ? (enum letter_link)(i - 1) : LETTER_LINK_KNOWN;
        user_letter_tell(&told, &user, &a);
        check_letter(&told);
    }
    arena_clear(&a);
    own_texts_unref(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_told),
        cmocka_unit_test(all_faults_are_told),
        cmocka_unit_test(a_language_has_one_file),
        cmocka_unit_test(an_export_is_read_back),
        cmocka_unit_test(own_words_are_exported_with_the_others),
        cmocka_unit_test(only_what_is_replaced_changes),
        cmocka_unit_test(the_echo_has_own_words_too),
        cmocka_unit_test(help_stands_where_there_is_trouble),
        cmocka_unit_test(every_text_of_a_notice_can_be_replaced),
        cmocka_unit_test(postmaster_s_texts_can_be_replaced),
        cmocka_unit_test(a_digest_s_texts_can_be_replaced),
        cmocka_unit_test(a_letter_s_texts_can_be_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
