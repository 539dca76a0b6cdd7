#include "daemon/room_note.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct room_note {
    struct task task;
    struct receiver *to;
    uint64_t bytes;
    size_t len;
    char mailbox[];
};

static void arrived(struct task *t)
{
    struct room_note *n = LIST_ENTRY(t, struct room_note, task);
    receiver_note_room(n->to, span_make(n->mailbox, n->len), n->bytes);
    free(n);
}

void room_note_send(struct loop *loop, struct receiver *to, struct span mailbox, uint64_t bytes)
{
    struct room_note *n = memory_new(sizeof *n + mailbox.len);
    *n = (struct room_note){{.run = arrived}, to, bytes, mailbox.len};
    memcpy(n->mailbox, mailbox.at, mailbox.len);
    loop_post(loop, &n->task);
}
