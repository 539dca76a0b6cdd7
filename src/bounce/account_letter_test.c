/* Letters about accounts: what people read, in their language, and that nothing from outside gets
 * through as more than text. */
#include "base/test.h"

#include "bounce/told.h"
#include "bounce/trial_language.h"

#include <stdio.h>
#include <string.h>

static const int64_t TUESDAY_MS = INT64_C(1795519200000); /* 24 Nov 2026, 12:00 UTC + 2 h */

static const struct account_letter_sample samples[] = {
    {SPAN("bob@example.net"), SPAN("=?utf-8?q?You_have_won_=E2=82=AC?=")},
    {SPAN("<b>@example.net"), SPAN("<script>\r\n")},
};

static const struct span reasons[] = {SPAN("41 new recipients; up to 40.")};

static struct account_letter letter(enum account_letter_kind kind)
{
    return (struct account_letter){.kind = kind,
                                   .hostname = SPAN("mx.example.org"),
                                   .to = SPAN("alice@example.org"),
                                   .account = SPAN("alice@example.org"),
                                   .id = 1795519200000000,
                                   .now_ms = TUESDAY_MS,
                                   .since_ms = TUESDAY_MS,
                                   .offset_minutes = 60,
                                   .reasons = reasons,
                                   .reason_count = COUNT_OF(reasons),
                                   .recipients = 180,
                                   .samples = samples,
                                   .sample_count = COUNT_OF(samples)};
}

static char text[20000];

static const char *as_text(const struct account_letter *l)
{
    struct arena a = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct told t;
    account_letter_tell(&t, l, &a);
    told_as_text(&out, &t);
    snprintf(text, sizeof text, "%s", buffer_text(&out));
    buffer_free(&out);
    arena_clear(&a);
    return text;
}

static void the_owner_is_asked(void **state)
{
    const struct account_letter l = letter(ACCOUNT_LETTER_HELD);
    static const char *const told[] = {"Your mail is held until somebody has looked at it",
                                       "Nothing is lost, and nothing comes back.",
                                       "alice@example.org",
                                       "180",
                                       "What stood out",
                                       "bob@example.net: You have won \xe2\x82\xac",
                                       "If it was you",
                                       "If it was not you",
                                       "Choose a new password that you use nowhere else.",
                                       "41 new recipients; up to 40."};
    as_text(&l);
    for (size_t i = 0; i < COUNT_OF(told); i++)
        if (!strstr(text, told[i]))
            fail_msg("no \"%s\" in:\n%s", told[i], text);
    assert_null(strstr(text, "plainpost account"));
}

static void it_says_where_the_mail_was_sent_from(void **state)
{
    struct account_letter l = letter(ACCOUNT_LETTER_SLOWED);
    assert_null(strstr(as_text(&l), "Sent from"));
    l.from = SPAN("198.51.100.7");
    assert_non_null(strstr(as_text(&l), "198.51.100.7\n"));
    assert_non_null(strstr(text, "Sent from"));
    l.country = SPAN("Brazil\n");
    assert_non_null(strstr(as_text(&l), "198.51.100.7 (Brazil"));
    assert_null(strstr(text, "Brazil\n")); /* of a database of whatever kind */
}

static void postmaster_reads_the_commands(void **state)
{
    struct account_letter l = letter(ACCOUNT_LETTER_HELD);
    l.is_for_postmaster = true;
    as_text(&l);
    assert_non_null(strstr(text, "Mail of the account alice@example.org is held"));
    assert_non_null(strstr(text, "plainpost account release alice@example.org"));
    assert_non_null(strstr(text, "plainpost account revoke alice@example.org"));
    assert_null(strstr(text, "If it was you"));
}

static void a_reason_keeps_its_direction(void **state)
{
    static const struct span arabic[] = {SPAN("\u200Fخلال ساعة \u206848\u2069.")};
    struct account_letter l = letter(ACCOUNT_LETTER_SLOWED);
    l.language = language_find(SPAN("ar"));
    l.reasons = arabic;
    l.sample_count = 0;
    assert_non_null(strstr(as_text(&l), arabic[0].at));
    assert_null(strstr(text, "<U+"));
}

