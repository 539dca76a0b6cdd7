/* Write JSON. Pure. One `struct json` writes one value with everything in it; names are literals,
 * texts may hold anything: what is not UTF-8 becomes U+FFFD. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buffer.h"

struct json {
    struct buffer *out;
    uint64_t closers; /* a bit a level: 1 for an array */
    unsigned depth;   /* at most 60 */
    bool needs_comma;
};

struct json json_start(struct buffer *out);

/* A value without a name: the whole, or an element of an array. */
void json_object(struct json *j);
void json_array(struct json *j);
void json_element_text(struct json *j, struct span value);

/* Members of an object. */
void json_member_object(struct json *j, const char *name);
void json_member_array(struct json *j, const char *name);
void json_text(struct json *j, const char *name, struct span value);
void json_known_text(struct json *j, const char *name, struct span value); /* none if empty */
void json_number(struct json *j, const char *name, int64_t value);
void json_bool(struct json *j, const char *name, bool value);
void json_null(struct json *j, const char *name);

void json_end(struct json *j); /* closes the innermost object or array */

#endif
