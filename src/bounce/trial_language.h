/* For tests: a language that nobody speaks and nobody is offered. Each of its texts is the English
 * one between "⟦" and "⟧", with an accent on every letter and 40 % longer: a letter without an
 * accent was not translated, a "⟦" without its "⟧" was cut. */
#ifndef BOUNCE_TRIAL_LANGUAGE_H
#define BOUNCE_TRIAL_LANGUAGE_H

#include "base/arena.h"
#include "bounce/words.h"

const struct language *trial_language(struct arena *a); /* lives in `a` */

/* Is all of `rendered` in that language, and whole? What stands in `<…>`, `&…;` and <style>, and
 * the words of `allowed` (one behind the other, with a blank behind each), are not looked at.
 * Otherwise `*at` is what is not. */
bool trial_language_is_whole(struct span rendered, const char *allowed, struct span *at);

#endif
