/* A configuration that is taken prints as one that reads the same; one that is not is refused with
 * a line and words that can be shown. */
#include "base/fuzz.h"

#include "config/options.h"

#include <string.h>

/* Where mail goes can be told as one text and read again. */
static void check_route(const struct route *r)
{
    struct buffer name = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct target back;
    assert(r->match.len);
    target_print(&name, &r->target);
    if (r->target.kind <= TARGET_LMTP)
        assert(target_parse_name(buffer_span(&name), &back, &a) && back.kind == r->target.kind &&
               back.server.port == r->target.server.port);
    else
        assert(r->target.why.len);
    buffer_free(&name);
    arena_clear(&a);
}

static void check_values(const struct options *o)
{
    assert(o->hostname.len && o->hostname.len <= 255);
    assert(o->listen_count && o->trusted_count);
    assert(o->max_message_size < o->segment_size && o->retry_first <= o->retry_max);
    for (size_t i = 0; i < o->listen_count; i++)
        assert(o->listen[i].socket.len ? o->listen[i].mode && !o->listen[i].at.port
                                       : o->listen[i].at.port && o->listen[i].at.host.len);
    for (size_t i = 0; i < o->trusted_count; i++) {
        assert(o->trusted[i].prefix >= 0 && o->trusted[i].prefix <= 128);
        assert(network_contains(&o->trusted[i], o->trusted[i].address));
    }
    for (size_t i = 0; i < o->route_count; i++)
        check_route(&o->routes[i]);
    assert(strlen(o->state.at) == o->state.len && o->state.len);
    assert(strlen(o->mailboxes.at) == o->mailboxes.len && o->mailboxes.len);
}

static void check_again(const struct options *o)
{
    struct buffer first = BUFFER_EMPTY, second = BUFFER_EMPTY;
    struct options again;
    struct error e;
    options_print(&first, o);
    assert(options_parse(&again, "file", buffer_span(&first), &e));
    options_print(&second, &again);
    assert(span_equal(buffer_span(&first), buffer_span(&second)));
    options_free(&again);
    buffer_free(&first);
    buffer_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct options o;
    struct error e = {""};
    if (options_parse(&o, "file", text, &e)) {
        check_values(&o);
        check_again(&o);
        options_free(&o);
    } else {
        fuzz_check_file_error(e.text);
    }
    fuzz_piece_free(text);
    return 0;
}
