/* Which country an address is in, by a database in MaxMind's format (MMDB), such as
 * GeoLite2-Country.mmdb or DB-IP's. It is mapped into memory: whoever has a newer one puts a new
 * file in its place, and does not write over the one that is there. */
#ifndef SYS_COUNTRY_H
#define SYS_COUNTRY_H

#include "base/arena.h"
#include "base/error.h"

struct countries;

/* NULL: it can't be read, or this plainpost was built without libmaxminddb; `e` says what to do. */
struct countries *countries_open(struct span path, struct error *e);
void countries_free(struct countries **c);

/* Its two letters, 'D' << 8 | 'E'; 0: nobody knows, or `c` is NULL. `address` as in base/inet.h. In
 * any thread. */
uint16_t country_of(const struct countries *c, const unsigned char address[16]);

/* What that country is called, as the database has it: in the language of a tag ("de"), else in
 * English; its two letters where it has no names; empty: nobody knows. It lives in `a`. */
struct span country_name(const struct countries *c, const unsigned char address[16],
                         const char *language, struct arena *a);

#endif
