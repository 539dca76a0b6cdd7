/* The words of what is done with an account: for traces, histories, and for who looks at the queue.
 */
#include "account/inside.h"

#include "base/visible.h"
#include "bounce/guard_reasons.h"
#include "mail/date.h"

static void add_account(struct buffer *out, const char *before, struct span account)
{
    buffer_add_text(out, before);
    visible_add(out, account, ACCOUNT_LONGEST_NAME);
}

void words_reasons(struct buffer *out, const struct guard_verdict *v)
{
    for (size_t i = 0; i < v->reason_count; i++) {
        if (i)
            buffer_add_char(out, ' ');
        reason_add(out, NULL, &v->reasons[i]);
    }
}

void words_countries(struct buffer *out, const uint16_t *countries, size_t count)
{
    buffer_add_text(out, " New countries: ");
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "%s%c%c", i ? ", " : "", countries[i] >> 8, countries[i] & 0xff);
    buffer_add_char(out, '.');
}

static void add_why(struct buffer *out, struct span why)
{
    if (why.len)
        buffer_printf(out, " %.*s", SPAN_F(why));
}

void words_held(struct buffer *out, struct span account, struct span why)
{
    add_account(out, "mail of the account ", account);
    buffer_add_text(out, " to other servers waits until somebody has looked at it.");
    add_why(out, why);
}

void words_slowed(struct buffer *out, struct span account, struct span why)
{
    add_account(out, "mail of the account ", account);
    buffer_add_text(out, " to new recipients leaves one by one.");
    add_why(out, why);
}

void words_noted(struct buffer *out, struct span account, enum guard_level level, struct span why)
{
    add_account(out, "only noted: mail of the account ", account);
    buffer_add_text(out, level == GUARD_RED ? " would be held." : " would leave slowly.");
    add_why(out, why);
}

void words_removed(struct buffer *out, struct span account, int64_t ends_ms)
{
    add_account(out, "removed, since somebody else has used the account ", account);
    buffer_add_text(out, "; it can be restored until ");
    date_add_words(out, ends_ms, 0);
    buffer_add_char(out, '.');
}

const char *account_deed_word(enum account_deed d)
{
    static const char *const words[] = {
        [ACCOUNT_SLOWED] = "slowed",     [ACCOUNT_HELD] = "held",
        [ACCOUNT_RELEASED] = "released", [ACCOUNT_REVOKED] = "revoked",
        [ACCOUNT_RESTORED] = "restored", [ACCOUNT_DISCARDED] = "discarded",
        [ACCOUNT_PROFILED] = "profile",  [ACCOUNT_CHANGED] = "changed",
        [ACCOUNT_PASSWORD] = "password",
    };
    return words[d];
}
