#include "auth/srs.h"

#include "mail/address.h"
#include "mail/encode.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum {
    DAY = 86400,
    TIMES = 1024, /* days until the two letters come again */
    HASH_LENGTH = 4,
    LONGEST_HASH = 27, /* in base64, without "=" */
    SHA1_LENGTH = 20,
    LONGEST_ADDRESS = 254
};

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* ---- signatures */

static void add_lower(struct buffer *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        buffer_add_char(out, ascii_lower(s.at[i]));
}

/* In base64, of which the first letters are taken. */
static struct span hash_of(struct span secret, const struct span *parts, size_t count,
                           struct arena *a)
{
    struct buffer data = BUFFER_EMPTY, text = BUFFER_EMPTY;
    unsigned char octets[SHA1_LENGTH];
    unsigned length = sizeof octets;
    for (size_t i = 0; i < count; i++)
        add_lower(&data, parts[i]);
    unsigned char *done =
        HMAC(EVP_sha1(), secret.at, (int)secret.len, (const unsigned char *)buffer_text(&data),
             data.len, octets, &length);
    assert(done && length == sizeof octets);
    base64_add(&text, span_make(octets, sizeof octets));
    buffer_free(&data);
    return arena_keep(a, &text);
}

static bool is_signed(const struct srs *s, struct span hash, const struct span *parts, size_t count,
                      struct arena *a)
{
    bool is = false;
    if (hash.len < HASH_LENGTH || hash.len > LONGEST_HASH)
        return false;
    for (size_t i = 0; i < s->secrets.count; i++)
        is |= span_equal_nocase(hash,
                                span_first(hash_of(s->secrets.at[i], parts, count, a), hash.len));
    return is;
}

static struct span sign(const struct srs *s, const struct span *parts, size_t count,
                        struct arena *a)
{
    return span_first(hash_of(s->secrets.at[0], parts, count, a), HASH_LENGTH);
}

/* ---- days */

static struct span day_of(int64_t now_s, struct arena *a)
{
    unsigned day = (unsigned)(now_s / DAY % TIMES);
    const char letters[2] = {base32[day / 32], base32[day % 32]};
    return arena_copy(a, span_make(letters, sizeof letters));
}

/* -1: it is none. */
static int value_of(char letter)
{
    for (int i = 0; i < 32; i++)
        if (ascii_lower(base32[i]) == ascii_lower(letter))
            return i;
    return -1;
}

/* A clock of ours may be a day ahead of another. */
static bool is_in_time(struct span day, int64_t now_s)
{
    if (day.len != 2 || value_of(day.at[0]) < 0 || value_of(day.at[1]) < 0)
        return false;
    int64_t then = value_of(day.at[0]) * 32 + value_of(day.at[1]);
    int64_t age = (now_s / DAY - then) % TIMES;
    return age <= SRS_DAYS_VALID || age == TIMES - 1;
}

/* ---- the form */

/* "SRS0=", "SRS0+", "SRS0-"; in any case. */
static bool has_prefix(struct span local, struct span prefix)
{
    return local.len > prefix.len && span_starts_nocase(local, prefix) &&
           (local.at[prefix.len] == '=' || local.at[prefix.len] == '+' ||
            local.at[prefix.len] == '-');
}

static bool take_part(struct span *rest, struct span *part)
{
    size_t end = span_find_char(*rest, '=');
    if (end == SPAN_NOT_FOUND || !end)
        return false;
    *part = span_first(*rest, end);
    *rest = span_skip(*rest, end + 1);
    return rest->len > 0;
}

/* Of "HHHH=other.test==…", which stands behind "SRS1=", the host and all behind it is signed. */
static bool take_guarded(struct span local, struct span *hash, struct span parts[2])
{
    parts[1] = span_skip(local, sizeof "SRS1=" - 1);
    return take_part(&parts[1], hash) && take_part(&parts[1], &parts[0]) &&
           has_prefix(parts[1], SPAN_NONE) && domain_is_valid(parts[0], true, false);
}

