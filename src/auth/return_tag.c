#include "auth/return_tag.h"

#include "mail/address.h"
#include "mail/tagged.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum {
    DAY = 86400,
    DAY_LETTERS = 3,
    TIMES = 32 * 32 * 32, /* days until they come again */
    MAC_BITS = 64,
    MAC_LETTERS = (MAC_BITS + 4) / 5,
    TOKEN_LETTERS = RETURN_TAG_ID - 1,
    TAG = 1 + RETURN_TAG_ID + 1 + 1 + DAY_LETTERS + 1 + MAC_LETTERS, /* with the "+" */
    LONGEST_LOCAL = 64,                                              /* RFC 5321 4.5.3.1.1 */
    LONGEST_ADDRESS = 254,
    MAC_LENGTH = 32 /* bytes of SHA-256 */
};

/* No queue id begins with it before the year 2861. */
static const char steady = 's';
/* Those of queue ids (outcome/envelope.h). */
static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* ---- letters */

/* -1: it is none. */
static int value_of(char letter)
{
    const char *found = letter ? strchr(letters, ascii_lower(letter)) : NULL;
    return found ? (int)(found - letters) : -1;
}

static bool are_letters(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (value_of(s.at[i]) < 0)
            return false;
    return true;
}

static struct span in_lower_case(struct span s, struct arena *a)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return span_make(at, s.len);
}

/* The first bits, five a letter. */
static void write_letters(char *to, size_t count, const unsigned char *bytes)
{
    for (size_t i = 0; i < count; i++) {
        size_t bit = i * 5;
        unsigned two = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
        to[i] = letters[two >> (11 - bit % 8) & 31];
    }
}

static void write_day(char to[DAY_LETTERS], int64_t day)
{
    unsigned n = (unsigned)(day % TIMES);
    for (size_t i = DAY_LETTERS; i-- > 0; n /= 32)
        to[i] = letters[n % 32];
}

/* Five bits of FNV-1a: no more than any signature tells of the secret, and it costs nothing. */
static char letter_of(struct span secret)
{
    uint32_t hash = 2166136261;
    for (size_t i = 0; i < secret.len; i++)
        hash = (hash ^ (unsigned char)secret.at[i]) * 16777619;
    return letters[hash >> 27];
}

/* ---- signatures. Each is of another kind, so that none can be taken for another; parts are parted
 * by NUL, which no address has. */

static void mac_of(unsigned char mac[MAC_LENGTH], struct span secret, const char *kind,
                   const struct span *parts, size_t count)
{
    struct buffer data = BUFFER_EMPTY;
    unsigned length = MAC_LENGTH;
    buffer_printf(&data, "plainpost return path: %s", kind);
    for (size_t i = 0; i < count; i++) {
        buffer_add_char(&data, 0);
        for (size_t k = 0; k < parts[i].len; k++)
            buffer_add_char(&data, ascii_lower(parts[i].at[k]));
    }
    unsigned char *done = HMAC(EVP_sha256(), secret.at, (int)secret.len,
                               (const unsigned char *)buffer_text(&data), data.len, mac, &length);
    assert(done && length == MAC_LENGTH);
    buffer_free(&data);
}

/* Of what stands behind the "+" before it, "1k18vnm3nvg-q4yv", and of the sender. */
static void sign(char signature[MAC_LETTERS], struct span secret, struct span sender,
                 struct span before)
{
    unsigned char mac[MAC_LENGTH];
    mac_of(mac, secret, "tag", (const struct span[]){sender, before}, 2);
    mac[MAC_BITS / 8] = 0; /* what the last letter has beyond them */
    write_letters(signature, MAC_LETTERS, mac);
}

static void write_token(char token[RETURN_TAG_ID], struct span secret, struct span sender,
                        struct span recipient_domain, int64_t day)
{
    unsigned char mac[MAC_LENGTH];
    char of_day[DAY_LETTERS];
    write_day(of_day, day);
    const struct span parts[] = {sender, recipient_domain, span_make(of_day, DAY_LETTERS)};
    mac_of(mac, secret, "token", parts, 3);
    token[0] = steady;
    write_letters(token + 1, TOKEN_LETTERS, mac);
}

/* ---- there */

int64_t return_tag_day(int64_t accepted_s, int64_t now_s)
{
    const int64_t span = (int64_t)RETURN_TAG_DAYS_SAME * DAY;
    int64_t times = now_s > accepted_s ? (now_s - accepted_s) / span : 0;
    return (accepted_s + times * span) / DAY;
}

bool return_tag_day_is_of(int64_t day, int64_t accepted_s)
{
    return return_tag_day(accepted_s, (day + 1) * DAY - 1) == day;
}

struct span return_tag_token(const struct signing_secrets *s, struct span sender,
                             struct span recipient_domain, int64_t day, struct arena *a)
{
    char token[RETURN_TAG_ID];
    write_token(token, s->at[0], sender, recipient_domain, day);
    return arena_copy(a, span_make(token, sizeof token));
}

