/* The mailbox first, then the folders: whoever is killed in between has messages twice, and to put
 * back once more takes them out of the folders. */
#include "cli/moving_mbox.h"

#include "base/map.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Of the messages that are written down, those that are the same: a chain. */
struct chain {
    size_t first, last;
};

struct going_back {
    const struct triage_record *record;
    struct moving_files files;
    struct map chains; /* by identity */
    struct link {
        size_t next, before; /* in its chain */
        struct span found;   /* in a folder */
        bool is_here;        /* in the mailbox */
    } * links;
    size_t back, gone;
};

static void make_chains(struct going_back *g)
{
    const struct triage_record *r = g->record;
    g->links = memory_new((r->count + 1) * sizeof *g->links);
    for (size_t i = 0; i < r->count; i++) {
        struct chain *c = map_get_text(&g->chains, r->messages[i].message);
        g->links[i].next = g->links[i].before = SIZE_MAX;
        if (!c) {
            c = arena_new(&g->files.arena, sizeof *c);
            c->first = i;
            map_set_text(&g->chains, r->messages[i].message, c);
        } else {
            g->links[i].before = c->last;
            g->links[c->last].next = i;
        }
        c->last = i;
    }
}

/* Those that are in the mailbox, in their order: the number of each as written down, or SIZE_MAX.
 */
static size_t *look_at_box(struct going_back *g, size_t *count)
{
    size_t *numbers = NULL, room = 0;
    struct span rest = g->files.box.text;
    for (*count = 0; rest.len; (*count)++) {
        struct chain *c =
            map_get_text(&g->chains, moving_identity(moving_next_message(&rest), &g->files.arena));
        if (*count == room) {
            room = room ? room * 2 : 64;
            numbers = memory_resize(numbers, room * sizeof *numbers);
        }
        numbers[*count] = c ? c->first : SIZE_MAX;
        if (c && c->first != SIZE_MAX) {
            g->links[c->first].is_here = true;
            c->first = g->links[c->first].next;
        }
    }
    return numbers;
}

/* A folder that was not yet reached has nothing that was moved, but may have the like of it. */
static bool was_reached(const struct mbox_access *m, const struct recorded_folder *r)
{
    return (uint64_t)m->stat.st_ino != r->inode || (uint64_t)m->stat.st_size != r->size;
}

/* The last of them that is alike was moved last. */
static void look_at_folder(struct going_back *g, enum folder f, struct pieces *kept)
{
    const struct mbox_access *m = &g->files.folders[f];
    bool was = g->record->is_done || was_reached(m, &g->record->folders[f]);
    struct pieces all = {.list = NULL};
    for (struct span rest = m->text; rest.len;)
        pieces_add(&all, moving_next_message(&rest));
    for (size_t i = all.count; was && i--;) {
        struct span found = span_make(all.list[i].iov_base, all.list[i].iov_len);
        struct chain *c = map_get_text(&g->chains, moving_identity(found, &g->files.arena));
        if (!c)
            continue;
        while (c->last != SIZE_MAX && g->record->messages[c->last].folder != f)
            c->last = g->links[c->last].before;
        if (c->last == SIZE_MAX)
            continue;
        g->links[c->last].found = found;
        c->last = g->links[c->last].before;
        all.list[i].iov_len = 0;
    }
    for (size_t i = 0; i < all.count; i++)
        if (all.list[i].iov_len)
            moving_add_message(kept, span_make(all.list[i].iov_base, all.list[i].iov_len));
    pieces_free(&all);
}

static void add_those_before(struct going_back *g, size_t *next, size_t until, struct pieces *p)
{
    for (; *next < g->record->count && *next < until; (*next)++) {
        struct link *l = &g->links[*next];
        bool was_moved = g->record->messages[*next].folder != FOLDER_STAYS;
        if (was_moved && !l->is_here && l->found.len)
            moving_add_message(p, l->found);
        g->back += was_moved && (l->is_here || l->found.len);
        g->gone += was_moved && !l->is_here && !l->found.len;
    }
}

/* In the order that they had; what has come since stands behind them. */
static bool write_box(struct going_back *g, struct error *e)
{
    struct pieces p = {.list = NULL};
    size_t count, next = 0, last_known = 0;
    size_t *numbers = look_at_box(g, &count);
    struct span rest = g->files.box.text;
    for (size_t i = 0; i < count; i++)
        last_known = numbers[i] != SIZE_MAX ? i + 1 : last_known;
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] != SIZE_MAX)
            add_those_before(g, &next, numbers[i], &p);
        else if (i >= last_known)
            add_those_before(g, &next, SIZE_MAX, &p);
        moving_add_message(&p, moving_next_message(&rest));
    }
    add_those_before(g, &next, SIZE_MAX, &p);
    bool ok = file_replace(g->files.box.path, &p, &g->files.box.stat, e);
    pieces_free(&p);
    free(numbers);
    return ok;
}

static bool write_folder(struct going_back *g, enum folder f, const struct pieces *kept,
                         struct error *e)
{
    const struct mbox_access *m = &g->files.folders[f];
    if (!m->is_open)
        return true;
    if (kept->count || !g->record->folders[f].is_new)
        return file_replace(m->path, kept, &m->stat, e);
    return unlink(m->path) == 0 || error_system(e, errno, "%s", m->path);
}

static bool put_all_back(struct going_back *g, const struct box *b, struct error *e)
{
    struct pieces kept[FOLDER_COUNT] = {{.list = NULL}};
    bool ok = mbox_access_open(&g->files.box, b->path, NULL, e);
    for (int i = 0; ok && i < FOLDER_COUNT; i++)
        if (g->record->folders[i].is_used)
            ok = moving_files_folder(&g->files, b, (enum folder)i, false, e);
    if (ok) {
        make_chains(g);
        for (int i = 0; i < FOLDER_COUNT; i++)
            if (g->files.folders[i].is_open)
                look_at_folder(g, (enum folder)i, &kept[i]);
        ok = write_box(g, e);
    }
    for (int i = 0; i < FOLDER_COUNT; i++) {
        ok = ok && write_folder(g, (enum folder)i, &kept[i], e);
        pieces_free(&kept[i]);
    }
    return ok;
}

static bool forget_record(const struct box *b, struct error *e)
{
    char *directory = path_directory(b->record);
    bool ok = (unlink(b->record) == 0 || error_system(e, errno, "%s", b->record)) &&
              directory_sync(directory, e);
    free(directory);
    return ok;
}

bool mbox_undo(struct box *b, struct buffer *told, struct error *e)
{
    struct triage_record r = {.messages = NULL};
    struct buffer text = BUFFER_EMPTY;
    struct going_back g = {.record = &r};
    bool ok = box_read_record(b, &r, &text, e) && put_all_back(&g, b, e) && forget_record(b, e);
    if (ok)
        box_tell_undone(b, g.back, g.gone, told);
    moving_files_close(&g.files);
    map_free(&g.chains);
    free(g.links);
    triage_record_free(&r);
    buffer_free(&text);
    return ok;
}
