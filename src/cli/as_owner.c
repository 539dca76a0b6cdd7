/* Only the effective ids change, so that root can go back. */
#define _GNU_SOURCE
#include "cli/as_owner.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

bool as_owner_begin(const struct stat *mailbox, struct error *e)
{
    if (geteuid() != 0 || mailbox->st_uid == 0)
        return true;
    if (setgroups(1, &mailbox->st_gid) == 0 && setegid(mailbox->st_gid) == 0 &&
        seteuid(mailbox->st_uid) == 0)
        return true;
    error_system(e, errno, "cannot take the rights of the mailbox's owner");
    as_owner_end();
    return false;
}

/* The groups that root had are of no use to root. */
void as_owner_end(void)
{
    if (getuid() != 0)
        return;
    if (seteuid(0) != 0 || setegid(getgid()) != 0)
        abort(); /* who began was root, so that this can't be refused */
}
