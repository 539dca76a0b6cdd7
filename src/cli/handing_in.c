#include "cli/handing_in.h"

#include "cli/commands.h"
#include "receive/drop_folder.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

static int put_failed(int error, const char *folder)
{
    switch (error) {
    case ENOENT:
        return complain(EX_UNAVAILABLE,
                        "there is no folder %s to hand in mail; \"plainpost serve\" makes it when "
                        "it starts for the first time",
                        folder);
    case EACCES:
    case EPERM:
        return complain(EX_NOPERM,
                        "you may not hand in mail through %s: the option \"drop\" names a folder "
                        "that every user may use",
                        folder);
    case ENOSPC:
    case EDQUOT:
    case ENFILE:
    case EMFILE:
        return complain(EX_TEMPFAIL, "cannot hand in this message through %s right now: %s", folder,
                        strerror(error));
    default:
        return complain(EX_IOERR, "cannot hand in this message through %s: %s", folder,
                        strerror(error));
    }
}

int hand_in_file(const struct options *o, const struct drop_file *f)
{
    struct buffer head = BUFFER_EMPTY, folder = BUFFER_EMPTY;
    drop_file_head(&head, f);
    drop_folder_path(&folder, o);
    int failed = drop_folder_put(buffer_text(&folder), buffer_span(&head), f->message);
    int status = failed ? put_failed(-failed, buffer_text(&folder)) : EX_OK;
    buffer_free(&head);
    buffer_free(&folder);
    return status;
}
