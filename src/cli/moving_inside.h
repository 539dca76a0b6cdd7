/* What the files that move share (moving*.c); not for others. */
#ifndef CLI_MOVING_INSIDE_H
#define CLI_MOVING_INSIDE_H

#include "cli/mailbox_access.h"
#include "cli/moving.h"

struct planned {
    struct span name; /* of a Maildir: "cur/1.host:2,S" */
    enum folder to;
};

struct box {
    const char *name; /* as the person says it */
    char *path;       /* the same without a slash at the end, and without links */
    char *record;     /* where it is written down what was moved */
    const char *root; /* of a Maildir: the one that holds the folders, and how names begin there */
    struct span prefix;
    bool is_mbox;
    struct stat before;
    struct planned *moves; /* of a Maildir */
    size_t move_count, room;
    struct buffer folders; /* of an mbox: a byte for each message */
    size_t counts[FOLDER_COUNT + 1];
    struct arena arena;
};

/* False: it is neither a Maildir nor an mbox. Free it in any case. */
bool box_open(struct box *b, const char *name, struct error *e);
void box_free(struct box *b);

/* An earlier move that was interrupted is to be put back first. */
bool box_is_free(const struct box *b, struct error *e);
bool box_read_record(const struct box *b, struct triage_record *r, struct buffer *text,
                     struct error *e);
bool box_write_record(const struct box *b, const struct triage_record *r, struct error *e);
void box_tell_undone(const struct box *b, size_t back, size_t gone, struct buffer *told);

bool maildir_go(struct box *b, struct buffer *told, struct error *e);
bool maildir_undo(struct box *b, struct buffer *told, struct error *e);
bool mbox_go(struct box *b, struct buffer *told, struct error *e);
bool mbox_undo(struct box *b, struct buffer *told, struct error *e);

/* The folder's path; the caller frees it. */
char *maildir_folder(const struct box *b, enum folder f);
char *mbox_folder(const struct box *b, enum folder f);

#endif
