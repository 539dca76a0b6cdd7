/* What is done for one request, in a process of its own that begins with the helper's rights and
 * gives them up for the user's before it looks at anything of the user. */
#ifndef DELIVER_AS_USER_WORK_H
#define DELIVER_AS_USER_WORK_H

#include "address/directory.h"
#include "deliver/as_user.h"

/* What the helper knows of its own: never what a request says. */
struct as_world {
    const struct options *options;
    const struct directory *directory; /* as it was when the server started */
};

/* Changes the process's user for good. `message`: descriptor of the message. Texts in `a`. */
struct as_result as_user_work(const struct as_world *w, const struct as_request *r, int message,
                              struct arena *a);

#endif
