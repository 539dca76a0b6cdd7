#include "bounce/render_wrap.h"

#include "base/visible.h"

#include <string.h>

enum { RIGHT_TO_LEFT_MARK = 0x200F, FIRST_ISOLATE = 0x2066, POP_ISOLATE = 0x2069 };

struct range {
    uint32_t from, to;
};

static const struct range unseen[] = {
    {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},    {0x610, 0x61A},   {0x64B, 0x65F},
    {0x670, 0x670},   {0x6D6, 0x6DC},   {0x6DF, 0x6E4},    {0x6E7, 0x6E8},   {0x6EA, 0x6ED},
    {0x900, 0x902},   {0x93A, 0x93A},   {0x93C, 0x93C},    {0x941, 0x948},   {0x94D, 0x94D},
    {0xE31, 0xE31},   {0xE34, 0xE3A},   {0xE47, 0xE4E},    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
    {0x200B, 0x200F}, {0x2066, 0x2069}, {0x20D0, 0x20FF},  {0x302A, 0x302D}, {0x3099, 0x309A},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xE0100, 0xE01EF}};

static const struct range wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x23F0, 0x23F0},   {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267F, 0x267F},   {0x2693, 0x2693},   {0x26A1, 0x26A1},
    {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26CE, 0x26CE},
    {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},
    {0x26FA, 0x26FA},   {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},
    {0x2728, 0x2728},   {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27B0, 0x27B0},   {0x27BF, 0x27BF},
    {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},   {0x2E80, 0x3029},
    {0x302E, 0x303E},   {0x3041, 0x3098},   {0x309B, 0x4DBF},   {0x4E00, 0xA4CF},
    {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE10, 0xFE19},
    {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18DFF},
    {0x1AFF0, 0x1B2FF}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E},
    {0x1F191, 0x1F19A}, {0x1F200, 0x1F320}, {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C},
    {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3}, {0x1F3E0, 0x1F3F0},
    {0x1F3F4, 0x1F3F4}, {0x1F3F8, 0x1F43E}, {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC},
    {0x1F4FF, 0x1F53D}, {0x1F54B, 0x1F54E}, {0x1F550, 0x1F567}, {0x1F57A, 0x1F57A},
    {0x1F595, 0x1F596}, {0x1F5A4, 0x1F5A4}, {0x1F5FB, 0x1F64F}, {0x1F680, 0x1F6C5},
    {0x1F6CC, 0x1F6CC}, {0x1F6D0, 0x1F6D2}, {0x1F6D5, 0x1F6DF}, {0x1F6EB, 0x1F6EC},
    {0x1F6F4, 0x1F6FC}, {0x1F7E0, 0x1F7EB}, {0x1F90C, 0x1F93A}, {0x1F93C, 0x1F945},
    {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD}};

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
    size_t from = 0, to = count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (code > ranges[middle].to)
            from = middle + 1;
        else
            to = middle;
    }
    return from < count && code >= ranges[from].from;
}

unsigned width_of_character(uint32_t code)
{
    if (code < 0x300)
        return 1;
    if (is_in(unseen, sizeof unseen / sizeof *unseen, code))
        return 0;
    return is_in(wide, sizeof wide / sizeof *wide, code) ? 2 : 1;
}

/* One character of `s`: what is no UTF-8 counts as a byte a column. */
static size_t next(struct span s, uint32_t *code)
{
    size_t n = utf8_next(s, code);
    if (!n)
        *code = '?';
    return n ? n : 1;
}

size_t width_of_text(struct span s)
{
    size_t width = 0;
    for (uint32_t code; s.len;) {
        s = span_skip(s, next(s, &code));
        width += width_of_character(code);
    }
    return width;
}

/* ---- where a line may break */