/* ---- there */

static struct span guarded(const struct srs *s, const struct span parts[2], struct arena *a)
{
    return arena_printf(a, "SRS1=%.*s=%.*s=%.*s", SPAN_F(sign(s, parts, 2, a)), SPAN_F(parts[0]),
                        SPAN_F(parts[1]));
}

static struct span local_of(const struct srs *s, struct span local, struct span domain,
                            int64_t now_s, struct arena *a)
{
    struct span hash, of_other[2], first[2] = {domain, span_skip(local, sizeof "SRS0" - 1)};
    if (has_prefix(local, SPAN("SRS1")) && take_guarded(local, &hash, of_other))
        return guarded(s, of_other, a);
    if (has_prefix(local, SPAN("SRS0")))
        return guarded(s, first, a);
    const struct span parts[] = {day_of(now_s, a), domain, local};
    return arena_printf(a, "SRS0=%.*s=%.*s=%.*s=%.*s", SPAN_F(sign(s, parts, 3, a)),
                        SPAN_F(parts[0]), SPAN_F(domain), SPAN_F(local));
}

bool srs_forward(const struct srs *s, struct span sender, int64_t now_s, struct span *address,
                 struct arena *a)
{
    struct span local = address_local(sender), domain = address_domain(sender);
    if (address_check(sender, true) != ADDRESS_OK || local.at[0] == '"' || domain.at[0] == '[' ||
        sender.len > LONGEST_ADDRESS || span_equal_nocase(domain, s->domain))
        return false;
    struct span made = local_of(s, local, domain, now_s, a);
    *address = arena_printf(a, "%.*s@%.*s", SPAN_F(made), SPAN_F(s->domain));
    return made.len <= SRS_LONGEST_LOCAL && address->len <= LONGEST_ADDRESS;
}

/* ---- and back */

static enum srs_answer reverse_first(const struct srs *s, struct span local, int64_t now_s,
                                     struct span *sender, struct arena *a)
{
    struct span rest = span_skip(local, sizeof "SRS0=" - 1), hash, parts[3];
    if (!take_part(&rest, &hash) || !take_part(&rest, &parts[0]) || !take_part(&rest, &parts[1]))
        return SRS_IS_FORGED;
    parts[2] = rest;
    if (!is_signed(s, hash, parts, 3, a))
        return SRS_IS_FORGED;
    *sender = arena_printf(a, "%.*s@%.*s", SPAN_F(parts[2]), SPAN_F(parts[1]));
    return is_in_time(parts[0], now_s) ? SRS_IS_TRUE : SRS_IS_TOO_OLD;
}

/* Whether it is in time, is for the one who has made the SRS0 to say. */
static enum srs_answer reverse_guarded(const struct srs *s, struct span local, struct span *sender,
                                       struct arena *a)
{
    struct span hash, parts[2];
    if (!take_guarded(local, &hash, parts) || !is_signed(s, hash, parts, 2, a))
        return SRS_IS_FORGED;
    *sender = arena_printf(a, "SRS0%.*s@%.*s", SPAN_F(parts[1]), SPAN_F(parts[0]));
    return SRS_IS_TRUE;
}

enum srs_answer srs_reverse(const struct srs *s, struct span address, int64_t now_s,
                            struct span *sender, struct arena *a)
{
    struct span local = address_local(address);
    if (address.len > LONGEST_ADDRESS || !span_equal_nocase(address_domain(address), s->domain))
        return SRS_IS_NONE;
    enum srs_answer answer =
        has_prefix(local, SPAN("SRS0"))   ? reverse_first(s, local, now_s, sender, a)
        : has_prefix(local, SPAN("SRS1")) ? reverse_guarded(s, local, sender, a)
                                          : SRS_IS_NONE;
    if (answer == SRS_IS_TRUE && address_check(*sender, true) != ADDRESS_OK)
        return SRS_IS_FORGED;
    return answer;
}
