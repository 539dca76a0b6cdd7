/* A mailbox out of which messages are moved, and where it is written down what was. */
#include "cli/moving_inside.h"

#include "mail/mbox_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_directory(const char *path, const char *name)
{
    struct stat st;
    char *whole = path_of(path, name);
    bool has = stat(whole, &st) == 0 && S_ISDIR(st.st_mode);
    free(whole);
    return has;
}

static bool is_maildir(const char *path)
{
    return has_directory(path, "cur") && has_directory(path, "new");
}

/* In Maildir++ all folders lie in the one of the inbox: that "Notices" of ".Work" is
 * ".Work.Notices". */
static void find_root(struct box *b)
{
    const char *last = strrchr(b->path, '/');
    char *above = path_directory(b->path);
    bool is_folder = last && last[1] == '.' && is_maildir(above);
    b->prefix = is_folder ? arena_printf(&b->arena, "%s.", last + 1) : SPAN(".");
    b->root = arena_text(&b->arena, span_of(is_folder ? above : b->path));
    free(above);
}

static bool is_mbox_file(const char *path)
{
    char start[1000];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t len = fd < 0 ? -1 : read(fd, start, sizeof start);
    if (fd >= 0)
        close(fd);
    return len >= 0 && (!len || (start[0] == 'F' && mbox_is_one(span_make(start, (size_t)len))));
}

bool box_open(struct box *b, const char *name, struct error *e)
{
    *b = (struct box){.name = name, .path = realpath(name, NULL)};
    if (!b->path || stat(b->path, &b->before) != 0)
        return error_system(e, errno, "%s", name);
    b->is_mbox = S_ISREG(b->before.st_mode) && is_mbox_file(b->path);
    if (!b->is_mbox && !is_maildir(b->path))
        return error_set(e,
                         "%s is neither a Maildir nor an mbox file: only in these can messages be "
                         "moved",
                         name);
    struct buffer record = BUFFER_EMPTY;
    buffer_printf(&record, b->is_mbox ? "%s.plainpost-triage" : "%s/plainpost-triage", b->path);
    b->record = record.at;
    find_root(b);
    return true;
}

void box_free(struct box *b)
{
    free(b->path);
    free(b->record);
    free(b->moves);
    buffer_free(&b->folders);
    arena_clear(&b->arena);
}

/* ---- what is written down */

bool box_read_record(const struct box *b, struct triage_record *r, struct buffer *text,
                     struct error *e)
{
    *r = (struct triage_record){.messages = NULL};
    if (access(b->record, F_OK) != 0 && errno == ENOENT)
        return error_set(e, "%s: nothing was moved out of it, or it has been put back already",
                         b->name);
    if (!file_read(text, b->record, e))
        return false;
    return triage_record_read(r, buffer_span(text)) ||
           error_set(e, "%s: this is not as plainpost has written it; nothing was done", b->record);
}

bool box_is_free(const struct box *b, struct error *e)
{
    struct triage_record r = {.messages = NULL};
    struct buffer text = BUFFER_EMPTY;
    bool is_there = access(b->record, F_OK) == 0;
    bool ok = !is_there || box_read_record(b, &r, &text, e);
    if (ok && is_there && !r.is_done)
        ok = error_set(e,
                       "%s: an earlier move was interrupted; put it back first: plainpost triage "
                       "--undo %s",
                       b->name, b->name);
    triage_record_free(&r);
    buffer_free(&text);
    return ok;
}

bool box_write_record(const struct box *b, const struct triage_record *r, struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    struct pieces p = {.list = NULL};
    struct stat like = b->before;
    like.st_mode &= (mode_t)~0077u; /* nobody else's affair */
    triage_record_write(&text, r);
    pieces_add(&p, buffer_span(&text));
    bool ok = file_replace(b->record, &p, &like, e);
    pieces_free(&p);
    buffer_free(&text);
    return ok;
}

void box_tell_undone(const struct box *b, size_t back, size_t gone, struct buffer *told)
{
    buffer_printf(told, "%s: %zu message%s put back.", b->name, back,
                  back == 1 ? " was" : "s were");
    if (gone)
        buffer_printf(told, " %zu had been moved on or deleted by somebody else.", gone);
    buffer_add_char(told, '\n');
}
