#include "deliver/form.h"

/* Converted mail is rare: servers without 8BITMIME are, and so is binary mail. So this is simple
 * and not fast: all of it at once. */

static bool read_all(const struct envelope *e, read_message_fn *read, void *arg, struct buffer *to)
{
    buffer_reserve(to, (size_t)e->size);
    while (to->len < e->size) {
        size_t left = (size_t)e->size - to->len;
        ssize_t n = read(arg, to->len, buffer_reserve(to, left), left);
        if (n <= 0)
            return false;
        to->len += (size_t)n;
    }
    to->at[to->len] = 0;
    return true;
}

static struct reply impossible(enum mail_form form, struct span why, struct arena *a)
{
    return (struct reply){
        0, STATUS(5, 6, 3),
        arena_printf(a,
                     "the receiving server takes no mail of this kind (%s), and the message can't "
                     "be brought into another form: %.*s",
                     form == FORM_7BIT ? "it lacks 8BITMIME" : "it lacks BINARYMIME", SPAN_F(why))};
}

enum form_result form_make(const struct envelope *e, enum mail_form form, read_message_fn *read,
                           void *arg, struct buffer *out, struct reply *why, struct arena *a)
{
    struct buffer message = BUFFER_EMPTY;
    enum form_result result = FORM_UNREADABLE;
    if (read_all(e, read, arg, &message)) {
        struct span words;
        bool ok = convert_message(out, buffer_span(&message), form, &words);
        bool travels = !e->is_binary && (form == FORM_8BIT || !e->is_8bit);
        result = ok ? FORM_DONE : travels ? FORM_AS_IT_IS : FORM_IMPOSSIBLE;
        if (result == FORM_IMPOSSIBLE)
            *why = impossible(form, words, a);
    }
    if (result != FORM_DONE)
        buffer_free(out);
    buffer_free(&message);
    return result;
}
