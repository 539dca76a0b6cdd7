#include "mail/charset_escapes.h"

enum { ESCAPE = 0x1B, SHIFT_OUT = 0x0E, SHIFT_IN = 0x0F, KANA = 0x8E, SUPPLEMENT = 0x8F };

enum set { SET_ASCII, SET_KANA, SET_TWO_BYTES, SET_SUPPLEMENT };

static const struct {
    struct span escape;
    enum set set;
} escapes[] = {
    {SPAN("\033(B"), SET_ASCII},       {SPAN("\033(J"), SET_ASCII},
    {SPAN("\033(H"), SET_ASCII},       {SPAN("\033(I"), SET_KANA},
    {SPAN("\033$B"), SET_TWO_BYTES},   {SPAN("\033$@"), SET_TWO_BYTES},
    {SPAN("\033$(B"), SET_TWO_BYTES},  {SPAN("\033$(@"), SET_TWO_BYTES},
    {SPAN("\033$(O"), SET_TWO_BYTES},  {SPAN("\033$(Q"), SET_TWO_BYTES},
    {SPAN("\033$(D"), SET_SUPPLEMENT}, {SPAN("\033$(P"), SET_SUPPLEMENT},
};

/* The length of the escape at the start of `text`, or 0. */
static size_t take_escape(struct span text, enum set *set)
{
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
        if (span_starts(text, escapes[i].escape)) {
            *set = escapes[i].set;
            return escapes[i].escape.len;
        }
    return 0;
}

bool iso_2022_jp_is_used(struct span text)
{
    for (size_t at; (at = span_find_char(text, ESCAPE)) != SPAN_NOT_FOUND;) {
        enum set set;
        text = span_skip(text, at);
        if (take_escape(text, &set) && set != SET_ASCII)
            return true;
        text = span_skip(text, 1);
    }
    return false;
}

static bool is_graphic(struct span text, size_t i)
{
    return i < text.len && text.at[i] > 0x20 && text.at[i] < 0x7F;
}

static void add_high(struct buffer *out, char c)
{
    buffer_add_char(out, (char)(c | 0x80));
}

/* One character; how many octets it took. */
static size_t take_character(struct buffer *out, struct span text, enum set set)
{
    bool is_kana = (set == SET_KANA && is_graphic(text, 0) && text.at[0] < 0x60) ||
                   ((unsigned char)text.at[0] >= 0xA1 && (unsigned char)text.at[0] <= 0xDF);
    bool is_pair = (set == SET_TWO_BYTES || set == SET_SUPPLEMENT) && is_graphic(text, 0) &&
                   is_graphic(text, 1);
    if (is_kana)
        buffer_add_char(out, (char)KANA);
    if (is_pair && set == SET_SUPPLEMENT)
        buffer_add_char(out, (char)SUPPLEMENT);
    if (!is_kana && !is_pair) {
        buffer_add_char(out, text.at[0]);
        return 1;
    }
    add_high(out, text.at[0]);
    if (is_pair)
        add_high(out, text.at[1]);
    return is_pair ? 2 : 1;
}

/* A line begins in ASCII (RFC 1468): what a lost escape spoils ends with its line. */
bool iso_2022_jp_to_euc(struct iso_2022_jp *j, size_t most, struct buffer *out)
{
    enum set set = (enum set)j->set;
    struct span text = j->rest;
    size_t end = out->len + most - 3;
    while (text.len && out->len < end) {
        size_t n = text.at[0] == ESCAPE ? take_escape(text, &set) : 0;
        if (!n && (text.at[0] == SHIFT_OUT || text.at[0] == SHIFT_IN)) {
            set = text.at[0] == SHIFT_OUT ? SET_KANA : SET_ASCII;
            n = 1;
        }
        if (text.at[0] == '\n')
            set = SET_ASCII;
        text = span_skip(text, n ? n : take_character(out, text, set));
    }
    bool has_more = j->rest.len > 0;
    *j = (struct iso_2022_jp){text, (int)set};
    return has_more;
}

void hz_to_gb(struct buffer *out, struct span text)
{
    bool is_gb = false;
    while (text.len) {
        char second = text.len > 1 ? text.at[1] : 0;
        bool is_escape = text.at[0] == '~' && (second == '{' || second == '}' || second == '~');
        if (is_escape) {
            is_gb = second == '{' || (is_gb && second == '~');
            if (second == '~')
                buffer_add_char(out, '~');
        } else if (text.at[0] == '~' && second == '\n') {
            is_escape = true; /* a line that goes on */
        } else if (is_gb && is_graphic(text, 0)) {
            add_high(out, text.at[0]);
        } else {
            is_gb = is_gb && text.at[0] != '\n';
            buffer_add_char(out, text.at[0]);
        }
        text = span_skip(text, is_escape ? 2 : 1);
    }
}

static bool is_between(struct span text, size_t i, unsigned low, unsigned high)
{
    return i < text.len && (unsigned char)text.at[i] >= low && (unsigned char)text.at[i] <= high;
}

bool euc_jp_is_valid(struct span text)
{
    while (text.len) {
        size_t n = 1;
        if (is_between(text, 0, KANA, KANA) && is_between(text, 1, 0xA1, 0xDF))
            n = 2;
        else if (is_between(text, 0, SUPPLEMENT, SUPPLEMENT) && is_between(text, 1, 0xA1, 0xFE) &&
                 is_between(text, 2, 0xA1, 0xFE))
            n = 3;
        else if (is_between(text, 0, 0xA1, 0xFE) && is_between(text, 1, 0xA1, 0xFE))
            n = 2;
        else if (text.at[0] & 0x80)
            return false;
        text = span_skip(text, n);
    }
    return true;
}

bool shift_jis_is_valid(struct span text)
{
    while (text.len) {
        size_t n = 1;
        bool is_lead = is_between(text, 0, 0x81, 0x9F) || is_between(text, 0, 0xE0, 0xFC);
        if (is_lead && (is_between(text, 1, 0x40, 0x7E) || is_between(text, 1, 0x80, 0xFC)))
            n = 2;
        else if ((text.at[0] & 0x80) && !is_between(text, 0, 0xA1, 0xDF))
            return false;
        text = span_skip(text, n);
    }
    return true;
}
