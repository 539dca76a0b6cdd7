/* A table of recipients: each of its first words is known afterwards, and is an address or a name;
 * a fault is told with its line, in words that can be shown. */
#include "base/fuzz.h"

#include "address/directory_inside.h"
#include "mail/address.h"

static void check_known(const struct recipients *r, struct span text)
{
    size_t words = 0;
    while (text.len) {
        char room[LONGEST_ADDRESS];
        struct span line = span_cut(&text, '\n');
        line = span_trim(span_cut(&line, '#'));
        struct span word = span_word(&line);
        if (!word.len)
            continue;
        words++;
        assert(word.len <= LONGEST_ADDRESS);
        assert(map_get_text(&r->known, directory_fold(word, room)));
        if (span_find_char(word, '@') != SPAN_NOT_FOUND)
            assert(address_check(word, true) == ADDRESS_OK);
    }
    assert(r->known.count <= words);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct options o;
    struct recipients r = {.known = MAP_EMPTY};
    struct error e = {""};
    options_defaults(&o);
    struct directory *d = directory_new(&o);
    if (recipients_parse(d, &r, "file", text, &e))
        check_known(&r, text);
    else
        fuzz_check_file_error(e.text);
    map_free(&r.known);
    directory_unref(&d);
    options_free(&o);
    fuzz_piece_free(text);
    return 0;
}
