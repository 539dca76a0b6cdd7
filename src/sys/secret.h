/* Memory that stands in no core file, and is zeros again when it is freed. */
#ifndef SYS_SECRET_H
#define SYS_SECRET_H

#include "base/error.h"
#include "base/span.h"

struct secret {
    char *at; /* NULL: none */
    size_t len, size;
};

/* All that is in a file that nobody else can read: it belongs to root or to us, and its mode gives
 * nothing to group and others. False: `e`; errno is ENOENT where there is none, and else not. */
bool secret_read(struct secret *s, const char *path, size_t largest, struct error *e);
/* The text becomes part of no core file from here on. */
void secret_copy(struct secret *s, struct span text);
void secret_free(struct secret *s);

/* A key of our own: that many bytes of chance, which the file keeps. It is made, for nobody else to
 * read, where there is none. False: `e`. */
bool secret_of_chance(const char *path, unsigned char *at, size_t len, struct error *e);

/* Bytes of chance that nobody can guess; at most 256. */
void secret_bytes(unsigned char *at, size_t len);

static inline struct span secret_span(const struct secret *s)
{
    return s->at ? (struct span){s->at, s->len} : SPAN_NONE;
}

#endif
