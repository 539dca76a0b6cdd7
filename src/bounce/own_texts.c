/* A language with an operator's words is a language like any other: the built-in table of texts,
 * copied, with some pointers changed. So nobody who says something needs to know of it. */
#include "bounce/own_texts.h"

#include "base/memory.h"
#include "base/visible.h"
#include "bounce/notice_texts.h"
#include "bounce/po.h"
#include "bounce/tables.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct own_texts {
    atomic_size_t references;
    struct arena arena;
    struct language *languages; /* as the built-in ones */
    const char ***texts;        /* of each; NULL: no file has any */
};

struct own_texts *own_texts_new(void)
{
    struct own_texts *t = memory_new(sizeof *t);
    atomic_store(&t->references, 1);
    t->languages = arena_new(&t->arena, languages_count * sizeof *t->languages);
    t->texts = arena_new(&t->arena, languages_count * sizeof *t->texts);
    for (size_t i = 0; i < languages_count; i++) {
        t->languages[i] = languages[i];
        t->languages[i].english = &t->languages[0];
    }
    return t;
}

struct own_texts *own_texts_ref(struct own_texts *t)
{
    atomic_fetch_add(&t->references, 1);
    return t;
}

void own_texts_unref(struct own_texts **texts)
{
    struct own_texts *t = *texts;
    *texts = NULL;
    if (!t || atomic_fetch_sub(&t->references, 1) > 1)
        return;
    struct arena arena = t->arena;
    arena_clear(&arena);
    free(t);
}

static size_t index_of(const struct language *l)
{
    size_t i = 0;
    while (l && i < languages_count && l != &languages[i])
        i++;
    return i;
}

const struct language *own_texts_language(const struct own_texts *t, const struct language *l)
{
    size_t i = index_of(l ? l : &languages[0]);
    return t && i < languages_count ? &t->languages[i] : l;
}

/* ---- a file */

struct reading {
    struct own_texts *texts;
    const struct text_faults *faults;
    struct own_texts_found *found;
    size_t language;  /* index */
    size_t *given_at; /* by notice text, the operator's behind them: the line; 0: not yet */
    struct arena arena;
    bool ok;
};

static void tell(struct reading *r, size_t line, bool is_left_out, const char *words)
{
    r->found->left_out += is_left_out;
    r->ok &= is_left_out;
    r->faults->tell(r->faults->arg, line, is_left_out, words);
}

/* ---- its head */

/* The value of a field of the header; empty: there is none. */
static struct span field_of(struct span header, struct span name)
{
    while (header.len) {
        struct span value = span_cut(&header, '\n'), line = value;
        if (span_equal_nocase(span_trim(span_cut(&value, ':')), name) && value.at > line.at)
            return span_trim(value);
    }
    return SPAN_NONE;
}

static bool is_utf8(struct span header)
{
    struct span type = field_of(header, SPAN("Content-Type"));
    size_t at = span_find(type, SPAN("charset="));
    return at == SPAN_NOT_FOUND || span_equal_nocase(span_skip(type, at + 8), SPAN("UTF-8"));
}

static bool has_other_forms(struct span header, const struct language *l)
{
    struct span forms = field_of(header, SPAN("Plural-Forms"));
    uint64_t n = 0;
    struct span count = span_trim(span_cut(&forms, ';'));
    if (!count.len)
        return false;
    return !span_starts(count, SPAN("nplurals=")) ||
           !span_to_u64(span_skip(count, 9), PO_MOST_FORMS, &n) || n != l->forms;
}

/* From now on it has a table of its own. False: it has one already. */
static bool begin_language(struct own_texts *t, size_t language)
{
    if (t->texts[language])
        return false;
    const char **own = arena_new(&t->arena, words_count * sizeof *own);
    const char *const *built_in = languages[language].texts;
    if (built_in)
        memcpy(own, built_in, words_count * sizeof *own);
    t->texts[language] = own;
    t->languages[language].texts = own;
    return true;
}

static bool take_head(struct reading *r, const struct po_entry *e)
{
    bool is_head = !e->id.len && !e->has_context;
    struct span header = is_head ? e->forms[0] : SPAN_NONE;
    struct span tag = field_of(header, SPAN("Language"));
    const struct language *l = language_known(tag);
    if (!l)
        tell(r, e->line, false,
             tag.len ? "Language: in the head does not name a language that plainpost speaks: de"
                     : "the file has no head that names its language: above all else stand msgid "
                       "\"\" and msgstr \"Language: de\\n\"");
    else if (!is_utf8(header))
        tell(r, e->line, false,
             "Content-Type in the head must say charset=UTF-8, and the file be saved so");
    else if (has_other_forms(header, l))
        tell(r, e->line, false,
             "Plural-Forms in the head has another number of forms (nplurals) than plainpost "
             "counts by in this language; keep what the export wrote");
    else if (!begin_language(r->texts, r->language = index_of(l)))
        tell(r, e->line, false, "another file has the texts of this language; keep one of the two");
    r->found->language = l;
    return r->ok;
}

/* ---- its texts */

