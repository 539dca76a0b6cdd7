#include "sys/fake_inode.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512 };

void content_clear(struct content *c)
{
    buffer_free(&c->bytes);
    for (size_t i = 0; i < c->name_count; i++)
        free(c->names[i].text);
    free(c->names);
    *c = (struct content){0};
}

void inode_drop_changes(struct inode *n)
{
    for (size_t i = 0; i < n->change_count; i++)
        buffer_free(&n->changes[i].bytes);
    free(n->changes);
    n->changes = NULL;
    n->change_count = 0;
}

struct name *content_find(struct content *c, const char *text)
{
    for (size_t i = 0; i < c->name_count; i++)
        if (strcmp(c->names[i].text, text) == 0)
            return &c->names[i];
    return NULL;
}

static void set_name(struct content *c, const char *text, struct inode *to)
{
    struct name *n = content_find(c, text);
    if (n && to) {
        n->inode = to;
    } else if (n) {
        free(n->text);
        *n = c->names[--c->name_count];
    } else if (to) {
        size_t size = strlen(text) + 1;
        c->names = memory_resize(c->names, (c->name_count + 1) * sizeof *c->names);
        c->names[c->name_count++] = (struct name){memcpy(memory_new(size), text, size), to};
    }
}

static void set_size(struct buffer *b, uint64_t size)
{
    if (size > b->len) {
        size_t more = (size_t)size - b->len;
        memset(buffer_reserve(b, more), 0, more);
    }
    b->len = (size_t)size;
}

static void set_bytes(struct buffer *b, uint64_t offset, const char *at, size_t len)
{
    if (offset + len > b->len)
        set_size(b, offset + len);
    if (len)
        memcpy(b->at + offset, at, len);
}

static void apply(struct content *c, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_WRITE:
        set_bytes(&c->bytes, change->offset, change->bytes.at, change->bytes.len);
        break;
    case CHANGE_SIZE:
        set_size(&c->bytes, change->offset);
        break;
    case CHANGE_NAME:
        set_name(c, buffer_text(&change->bytes), change->to);
        break;
    }
}

void inode_change(struct inode *n, struct change change, int64_t time_ns)
{
    apply(&n->seen, &change);
    n->modified_ns = time_ns;
    n->changes = memory_resize(n->changes, (n->change_count + 1) * sizeof *n->changes);
    n->changes[n->change_count++] = change;
}

void inode_make_safe(struct inode *n)
{
    for (size_t i = 0; i < n->change_count; i++)
        apply(&n->safe, &n->changes[i]);
    inode_drop_changes(n);
}

/* xorshift64*. */
static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (*seed * 0x2545f4914f6cdd1dULL) >> 33;
}

static void apply_sectors(struct content *c, const struct change *change, uint64_t *seed)
{
    for (size_t at = 0; at < change->bytes.len;) {
        size_t left = SECTOR - (size_t)((change->offset + at) % SECTOR);
        size_t len = change->bytes.len - at < left ? change->bytes.len - at : left;
        if (random_next(seed) & 1)
            set_bytes(&c->bytes, change->offset + at, change->bytes.at + at, len);
        at += len;
    }
}

void inode_lose(struct inode *n, enum fake_loss loss, uint64_t *seed)
{
    for (size_t i = 0; i < n->change_count && loss != FAKE_LOSE_ALL; i++) {
        const struct change *c = &n->changes[i];
        if (loss == FAKE_LOSE_PARTS && c->kind == CHANGE_WRITE)
            apply_sectors(&n->safe, c, seed);
        else if (loss == FAKE_LOSE_NONE || random_next(seed) & 1)
            apply(&n->safe, c);
    }
    inode_drop_changes(n);
    content_clear(&n->seen);
    buffer_add_span(&n->seen.bytes, buffer_span(&n->safe.bytes));
    for (size_t i = 0; i < n->safe.name_count; i++)
        set_name(&n->seen, n->safe.names[i].text, n->safe.names[i].inode);
}
