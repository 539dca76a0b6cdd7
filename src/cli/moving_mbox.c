/* Nothing is changed in place: each file is written anew beside the old one, and takes its place
 * when it is on disk. First it is written down what moves; then the folders get their messages;
 * then the mailbox loses them. A move that ends in between leaves messages in both, and to put back
 * is to take them out of the folders. */
#include "cli/moving_mbox.h"

#include <stdlib.h>
#include <unistd.h>

char *mbox_folder(const struct box *b, enum folder f)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%s.%s", b->path, folder_name(f));
    return path.at;
}

void moving_files_close(struct moving_files *f)
{
    for (size_t i = 0; i < FOLDER_COUNT; i++)
        mbox_access_close(&f->folders[i]);
    mbox_access_close(&f->box);
    arena_clear(&f->arena);
}

bool moving_files_folder(struct moving_files *f, const struct box *b, enum folder which,
                         bool may_make, struct error *e)
{
    char *path = mbox_folder(b, which);
    bool ok = (!may_make && access(path, F_OK) != 0) ||
              mbox_access_open(&f->folders[which], path, may_make ? &f->box.stat : NULL, e);
    free(path);
    return ok;
}

static bool is_as_it_was_read(const struct box *b, const struct stat *now, struct error *e)
{
    const struct stat *then = &b->before;
    bool is = now->st_ino == then->st_ino && now->st_size == then->st_size &&
              now->st_mtim.tv_sec == then->st_mtim.tv_sec &&
              now->st_mtim.tv_nsec == then->st_mtim.tv_nsec;
    return is || error_set(e,
                           "%s: another program has changed it meanwhile; nothing was moved. Try "
                           "again",
                           b->name);
}

/* ---- move */

static void plan(const struct box *b, struct moving_files *f, struct triage_record *r)
{
    struct span rest = f->box.text;
    for (size_t i = 0; rest.len; i++) {
        enum folder to = i < b->folders.len ? (enum folder)b->folders.at[i] : FOLDER_STAYS;
        triage_record_add(r, to, moving_identity(moving_next_message(&rest), &f->arena));
    }
}

static bool open_folders(const struct box *b, struct moving_files *f, struct triage_record *r,
                         struct error *e)
{
    bool ok = true;
    for (int i = 0; ok && i < FOLDER_COUNT; i++) {
        struct recorded_folder *to = &r->folders[i];
        if (!to->is_used)
            continue;
        ok = moving_files_folder(f, b, (enum folder)i, true, e);
        to->is_new = f->folders[i].is_new;
        to->inode = f->folders[i].stat.st_ino;
        to->size = (uint64_t)f->folders[i].stat.st_size;
    }
    return ok;
}

/* What goes to that folder behind what is in it; FOLDER_STAYS: what the mailbox keeps. */
static bool write_part(const struct moving_files *f, const struct triage_record *r,
                       enum folder part, struct error *e)
{
    const struct mbox_access *to = part == FOLDER_STAYS ? &f->box : &f->folders[part];
    struct pieces p = {.list = NULL};
    struct span rest = f->box.text;
    if (part != FOLDER_STAYS && to->text.len)
        pieces_add(&p, to->text);
    for (size_t i = 0; rest.len; i++) {
        struct span found = moving_next_message(&rest);
        if (r->messages[i].folder == part)
            moving_add_message(&p, found);
    }
    bool ok = file_replace(to->path, &p, &to->stat, e);
    pieces_free(&p);
    return ok;
}

static bool write_parts(const struct box *b, const struct moving_files *f,
                        const struct triage_record *r, struct error *e)
{
    bool ok = box_write_record(b, r, e);
    for (int i = 0; ok && i < FOLDER_COUNT; i++)
        if (r->folders[i].is_used)
            ok = write_part(f, r, (enum folder)i, e);
    return ok && write_part(f, r, FOLDER_STAYS, e) &&
           file_append(b->record, SPAN(TRIAGE_RECORD_DONE), e);
}

bool mbox_go(struct box *b, struct buffer *told, struct error *e)
{
    struct triage_record r = {.messages = NULL};
    struct moving_files f = {.box = {.path = NULL}};
    size_t moved = 0;
    bool ok = mbox_access_open(&f.box, b->path, NULL, e) && is_as_it_was_read(b, &f.box.stat, e);
    if (ok)
        plan(b, &f, &r);
    ok = ok && open_folders(b, &f, &r, e) && write_parts(b, &f, &r, e);
    for (size_t i = 0; i < r.count; i++)
        moved += r.messages[i].folder != FOLDER_STAYS;
    if (ok)
        buffer_printf(told,
                      "%s: %zu message%s moved. To put them back: plainpost triage --undo %s\n",
                      b->name, moved, moved == 1 ? " was" : "s were", b->name);
    moving_files_close(&f);
    triage_record_free(&r);
    return ok;
}
