#define _GNU_SOURCE
#include "control/peer.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <grp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_GROUPS = 65536, ROOM = 64 * 1024 };

bool peer_group(struct span name, gid_t *group, struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    struct group entry, *found = NULL;
    char *room = memory_new(ROOM);
    *group = (gid_t)-1;
    buffer_add_span(&text, name);
    bool ok = !name.len || (!getgrnam_r(buffer_text(&text), &entry, room, ROOM, &found) && found);
    if (found)
        *group = found->gr_gid;
    buffer_free(&text);
    free(room);
    return ok || error_set(e, "there is no group \"%.*s\" on this machine (option \"operators\")",
                           SPAN_F(name));
}

static bool has_group(int fd, gid_t wanted)
{
    socklen_t size = MOST_GROUPS * sizeof(gid_t);
    gid_t *groups = memory_new(size);
    bool has = false;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0)
        for (size_t i = 0; i < size / sizeof *groups; i++)
            has |= groups[i] == wanted;
    free(groups);
    return has;
}

bool peer_of(int fd, gid_t operators, struct asker *p)
{
    struct ucred who;
    socklen_t size = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || size != sizeof who)
        return false;
    p->uid = who.uid;
    p->is_operator = who.uid == 0 || who.uid == geteuid() ||
                     (operators != (gid_t)-1 && (who.gid == operators || has_group(fd, operators)));
    return true;
}
