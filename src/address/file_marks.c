#include "address/file_marks.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct file_mark {
    char *path;
    struct stat seen;
};

static void look(const char *path, struct stat *now)
{
    if (stat(path, now))
        *now = (struct stat){0};
}

void file_marks_add(struct file_marks *m, const char *path)
{
    if (m->count == m->room) {
        m->room = m->room ? m->room * 2 : 4;
        m->at = memory_resize(m->at, m->room * sizeof *m->at);
    }
    struct file_mark *mark = &m->at[m->count++];
    mark->path = memory_new(strlen(path) + 1);
    memcpy(mark->path, path, strlen(path));
    look(path, &mark->seen);
}

bool file_marks_changed(const struct file_marks *m)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct stat *seen = &m->at[i].seen;
        struct stat now;
        look(m->at[i].path, &now);
        if (now.st_ino != seen->st_ino || now.st_size != seen->st_size ||
            now.st_mtim.tv_sec != seen->st_mtim.tv_sec ||
            now.st_mtim.tv_nsec != seen->st_mtim.tv_nsec)
            return true;
    }
    return false;
}

void file_marks_free(struct file_marks *m)
{
    for (size_t i = 0; i < m->count; i++)
        free(m->at[i].path);
    free(m->at);
    *m = (struct file_marks){0};
}
