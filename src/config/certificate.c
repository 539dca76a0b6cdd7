#include "config/certificate.h"

#include "base/visible.h"
#include "config/target.h"
#include "mail/address.h"

enum { FINGERPRINT_DIGITS = 64, LONGEST_SHOWN = 60, MOST_NAMES = 20 };

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

static bool name_problem(struct span name, const char *why, struct error *problem)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, name, LONGEST_SHOWN);
    error_set(problem, "\"%s\" can't be in acme-certificate: %s", buffer_text(&shown), why);
    buffer_free(&shown);
    return false;
}

static bool name_parse(struct span word, struct span *name, struct arena *a, struct error *problem)
{
    if (span_starts(word, SPAN("*")))
        return name_problem(word,
                            "by the way that is used here (http-01) nobody gets a certificate for "
                            "all names below one; write each name that is needed",
                            problem);
    if (!domain_is_valid(word, false, false) || span_find_char(word, '.') == SPAN_NOT_FOUND)
        return name_problem(word, "it must be the full name of a host, such as mx.example.org",
                            problem);
    char *at = arena_new(a, word.len + 1);
    for (size_t i = 0; i < word.len; i++)
        at[i] = ascii_lower(word.at[i]);
    *name = span_make(at, word.len);
    return true;
}

bool acme_certificate_parse(const struct span *words, size_t count, struct acme_certificate *c,
                            struct arena *a, struct error *problem)
{
    if (count < 1 || count > MOST_NAMES)
        return error_set(problem,
                         "acme-certificate takes the names that the certificate is to have, 1 to "
                         "%d of them: acme-certificate mx.example.org mail.example.org",
                         MOST_NAMES);
    c->names = arena_new(a, count * sizeof *c->names);
    c->count = count;
    for (size_t i = 0; i < count; i++) {
        if (!name_parse(words[i], &c->names[i], a, problem))
            return false;
        for (size_t k = 0; k < i; k++)
            if (span_equal(c->names[k], c->names[i]))
                return name_problem(words[i], "it stands there twice; once is enough", problem);
    }
    return true;
}

void acme_certificate_print(struct buffer *out, const struct acme_certificate *c)
{
    for (size_t i = 0; i < c->count; i++)
        buffer_printf(out, "%s%.*s", i ? " " : "", SPAN_F(c->names[i]));
}

struct acme_files acme_files(struct span state, struct span directory, struct span name,
                             struct arena *a)
{
    struct span scheme = SPAN("https://");
    struct span of = span_starts(directory, scheme) ? span_skip(directory, scheme.len) : directory;
    char *folder = arena_new(a, of.len + 1);
    for (size_t i = 0; i < of.len; i++)
        folder[i] = ascii_is_alnum(of.at[i]) || of.at[i] == '-' || (of.at[i] == '.' && i)
                        ? ascii_lower(of.at[i])
                        : '_';
    struct acme_files f = {.folder = arena_printf(a, "%.*s/acme/%s", SPAN_F(state), folder)};
    f.certificate = arena_printf(a, "%.*s/%.*s/cert.pem", SPAN_F(f.folder), SPAN_F(name));
    f.key = arena_printf(a, "%.*s/private/%.*s/key.pem", SPAN_F(f.folder), SPAN_F(name));
    return f;
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