static bool can_be_tagged(struct span sender, struct arena *a)
{
    struct return_tag other;
    struct span local = address_local(sender), domain = address_domain(sender);
    return sender.len && address_check(sender, false) == ADDRESS_OK && local.at[0] != '"' &&
           domain.at[0] != '[' && local.len + TAG <= LONGEST_LOCAL &&
           sender.len + TAG <= LONGEST_ADDRESS && !address_is_tagged(sender) &&
           !return_tag_parse(&other, sender, a);
}

bool return_tag_make(const struct signing_secrets *s, struct span sender, struct span id_or_token,
                     int64_t day, struct span *address, struct arena *a)
{
    char of_day[DAY_LETTERS], signature[MAC_LETTERS];
    if (!s->count || id_or_token.len != RETURN_TAG_ID || !can_be_tagged(sender, a))
        return false;
    write_day(of_day, day);
    struct span before = arena_printf(a, "%.*s-%c%.*s", SPAN_F(id_or_token), letter_of(s->at[0]),
                                      DAY_LETTERS, of_day);
    sign(signature, s->at[0], sender, before);
    *address = arena_printf(a, "%.*s+%.*s-%.*s@%.*s", SPAN_F(address_local(sender)), SPAN_F(before),
                            MAC_LETTERS, signature, SPAN_F(address_domain(sender)));
    return true;
}

/* ---- and back */

/* "1k18vnm3nvg-q4yv-8d3k2m0s5tj9w", in lower case */
static struct span before_signature(struct span tag)
{
    return span_first(tag, tag.len - MAC_LETTERS - 1);
}

static bool has_form(struct span tag)
{
    const size_t first = RETURN_TAG_ID, second = TAG - 1 - MAC_LETTERS - 1;
    return tag.len == TAG - 1 && tag.at[first] == '-' && tag.at[second] == '-' &&
           are_letters(span_first(tag, first)) &&
           are_letters(span_first(span_skip(tag, first + 1), second - first - 1)) &&
           are_letters(span_skip(tag, second + 1));
}

/* It stands behind the last "+", and so at a place that is known. Empty: there is none. */
static struct span tag_of(struct span address, struct arena *a)
{
    struct span local = address_local(address);
    if (local.len <= TAG || local.at[local.len - TAG] != '+')
        return SPAN_NONE;
    struct span tag = span_skip(local, local.len - TAG + 1);
    return has_form(tag) ? in_lower_case(tag, a) : SPAN_NONE;
}

bool return_tag_parse(struct return_tag *t, struct span address, struct arena *a)
{
    struct span local = address_local(address), domain = address_domain(address);
    struct span tag = domain.len ? tag_of(address, a) : SPAN_NONE;
    if (!tag.len)
        return false;
    *t = (struct return_tag){.sender = arena_printf(a, "%.*s@%.*s",
                                                    SPAN_F(span_first(local, local.len - TAG)),
                                                    SPAN_F(domain)),
                             .is_steady = tag.at[0] == steady,
                             .id = span_first(tag, RETURN_TAG_ID),
                             .signature = span_skip(tag, tag.len - MAC_LETTERS),
                             .secret = tag.at[RETURN_TAG_ID + 1]};
    for (size_t i = 0; i < DAY_LETTERS; i++)
        t->day = t->day * 32 + value_of(tag.at[RETURN_TAG_ID + 2 + i]);
    return true;
}

/* The day of those letters that is nearest before now, or tomorrow: a clock of ours may be ahead of
 * another. */
static int64_t day_before(int64_t day, int64_t now_s)
{
    int64_t tomorrow = now_s / DAY + 1;
    return tomorrow - ((tomorrow - day) % TIMES + TIMES) % TIMES;
}

enum return_tag_answer return_tag_check(const struct signing_secrets *s, struct span address,
                                        int64_t now_s, struct return_tag *t, struct arena *a)
{
    bool is_known = false, is_true = false;
    if (address.len > LONGEST_ADDRESS || !return_tag_parse(t, address, a))
        return RETURN_TAG_NONE;
    struct span before = before_signature(tag_of(address, a));
    for (size_t i = 0; i < s->count; i++) {
        char signature[MAC_LETTERS];
        if (letter_of(s->at[i]) != t->secret)
            continue;
        is_known = true;
        sign(signature, s->at[i], t->sender, before);
        is_true |= CRYPTO_memcmp(signature, t->signature.at, MAC_LETTERS) == 0;
    }
    t->day = day_before(t->day, now_s);
    if (!is_true)
        return is_known ? RETURN_TAG_FORGED : RETURN_TAG_OTHER_SECRET;
    return now_s / DAY - t->day <= RETURN_TAG_DAYS_VALID ? RETURN_TAG_TRUE : RETURN_TAG_TOO_OLD;
}

bool return_tag_is_for(const struct signing_secrets *s, const struct return_tag *t,
                       struct span recipient_domain)
{
    bool is = false;
    for (size_t i = 0; i < s->count && t->is_steady; i++) {
        char token[RETURN_TAG_ID];
        write_token(token, s->at[i], t->sender, recipient_domain, t->day);
        is |= span_equal(span_make(token, sizeof token), t->id);
    }
    return is;
}
