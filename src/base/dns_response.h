/* Answers of the DNS for those who have no resolver of ours: as the message that came from a server
 * (RFC 1035 4.1), or as text. Pure. */
#ifndef BASE_DNS_RESPONSE_H
#define BASE_DNS_RESPONSE_H

#include "base/dns.h"

enum { DNS_MOST_RECORDS = 1000 /* of an answer */, DNS_LARGEST_RESPONSE = 65535 };

/* What the response says to that question, in `a`. Aliases are followed. One that is cut off (TC),
 * malformed, or answers something else is DNS_FAILED, with a reason; so is each error but "no such
 * name". What it says of DNSSEC is not believed: `is_secure` stays false. */
void dns_read_response(struct dns_answer *answer, struct span response, struct span name,
                       enum dns_type type, struct arena *a);

/* Appends the data of a record as on the wire: A and AAAA from an address, MX from "10
 * mx.example.org", PTR and CNAME from a name, TXT from its text (not in quotes). False: it is no
 * such data. DS and TLSA can't be written so. */
bool dns_add_data(struct buffer *out, enum dns_type type, struct span text);

#endif
