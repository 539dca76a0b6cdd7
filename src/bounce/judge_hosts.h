/* Hosts that notices link to: those of the makers of mail systems and of lists of spammers, whose
 * pages help; and those where anybody can put up a page. For this room only. Pure. */
#ifndef BOUNCE_JUDGE_HOSTS_H
#define BOUNCE_JUDGE_HOSTS_H

#include "base/span.h"

/* A host whose pages are all of its owner's, and which true notices name. */
bool host_is_known(struct span host);
/* Free pages, forms, shortened links. */
bool host_is_anybodys(struct span host);
/* It carries the name of a known mail service ("outlook-365.example"), and is not of theirs. */
bool host_wears_a_name(struct span host);
/* "192.0.2.1", "xn--…", or not ASCII: no mail system links there. */
bool host_is_veiled(struct span host);

#endif
