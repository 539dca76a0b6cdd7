/* The files that tables were read from, and how they looked: has one of them changed? */
#ifndef ADDRESS_FILE_MARKS_H
#define ADDRESS_FILE_MARKS_H

#include <stdbool.h>
#include <stddef.h>

struct file_marks {
    struct file_mark *at;
    size_t count, room;
};

void file_marks_add(struct file_marks *m, const char *path); /* before it is read */
bool file_marks_changed(const struct file_marks *m);
void file_marks_free(struct file_marks *m);

#endif
