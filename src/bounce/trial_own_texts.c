#include "bounce/trial_own_texts.h"

#include "bounce/notice_texts.h"

#include <assert.h>

static void write_ascii(struct buffer *file)
{
    buffer_add_text(file, "msgid \"\"\nmsgstr \"Language: ja\\n\"\n");
    for (size_t i = 0; i < notice_text_count; i++) {
        const struct notice_text *t = &notice_texts[i];
        buffer_printf(file, "msgid \"%s\"\n", t->english);
        if (t->plural)
            buffer_printf(file, "msgid_plural \"%s\"\n", t->plural);
        buffer_printf(file, "msgstr%s \"T%zu", t->plural ? "[0]" : "", i);
        for (const char *c = t->english; *c; c++)
            if (*c == '%')
                buffer_printf(file, " %%%c", c[1]);
        buffer_add_text(file, "\"\n");
    }
}

static void hear_nothing(void *arg, size_t line, bool is_left_out, const char *words) {}

struct own_texts *trial_own_texts(void)
{
    struct own_texts *t = own_texts_new();
    struct own_texts_found found;
    struct buffer file = BUFFER_EMPTY;
    const struct text_faults faults = {.tell = hear_nothing};
    write_ascii(&file);
    bool is_read = own_texts_read(t, buffer_span(&file), &faults, &found);
    assert(is_read && found.own == notice_text_count);
    buffer_free(&file);
    return t;
}

const struct language *trial_own_language(const struct own_texts *t)
{
    return own_texts_language(t, language_find(SPAN("ja")));
}

bool trial_is_own(struct span text, struct span *at)
{
    text = span_first(text, span_find(text, SPAN("\nIn English")));
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] > 0x7F) {
            *at = span_skip(text, i);
            return false;
        }
    return true;
}
