/* Numeric IPv4 and IPv6 addresses as 16 bytes; IPv4 is ::ffff:a.b.c.d (RFC 4291 2.5.5.2). Pure. */
#ifndef BASE_INET_H
#define BASE_INET_H

#include "base/buffer.h"

/* "192.0.2.1", without leading zeros (that some programs read as octal); "2001:db8::1", also with
 * an IPv4 address at its end. */
bool inet_parse_v4(struct span text, unsigned char bytes[16]);
bool inet_parse_v6(struct span text, unsigned char bytes[16]);
bool inet_parse(struct span text, unsigned char bytes[16]); /* either */
bool inet_is_v4(const unsigned char bytes[16]);

/* The way to write an address that everybody shares: "192.0.2.1", "2001:db8::1" (RFC 5952). */
void inet_add(struct buffer *out, const unsigned char bytes[16]);

/* As names in the DNS begin with it: "1.2.0.192.", and of IPv6 all digits from behind (RFC 1035
 * 3.5, RFC 3596 2.5). */
void inet_add_reversed(struct buffer *out, const unsigned char bytes[16]);

/* Can packets from elsewhere come to it? Not to private networks, nor to a machine itself (RFC 6890).
 */
bool inet_is_reachable(const unsigned char address[16]);

#endif
