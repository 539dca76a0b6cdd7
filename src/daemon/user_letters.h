/* Letters to our own users about what they send (bounce/user_letter.h). */
#ifndef DAEMON_USER_LETTERS_H
#define DAEMON_USER_LETTERS_H

#include "receive/user_notice.h"

/* Takes it over; `house`: the house. In any thread. A user hears of shown addresses once a day, and
 * of three held messages an hour: whoever sends more knows it by then. */
void house_tell_user(void *house, struct user_notice *n);

#endif
