#include "address/file_marks.h"

#include "base/memory.h"
#include "sys/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TICK = 20 /* ms: no system's is longer */ };

struct file_mark {
    char *path;
    bool is_log; /* an empty one is made by whoever reads, and says nothing */
    struct stat seen;
    int64_t time_ms; /* of the mark */
};

static void look(const struct file_mark *mark, struct stat *now)
{
    if (stat(mark->path, now) || (mark->is_log && !now->st_size))
        *now = (struct stat){0};
}

static void add(struct file_marks *m, const char *path, const char *behind, bool is_log)
{
    if (m->count == m->room) {
        m->room = m->room ? m->room * 2 : 4;
        m->at = memory_resize(m->at, m->room * sizeof *m->at);
    }
    struct file_mark *mark = &m->at[m->count++];
    size_t len = strlen(path), more = strlen(behind);
    *mark = (struct file_mark){
        .path = memory_new(len + more + 1), .is_log = is_log, .time_ms = clock_now_ms()};
    memcpy(mark->path, path, len);
    memcpy(mark->path + len, behind, more);
    look(mark, &mark->seen);
}

void file_marks_add(struct file_marks *m, const char *path)
{
    add(m, path, "", false);
}

void file_marks_add_database(struct file_marks *m, const char *path)
{
    add(m, path, "", false);
    add(m, path, "-wal", true);
}

void file_marks_distrust(struct file_marks *m)
{
    m->is_distrusted = true;
}

static bool is_too_fresh(const struct file_mark *mark)
{
    int64_t written =
        (int64_t)mark->seen.st_mtim.tv_sec * 1000 + mark->seen.st_mtim.tv_nsec / 1000000;
    return written <= mark->time_ms && written > mark->time_ms - TICK &&
           clock_now_ms() > written + TICK;
}

static bool has_changed(const struct file_mark *mark)
{
    const struct stat *seen = &mark->seen;
    struct stat now;
    look(mark, &now);
    return now.st_ino != seen->st_ino || now.st_size != seen->st_size ||
           now.st_mtim.tv_sec != seen->st_mtim.tv_sec ||
           now.st_mtim.tv_nsec != seen->st_mtim.tv_nsec;
}

bool file_marks_changed(const struct file_marks *m)
{
    for (size_t i = 0; i < m->count; i++)
        if (has_changed(&m->at[i]) || is_too_fresh(&m->at[i]))
            return true;
    return m->is_distrusted;
}

void file_marks_free(struct file_marks *m)
{
    for (size_t i = 0; i < m->count; i++)
        free(m->at[i].path);
    free(m->at);
    *m = (struct file_marks){0};
}
