#include "receive/notice_language.h"

#include "sys/whole_file.h"

#include <errno.h>

enum { LARGEST_FILE = 1024 * 1024 };

bool notice_texts_read(struct own_texts *t, const char *path, const struct text_faults *faults,
                       struct own_texts_found *found, struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    bool is_read = whole_file_read(path, 0, LARGEST_FILE, &text);
    int why = errno;
    bool ok = is_read && own_texts_read(t, buffer_span(&text), faults, found);
    if (!ok)
        e->text[0] = 0;
    if (!is_read)
        error_system(e, why, "cannot read the texts of notices in %s", path);
    buffer_free(&text);
    return ok;
}

struct loading {
    const char *path;
    void (*left_out)(void *arg, const char *words);
    void *arg;
    struct error error; /* the first that is no small matter */
};

static void hear(void *arg, size_t line, bool is_left_out, const char *words)
{
    struct loading *x = arg;
    struct error told;
    error_set(&told, "%s:%zu: %s", x->path, line, words);
    if (is_left_out)
        x->left_out(x->arg, told.text);
    else if (!x->error.text[0])
        x->error = told;
}

static bool load_file(struct own_texts *t, struct loading *x, struct error *e)
{
    struct own_texts_found found;
    const struct text_faults faults = {hear, x};
    bool ok = notice_texts_read(t, x->path, &faults, &found, e);
    if (!ok && !e->text[0])
        *e = x->error;
    return ok;
}

struct own_texts *notice_texts_load(const struct options *o,
                                    void (*left_out)(void *arg, const char *words), void *arg,
                                    struct error *e)
{
    struct own_texts *t = own_texts_new();
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; t && i < o->notice_text_count; i++) {
        struct loading x = {arena_text(&a, o->notice_texts[i]), left_out, arg, {""}};
        if (!load_file(t, &x, e))
            own_texts_unref(&t);
    }
    arena_clear(&a);
    return t;
}

static const struct language *language_by_tag(struct span tag)
{
    return tag.len ? language_known(tag) : NULL;
}

void notice_choose(struct report *r, const struct options *o, const struct directory *d,
                   const struct own_texts *t)
{
    const struct directory_language set = directory_language(d, r->to);
    const struct report_wishes w = {
        .of_sender = language_by_tag(set.of_user),
        .of_domain = language_by_tag(set.of_domain),
        .standard = language_by_tag(span_of(notice_languages[o->notice_language])),
        .texts = t};
    report_choose(r, &w);
}

const struct language *notice_language_at(const struct options *o, const struct directory *d,
                                          struct span mailbox)
{
    const struct directory_language set = directory_language(d, mailbox);
    const struct language *of_user = language_by_tag(set.of_user);
    const struct language *of_domain = language_by_tag(set.of_domain);
    return of_user     ? of_user
           : of_domain ? of_domain
                       : language_by_tag(span_of(notice_languages[o->notice_language]));
}
