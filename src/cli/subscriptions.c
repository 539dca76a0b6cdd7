/* Version 1: a name a line, "Notices.Forged". Version 2: a first line "V", tab, "2", an empty one,
 * and names with tabs between their levels. */
#include "cli/subscriptions.h"

#include "cli/mailbox_access.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void add_name(struct buffer *out, struct span folder, bool is_second_version)
{
    for (size_t i = 0; i < folder.len; i++)
        buffer_add_char(out, is_second_version && folder.at[i] == '.' ? '\t' : folder.at[i]);
    buffer_add_char(out, '\n');
}

void subscriptions_edit(struct buffer *out, struct span text, struct span folder, bool is_wanted)
{
    struct buffer name = BUFFER_EMPTY;
    struct span rest = text;
    bool is_second_version = span_equal(span_cut(&rest, '\n'), SPAN("V\t2")), has = false;
    add_name(&name, folder, is_second_version);
    while (text.len) {
        struct span line = span_cut(&text, '\n');
        bool is_it = span_equal(line, span_first(buffer_span(&name), name.len - 1));
        has |= is_it;
        if (is_it && !is_wanted)
            continue;
        buffer_add_span(out, line);
        buffer_add_char(out, '\n');
    }
    if (is_wanted && !has)
        buffer_add_span(out, buffer_span(&name));
    buffer_free(&name);
}

void subscriptions_change(const char *maildir, const char *folder, bool is_wanted)
{
    char *path = path_of(maildir, "subscriptions"), *lock = path_of(maildir, "subscriptions.lock");
    struct buffer text = BUFFER_EMPTY, changed = BUFFER_EMPTY;
    struct pieces p = {.list = NULL};
    struct stat st;
    struct error e;
    int held =
        stat(path, &st) == 0 ? open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (held >= 0) {
        if (file_read(&text, path, &e)) {
            subscriptions_edit(&changed, buffer_span(&text), span_of(folder), is_wanted);
            pieces_add(&p, buffer_span(&changed));
            file_replace(path, &p, &st, &e);
        }
        unlink(lock);
        close(held);
    }
    pieces_free(&p);
    buffer_free(&text);
    buffer_free(&changed);
    free(path);
    free(lock);
}