/* Kinsoku: no line begins with what closes, or ends with what opens. */
static bool closes(uint32_t code)
{
    static const uint32_t marks[] = {
        0x3001, 0x3002, 0x300D, 0x300F, 0x3011, 0x3015, 0xFF09, 0xFF0C, 0xFF0E, 0xFF1A, 0xFF1B,
        0xFF1F, 0xFF01, 0x30FC, 0x3005, 0x30FB, 0x3041, 0x3043, 0x3045, 0x3047, 0x3049, 0x3063,
        0x3083, 0x3085, 0x3087, 0x30A1, 0x30A3, 0x30A5, 0x30A7, 0x30A9, 0x30C3, 0x30E3, 0x30E5,
        0x30E7, 0x201D, 0x2019, ')',    ',',    '.',    '!',    '?',    ':',    ';',    ']'};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (marks[i] == code)
            return true;
    return false;
}

static bool opens(uint32_t code)
{
    return code == 0x300C || code == 0x300E || code == 0x3010 || code == 0x3014 || code == 0xFF08 ||
           code == 0x201C || code == 0x2018 || code == '(' || code == '[';
}

static bool may_break_between(uint32_t a, uint32_t b)
{
    if (width_of_character(a) != 2 && width_of_character(b) != 2)
        return false;
    return !closes(b) && !opens(a) && width_of_character(b) != 0;
}

/* The next piece that stays whole, without the blank behind it. */
static struct span next_piece(struct span *rest, bool *blank_before, size_t *width)
{
    *blank_before = false;
    while (rest->len && (rest->at[0] == ' ' || rest->at[0] == '\t' || rest->at[0] == '\n')) {
        *blank_before = true;
        *rest = span_skip(*rest, 1);
    }
    size_t len = 0;
    uint32_t before = 0, code;
    *width = 0;
    while (len < rest->len) {
        size_t n = next(span_skip(*rest, len), &code);
        if (code == ' ' || code == '\t' || code == '\n' || (len && may_break_between(before, code)))
            break;
        *width += width_of_character(code);
        before = code;
        len += n;
    }
    struct span piece = span_first(*rest, len);
    *rest = span_skip(*rest, len);
    return piece;
}

/* ---- lines that are read from right to left */

static bool begins_right_to_left(struct span text)
{
    uint32_t code = 0;
    next(text, &code);
    return code == RIGHT_TO_LEFT_MARK || (code >= 0x590 && code <= 0x8FF);
}

/* How many isolates are open behind `piece`, if so many were before it. */
static size_t open_behind(size_t open, struct span piece)
{
    for (uint32_t code; piece.len;) {
        piece = span_skip(piece, next(piece, &code));
        if (code >= FIRST_ISOLATE && code < POP_ISOLATE)
            open++;
        else if (code == POP_ISOLATE && open)
            open--;
    }
    return open;
}

static void break_line(struct buffer *out, const char *indent, bool is_turned, size_t open)
{
    for (size_t i = 0; i < open; i++)
        buffer_add_text(out, "\u2069");
    buffer_printf(out, "\n%s%s", indent, is_turned ? "\u200F" : "");
    for (size_t i = 0; i < open; i++)
        buffer_add_text(out, "\u2068");
}

/* ---- */

void wrap_add(struct buffer *out, struct span text, const struct wrapping *w)
{
    bool is_turned = begins_right_to_left(text);
    size_t open = 0;
    size_t at = width_of_text(span_of(w->first)), width;
    bool is_start = true, blank;
    buffer_add_text(out, w->first);
    for (struct span piece; (piece = next_piece(&text, &blank, &width)).len; is_start = false) {
        bool needs_blank = blank && !is_start;
        if (!is_start && at + width + needs_blank > w->width) {
            break_line(out, w->indent, is_turned, open);
            at = width_of_text(span_of(w->indent));
            needs_blank = false;
        }
        buffer_add_text(out, needs_blank ? " " : "");
        buffer_add_span(out, piece);
        open = open_behind(open, piece);
        at += width + needs_blank;
    }
    buffer_add_char(out, '\n');
}

void wrap_add_shown(struct buffer *out, struct span text, size_t most, const struct wrapping *w)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add_field(&shown, text, most);
    wrap_add(out, buffer_span(&shown), w);
    buffer_free(&shown);
}
