/* A version, and then every member in its order, by base/codec.h; what is zero for most accounts
 * takes a byte or none. Whatever is read is put right, or refused: no bytes make an account that
 * guard.c was not written for. */
#include "guard/state.h"

#include "base/codec.h"

#include <string.h>

enum { VERSION = 1, MOST_DECLARED = 100 * 1000 * 1000 };

/* ---- writing */

static void write_known(struct buffer *out, const struct known *k)
{
    for (int b = 0; b < KNOWN_BUCKETS; b++) {
        unsigned used = 0;
        while (used < KNOWN_WAYS && k->marks[b][used])
            used++;
        buffer_add_char(out, (char)used);
        for (unsigned i = 0; i < used; i++) {
            buffer_add_char(out, (char)(k->marks[b][i] >> 8));
            buffer_add_char(out, (char)(k->marks[b][i] & 0xFF));
        }
    }
}

static void write_window(struct buffer *out, const struct window *w)
{
    codec_add_number(out, w->at);
    codec_add_number(out, w->sum);
    for (int i = 0; w->sum && i < WINDOW_SLOTS; i++)
        codec_add_number(out, w->slots[i]);
}

static void write_peaks(struct buffer *out, const struct peaks *p)
{
    codec_add_number(out, p->day);
    for (int k = 0; k < PEAK_KINDS; k++)
        codec_add_number(out, p->today[k]);
    for (int w = 0; w < PEAK_WEEKS; w++)
        for (int k = 0; k < PEAK_KINDS; k++)
            codec_add_number(out, p->weeks[w][k]);
}

static void write_seen(struct buffer *out, const struct seen *all, size_t count)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        used += all[i].what != 0;
    codec_add_number(out, used);
    for (size_t i = 0; i < count; i++) {
        if (!all[i].what)
            continue;
        codec_add_number(out, all[i].what);
        codec_add_number(out, all[i].first_minute);
        codec_add_number(out, all[i].last_minute);
        codec_add_number(out, all[i].recipients);
        codec_add_number(out, all[i].copies);
    }
}

static void write_red(struct buffer *out, const struct guard_account *a)
{
    codec_add_signed(out, a->red_since_ms);
    codec_add_number(out, a->held);
    codec_add_number(out, a->held_new);
    for (int k = 0; k < PEAK_KINDS; k++)
        codec_add_number(out, a->red_counts[k]);
    codec_add_number(out, a->red_reason_count);
    for (size_t i = 0; i < a->red_reason_count; i++) {
        codec_add_number(out, a->red_reasons[i].signal);
        codec_add_number(out, a->red_reasons[i].count);
        codec_add_number(out, a->red_reasons[i].limit);
        codec_add_number(out, a->red_reasons[i].of);
    }
}

void guard_state_write(struct buffer *out, const struct guard_account *a)
{
    codec_add_number(out, VERSION);
    codec_add_number(out, a->profile);
    codec_add_number(out, a->declared);
    codec_add_number(out, a->begun_minute);
    codec_add_signed(out, a->changed_ms);
    codec_add_signed(out, a->slow_until_ms);
    codec_add_signed(out, a->yellow_since_ms);
    codec_add_signed(out, a->yellow_last_ms);
    codec_add_number(out, a->is_told);
    codec_add_signed(out, a->raised_until_ms);
    for (int k = 0; k < PEAK_KINDS; k++)
        codec_add_number(out, a->raised[k]);
    for (int c = 0; c < COUNTER_COUNT; c++)
        write_window(out, &a->counters[c]);
    write_peaks(out, &a->peaks);
    write_seen(out, a->clients, GUARD_CLIENTS);
    write_seen(out, a->networks, GUARD_NETWORKS);
    write_seen(out, a->countries, GUARD_COUNTRIES);
    write_seen(out, a->links, GUARD_LINKS);
    write_seen(out, a->texts, GUARD_TEXTS);
    write_red(out, a);
    write_known(out, &a->known);
}

/* ---- reading */

static uint16_t read_16(struct codec_reading *r)
{
    return (uint16_t)codec_number(r, UINT16_MAX);
}

static uint32_t read_32(struct codec_reading *r)
{
    return (uint32_t)codec_number(r, UINT32_MAX);
}

/* A time: none before 1970. */
static int64_t read_ms(struct codec_reading *r)
{
    int64_t ms = codec_signed(r);
    if (ms < 0 || ms > INT64_MAX / 4)
        r->ok = false;
    return r->ok ? ms : 0;
}

