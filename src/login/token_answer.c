#include "base/visible.h"
#include "login/login_line.h"
#include "login/token.h"

#include <jansson.h>

enum { LONGEST_WORDS = 200 };

static struct span text_of(const json_t *answer, const char *name)
{
    const json_t *value = json_object_get(answer, name);
    return json_is_string(value) ? span_make(json_string_value(value), json_string_length(value))
                                 : SPAN_NONE;
}

static void tell(const char *what, struct span words, struct error *e)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, words, LONGEST_WORDS);
    error_set(e, "%s: %s", what, buffer_text(&shown));
    buffer_free(&shown);
}

enum gate_verdict token_read_answer(struct span line, struct buffer *login, struct error *e)
{
    json_t *answer = json_loadb(line.at, line.len, 0, NULL);
    struct span of = text_of(answer, "login"), refused = text_of(answer, "refused"),
                error = text_of(answer, "error");
    enum gate_verdict verdict = GATE_CANNOT_SAY;
    buffer_clear(login);
    if (of.len && login_name_is_valid(of)) {
        buffer_add_span(login, of);
        verdict = GATE_IS_RIGHT;
    } else if (refused.len) {
        tell("the token checker does not take it", refused, e);
        verdict = GATE_IS_WRONG;
    } else if (error.len) {
        tell("the token checker has a problem", error, e);
    } else {
        error_set(e, "the token checker's answer is not one line of JSON with login, refused or "
                     "error");
    }
    json_decref(answer);
    return verdict;
}