static void who_is_slowed_hears_how_to_announce_a_mailing(void **state)
{
    const struct account_letter l = letter(ACCOUNT_LETTER_SLOWED);
    as_text(&l);
    assert_non_null(strstr(text, "Your mail leaves slowly"));
    assert_non_null(strstr(text, "Before you write to many the next time"));
}

static void whose_account_was_used_gets_words_for_a_warning(void **state)
{
    struct account_letter l = letter(ACCOUNT_LETTER_REVOKED);
    as_text(&l);
    assert_non_null(strstr(text, "Who has got such mail already"));
    assert_non_null(strstr(text, "Somebody else has sent mail through my account."));
    assert_non_null(strstr(text, "Check forwarding and filters"));
    l.is_for_postmaster = true;
    as_text(&l);
    assert_non_null(strstr(text, "plainpost account restore alice@example.org"));
}

static void whose_mail_goes_on_hears_to_where(void **state)
{
    static const struct account_letter_change all[] = {
        {ACCOUNT_LETTER_PASSWORD, {"", 0}, TUESDAY_MS},
        {ACCOUNT_LETTER_FILTERS, {"", 0}, TUESDAY_MS},
        {ACCOUNT_LETTER_FORWARDING, {"", 0}, TUESDAY_MS},
        {ACCOUNT_LETTER_FORWARDING, {"thief\x1b@example.net", 18}, TUESDAY_MS},
        {ACCOUNT_LETTER_FORWARDING, {"|/bin/mail x", 12}, TUESDAY_MS},
    };
    static const struct {
        size_t first, count;
        const char *says[3], *not ;
    } cases[] = {
        {3,
         2,
         {"Your mail is now sent on elsewhere\n",
          "sent on\n  to:\n  thief<U+001B>@example.net\n  the command /bin/mail x\n",
          "  Since Tue 24 Nov 2026, 12:20 (UTC+1) mail"},
         "not known here"},
        {2,
         1,
         {"Your mail is now sent on elsewhere\n", "Where it leads is not known here.", ""},
         "to:"},
        {1, 1, {"The filters of your mail were changed\n", "other filters", ""}, "password was"},
        {0, 1, {"The password of your account was changed\n", "another password", ""}, "filters."},
        {0,
         5,
         {"Your mail is now sent on elsewhere\n", "other filters", "another password"},
         "waits"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct account_letter l = letter(ACCOUNT_LETTER_CHANGED);
        l.reason_count = l.sample_count = 0;
        l.recipients = 0;
        l.changes = all + cases[i].first;
        l.change_count = cases[i].count;
        as_text(&l);
        for (size_t n = 0; n < COUNT_OF(cases[i].says); n++)
            if (!strstr(text, cases[i].says[n]))
                fail_msg("row %zu: no \"%s\" in:\n%s", i, cases[i].says[n], text);
        assert_null(strstr(text, cases[i].not ));
        assert_non_null(strstr(text, "If it was you\n  You need do nothing.\n"));
        assert_non_null(strstr(text, "Choose a new password that you use nowhere else."));
        assert_null(strstr(text, "Account")); /* who else would read it? */
        l.account = SPAN("alice");
        assert_non_null(strstr(as_text(&l), "Account: alice\n"));
    }
}

static void all_of_it_is_a_message_in_two_forms(void **state)
{
    struct account_letter l = letter(ACCOUNT_LETTER_HELD);
    struct buffer out = BUFFER_EMPTY;
    l.language = language_find(SPAN("de"));
    account_letter_write(&out, &l);
    const char *all = buffer_text(&out);
    assert_non_null(strstr(all, "From: Mail Delivery Subsystem <mailer-daemon@mx.example.org>\r\n"
                                "To: <alice@example.org>\r\nSubject: =?"));
    assert_non_null(strstr(all, "Content-Type: multipart/alternative; boundary=\""));
    assert_non_null(strstr(all, "Auto-Submitted: auto-replied\r\n"));
    assert_non_null(strstr(all, "Content-Language: de, en\r\n"));
    assert_non_null(strstr(all, "text/plain; charset=utf-8"));
    assert_non_null(strstr(all, "text/html; charset=utf-8"));
    buffer_free(&out);
}

static void the_card_shows_markup_as_text(void **state)
{
    const struct account_letter l = letter(ACCOUNT_LETTER_HELD);
    struct arena a = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct told t;
    account_letter_tell(&t, &l, &a);
    told_as_card(&out, &t);
    assert_non_null(strstr(buffer_text(&out), "&lt;script&gt;"));
    assert_null(strstr(buffer_text(&out), "<script"));
    buffer_free(&out);
    arena_clear(&a);
}

static void expect_translated(enum account_letter_kind kind, bool is_for_postmaster, size_t changes)
{
    static const struct span cyrillic_reasons[] = {SPAN("Много новых.")};
    static const struct account_letter_sample cyrillic[] = {{SPAN("боб@сервер"), SPAN_NONE}};
    static const struct account_letter_change cyrillic_changes[] = {
        {ACCOUNT_LETTER_FILTERS, {"", 0}, 0},
        {ACCOUNT_LETTER_PASSWORD, {"", 0}, 0},
        {ACCOUNT_LETTER_FORWARDING, {"", 0}, 0},
        {ACCOUNT_LETTER_FORWARDING, {"|фильтр", 13}, 0},
    };
    struct arena a = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct span at;
    struct told t;
    struct account_letter l = letter(kind);
    l.changes = cyrillic_changes;
    l.change_count = changes;
    l.language = trial_language(&a);
    l.id = 1;
    l.hostname = SPAN("почта.пример");
    l.account = SPAN("алиса");
    l.from = SPAN("198.51.100.7");
    l.country = SPAN("Бразилия");
    l.reasons = cyrillic_reasons;
    l.samples = cyrillic;
    l.sample_count = 1;
    l.is_for_postmaster = is_for_postmaster;
    account_letter_tell(&t, &l, &a);
    while (t.blocks[--t.count].kind != TOLD_ECHO)
        ;
    told_as_text(&out, &t);
    if (!trial_language_is_whole(buffer_span(&out),
                                 "UTC plainpost account show release revoke restore ", &at))
        fail_msg("not translated, or cut: %.*s\n%s", (int)(at.len < 60 ? at.len : 60), at.at,
                 buffer_text(&out));
    buffer_free(&out);
    arena_clear(&a);
}

static void all_of_it_is_translated(void **state)
{
    for (int kind = ACCOUNT_LETTER_SLOWED; kind <= ACCOUNT_LETTER_REVOKED; kind++) {
        expect_translated((enum account_letter_kind)kind, false, 0);
        if (kind != ACCOUNT_LETTER_SLOWED)
            expect_translated((enum account_letter_kind)kind, true, 0);
    }
    for (size_t changes = 1; changes <= 4;
         changes++) /* each has a title of its own, but the last */
        expect_translated(ACCOUNT_LETTER_CHANGED, false, changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_owner_is_asked),
        cmocka_unit_test(it_says_where_the_mail_was_sent_from),
        cmocka_unit_test(postmaster_reads_the_commands),
        cmocka_unit_test(a_reason_keeps_its_direction),
        cmocka_unit_test(who_is_slowed_hears_how_to_announce_a_mailing),
        cmocka_unit_test(whose_account_was_used_gets_words_for_a_warning),
        cmocka_unit_test(whose_mail_goes_on_hears_to_where),
        cmocka_unit_test(all_of_it_is_a_message_in_two_forms),
        cmocka_unit_test(the_card_shows_markup_as_text),
        cmocka_unit_test(all_of_it_is_translated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
