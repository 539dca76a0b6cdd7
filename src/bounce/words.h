/* What people read, in their language. The English stands in the code where it is used, the other
 * languages in po/ (doc/translating.md), compiled into tables. Pure, thread-safe: no locale.
 *
 * A text is a whole sentence or a label, never a piece that is glued to others. "%1" to "%9" in it
 * are places for what is filled in. */
#ifndef BOUNCE_WORDS_H
#define BOUNCE_WORDS_H

#include "base/buffer.h"

struct language;

/* The language of a tag, "de", "de-AT", "de_AT.UTF-8", or of the first known one in a list such as
 * that of Accept-Language. English when none is known. Never NULL. */
const struct language *language_find(struct span tags);
const struct language *language_known(struct span tag); /* of one tag; NULL: it is not known */
const char *language_tag(const struct language *l);     /* "de" */
const struct language *language_at(size_t i);           /* 0 is English; NULL behind the last */
/* What is said in English beside `l`: with an operator's words (own_texts.h) where `l` has them. */
const struct language *language_english(const struct language *l);
bool language_is_written_tight(const struct language *l); /* no blanks between words */
bool language_is_right_to_left(const struct language *l);

/* The text in language `l` (NULL: English); the English when it is not translated. `english` is a
 * literal, else marked by WORDS() where it stands, so that the translators' tools find it. */
const char *words(const struct language *l, const char *english);
#define WORDS(english) english

/* The form that goes with the number `n`. */
const char *words_plural(const struct language *l, const char *one, const char *many, uint64_t n);

/* What an operator has to say to those who need help, in paragraphs parted by LF; "" unless `l` has
 * an operator's words. */
const char *words_help(const struct language *l);

/* Append `text`, which is in language `l`, with `with[0]` in the place of "%1" and so on. Where
 * reading goes from right to left, what is filled in keeps an order of its own (Unicode's FIRST
 * STRONG ISOLATE and POP DIRECTIONAL ISOLATE), and the whole begins with a RIGHT-TO-LEFT MARK. */
void words_fill(struct buffer *out, const struct language *l, const char *text,
                const struct span *with, size_t count);

/* Append "Tue 24 Nov 2026, 12:44 (UTC+1)", as the language writes it. */
void words_add_time(struct buffer *out, const struct language *l, int64_t time_ms,
                    int offset_minutes);
/* The same without clock and zone, "Tue 24 Nov 2026", of a day since 1970. */
void words_add_day(struct buffer *out, const struct language *l, int64_t day);

#endif
