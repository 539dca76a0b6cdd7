/* What moving messages of an mbox file and putting them back share (moving_mbox*.c). */
#ifndef CLI_MOVING_MBOX_H
#define CLI_MOVING_MBOX_H

#include "cli/moving_inside.h"

/* Take the next message, with what parts it from the one behind it. Pure. */
struct span moving_next_message(struct span *rest);
/* What is the same of a message when mail programs have marked it, in 32 digits. Pure. */
struct span moving_identity(struct span found, struct arena *a);
/* Behind the others; the last message of a file may lack the empty line that parts it from it. */
void moving_add_message(struct pieces *p, struct span found);

/* The mailbox and its folders, locked. Starts as all zeros. */
struct moving_files {
    struct mbox_access box, folders[FOLDER_COUNT];
    struct arena arena;
};

void moving_files_close(struct moving_files *f);
/* `may_make`: it need not be there; else one that is not there is not opened. */
bool moving_files_folder(struct moving_files *f, const struct box *b, enum folder which,
                         bool may_make, struct error *e);

#endif
