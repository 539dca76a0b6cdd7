#include "base/phrase_set.h"

#include <endian.h>

enum { FILED = 4 /* bytes */, BUCKET = 16 /* values of the hash */ };

static uint32_t hash_at(const char *at, unsigned shift)
{
    uint32_t four;
    memcpy(&four, at, sizeof four);
    return le32toh(four) * UINT32_C(0x9E3779B1) >> shift; /* as in phrase_set.py */
}

struct phrase_scan phrase_scan_start(const struct phrase_set *set, struct span text)
{
    return (struct phrase_scan){.set = set, .text = text, .at = (size_t)-1};
}

/* Goes on to the next place whose four bytes are those of a phrase, or are taken for such. */
static bool find_bucket(struct phrase_scan *s)
{
    const struct phrase_set *set = s->set;
    const uint64_t *bits = set->bits;
    const char *text = s->text.at;
    unsigned shift = set->shift;
    size_t end = s->text.len < FILED ? 0 : s->text.len - FILED + 1;
    for (size_t i = s->at + 1; i < end; i++) {
        uint32_t hash = hash_at(text + i, shift);
        if (bits[hash / 64] >> hash % 64 & 1) {
            s->at = i;
            s->next = set->phrases + set->starts[hash / BUCKET];
            s->last = set->phrases + set->starts[hash / BUCKET + 1];
            return true;
        }
    }
    s->at = s->text.len;
    return false;
}

static bool stands(const struct phrase_scan *s, const struct phrase *p)
{
    size_t at = s->at - p->ahead;
    return s->at >= p->ahead && at + p->length <= s->text.len && s->text.at[at] == p->text[0] &&
           memcmp(s->text.at + at, p->text, p->length) == 0;
}

/* The short ones are few, if there are any: one by one. */
static bool find_short(struct phrase_scan *s, const struct phrase **phrase, size_t *at)
{
    const struct phrase_set *set = s->set;
    for (; s->shorts < set->short_count; s->shorts++, s->short_from = 0) {
        *phrase = &set->phrases[set->count - set->short_count + s->shorts];
        size_t found = span_find(span_skip(s->text, s->short_from),
                                 span_make((*phrase)->text, (*phrase)->length));
        if (found != SPAN_NOT_FOUND) {
            *at = s->short_from + found;
            s->short_from = *at + 1;
            return true;
        }
    }
    return false;
}

bool phrase_next(struct phrase_scan *s, const struct phrase **phrase, size_t *at)
{
    do {
        while (s->next != s->last) {
            *phrase = s->next++;
            *at = s->at - (*phrase)->ahead;
            if (stands(s, *phrase))
                return true;
        }
    } while (find_bucket(s));
    return find_short(s, phrase, at);
}
