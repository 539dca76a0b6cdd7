/* A line of Dovecot's: whom it lets in has a name. */
#include "base/fuzz.h"

#include "login/dovecot.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len)), rest = text, line = span_cut(&rest, '\n');
    struct buffer login = BUFFER_EMPTY;
    enum dovecot_answer a = dovecot_read_answer(line, 1, &login);
    assert((a == DOVECOT_OK) <= (login.len > 0));
    assert(login.len <= line.len);
    buffer_free(&login);
    fuzz_piece_free(text);
    return 0;
}
