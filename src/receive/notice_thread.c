#include "receive/notice_thread.h"

#include "auth/tag_list.h"
#include "mail/header.h"

enum { LONGEST_ID = 250 };

static bool is_of_thread(struct span name)
{
    return span_equal_nocase(name, SPAN("In-Reply-To")) ||
           span_equal_nocase(name, SPAN("References"));
}

/* Adding a field that is signed as missing would break the signature. */
static bool is_signed(const struct header_field *f)
{
    struct tag_list tags;
    struct error why;
    bool is_signature = span_equal_nocase(f->name, SPAN("DKIM-Signature")) ||
                        span_equal_nocase(f->name, SPAN("ARC-Message-Signature"));
    if (!is_signature || !tag_list_parse(&tags, f->value, &why))
        return false;
    const struct tag *names = tag_list_find(&tags, "h");
    struct span rest = names ? names->value : SPAN_NONE, name;
    while (rest.len && tag_next_word(&rest, ':', &name))
        if (is_of_thread(name))
            return true;
    return false;
}

static bool is_id(struct span id)
{
    size_t ats = 0;
    for (size_t i = 0; i < id.len; i++) {
        ats += id.at[i] == '@';
        if (id.at[i] <= ' ' || id.at[i] > '~' || id.at[i] == '<' || id.at[i] == '>')
            return false;
    }
    return id.len && id.len <= LONGEST_ID && ats == 1;
}

void notice_thread_add(struct buffer *out, struct span header, struct span message_id)
{
    struct header_iterator it = header_start(header);
    struct header_field f;
    if (!is_id(message_id))
        return;
    while (header_next(&it, &f) > 0)
        if (is_of_thread(f.name) || is_signed(&f))
            return;
    buffer_printf(out, "In-Reply-To: <%.*s>\r\nReferences: <%.*s>\r\n", SPAN_F(message_id),
                  SPAN_F(message_id));
}
