/* plainpost bounce-text: what people read in the notices that our server writes, to look at. */
#include "bounce/gallery.h"
#include "cli/fake_words.h"

#include <stdio.h>
#include <string.h>

static bool write_words(struct buffer *out, const struct fake_words *w, struct error *e)
{
    return w->command == BOUNCE_TEXT_GALLERY ? gallery_write(out, &w->wishes, e)
                                             : fake_show(out, &w->wishes, w->form, e);
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

int bounce_text_main(const struct invocation *i)
{
    bool is_preview = i->argc > 1 && strcmp(i->argv[1], "preview") == 0;
    bool is_gallery = i->argc > 1 && strcmp(i->argv[1], "gallery") == 0;
    struct error e;
    struct fake_words w;
    int status = 0;
    if (!is_preview && !is_gallery)
        return complain(2, "\"preview\" or \"gallery\"? %s; or plainpost bounce-text gallery",
                        fake_words_how(BOUNCE_TEXT_PREVIEW));
    if (!fake_words_parse(&w, is_preview ? BOUNCE_TEXT_PREVIEW : BOUNCE_TEXT_GALLERY, i, 2, &e))
        return complain(2, "%s", e.text);
    if (w.wants_list)
        fake_words_list(FAKE_PLAINPOST);
    else
        status = show(&w);
    return fake_words_end(status);
}
