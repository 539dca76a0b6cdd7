/* Any properties make a message with a header, in which each part that was begun has an end. */
#include "base/fuzz.h"

#include "mail/header.h"
#include "mail/outlook.h"
#include "mail/pasted.h"

enum { MOST_TRIED = 6 };

static void take_item(struct fuzz_input *in, struct outlook_item *i, struct outlook_property *p)
{
    static const uint32_t ids[] = {0x001A, 0x0037, 0x0039, 0x0049, 0x007D, 0x0C1A, 0x0C1B,
                                   0x0C1F, 0x0E04, 0x1000, 0x1001, 0x1013, 0x1035, 0x3001,
                                   0x3701, 0x3707, 0x370E, 0x39FE, 0x3FDE, 0x6820};
    static const uint32_t types[] = {0x0003, 0x001E, 0x001F, 0x0040, 0x0102};
    *i = (struct outlook_item){.properties = p};
    for (size_t n = fuzz_number(in, MOST_TRIED); n--; i->count++)
        p[i->count] = (struct outlook_property){ids[fuzz_number(in, COUNT_OF(ids) - 1)] << 16 |
                                                    types[fuzz_number(in, 4)],
                                                fuzz_text(in, 500)};
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct outlook_property self[MOST_TRIED], other[MOST_TRIED], file[MOST_TRIED];
    struct outlook_item recipient, attachment;
    struct outlook o = {.recipients = &recipient,
                        .attachments = &attachment,
                        .recipient_count = fuzz_bool(&in),
                        .attachment_count = fuzz_bool(&in)};
    struct outlook inner = {{0}};
    bool has_inner = fuzz_bool(&in);
    struct buffer out = BUFFER_EMPTY;
    take_item(&in, &o.self, self);
    take_item(&in, &recipient, other);
    take_item(&in, &attachment, file);
    inner.self = o.self;
    attachment.message = has_inner ? &inner : NULL;
    outlook_add_message(&out, &o);
    struct span made = buffer_span(&out);
    assert(pasted_is_message(made) && header_length(made) < made.len);
    assert(span_ends_nocase(made, SPAN("\n--=_outlook_0--\n")));
    buffer_free(&out);
    return 0;
}
