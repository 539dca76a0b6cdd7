/* What an operator's text must keep to, so that no notice loses what it has to say, or its form. */
#include "bounce/notice_texts.h"

#include "base/visible.h"
#include "bounce/render_wrap.h"
#include "bounce/tables.h"

enum {
    LONGEST_IN_SUBJECT = 100, /* columns */
    LONGEST_HELP = 2000,
    LONGEST_OTHER = 500,
    WIDEST_WORD = 70,
    TRIED_NUMBERS = 1000
};

const struct notice_text notice_help = {
    .english = "YOUR OWN WORDS",
    .remark =
        "Empty here. What you write stands in every notice that a message was not delivered,\n"
        "or waits, below what is to be done: for example \"Help desk: 4711, Mo-Fr 8-17. Say\n"
        "the number %1.\" %1 is the queue id, and may be left out. \\n begins a new paragraph.",
    .place = TEXT_OF_OPERATOR};

const struct notice_text *notice_text_find(struct span english)
{
    for (size_t i = 0; i < notice_text_count; i++)
        if (span_equal(english, span_of(notice_texts[i].english)))
            return &notice_texts[i];
    return span_equal(english, span_of(notice_help.english)) ? &notice_help : NULL;
}

/* ---- places */

/* A bit for each of "%1" to "%9". */
static unsigned places_in(struct span text)
{
    unsigned found = 0;
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.at[i] == '%' && text.at[i + 1] >= '1' && text.at[i + 1] <= '9')
            found |= 1U << (text.at[i + 1] - '0');
    return found;
}

static int lowest_place(unsigned places)
{
    return __builtin_ctz(places);
}

/* "One recipient" needs no number. */
static bool form_is_of_one_number(const struct language *l, size_t form)
{
    size_t count = 0;
    for (uint64_t n = 0; n < TRIED_NUMBERS; n++)
        count += l->form_of(n) == form;
    return count <= 1;
}

static bool has_its_places(const struct notice_text *of, const struct language *l, size_t form,
                           struct span text, struct error *why)
{
    bool is_help = of->place == TEXT_OF_OPERATOR;
    unsigned known = is_help ? 1U << 1 : places_in(span_of(of->plural ? of->plural : of->english));
    unsigned found = places_in(text), needed = is_help ? 0 : known;
    if (of->plural && form_is_of_one_number(l, form))
        needed &= ~(1U << 1);
    if (found & ~known)
        return error_set(why, "%%%d means nothing here; the English is “%s”",
                         lowest_place(found & ~known), of->english);
    return !(needed & ~found) ||
           error_set(why, "%%%d is missing: something is filled in there; the English is “%s”",
                     lowest_place(needed & ~found), of->plural ? of->plural : of->english);
}

/* ---- form */

/* Those that end lines, or turn what stands behind them; isolates do not. */
static bool is_control(uint32_t code)
{
    return code < ' ' || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
           code == 0xFEFF;
}

static bool has_no_control(const struct notice_text *of, struct span text, struct error *why)
{
    bool has_lines = of->place == TEXT_OF_OPERATOR;
    for (uint32_t code; text.len;) {
        size_t len = utf8_next(text, &code);
        if (!len)
            return error_set(why, "this is no UTF-8");
        if (code == '\n' && !has_lines)
            return error_set(why, "there is a line break (\\n) in it, which this text can't have");
        if (is_control(code) && code != '\n')
            return error_set(why, "there is a control character in it, U+%04X", (unsigned)code);
        text = span_skip(text, len);
    }
    return true;
}

/* "<b>", "</p>": it would be read as it stands. */
static bool has_no_mark(struct span text, struct error *why)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        char next = text.at[i + 1];
        if (text.at[i] == '<' && (next == '/' || next == '!' || ascii_is_alpha(next)))
            return error_set(why, "HTML is not understood here: the reader would see “<%c…”", next);
    }
    return true;
}

static struct span widest_word(struct span text)
{
    struct span widest = SPAN_NONE;
    struct buffer lines = BUFFER_EMPTY;
    const struct wrapping each_piece = {"", "", 1};
    wrap_add(&lines, text, &each_piece);
    for (struct span rest = buffer_span(&lines); rest.len;) {
        struct span word = span_cut(&rest, '\n');
        if (width_of_text(word) > width_of_text(widest))
            widest = word;
    }
    size_t at = widest.len ? span_find(text, widest) : SPAN_NOT_FOUND;
    widest = at == SPAN_NOT_FOUND ? SPAN_NONE : span_first(span_skip(text, at), widest.len);
    buffer_free(&lines);
    return widest;
}

/* A link may be as long as it is: it stands whole on a line of its own. */
static bool fits(const struct notice_text *of, struct span text, struct error *why)
{
    static const unsigned longest[] = {
        [TEXT_IN_SUBJECT] = LONGEST_IN_SUBJECT, [TEXT_IN_NOTICE] = LONGEST_OTHER,
        [TEXT_OF_CAUSE] = LONGEST_OTHER,        [TEXT_IN_DETAILS] = LONGEST_OTHER,
        [TEXT_IN_TIME] = LONGEST_OTHER,         [TEXT_IN_DIGEST] = LONGEST_OTHER,
        [TEXT_IN_LETTER] = LONGEST_OTHER,       [TEXT_OF_OPERATOR] = LONGEST_HELP};
    unsigned most = longest[of->place];
    if (width_of_text(text) > most)
        return error_set(why, "it is too long: %zu letters, and there is room for %u",
                         width_of_text(text), most);
    struct span word = widest_word(text);
    return width_of_text(word) <= WIDEST_WORD || span_find(word, SPAN("://")) != SPAN_NOT_FOUND ||
           error_set(why,
                     "this is wider than a line, and there is no place in it to break it: “%.*s…”",
                     SPAN_F(span_first(word, 20)));
}

bool notice_text_check(const struct notice_text *of, const struct language *l, size_t form,
                       struct span text, struct error *why)
{
    return has_no_control(of, text, why) && has_no_mark(text, why) &&
           has_its_places(of, l, form, text, why) && fits(of, text, why);
}
