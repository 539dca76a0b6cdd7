/* A question that a session asks before it takes a recipient at a relay domain: does the next hop
 * take mail for this address? Whoever asks knows nothing of who answers. */
#ifndef ADDRESS_INQUIRY_H
#define ADDRESS_INQUIRY_H

#include "base/arena.h"
#include "base/list.h"
#include "outcome/outcome.h"
#include "sys/loop.h"

struct inquiry {
    struct task task;    /* posted to `loop` with the answer: task.run is set by who asks */
    struct loop *loop;   /* of who asks */
    struct span address; /* lives until the answer */
    /* RELAYED: it does. FAILED: never, by the words of the next hop, or ours when none could be
     * found. DELAYED: nobody can tell now; the words say why. Texts live in `arena`, which the
     * asker clears. */
    struct outcome answer;
    struct arena arena;
    /* Who answers has these meanwhile. */
    struct task there;
    struct list by_question, by_deadline;
    int64_t deadline;
    struct span destination;
};

#endif
