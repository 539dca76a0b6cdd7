/* What the writer writes, another's reader reads, and finds the same. */
#include "base/fuzz.h"

#include "base/json.h"
#include "base/visible.h"

enum { MOST_STEPS = 200, DEEPEST = 50 };

static void check(const struct buffer *json, struct span first)
{
    struct buffer read = BUFFER_EMPTY;
    fuzz_json_member(buffer_span(json), "first", &read);
    assert(!utf8_is_valid(first) || span_equal(buffer_span(&read), first));
    buffer_free(&read);
}

/* Inside of an object at the depth `j->depth`. */
static void add_member(struct json *j, struct fuzz_input *in)
{
    switch (fuzz_number(in, 6)) {
    case 0:
        json_member_object(j, "object");
        break;
    case 1:
        json_end(j);
        break;
    case 2:
        json_number(j, "number", (int64_t)fuzz_u64(in));
        break;
    case 3:
        json_bool(j, "bool", fuzz_bool(in));
        break;
    case 4:
        json_null(j, "null");
        break;
    case 5:
        json_member_array(j, "list");
        json_element_text(j, fuzz_line(in));
        json_object(j);
        json_end(j);
        json_end(j);
        break;
    default:
        json_text(j, "text", fuzz_line(in));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    json_object(&j);
    struct span first = fuzz_line(&in);
    json_text(&j, "first", first);
    json_member_object(&j, "rest");
    for (size_t i = 0; i < MOST_STEPS && in.rest.len && j.depth > 1 && j.depth < DEEPEST; i++)
        add_member(&j, &in);
    if (j.depth > 1 && j.depth < DEEPEST)
        json_text(&j, "last", in.rest);
    while (j.depth)
        json_end(&j);
    check(&out, first);
    buffer_free(&out);
    return 0;
}