static unsigned char read_byte(struct codec_reading *r)
{
    if (!r->ok || !r->rest.len) {
        r->ok = false;
        return 0;
    }
    unsigned char byte = (unsigned char)r->rest.at[0];
    r->rest = span_skip(r->rest, 1);
    return byte;
}

static void read_known(struct codec_reading *r, struct known *k)
{
    for (int b = 0; r->ok && b < KNOWN_BUCKETS; b++) {
        unsigned used = read_byte(r);
        if (used > KNOWN_WAYS)
            r->ok = false;
        for (unsigned i = 0; r->ok && i < used; i++) {
            unsigned high = read_byte(r), low = read_byte(r);
            k->marks[b][i] = (uint16_t)(high << 8 | low);
            if (!k->marks[b][i]) /* free ones stand behind all others */
                r->ok = false;
        }
    }
}

static void read_window(struct codec_reading *r, struct window *w)
{
    uint32_t sum = 0;
    w->at = read_32(r);
    w->sum = read_32(r);
    for (int i = 0; w->sum && i < WINDOW_SLOTS; i++)
        sum += w->slots[i] = read_16(r);
    if (sum != w->sum)
        r->ok = false;
}

static void read_peaks(struct codec_reading *r, struct peaks *p)
{
    p->day = read_32(r);
    for (int k = 0; k < PEAK_KINDS; k++)
        p->today[k] = read_16(r);
    for (int w = 0; w < PEAK_WEEKS; w++)
        for (int k = 0; k < PEAK_KINDS; k++)
            p->weeks[w][k] = read_16(r);
}

static void read_seen(struct codec_reading *r, struct seen *all, size_t count)
{
    size_t used = (size_t)codec_number(r, count);
    for (size_t i = 0; i < used; i++) {
        all[i].what = codec_number(r, UINT64_MAX);
        all[i].first_minute = read_32(r);
        all[i].last_minute = read_32(r);
        all[i].recipients = (uint32_t)codec_number(r, SEEN_MOST);
        all[i].copies = (uint32_t)codec_number(r, SEEN_MOST);
        if (!all[i].what)
            r->ok = false;
    }
}

static void read_red(struct codec_reading *r, struct guard_account *a)
{
    a->red_since_ms = read_ms(r);
    a->held = codec_number(r, UINT64_MAX / 4);
    a->held_new = codec_number(r, a->held);
    for (int k = 0; k < PEAK_KINDS; k++)
        a->red_counts[k] = read_32(r);
    a->red_reason_count = (size_t)codec_number(r, SIGNAL_COUNT);
    for (size_t i = 0; i < a->red_reason_count; i++) {
        a->red_reasons[i].signal = (enum guard_signal)codec_number(r, SIGNAL_COUNT - 1);
        a->red_reasons[i].count = read_32(r);
        a->red_reasons[i].limit = read_32(r);
        a->red_reasons[i].of = read_32(r);
    }
}

bool guard_state_read(struct guard_account *a, struct span bytes)
{
    struct codec_reading r = {bytes, true};
    memset(a, 0, sizeof *a);
    if (codec_number(&r, UINT64_MAX) != VERSION)
        return false;
    a->profile = (enum guard_profile)codec_number(&r, PROFILE_SERVICE);
    a->declared = (uint32_t)codec_number(&r, MOST_DECLARED);
    a->begun_minute = read_32(&r);
    a->changed_ms = read_ms(&r);
    a->slow_until_ms = read_ms(&r);
    a->yellow_since_ms = read_ms(&r);
    a->yellow_last_ms = read_ms(&r);
    a->is_told = codec_number(&r, 1) != 0;
    a->raised_until_ms = read_ms(&r);
    for (int k = 0; k < PEAK_KINDS; k++)
        a->raised[k] = read_32(&r);
    for (int c = 0; c < COUNTER_COUNT; c++)
        read_window(&r, &a->counters[c]);
    read_peaks(&r, &a->peaks);
    read_seen(&r, a->clients, GUARD_CLIENTS);
    read_seen(&r, a->networks, GUARD_NETWORKS);
    read_seen(&r, a->countries, GUARD_COUNTRIES);
    read_seen(&r, a->links, GUARD_LINKS);
    read_seen(&r, a->texts, GUARD_TEXTS);
    read_red(&r, a);
    read_known(&r, &a->known);
    if (r.ok && !r.rest.len)
        return true;
    memset(a, 0, sizeof *a);
    return false;
}
