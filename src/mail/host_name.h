/* What the name of a host tells by itself. Pure. */
#ifndef MAIL_HOST_NAME_H
#define MAIL_HOST_NAME_H

#include "base/span.h"

/* Is it that domain, or below it? In any case; of no domain it never is. */
bool host_name_is_within(struct span name, struct span domain);

/* Is the name made of the address ("192-0-2-7.dsl.example.net"), as providers name the connections
 * of homes and rented machines? Three of the four numbers of an IPv4 address stand in it, each for
 * itself, or all of them as digits without anything between; or half of an IPv6 address. (Two alone
 * are no sign: great senders number their servers so.) */
bool host_name_is_of_address(struct span name, const unsigned char address[16]);

/* Does it say by a word that it is one of many ("dynamic", "pool", "dsl"), left of the two labels
 * that may be a provider's name? */
bool host_name_is_of_pool(struct span name);

#endif
