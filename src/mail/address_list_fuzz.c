/* Every address that is found can be written and read again as itself, and stands in the input. */
#include "mail/address.h"
#include "mail/address_list.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(struct span address, struct arena *a)
{
    struct address_list l = address_list_start(address);
    struct listed_address again;
    assert(address_list_next(&l, &again, a) == 1);
    assert(span_equal(again.address, address));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_EMPTY;
    struct span text = span_make(data, size);
    struct address_list l = address_list_start(text);
    struct listed_address found;
    while (address_list_next(&l, &found, &a) == 1) {
        assert(found.address.len && found.end > text.at && found.end <= text.at + text.len);
        if (found.has_domain) {
            assert(address_check(found.address, true) == ADDRESS_OK);
            check_again(found.address, &a);
        }
    }
    arena_clear(&a);
    return 0;
}
