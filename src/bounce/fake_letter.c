#include "bounce/fake_letter.h"

#include "bounce/told.h"

static const struct kind {
    const char *name, *what;
    bool is_of_account, is_for_postmaster;
    enum account_letter_kind account;
    struct account_letter_change change;
    enum user_letter_kind user;
    enum letter_link why;
} kinds[] = {
    {.name = "account-slowed",
     .what = "to the owner of an account whose mail leaves slowly",
     .is_of_account = true,
     .account = ACCOUNT_LETTER_SLOWED},
    {.name = "account-held",
     .what = "to the owner of an account whose mail is held",
     .is_of_account = true,
     .account = ACCOUNT_LETTER_HELD},
    {.name = "account-revoked",
     .what = "to the owner of an account that somebody else has used",
     .is_of_account = true,
     .account = ACCOUNT_LETTER_REVOKED},
    {.name = "forwarding-changed",
     .what = "to the owner of an account whose mail goes on to another server now",
     .is_of_account = true,
     .account = ACCOUNT_LETTER_CHANGED,
     .change = {ACCOUNT_LETTER_FORWARDING, {"somebody@example.net", 20}, 0}},
    {.name = "filters-changed",
     .what = "the same: its filters were changed",
     .is_of_account = true,
     .account = ACCOUNT_LETTER_CHANGED,
     .change = {ACCOUNT_LETTER_FILTERS, {"", 0}, 0}},
    {.name = "password-changed",
     .what = "the same: its password was changed",
     .is_of_account = true,
     .account = ACCOUNT_LETTER_CHANGED,
     .change = {ACCOUNT_LETTER_PASSWORD, {"", 0}, 0}},
    {.name = "postmaster-held",
     .what = "to postmaster: the mail of an account is held",
     .is_of_account = true,
     .is_for_postmaster = true,
     .account = ACCOUNT_LETTER_HELD},
    {.name = "postmaster-revoked",
     .what = "to postmaster: somebody else has used an account",
     .is_of_account = true,
     .is_for_postmaster = true,
     .account = ACCOUNT_LETTER_REVOKED},
    {.name = "link-known",
     .what = "to a user whose message waits: a link in it is known here as harmful",
     .user = LETTER_HELD_LINK,
     .why = LETTER_LINK_KNOWN},
    {.name = "link-listed",
     .what = "the same: it is on a list",
     .user = LETTER_HELD_LINK,
     .why = LETTER_LINK_LISTED},
    {.name = "link-alike",
     .what = "the same: it looks like another",
     .user = LETTER_HELD_LINK,
     .why = LETTER_LINK_ALIKE},
    {.name = "link-other",
     .what = "the same: its text names another",
     .user = LETTER_HELD_LINK,
     .why = LETTER_LINK_OTHER},
    {.name = "shown-addresses",
     .what = "to a user whose message showed many addresses to all who got it",
     .user = LETTER_SHOWN_ADDRESSES},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

const char *fake_letter_name(size_t i, const char **what)
{
    *what = i < KINDS ? kinds[i].what : NULL;
    return i < KINDS ? kinds[i].name : NULL;
}

static const struct kind *find_kind(struct span name)
{
    for (size_t i = 0; i < KINDS; i++)
        if (span_equal(name, span_of(kinds[i].name)))
            return &kinds[i];
    return NULL;
}

static void tell_of_account(struct told *t, const struct kind *k, const struct fake_letter *l,
                            const struct fake_wishes *w, struct arena *a)
{
    const struct account_letter_sample sample = {w->to, SPAN("Minutes of Monday")};
    bool is_of_mail = k->account != ACCOUNT_LETTER_CHANGED;
    struct account_letter_change change = k->change;
    change.since_ms = w->now_ms;
    const struct account_letter letter = {.kind = k->account,
                                          .is_for_postmaster = k->is_for_postmaster,
                                          .to = w->from,
                                          .account = w->from,
                                          .id = (message_id)w->now_ms * 1000,
                                          .now_ms = w->now_ms,
                                          .since_ms = w->now_ms,
                                          .offset_minutes = w->offset_minutes,
                                          .language = w->language,
                                          .reasons = l->reasons,
                                          .reason_count = is_of_mail ? l->reason_count : 0,
                                          .recipients = k->account == ACCOUNT_LETTER_HELD ? 212 : 0,
                                          .from = is_of_mail ? SPAN("192.0.2.7") : SPAN_NONE,
                                          .samples = &sample,
                                          .sample_count =
                                              is_of_mail && k->account != ACCOUNT_LETTER_SLOWED,
                                          .changes = &change,
                                          .change_count = 1};
    account_letter_tell(t, &letter, a);
}

static void tell_user(struct told *t, const struct kind *k, const struct fake_wishes *w,
                      struct arena *a)
{
    const struct user_letter letter = {
        .kind = k->user,
        .language = w->language,
        .subject = SPAN("Minutes of Monday"),
        .about = (message_id)w->now_ms * 1000,
        .addresses = 180,
        .why = k->why,
        .link = SPAN("hxxps://examp1e[.]test/minutes"),
        .other = k->why == LETTER_LINK_LISTED ? SPAN("list.example") : SPAN("example.test")};
    user_letter_tell(t, &letter, a);
}

bool fake_letter_show(struct buffer *out, const struct fake_letter *l, const struct fake_wishes *w,
                      enum fake_form form, struct error *e)
{
    const struct kind *k = find_kind(l->name);
    struct arena a = ARENA_EMPTY;
    struct told told;
    if (!k)
        return error_set(e,
                         "--letter %.*s: there is no such letter; \"--letter list\" names them all",
                         SPAN_F(span_first(l->name, 40)));
    if (!fake_address_check(FAKE_PLAINPOST, w->to, e) ||
        !fake_address_check(FAKE_PLAINPOST, w->from, e))
        return false;
    if (k->is_of_account)
        tell_of_account(&told, k, l, w, &a);
    else
        tell_user(&told, k, w, &a);
    if (form == FAKE_TEXT)
        told_as_text(out, &told);
    else
        told_as_card(out, &told);
    arena_clear(&a);
    return true;
}