static bool is_as_known(struct reading *r, const struct po_entry *e, const struct notice_text *of)
{
    const struct language *l = &languages[r->language];
    if ((e->plural.len > 0) != (of->plural != NULL)) {
        tell(r, e->line, false,
             of->plural ? "this text depends on a number, and has a msgid_plural and a msgstr[0]"
                        : "this text depends on no number: leave msgid_plural out");
        return false;
    }
    if (of->plural && e->form_count != l->forms) {
        struct error why;
        error_set(&why, "this language has %u forms for numbers, msgstr[0] to msgstr[%u]; %zu %s",
                  l->forms, l->forms - 1, e->form_count,
                  e->form_count == 1 ? "is here" : "are here");
        tell(r, e->line, false, why.text);
        return false;
    }
    return true;
}

/* All forms, each with a NUL behind it, and an empty one: as in the built-in tables. */
static const char *pack(struct arena *a, const struct po_entry *e)
{
    struct buffer all = BUFFER_EMPTY;
    for (size_t i = 0; i < e->form_count; i++)
        buffer_add(&all, e->forms[i].at, e->forms[i].len + 1);
    const char *packed = arena_copy(a, buffer_span(&all)).at;
    buffer_free(&all);
    return packed;
}

static size_t packed_length(const char *packed)
{
    size_t len = 0;
    while (packed[len])
        len += strlen(packed + len) + 1;
    return len;
}

static bool is_built_in(const struct reading *r, size_t word, const char *packed)
{
    const char *const *texts = languages[r->language].texts;
    const char *known = texts ? texts[word] : NULL;
    return known && packed_length(known) == packed_length(packed) &&
           memcmp(known, packed, packed_length(known)) == 0;
}

static bool is_english(const struct po_entry *e)
{
    return span_equal(e->forms[0], e->id) &&
           (!e->plural.len || (e->form_count == 2 && span_equal(e->forms[1], e->plural)));
}

static void take_help(struct reading *r, const struct po_entry *e)
{
    r->texts->languages[r->language].help = arena_text(&r->texts->arena, e->forms[0]);
    r->found->has_help = true;
    r->found->own++;
}

static void take_words(struct reading *r, const struct po_entry *e, const struct notice_text *of)
{
    if (of == &notice_help) {
        take_help(r, e);
        return;
    }
    size_t word = words_index(of->english);
    const char *packed = pack(&r->texts->arena, e);
    bool is_same = r->language ? is_built_in(r, word, packed) : is_english(e);
    r->found->same += is_same;
    r->found->own += !is_same;
    if (!is_same && word < words_count) /* else no language has a translation */
        r->texts->texts[r->language][word] = packed;
}

static void take_forms(struct reading *r, const struct po_entry *e, const struct notice_text *of)
{
    size_t empty = 0;
    bool ok = true;
    for (size_t i = 0; i < e->form_count; i++)
        empty += !e->forms[i].len;
    if (empty == e->form_count) /* nothing is said, so what is built in stays */
        return;
    for (size_t i = 0; i < e->form_count; i++) {
        struct error why;
        if (!e->forms[i].len)
            error_set(&why, "msgstr[%zu] is empty, and the other forms are not", i);
        else if (notice_text_check(of, &languages[r->language], i, e->forms[i], &why))
            continue;
        tell(r, e->form_lines[i], false, why.text);
        ok = false;
    }
    if (ok)
        take_words(r, e, of);
}

static void leave_out(struct reading *r, const struct po_entry *e)
{
    struct buffer words = BUFFER_EMPTY;
    buffer_add_text(&words, "no notice says “");
    visible_add(&words, e->id, 60);
    buffer_add_text(&words, "”: \"plainpost bounce-text export\" writes what they say");
    tell(r, e->line, true, buffer_text(&words));
    buffer_free(&words);
}

/* Remembers where it stands. */
static bool is_first(struct reading *r, const struct po_entry *e, const struct notice_text *of)
{
    size_t i = of == &notice_help ? notice_text_count : (size_t)(of - notice_texts);
    struct error why;
    if (!r->given_at[i]) {
        r->given_at[i] = e->line;
        return true;
    }
    error_set(&why, "this text was already given in line %zu; keep one of the two", r->given_at[i]);
    tell(r, e->line, false, why.text);
    return false;
}

static void take_entry(struct reading *r, const struct po_entry *e)
{
    const struct notice_text *of = e->has_context ? NULL : notice_text_find(e->id);
    if (!of)
        leave_out(r, e);
    else if (e->is_fuzzy)
        tell(r, e->line, true,
             "this text is marked as fuzzy: look at it, and take the word fuzzy out above it");
    else if (is_first(r, e, of) && is_as_known(r, e, of))
        take_forms(r, e, of);
}

static bool read_file(struct reading *r, struct span file)
{
    struct po p = po_start(file, &r->arena);
    struct po_entry entry;
    struct error e;
    int found = po_next(&p, &entry, &e);
    bool has_head = found > 0 && take_head(r, &entry);
    if (!found)
        tell(r, 1, false, "nothing stands in this file");
    while (has_head && (found = po_next(&p, &entry, &e)) > 0)
        take_entry(r, &entry);
    if (found < 0)
        tell(r, p.line, false, e.text);
    return r->ok;
}

bool own_texts_read(struct own_texts *t, struct span file, const struct text_faults *faults,
                    struct own_texts_found *found)
{
    struct reading r = {.texts = t, .faults = faults, .found = found, .ok = true};
    *found = (struct own_texts_found){0};
    r.given_at = arena_new(&r.arena, (notice_text_count + 1) * sizeof *r.given_at);
    bool ok = read_file(&r, file);
    arena_clear(&r.arena);
    return ok;
}
