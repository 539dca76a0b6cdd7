/* What is prepared is most often a password, and no copy of it may stay behind. Both libraries
 * could do all of it, but would leave temporaries in memory that they free: so the tables are
 * libidn's, which applies them in our memory, the normal form is libunistring's, which takes our
 * memory too, and all of that is wiped. */
#include "sasl/saslprep.h"

#include "base/visible.h"

#include <string.h>
#include <stringprep.h>
#include <uninorm.h>

enum {
    MOST_STEPS = 40,
    LARGEST_GROWTH = 18, /* of one character in NFKC: U+FDFA */
    ROOM = SASLPREP_LONGEST * LARGEST_GROWTH,
    LEFT_ON_STACK = 8 * 1024 /* what the normal form needs for a row of combining characters */
};

/* It is what it is, as nearly always. */
static bool is_plain_ascii(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < ' ' || text.at[i] > '~')
            return false;
    return true;
}

/* The steps of RFC 4013 before its normal form, or behind it. What Unicode 3.2 does not know must
 * be seen before, too: the normal form is of a younger Unicode, and may turn it into something
 * else. */
static bool apply_tables(uint32_t *at, size_t *len, bool is_behind, bool is_stored)
{
    Stringprep_profile steps[MOST_STEPS + 1] = {0};
    size_t count = 0;
    bool is_past = false;
    for (const Stringprep_profile *p = stringprep_saslprep; p->operation; p++) {
        bool is_wanted = is_past == is_behind || p->operation == STRINGPREP_UNASSIGNED_TABLE;
        if (p->operation == STRINGPREP_NFKC)
            is_past = true;
        else if (is_wanted && count < MOST_STEPS)
            steps[count++] = *p;
    }
    return stringprep_4i(at, len, ROOM, is_stored ? STRINGPREP_NO_UNASSIGNED : 0, steps) ==
           STRINGPREP_OK;
}

static void __attribute__((noinline)) wipe_stack(void)
{
    char left[LEFT_ON_STACK];
    explicit_bzero(left, sizeof left);
}

static bool normalize(const uint32_t *at, size_t len, uint32_t *to, size_t *to_len)
{
    *to_len = ROOM;
    bool ok = u32_normalize(UNINORM_NFKC, at, len, to, to_len) == to;
    wipe_stack();
    return ok;
}

static size_t decode(struct span text, uint32_t *to)
{
    size_t count = 0;
    while (text.len) {
        size_t n = utf8_next(text, &to[count++]);
        text = span_skip(text, n);
    }
    return count;
}

/* False: it is empty, or too long. */
static bool encode(const uint32_t *at, size_t len, struct buffer *out)
{
    char form[SASLPREP_LONGEST];
    size_t used = 0;
    bool fits = len > 0;
    for (size_t i = 0; i < len && fits; i++) {
        char one[6];
        int n = stringprep_unichar_to_utf8(at[i], one);
        fits = n > 0 && used + (size_t)n <= sizeof form;
        if (fits) {
            memcpy(form + used, one, (size_t)n);
            used += (size_t)n;
        }
        explicit_bzero(one, sizeof one);
    }
    if (fits)
        buffer_add(out, form, used);
    explicit_bzero(form, sizeof form);
    return fits;
}

bool saslprep_add(struct buffer *out, struct span text, bool is_stored)
{
    uint32_t form[ROOM], normal[ROOM];
    size_t len, normal_len;
    if (!text.len || text.len > SASLPREP_LONGEST || span_find_char(text, '\0') != SPAN_NOT_FOUND)
        return false;
    if (is_plain_ascii(text)) {
        buffer_add_span(out, text);
        return true;
    }
    if (!utf8_is_valid(text))
        return false;
    len = decode(text, form);
    bool ok = apply_tables(form, &len, false, is_stored) &&
              normalize(form, len, normal, &normal_len) &&
              apply_tables(normal, &normal_len, true, is_stored) && encode(normal, normal_len, out);
    explicit_bzero(form, sizeof form);
    explicit_bzero(normal, sizeof normal);
    return ok;
}
