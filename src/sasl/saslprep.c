#include "sasl/saslprep.h"

#include "base/visible.h"

#include <string.h>
#include <stringprep.h>

/* It is what it is, as nearly always. */
static bool is_plain_ascii(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < ' ' || text.at[i] > '~')
            return false;
    return true;
}

bool saslprep_add(struct buffer *out, struct span text, bool is_stored)
{
    char form[SASLPREP_LONGEST + 1];
    if (!text.len || text.len > SASLPREP_LONGEST || span_find_char(text, '\0') != SPAN_NOT_FOUND)
        return false;
    if (is_plain_ascii(text)) {
        buffer_add_span(out, text);
        return true;
    }
    if (!utf8_is_valid(text))
        return false;
    memcpy(form, text.at, text.len);
    form[text.len] = 0;
    Stringprep_profile_flags flags = is_stored ? STRINGPREP_NO_UNASSIGNED : 0;
    bool ok = stringprep(form, sizeof form, flags, stringprep_saslprep) == STRINGPREP_OK && form[0];
    if (ok)
        buffer_add_text(out, form);
    explicit_bzero(form, sizeof form);
    return ok;
}
