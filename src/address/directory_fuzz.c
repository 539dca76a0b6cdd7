/* A users file, and behind a line "--" addresses that are looked up in it. What an address leads to
 * is a mailbox of the file, and no path that can't be one. */
#include "base/fuzz.h"

#include "address/directory.h"
#include "mail/address.h"

#include <string.h>

static void check_mailbox(const struct mailbox *m)
{
    assert(address_check(m->name, true) == ADDRESS_OK);
    assert(m->path.len && strlen(m->path.at) == m->path.len);
    for (size_t i = 0; i < m->path.len; i++)
        assert((unsigned char)m->path.at[i] > ' ');
    for (size_t i = 0; i < m->name.len; i++)
        assert(ascii_lower(m->name.at[i]) == m->name.at[i]);
}

static bool is_for_operator(struct span local)
{
    return span_equal_nocase(local, SPAN("postmaster")) || span_equal_nocase(local, SPAN("abuse"));
}

static void check_address(const struct directory *d, struct span address)
{
    struct destination to = directory_find(d, SPAN_NONE, address);
    bool is_ours = directory_has_domain(d, address_domain(address));
    switch (to.kind) {
    case DESTINATION_MAILBOX:
        check_mailbox(to.mailbox);
        if (!is_for_operator(address_local(address)) &&
            span_find_char(address, '+') == SPAN_NOT_FOUND)
            assert(address_equal(to.mailbox->name, address) && is_ours);
        break;
    case DESTINATION_ROUTE:
        assert(to.target->server.port == 25 && to.is_ours == (to.mailbox != NULL));
        break;
    case DESTINATION_NO_SUCH_USER:
        break;
    case DESTINATION_NO_ROUTE:
        assert(!is_ours || address.len > 320);
        break;
    }
}

/* The file without its comments names each user once, and each is found. */
static void check_users(const struct directory *d, struct span users)
{
    while (users.len) {
        struct span line = span_cut(&users, '\n');
        line = span_trim(span_cut(&line, '#'));
        struct span word = span_word(&line);
        if (word.len && !span_equal(word, SPAN("domain")))
            assert(directory_find(d, SPAN_NONE, word).mailbox);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const struct span routes =
        SPAN("hostname mx.example.org\nroute example.net mx.test:25\n");
    struct span text = fuzz_piece(span_make(at, len)), rest = text;
    size_t cut = span_find(text, SPAN("\n--\n"));
    struct span users = span_first(text, cut);
    struct options o;
    struct error e = {""};
    bool ok = options_parse(&o, "options", routes, &e);
    assert(ok);
    struct directory *d = directory_parse("file", users, &o, &e);
    if (d) {
        check_users(d, users);
        for (rest = span_skip(text, users.len); rest.len;)
            check_address(d, span_cut(&rest, '\n'));
        directory_unref(&d);
    } else {
        fuzz_check_file_error(e.text);
    }
    options_free(&o);
    fuzz_piece_free(text);
    return 0;
}
