#include "cli/account_text.h"

#include "base/visible.h"
#include "mail/date.h"

enum { LONGEST_NAME = 320, LONGEST_WORDS = 2000, LONGEST_SUBJECT = 80, MOST_REACHED = 20 };

static struct span text_of(const json_t *of, const char *name)
{
    return span_of(json_string_value(json_object_get(of, name)));
}

static long long number_of(const json_t *of, const char *name)
{
    return json_integer_value(json_object_get(of, name));
}

static void add_name(struct buffer *out, const json_t *account)
{
    visible_add(out, text_of(account, "account"), LONGEST_NAME);
}

static void add_date(struct buffer *out, struct span date, int offset_minutes)
{
    int64_t time_ms;
    int unused;
    if (date_parse(date, &time_ms, &unused))
        date_add_words(out, time_ms, offset_minutes);
}

static void add_count(struct buffer *out, long long count, const char *what)
{
    buffer_printf(out, "%lld %s%s", count, what, count == 1 ? "" : "s");
}

static void add_level(struct buffer *out, const json_t *account, int offset_minutes)
{
    struct span since = text_of(account, "since");
    bool is_held = json_is_true(json_object_get(account, "held"));
    bool is_red = span_equal(text_of(account, "level"), SPAN("red"));
    buffer_add_span(out, text_of(account, "level"));
    if (is_red)
        buffer_add_text(out, is_held ? ", held" : ", only noted");
    if (since.len) {
        buffer_add_text(out, " since ");
        add_date(out, since, offset_minutes);
    }
}

void account_text_entry(struct buffer *out, const json_t *account, int offset_minutes)
{
    add_name(out, account);
    buffer_add_text(out, "  ");
    add_level(out, account, offset_minutes);
    buffer_add_text(out, "  ");
    add_count(out, number_of(account, "recipients_day"), "recipient");
    buffer_printf(out, " within a day, %lld new", number_of(account, "new_day"));
    if (number_of(account, "held_recipients"))
        buffer_printf(out, ", and %lld held", number_of(account, "held_recipients"));
    buffer_add_char(out, '\n');
}

/* ---- all of one */

static void add_counts(struct buffer *out, const json_t *account)
{
    buffer_add_text(out, "\nWithin an hour  ");
    add_count(out, number_of(account, "recipients_hour"), "recipient");
    buffer_printf(out, ", %lld of them new\nWithin a day    ", number_of(account, "new_hour"));
    add_count(out, number_of(account, "recipients_day"), "recipient");
    buffer_printf(out,
                  ", %lld of them new; %lld did not exist, %lld refused it as spam, %lld "
                  "complained\n",
                  number_of(account, "new_day"), number_of(account, "unknown_users"),
                  number_of(account, "refused_as_spam"), number_of(account, "complaints"));
}

static void add_profile(struct buffer *out, const json_t *account)
{
    struct span profile = text_of(account, "profile");
    buffer_printf(out, "Profile         %.*s", SPAN_F(profile));
    if (!span_equal(profile, SPAN("person")))
        buffer_printf(out, ", at most %lld recipients a day", number_of(account, "declared"));
    buffer_add_char(out, '\n');
}

static void add_samples(struct buffer *out, const json_t *account)
{
    const json_t *all = json_object_get(account, "samples"), *sample;
    size_t i;
    if (json_array_size(all))
        buffer_add_text(out, "\nSome of what is held:\n");
    json_array_foreach(all, i, sample)
    {
        buffer_printf(out, "  %.*s  to ", SPAN_F(text_of(sample, "id")));
        visible_add(out, text_of(sample, "to"), LONGEST_NAME);
        buffer_add_text(out, "  \xe2\x80\x9c");
        visible_add(out, text_of(sample, "subject"), LONGEST_SUBJECT);
        buffer_add_text(out, "\xe2\x80\x9d\n");
    }
}

static void add_history(struct buffer *out, const json_t *account, int offset_minutes)
{
    const json_t *all = json_object_get(account, "history"), *line;
    size_t i;
    if (json_array_size(all))
        buffer_add_text(out, "\nWhat was done, newest first:\n");
    json_array_foreach(all, i, line)
    {
        buffer_add_text(out, "  ");
        add_date(out, text_of(line, "time"), offset_minutes);
        buffer_printf(out, "  %.*s, by %.*s", SPAN_F(text_of(line, "what")),
                      SPAN_F(text_of(line, "by")));
        if (json_is_true(json_object_get(line, "noted")))
            buffer_add_text(out, ", only noted");
        if (text_of(line, "why").len) {
            buffer_add_text(out, ": ");
            visible_add(out, text_of(line, "why"), LONGEST_WORDS);
        }
        buffer_add_char(out, '\n');
    }
}

