/* What "plainpost guard" prints: lines for people, or a JSON object a line. */
#ifndef CLI_GUARD_TEXT_H
#define CLI_GUARD_TEXT_H

#include "guard/look.h"
#include "guard/replay.h"

void guard_tell_words(void *unused, const struct replay_finding *f); /* replay_tell_fn */
void guard_tell_json(void *unused, const struct replay_finding *f);
void guard_print_figures(const struct replay_figures *f);
void guard_print_figures_json(const struct replay_figures *f);
void guard_print_limits(void);
void guard_print_look(const struct look *l);

#endif
