/* Authentication-Results fields: RFC 8601. Pure. */
#ifndef AUTH_AUTHRES_H
#define AUTH_AUTHRES_H

#include "base/arena.h"
#include "base/error.h"

enum { AUTHRES_MOST_RESULTS = 64, AUTHRES_MOST_PROPERTIES = 16 /* of a result */ };

struct authres_property {
    struct span type, name; /* "smtp", "mailfrom" */
    struct span value;      /* without quotes */
};

struct authres_result {
    struct span method; /* "spf" */
    struct span result; /* "pass" */
    struct span reason; /* or empty */
    struct authres_property properties[AUTHRES_MOST_PROPERTIES];
    size_t count;
};

struct authres {
    struct span server; /* authserv-id: who has checked */
    struct authres_result *results;
    size_t count; /* 0: "none" */
};

/* `value`: of the field, folded or not. Takes values that should have been quoted, as they are
 * often seen ("header.b=aB/c"). False: it is none, `*e` says why. What is read lives in `a`, or
 * borrows. */
bool authres_parse(struct authres *r, struct span value, struct arena *a, struct error *e);

/* Append the whole field, folded, with CRLF at its end. What stands in it from outside may hold
 * anything: it is quoted, control characters are left out, and what is very long is cut off. */
void authres_write(struct buffer *out, const struct authres *r);

/* Append the header (as mail/header.h has it) without the fields that claim to be of `server`, and
 * without those of which it can't be told: RFC 8601 5. Returns how many are left out. */
size_t authres_remove(struct buffer *out, struct span header, struct span server);

/* The same for fields of another name that begin likewise, with who writes them and ";". */
size_t authres_remove_named(struct buffer *out, struct span header, struct span name,
                            struct span server);
void authres_add_server(struct buffer *out, struct span server); /* that beginning, without ";" */

/* The instance of an ARC-Authentication-Results field ("i=1; mx.example; spf=pass": RFC 8617
 * 4.1.1), and all behind it, trimmed. False: it does not begin with one. */
bool authres_take_instance(struct span value, uint64_t *instance, struct span *rest);

/* Append what all fields of `server` in the header say together, as they say it, comments and all:
 * "mx.example; spf=pass …; dkim=…", folded. Returns how many fields there are. */
size_t authres_join(struct buffer *out, struct span header, struct span server);

#endif