static void add_removed(struct buffer *out, const json_t *account, int offset_minutes)
{
    const json_t *all = json_object_get(account, "removed"), *removal;
    size_t i;
    json_array_foreach(all, i, removal)
    {
        buffer_add_text(out, "\nWhat it sent until ");
        add_date(out, text_of(removal, "accepted_until"), offset_minutes);
        buffer_add_text(out, ", and had not left, is removed. It can be restored until ");
        add_date(out, text_of(removal, "discarded_at"), offset_minutes);
        buffer_add_text(out, ".\n");
    }
}

static void add_reached(struct buffer *out, const json_t *account)
{
    const json_t *all = json_object_get(account, "reached"), *one;
    size_t i, count = json_array_size(all);
    if (!count)
        return;
    buffer_printf(out, "\nTo whom it has gone already (%zu):\n", count);
    json_array_foreach(all, i, one)
    {
        if (i == MOST_REACHED) {
            buffer_printf(out, "  ... and %zu more: --json has them\n", count - i);
            break;
        }
        buffer_printf(out, "  %.*s  ", SPAN_F(text_of(one, "id")));
        visible_add(out, text_of(one, "to"), LONGEST_NAME);
        buffer_add_char(out, '\n');
    }
}

static void add_held(struct buffer *out, const json_t *account)
{
    if (!json_is_true(json_object_get(account, "held")))
        return;
    buffer_add_text(out, "Held            ");
    add_count(out, number_of(account, "held_messages"), "message");
    if (number_of(account, "held_recipients")) {
        buffer_add_text(out, " to ");
        add_count(out, number_of(account, "held_recipients"), "recipient");
    }
    buffer_add_char(out, '\n');
}

void account_text_show(struct buffer *out, const json_t *account, int offset_minutes)
{
    struct span why = text_of(account, "why");
    add_name(out, account);
    buffer_add_text(out, ": ");
    add_level(out, account, offset_minutes);
    buffer_add_char(out, '\n');
    if (why.len) {
        buffer_add_text(out, "  ");
        visible_add(out, why, LONGEST_WORDS);
        buffer_add_char(out, '\n');
    }
    add_counts(out, account);
    add_held(out, account);
    add_profile(out, account);
    add_samples(out, account);
    add_reached(out, account);
    add_removed(out, account, offset_minutes);
    add_history(out, account, offset_minutes);
}

/* ---- what is to be done */

void account_text_plan(struct buffer *out, const struct request *r, const json_t *account,
                       int offset_minutes)
{
    account_text_entry(out, account, offset_minutes);
    switch (r->verb) {
    case VERB_ACCOUNT_HOLD:
        buffer_add_text(out, "Mail of this account to other servers waits from now on, until you "
                             "release it. What it sends to users here, and receives, goes on.\n");
        break;
    case VERB_ACCOUNT_RELEASE:
        buffer_add_text(out, "What is held, ");
        add_count(out, number_of(account, "held_messages"), "message");
        buffer_add_text(out,
                        ", and what was slowed goes on its way now, and for a week the account "
                        "may send as much again. Do this when its owner has sent it.\n");
        break;
    case VERB_ACCOUNT_REVOKE:
        buffer_add_text(out, "What of this account still waits to leave for other servers, ");
        add_count(out, number_of(account, "held_messages"), "message");
        buffer_add_text(out, " on hold among it, is removed; for a week you can restore it. Do "
                             "this when somebody else has sent it, and give the account another "
                             "password.\n");
        break;
    case VERB_ACCOUNT_RESTORE:
        buffer_add_text(out,
                        "What was removed when the account was revoked goes on its way now.\n");
        break;
    case VERB_ACCOUNT_PROFILE:
        buffer_add_text(out, "From now on it is judged by another profile.\n");
        break;
    default:
        break;
    }
}

void account_text_done(struct buffer *out, const struct request *r)
{
    visible_add(out, r->name, LONGEST_NAME);
    switch (r->verb) {
    case VERB_ACCOUNT_HOLD:
        buffer_add_text(out, ": mail to other servers waits, until \"plainpost account release\".");
        break;
    case VERB_ACCOUNT_RELEASE:
        buffer_add_text(out, ": its mail goes again.");
        break;
    case VERB_ACCOUNT_REVOKE:
        buffer_add_text(out,
                        ": what had not left is removed, and its sessions are ended; \"plainpost "
                        "account restore\" brings the mail back within a week. \"plainpost "
                        "account show\" says to whom such mail has gone already; a text to "
                        "warn them with is in the letter to the owner and to postmaster.");
        break;
    case VERB_ACCOUNT_RESTORE:
        buffer_add_text(out, ": what was removed goes on its way.");
        break;
    case VERB_ACCOUNT_PROFILE:
        buffer_add_text(out, ": its profile is another now.");
        break;
    case VERB_ACCOUNT_CHANGED:
        buffer_printf(out, ": noted that its %.*s was changed.", SPAN_F(r->what));
        break;
    default:
        break;
    }
    buffer_add_char(out, '\n');
}
