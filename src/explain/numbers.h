/* Our numbers, and those of the public header, which never change. For this room only. */
#ifndef EXPLAIN_NUMBERS_H
#define EXPLAIN_NUMBERS_H

#include "bounce/advise.h"

#include <plainpost/explain.h>

enum plainpost_kind number_of_kind(enum notice_kind k);
enum plainpost_action number_of_action(enum notice_action a);
enum plainpost_cause number_of_cause(enum cause c);
enum plainpost_who number_of_actor(enum actor a);
enum plainpost_class number_of_class(enum verdict_class c);
enum plainpost_confidence number_of_confidence(enum confidence c);
enum plainpost_answer number_of_provenance(enum provenance p);

#endif
