/* The files that tables were read from, and how they looked: has one of them changed? */
#ifndef ADDRESS_FILE_MARKS_H
#define ADDRESS_FILE_MARKS_H

#include <stdbool.h>
#include <stddef.h>

struct file_marks {
    struct file_mark *at;
    size_t count, room;
    bool is_distrusted;
};

void file_marks_add(struct file_marks *m, const char *path); /* before it is read */
/* An SQLite database: its file, and its write-ahead log, into which commits go at first. */
void file_marks_add_database(struct file_marks *m, const char *path);
/* What was read is not good: look again even if nothing changes. A database may be locked, or a
 * file not readable, and neither shows when it ends. */
void file_marks_distrust(struct file_marks *m);
/* Also when a file was written to so shortly before it was marked that what came after looks alike:
 * times of files are no finer than the system's tick. */
bool file_marks_changed(const struct file_marks *m);
void file_marks_free(struct file_marks *m);

#endif
