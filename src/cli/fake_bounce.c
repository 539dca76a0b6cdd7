/* plainpost fake-bounce: a notice as a mail system writes it, about a message that never was. */
#include "cli/fake_words.h"

#include <stdio.h>

static int write_notice(const struct fake_wishes *w)
{
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    int status = 0;
    if (fake_write(&out, w, &e))
        fwrite(out.at, 1, out.len, stdout);
    else
        status = complain(2, "%s", e.text);
    buffer_free(&out);
    return status;
}

int fake_bounce_main(const struct invocation *i)
{
    struct error e;
    struct fake_words w;
    int status = 0;
    if (!fake_words_parse(&w, FAKE_BOUNCE, i, 1, &e))
        return complain(2, "%s", e.text);
    if (w.wants_list)
        fake_words_list(w.wishes.system);
    else
        status = write_notice(&w.wishes);
    return fake_words_end(status);
}
