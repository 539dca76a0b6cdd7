/* Notices without a machine-readable part: how each mail system words them. */
#include "bounce/read_inside.h"

bool read_dialect(struct reading *r)
{
    return r->notice->recipient_count > 0;
}
