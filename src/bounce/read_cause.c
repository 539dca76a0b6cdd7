/* Why: by the words of whoever refused it, by the code, and by who said it. */
#include "bounce/read_inside.h"

void read_causes(struct reading *r)
{
    for (size_t i = 0; i < r->notice->recipient_count; i++) {
        struct notice_recipient *to = &r->notice->recipients[i];
        to->cause = cause_find(to->code, to->status, to->diagnostic);
    }
}
