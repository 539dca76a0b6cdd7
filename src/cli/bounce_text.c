/* plainpost bounce-text: what people read in the notices that our server writes, to look at, and
 * to replace by words of one's own. */
#include "bounce/fake_letter.h"
#include "bounce/gallery.h"
#include "bounce/guard_reasons.h"
#include "cli/fake_words.h"
#include "receive/notice_language.h"

#include <stdio.h>
#include <string.h>

static const char how_to_check[] = "use it as: plainpost bounce-text check FILE...";

/* ---- files of texts */

struct hearing {
    const char *path;
    size_t count;
};

static void hear(void *arg, size_t line, bool is_left_out, const char *words)
{
    struct hearing *h = arg;
    h->count++;
    complain(1, "%s:%zu: %s", h->path, line, words);
}

/* What is wrong with it has been told. `*count`: how much it was. */
static bool read_texts(struct own_texts *t, const char *path, struct own_texts_found *found,
                       size_t *count)
{
    struct hearing h = {.path = path};
    struct error e;
    const struct text_faults faults = {hear, &h};
    bool ok = notice_texts_read(t, path, &faults, found, &e);
    if (!ok && e.text[0])
        complain(1, "%s", e.text);
    *count = h.count;
    return ok;
}

static void print_found(const char *path, const struct own_texts_found *f)
{
    const char *tag = language_tag(f->language);
    size_t own = f->own - f->has_help;
    printf("%s: %zu %s of your own in \"%s\"%s", path, own, own == 1 ? "text" : "texts", tag,
           f->has_help ? ", and your words for those who need help" : "");
    if (f->same)
        printf("; %zu %s as plainpost has %s, and may be taken out", f->same,
               f->same == 1 ? "is" : "are", f->same == 1 ? "it" : "them");
    printf(".\n");
}

static int check(const struct invocation *i)
{
    struct own_texts *t = own_texts_new();
    int status = 0;
    if (i->argc < 3 || i->argv[2][0] == '-')
        status = complain(2, "%s", how_to_check);
    for (int n = 2; n < i->argc && status != 2; n++) {
        struct own_texts_found found;
        size_t faults;
        bool is_used = read_texts(t, i->argv[n], &found, &faults);
        if (is_used)
            print_found(i->argv[n], &found);
        if (is_used && faults)
            complain(1, "%s: the server leaves out what is named above, and uses the rest",
                     i->argv[n]);
        else if (faults)
            complain(1, "%s: the server can't use this file", i->argv[n]);
        if (!is_used || faults)
            status = 1;
    }
    own_texts_unref(&t);
    return fake_words_end(status);
}

/* ---- what is said */

static bool write_letter(struct buffer *out, const struct fake_words *w, struct error *e)
{
    static const struct guard_reason reasons[] = {
        {.signal = SIGNAL_NEW_HOUR, .count = 48, .limit = 40},
        {.signal = SIGNAL_LINK, .count = 48, .limit = 14},
    };
    enum { REASONS = sizeof reasons / sizeof *reasons };
    struct buffer texts[REASONS] = {BUFFER_EMPTY};
    struct span told[REASONS];
    for (size_t i = 0; i < REASONS; i++) {
        reason_add(&texts[i], w->wishes.language, &reasons[i]);
        told[i] = buffer_span(&texts[i]);
    }
    const struct fake_letter letter = {span_of(w->letter), told, REASONS};
    bool ok = fake_letter_show(out, &letter, &w->wishes, w->form, e);
    for (size_t i = 0; i < REASONS; i++)
        buffer_free(&texts[i]);
    return ok;
}

static bool write_words(struct buffer *out, const struct fake_words *w, struct error *e)
{
    if (w->command == BOUNCE_TEXT_EXPORT)
        own_texts_export(out, w->wishes.language);
    else if (w->command == BOUNCE_TEXT_GALLERY)
        return gallery_write(out, &w->wishes, e);
    else if (w->letter)
        return write_letter(out, w, e);
    else
        return fake_show(out, &w->wishes, w->form, e);
    return true;
}

static int show(const struct fake_words *w)
{
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    int status = 0;
    if (write_words(&out, w, &e))
        fwrite(out.at, 1, out.len, stdout);
    else
        status = complain(2, "%s", e.text);
    buffer_free(&out);
    return status;
}

/* With the words of a file, in its language unless another is named. */
static int show_own(struct fake_words *w)
{
    struct own_texts *t = own_texts_new();
    struct own_texts_found found;
    size_t faults;
    int status = 1;
    if (read_texts(t, w->texts, &found, &faults)) {
        const struct language *l = w->wishes.language ? w->wishes.language : found.language;
        w->wishes.language = own_texts_language(t, l);
        status = show(w);
    }
    own_texts_unref(&t);
    return status;
}

static int show_wished(const struct invocation *i, enum fake_command c)
{
    struct error e;
    struct fake_words w;
    int status = 0;
    if (!fake_words_parse(&w, c, i, 2, &e))
        return complain(2, "%s", e.text);
    if (w.wants_list && w.letter)
        fake_words_list_letters();
    else if (w.wants_list)
        fake_words_list(FAKE_PLAINPOST);
    else
        status = w.texts ? show_own(&w) : show(&w);
    return fake_words_end(status);
}

int bounce_text_main(const struct invocation *i)
{
    const char *verb = i->argc > 1 ? i->argv[1] : "";
    if (strcmp(verb, "check") == 0)
        return check(i);
    if (strcmp(verb, "export") == 0)
        return show_wished(i, BOUNCE_TEXT_EXPORT);
    if (strcmp(verb, "gallery") == 0)
        return show_wished(i, BOUNCE_TEXT_GALLERY);
    if (strcmp(verb, "preview") == 0)
        return show_wished(i, BOUNCE_TEXT_PREVIEW);
    return complain(
        2,
        "\"preview\", \"gallery\", \"export\" or \"check\"? %s; or plainpost bounce-text "
        "gallery; or plainpost bounce-text export; or plainpost bounce-text check FILE",
        fake_words_how(BOUNCE_TEXT_PREVIEW));
}
