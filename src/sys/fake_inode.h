/* A file or directory of the fake disk: what programs see, what is safe on the disk, and the
 * changes that lead from the one to the other, in the order in which they were made. */
#ifndef SYS_FAKE_INODE_H
#define SYS_FAKE_INODE_H

#include "base/buffer.h"
#include "sys/fake_disk.h"

enum change_kind { CHANGE_WRITE, CHANGE_SIZE, CHANGE_NAME };

struct change {
    enum change_kind kind;
    uint64_t offset;     /* of a write; the size */
    struct buffer bytes; /* of a write; the name */
    struct inode *to;    /* of a name; NULL: removed */
};

struct name {
    char *text;
    struct inode *inode;
};

/* Of a file or a directory. */
struct content {
    struct buffer bytes;
    struct name *names;
    size_t name_count;
};

struct inode {
    struct inode *next; /* of all */
    bool is_directory;
    int64_t modified_ns;
    struct content seen, safe;
    struct change *changes;
    size_t change_count;
};

struct name *content_find(struct content *c, const char *text); /* NULL: no such name */
void content_clear(struct content *c);

/* Programs see it at once. Takes over the bytes of `change`. */
void inode_change(struct inode *n, struct change change, int64_t time_ns);
void inode_make_safe(struct inode *n);
void inode_drop_changes(struct inode *n);
/* The power is cut: of what is not safe only what `loss` and `seed` say stays; that is what
 * programs see then. */
void inode_lose(struct inode *n, enum fake_loss loss, uint64_t *seed);

#endif
