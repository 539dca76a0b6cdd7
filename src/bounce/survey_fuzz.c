/* A message has a part at least, whose spans lie in the message or the arena, and the same message
 * is always laid out in the same way. */
#include "base/fuzz.h"

#include "bounce/survey.h"
#include "bounce/survey_repair.h"

static void check_part(const struct survey_part *p)
{
    struct buffer text = BUFFER_EMPTY;
    assert(p->role <= PART_OTHER);
    assert((p->role == PART_HTML) == (p->html != NULL));
    buffer_add_span(&text, p->text); /* reads all of it */
    buffer_add_span(&text, p->name);
    buffer_free(&text);
}

static void check(struct span message)
{
    struct arena a = ARENA_EMPTY;
    struct survey s, again;
    survey_take(&s, message, &a);
    assert(s.part_count >= 1 && s.part_count <= MOST_PARTS && s.field_count <= MOST_FIELDS);
    for (size_t i = 0; i < s.part_count; i++)
        check_part(&s.parts[i]);
    for (size_t i = 0; i < s.field_count; i++)
        assert(s.fields[i].name.len);
    survey_take(&again, s.message, &a); /* what was repaired is whole */
    assert(again.field_count >= s.field_count || again.message.len < s.message.len);
    looks_like_header(message);
    looks_like_report(message);
    struct span folded = repair_folding(message, &a);
    assert(folded.len >= message.len);
    arena_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct span message = fuzz_piece(in.rest);
    check(message);
    fuzz_piece_free(message);
    return 0;
}
