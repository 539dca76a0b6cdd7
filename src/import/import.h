/* Take over another mail server's configuration: its files are read and put into our own words, and
 * each of its settings gets a note that says what became of it. Pure: whoever calls reads the
 * files, and writes what comes out. */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

enum import_fate {
    IMPORT_CARRIED,  /* it stands in what was written */
    IMPORT_LOST,     /* it can't be carried over; the words say what to do in its place */
    IMPORT_UNNEEDED, /* it does not matter here */
    IMPORT_FATES
};

struct import_note {
    enum import_fate fate;
    struct span about; /* "mynetworks", "alias www", "master.cf submission" */
    struct span words;
};

struct import_source {
    /* Read a file. False: `e` says why not. */
    bool (*read)(void *arg, const char *path, struct buffer *text, struct error *e);
    void *arg;
    const char *directory; /* of main.cf */
    const char *to;        /* where plainpost.conf, users and aliases are going to be */
    struct span hostname;  /* of this machine, where main.cf names none */
};

/* Everything lives in its arena, but for the three files. */
struct import {
    struct arena arena;
    struct buffer config, users, aliases;
    struct import_note *notes;
    size_t count, room;
    size_t settings; /* in main.cf */
};

/* From Postfix: main.cf and master.cf in `directory`, and the tables that they name. False: `e`
 * says why main.cf can't be read. Free it in both cases. */
bool import_postfix(struct import *i, const struct import_source *s, struct error *e);
void import_free(struct import *i);

#endif
