#include "sys/directory.h"

#include <errno.h>

void durable_directories_free(struct durable_directories *d)
{
    map_free(&d->known);
    arena_clear(&d->names);
}

int directory_make(struct disk *d, const char *path)
{
    struct disk_stat st;
    int result = d->ops->stat(d, path, &st);
    if (result == -ENOENT)
        result = d->ops->mkdir(d, path, 0700);
    else if (result == 0 && !st.is_directory)
        result = -ENOTDIR;
    return result == -EEXIST ? 0 : result;
}

/* "/a/b" "/a", "a" ".", "/a" "/". */
static struct span parent_of(struct span path)
{
    while (path.len && path.at[path.len - 1] != '/')
        path.len--;
    if (!path.len)
        return SPAN(".");
    while (path.len > 1 && path.at[path.len - 1] == '/')
        path.len--;
    return path;
}

/* A directory that was there before may stand in one that is closed to us, or on a file system that
 * can't be synced so. Then it is not one that we made. */
static bool is_not_ours(int error)
{
    return error == -EACCES || error == -EPERM || error == -EROFS || error == -EINVAL;
}

int directory_make_durable(struct durable_directories *known, struct disk *d, struct span path)
{
    struct disk_stat st;
    if (span_equal(path, SPAN("/")) || span_equal(path, SPAN(".")) ||
        map_get_text(&known->known, path))
        return 0;
    struct span above = parent_of(path);
    int result = directory_make_durable(known, d, above);
    if (result < 0)
        return result;
    path = arena_copy(&known->names, path);
    bool was_there = d->ops->stat(d, path.at, &st) == 0;
    result = directory_make(d, path.at);
    if (result < 0)
        return result;
    result = d->ops->sync_directory(d, arena_text(&known->names, above));
    if (result < 0 && !(was_there && is_not_ours(result)))
        return result;
    map_set_text(&known->known, path, (void *)(uintptr_t)path.at);
    return 0;
}
