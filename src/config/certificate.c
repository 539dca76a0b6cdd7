#include "config/certificate.h"

#include "config/target.h"

enum { FINGERPRINT_DIGITS = 64 };

bool certificate_parse(const struct span *words, size_t count, struct certificate *c,
                       struct arena *a, struct error *problem)
{
    if (count < 1 || count > 2 || !words[0].len || !words[count - 1].len)
        return error_set(problem,
                         "tls-certificate takes a file, and a second one when the key is not in "
                         "the first: tls-certificate /etc/plainpost/mx.pem /etc/plainpost/mx.key");
    c->file = arena_copy(a, words[0]);
    c->key = count == 2 ? arena_copy(a, words[1]) : SPAN_NONE;
    return true;
}

void certificate_print(struct buffer *out, const struct certificate *c)
{
    word_print(out, c->file);
    if (!c->key.len)
        return;
    buffer_add_char(out, ' ');
    word_print(out, c->key);
}

static bool is_hex(char lower)
{
    return ascii_is_digit(lower) || (lower >= 'a' && lower <= 'f');
}

bool fingerprint_parse(struct span word, struct span *fingerprint, struct arena *a)
{
    char *at = arena_new(a, FINGERPRINT_DIGITS + 1);
    size_t digits = 0;
    for (size_t i = 0; i < word.len; i++) {
        char c = ascii_lower(word.at[i]);
        if (c == ':' && digits && digits % 2 == 0)
            continue;
        if (!is_hex(c) || digits == FINGERPRINT_DIGITS)
            return false;
        at[digits++] = c;
    }
    *fingerprint = span_make(at, digits);
    return digits == FINGERPRINT_DIGITS;
}
