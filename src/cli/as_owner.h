/* What root does in somebody's mailbox is done with that user's rights: what lies in it is theirs,
 * and may lead anywhere (a folder that is a symbolic link). Others have their own rights already. */
#ifndef CLI_AS_OWNER_H
#define CLI_AS_OWNER_H

#include "base/error.h"

#include <sys/stat.h>

/* From here on, until as_owner_end(), the whole process has the rights of the owner and the group
 * of `mailbox`. False: the system refuses; nothing has changed. */
bool as_owner_begin(const struct stat *mailbox, struct error *e);
void as_owner_end(void); /* root again, who began; nothing for others */

#endif
