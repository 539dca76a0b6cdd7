#include "bounce/table_text.h"

#include "base/visible.h"

bool table_text_is_formula(char first)
{
    return first == '=' || first == '+' || first == '-' || first == '@' || first == '\'';
}

void table_text_add(struct buffer *out, struct span text, size_t most)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add_field(&shown, text, most);
    buffer_add_char(out, '"');
    if (shown.len && table_text_is_formula(shown.at[0]))
        buffer_add_char(out, '\'');
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.at[i] == '"')
            buffer_add_char(out, '"');
        buffer_add_char(out, shown.at[i]);
    }
    buffer_add_char(out, '"');
    buffer_free(&shown);
}
