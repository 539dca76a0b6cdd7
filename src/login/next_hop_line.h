/* One line of the file of passwords by which we log in at next hops:
 *
 *     smarthost.example.net      relay@example.org  a password, which may have blanks
 *     smtp.example.com:587       alice@example.com  token-file:/run/tokens/alice
 *
 * Pure; everything borrows from the line. */
#ifndef LOGIN_NEXT_HOP_LINE_H
#define LOGIN_NEXT_HOP_LINE_H

#include "base/error.h"
#include "base/span.h"

struct next_hop_line {
    struct span host;     /* as a route names the server; an address without brackets */
    uint16_t port;        /* 0: any */
    struct span name;     /* as whom */
    struct span password; /* empty: there is a token in its place, in `token_file` */
    struct span token_file;
};

/* A whole line, without its end. 1, 0: nothing stands in it, -1: `problem`, which names no secret.
 */
int next_hop_line_parse(struct span line, struct next_hop_line *l, struct error *problem);
bool next_hop_line_is_for(const struct next_hop_line *l, struct span host, uint16_t port,
                          struct span name);

#endif
