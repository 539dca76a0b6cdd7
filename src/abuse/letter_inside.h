/* What the two forms of the letter share; not for others. */
#ifndef ABUSE_LETTER_INSIDE_H
#define ABUSE_LETTER_INSIDE_H

#include "abuse/letter.h"

/* letter.c: the fields but those that begin with "Content-". */
void letter_add_header(struct buffer *out, const struct letter *l);
void letter_add_boundary(struct buffer *out, const struct letter *l);
void letter_begin_part(struct buffer *out, const struct letter *l, const char *type,
                       const char *encoding);
/* For a person: letter_text.c has the words. */
void letter_add_text_part(struct buffer *out, const struct letter *l);
/* The message in the form in which it is attached; `*is_whole`: not only its header. */
void letter_message(struct buffer *out, const struct letter *l, bool *is_whole);
void letter_add_message_part(struct buffer *out, const struct letter *l);
void letter_end(struct buffer *out, const struct letter *l);

/* letter_text.c: UTF-8, LF. */
void letter_text(struct buffer *out, const struct letter *l);

/* Without the addresses, if they are to be hidden. */
void letter_redact(struct buffer *out, const struct letter *l, struct span text);

/* A text from outside as the value of a field. */
void letter_add_value(struct buffer *out, struct span s);

#endif
