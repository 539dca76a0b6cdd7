#include "bounce/trial_language.h"

#include "base/buffer.h"
#include "bounce/tables.h"

#include <string.h>

static const char OPEN[] = "⟦", CLOSE[] = "⟧";

static const char *accented(char letter)
{
    static const char *const small[] = {"á", "ƀ", "ç", "đ", "é", "ƒ", "ĝ", "ĥ", "í",
                                        "ĵ", "ķ", "ļ", "ɱ", "ñ", "ó", "þ", "ɋ", "ŕ",
                                        "š", "ţ", "ú", "ṽ", "ŵ", "ẋ", "ý", "ž"};
    static const char *const large[] = {"Á", "Ɓ", "Ç", "Đ", "É", "Ƒ", "Ĝ", "Ĥ", "Í",
                                        "Ĵ", "Ķ", "Ļ", "Ṁ", "Ñ", "Ó", "Þ", "Ɋ", "Ŕ",
                                        "Š", "Ţ", "Ú", "Ṽ", "Ŵ", "Ẋ", "Ý", "Ž"};
    return letter >= 'a' ? small[letter - 'a'] : large[letter - 'A'];
}

static void add_text(struct buffer *out, const char *english)
{
    size_t longer = (strlen(english) * 2 + 4) / 5;
    buffer_add_text(out, OPEN);
    for (const char *c = english; *c; c++)
        if (ascii_is_alpha(*c))
            buffer_add_text(out, accented(*c));
        else
            buffer_add_char(out, *c);
    for (size_t i = 0; i < longer; i++)
        buffer_add_text(out, i % 8 ? "ö" : " ");
    buffer_add_text(out, CLOSE);
}

static unsigned only_form(uint64_t n)
{
    (void)n;
    return 0;
}

const struct language *trial_language(struct arena *a)
{
    struct language *l = arena_new(a, sizeof *l);
    const char **texts = arena_new(a, words_count * sizeof *texts);
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < words_count; i++) {
        buffer_clear(&text);
        add_text(&text, words_english[i]);
        texts[i] = arena_copy(a, buffer_span(&text)).at;
    }
    buffer_free(&text);
    *l = (struct language){.tag = "xx", .texts = texts, .form_of = only_form, .forms = 1};
    return l;
}

/* ---- what came of it */

/* How long what is not for people is at the start of `s`: a mark of HTML, or nothing. */
static size_t mark_length(struct span s)
{
    static const char style_end[] = "</style>";
    if (span_starts(s, SPAN("<style>")))
        return span_find(s, span_of(style_end)) + strlen(style_end);
    if (s.at[0] == '<')
        return span_find_char(s, '>') + 1;
    return s.at[0] == '&' ? span_find_char(s, ';') + 1 : 0;
}

/* The word without accents at the start of `s`, with what binds it: "inbox-full/quota". */
static struct span plain_word(struct span s)
{
    size_t len = 0;
    while (len < s.len &&
           (ascii_is_alpha(s.at[len]) || (len && (s.at[len] == '-' || s.at[len] == '/'))))
        len++;
    return span_first(s, len);
}

static bool is_among(struct span word, const char *allowed)
{
    for (struct span rest = span_of(allowed); rest.len;)
        if (span_equal(span_cut(&rest, ' '), word))
            return true;
    return false;
}

bool trial_language_is_whole(struct span rendered, const char *allowed, struct span *at)
{
    size_t open = 0;
    for (*at = rendered; at->len;) {
        struct span word = plain_word(*at);
        size_t mark = mark_length(*at);
        if (word.len && !is_among(word, allowed))
            return false;
        if (at->at[0] == '%' && at->len > 1 && at->at[1] >= '1' && at->at[1] <= '9')
            return false;
        if (span_starts(*at, span_of(CLOSE)) && open-- == 0)
            return false;
        open += span_starts(*at, span_of(OPEN));
        *at = span_skip(*at, mark ? mark : word.len ? word.len : 1);
    }
    return open == 0;
}
