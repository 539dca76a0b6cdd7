/* A line of the file of logins: what is taken borrows from it, and no problem tells a secret. */
#include "base/fuzz.h"

#include "login/login_line.h"

static bool is_inside(struct span part, struct span whole)
{
    return !part.len || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len)), rest = text, line = span_cut(&rest, '\n');
    struct login_line l;
    struct error e = {""};
    int result = login_line_parse(line, &l, &e);
    assert((result < 0) == (e.text[0] != 0));
    if (result > 0) {
        struct span words = l.words, sender, label, hash;
        assert(login_name_is_valid(l.name));
        assert(is_inside(l.name, line) && is_inside(l.hash, line) && is_inside(l.keys, line));
        while (login_next_sender(&words, &sender))
            assert(login_sender_is_valid(sender));
        words = l.words;
        while (login_next_app(&words, &label, &hash))
            assert(login_label_is_valid(label) && is_inside(hash, line) && hash.len);
        assert(login_may_send(&l, l.name, l.name));
    }
    fuzz_piece_free(text);
    return 0;
}
