/* For this room only: notices that come are judged before they are accepted. */
#ifndef RECEIVE_NOTICES_H
#define RECEIVE_NOTICES_H

#include "receive/inside.h"

judge_fn judge_notice;

void notices_forget(struct session *s);

#endif
