/* The files that a directory is made from: what they are, and what is in them. */
#include "address/directory_inside.h"

#include "sys/whole_file.h"

#include <errno.h>

enum { LARGEST_FILE = 256 * 1024 * 1024 };

struct span directory_database(struct span file)
{
    return span_starts(file, SPAN("sqlite:")) ? span_skip(file, 7) : SPAN_NONE;
}

int directory_read_file(struct file_marks *marks, const char *path, struct buffer *text,
                        struct error *e)
{
    file_marks_add(marks, path);
    bool ok = whole_file_read(path, 0, LARGEST_FILE, text);
    int why = errno;
    if (!ok)
        error_system(e, why, "cannot read %s", path);
    return ok ? 1 : why == ENOENT ? 0 : -1;
}
