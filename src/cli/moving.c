#include "cli/moving.h"

#include "base/memory.h"
#include "cli/as_owner.h"
#include "cli/moving_inside.h"

#include <stdlib.h>

struct moving {
    struct box *boxes;
    size_t count;
};

static bool is_named_twice(const struct moving *m, struct error *e)
{
    const struct box *last = &m->boxes[m->count - 1];
    for (const struct box *b = m->boxes; b < last; b++)
        if (b->before.st_ino == last->before.st_ino && b->before.st_dev == last->before.st_dev) {
            error_set(e, "%s is named twice", last->name);
            return true;
        }
    return false;
}

struct moving *moving_new(char *const *names, size_t count, struct error *e)
{
    struct moving *m = memory_new(sizeof *m);
    bool ok = true;
    m->boxes = memory_new((count + 1) * sizeof *m->boxes);
    for (size_t i = 0; ok && i < count; i++)
        ok = box_open(&m->boxes[m->count++], names[i], e) && !is_named_twice(m, e);
    for (size_t i = 0; ok && i < count; i++)
        ok = box_is_free(&m->boxes[i], e);
    if (!ok)
        moving_free(&m);
    return m;
}

void moving_free(struct moving **m)
{
    if (!*m)
        return;
    for (size_t i = 0; i < (*m)->count; i++)
        box_free(&(*m)->boxes[i]);
    free((*m)->boxes);
    free(*m);
    *m = NULL;
}

/* "cur/…" or "new/…" in a Maildir; empty: the file is not in it. */
static struct span name_inside(const struct box *b, struct span path)
{
    struct span name = span_of(b->name);
    if (!span_starts(path, name))
        return SPAN_NONE;
    struct span rest = span_skip(path, name.len);
    if (span_starts(rest, SPAN("/")))
        rest = span_skip(rest, 1);
    bool is_in = span_starts(rest, SPAN("cur/")) || span_starts(rest, SPAN("new/"));
    struct span file = span_skip(rest, 4);
    return is_in && span_find_char(file, '/') == SPAN_NOT_FOUND ? rest : SPAN_NONE;
}

/* A name is written down in a line; a file with several messages can't be in two places. */
static bool can_move(const struct mail_file *f, struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] < ' ')
            return false;
    return f->number == 1 && f->path_length == f->name.len && name.len > 4 && name.at[4] != '.' &&
           name.at[4] != ':';
}

static void note_file(struct box *b, struct span name, enum folder to)
{
    if (to == FOLDER_STAYS)
        return;
    if (b->move_count == b->room) {
        b->room = b->room ? b->room * 2 : 64;
        b->moves = memory_resize(b->moves, b->room * sizeof *b->moves);
    }
    b->moves[b->move_count++] = (struct planned){arena_copy(&b->arena, name), to};
}

void moving_note(struct moving *m, const struct mail_file *f, enum pile p)
{
    struct span path = span_first(buffer_span(&f->name), f->path_length);
    enum folder to = folder_of_pile(p);
    for (size_t i = 0; i < m->count; i++) {
        struct box *b = &m->boxes[i];
        struct span name = b->is_mbox ? path : name_inside(b, path);
        if (b->is_mbox && span_equal(path, span_of(b->name))) {
            buffer_add_char(&b->folders, (char)to);
            b->counts[to]++;
            return;
        }
        if (b->is_mbox || !name.len)
            continue;
        if (!can_move(f, name))
            to = FOLDER_STAYS;
        note_file(b, name, to);
        b->counts[to]++;
        return;
    }
}

size_t moving_count(const struct moving *m)
{
    size_t count = 0;
    for (size_t i = 0; i < m->count; i++)
        for (size_t k = 0; k < FOLDER_COUNT; k++)
            count += m->boxes[i].counts[k];
    return count;
}

static size_t to_move(const struct box *b)
{
    size_t count = 0;
    for (size_t k = 0; k < FOLDER_COUNT; k++)
        count += b->counts[k];
    return count;
}

void moving_tell(struct buffer *out, const struct moving *m, const struct render_wishes *w)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct box *b = &m->boxes[i];
        struct render_move rows[FOLDER_COUNT];
        char *names[FOLDER_COUNT];
        size_t count = 0;
        for (int f = 0; f < FOLDER_COUNT; f++) {
            if (!b->counts[f])
                continue;
            names[count] = (b->is_mbox ? mbox_folder : maildir_folder)(b, (enum folder)f);
            rows[count] = (struct render_move){b->counts[f], span_of(names[count])};
            count++;
        }
        render_moves(out, span_of(b->name), rows, count, b->counts[FOLDER_STAYS], w);
        while (count)
            free(names[--count]);
    }
}

/* Whatever stands in the way: what was moved already is put back. */
static bool go_or_go_back(struct box *b, struct buffer *told, struct error *e)
{
    struct error second;
    struct buffer unused = BUFFER_EMPTY;
    if (!box_is_free(b, e))
        return false;
    if ((b->is_mbox ? mbox_go : maildir_go)(b, told, e))
        return true;
    struct triage_record r = {.messages = NULL};
    struct buffer text = BUFFER_EMPTY;
    bool has_begun = box_read_record(b, &r, &text, &second) && !r.is_done;
    if (has_begun && !(b->is_mbox ? mbox_undo : maildir_undo)(b, &unused, &second)) {
        struct error first = *e;
        error_set(e, "%.200s; and what had been moved could not be put back: %.200s", first.text,
                  second.text);
    }
    triage_record_free(&r);
    buffer_free(&text);
    buffer_free(&unused);
    return false;
}

static bool go(struct box *b, struct buffer *told, struct error *e)
{
    if (!as_owner_begin(&b->before, e))
        return false;
    bool ok = go_or_go_back(b, told, e);
    as_owner_end();
    return ok;
}

bool moving_go(struct moving *m, struct buffer *told, struct error *e)
{
    bool ok = true;
    for (size_t i = 0; ok && i < m->count; i++)
        ok = !to_move(&m->boxes[i]) || go(&m->boxes[i], told, e);
    return ok;
}

bool moving_undo(const char *name, struct buffer *told, struct error *e)
{
    struct box b;
    bool ok = box_open(&b, name, e) && as_owner_begin(&b.before, e);
    if (ok) {
        ok = (b.is_mbox ? mbox_undo : maildir_undo)(&b, told, e);
        as_owner_end();
    }
    box_free(&b);
    return ok;
}
