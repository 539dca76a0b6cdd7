/* What an address trial found, in words, and as JSON. Pure. */
#ifndef CLI_TRIAL_TEXT_H
#define CLI_TRIAL_TEXT_H

#include "base/json.h"
#include "cli/address_trial.h"

void trial_print(struct buffer *out, const struct address_trial *t);
void trial_print_json(struct json *j, const struct address_trial *t);

#endif
