#include "address/expand.h"

#include "address/returns.h"
#include "base/map.h"
#include "base/memory.h"
#include "mail/address.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TOLD = 5000 };

struct expanding {
    const struct directory *directory;
    struct arena *arena;
    struct recipient *at;
    size_t count, room;
    bool is_report; /* the message has the null reverse-path */
    bool has_expanded;
    struct map commands;
    struct map seen; /* addresses that were named or reached with the sender's own reverse-path */
};

static struct span lower(struct arena *a, struct span s)
{
    char room[LONGEST_ADDRESS];
    return arena_copy(a, directory_fold(s, room));
}

static void add(struct expanding *x, struct recipient r)
{
    if (x->count == x->room) {
        x->room = x->room ? x->room * 2 : 16;
        struct recipient *more = arena_new(x->arena, x->room * sizeof *more);
        if (x->count)
            memcpy(more, x->at, x->count * sizeof *more);
        x->at = more;
    }
    x->at[x->count++] = r;
}

/* RFC 3461 5.2.1, 5.2.7.1: who reports later shall name the address that the sender used. */
static struct span original_of(struct expanding *x, const struct recipient *r)
{
    struct buffer text = BUFFER_EMPTY;
    if (r->parameters.orcpt.len)
        return r->parameters.orcpt;
    buffer_add_text(&text, "rfc822;");
    xtext_encode(&text, r->address);
    struct span kept =
        address_is_ascii(r->address) ? arena_copy(x->arena, buffer_span(&text)) : SPAN_NONE;
    buffer_free(&text);
    return kept;
}

/* Members of a list with an owner: their failures are the owner's affair, not the sender's, who
 * asked for reports about the list (RFC 3461 5.2.7.2). */
static struct recipient member(struct expanding *x, size_t parent, struct span address,
                               struct span owner)
{
    const struct recipient *from = &x->at[parent];
    struct recipient r = {.address = address, .parent = parent + 1};
    if (owner.len) {
        r.reverse_path = owner;
        return r;
    }
    r.reverse_path = from->reverse_path;
    r.parameters.notify = from->parameters.notify;
    r.parameters.orcpt = original_of(x, from);
    return r;
}

/* False: it is known already. */
static bool take_note(struct expanding *x, struct span address)
{
    struct span key = lower(x->arena, address);
    if (map_get_text(&x->seen, key))
        return false;
    map_set_text(&x->seen, key, x);
    return true;
}

/* An alias that leads back to itself, at once or by way of others, means the mailbox of that name
 * (aliases(5)): it is not followed again. Where there is no mailbox, its delivery fails and says
 * so: nothing gets lost in a circle. */
static bool is_on_the_way(const struct expanding *x, size_t from, struct span address)
{
    for (size_t i = from + 1; i; i = x->at[i - 1].parent)
        if (address_equal(x->at[i - 1].address, address))
            return true;
    return false;
}

/* Each command once, whatever leads to it. */
static void add_command(struct expanding *x, size_t parent, const struct directory_alias *found,
                        struct span command)
{
    struct recipient r = member(x, parent, x->at[parent].address, found->owner);
    r.action = arena_copy(x->arena, command);
    if (map_get_text(&x->commands, r.action))
        return;
    map_set_text(&x->commands, r.action, x);
    add(x, r);
}

static void add_member(struct expanding *x, size_t parent, const struct directory_alias *found,
                       struct span target)
{
    struct span address =
        span_find_char(target, '@') == SPAN_NOT_FOUND
            ? arena_printf(x->arena, "%.*s@%.*s", SPAN_F(target), SPAN_F(found->domain))
            : target;
    struct recipient r = member(x, parent, address, found->owner);
    bool is_new = take_note(x, address);
    if (is_new || is_on_the_way(x, parent, address))
        add(x, r);
}

/* RFC 3461 5.2.7: of several none reports success; that the alias was expanded is reported. */
static void leave_success_to_alias(struct expanding *x, size_t first)
{
    for (size_t i = first; i < x->count; i++) {
        unsigned *notify = &x->at[i].parameters.notify;
        if (*notify & NOTIFY_SUCCESS)
            *notify =
                *notify == NOTIFY_SUCCESS ? NOTIFY_NEVER : *notify & ~(unsigned)NOTIFY_SUCCESS;
    }
}

/* A report to a sender whose mail we have sent on (SRS): reports have no sender themselves. Or
 * whatever comes to a signed return path: answers of programs may have one. */
static bool expand_return(struct expanding *x, size_t i)
{
    struct recipient r = {.parent = i + 1};
    struct return_tag tag;
    struct span address = x->at[i].address;
    if (returns_check(x->directory, address, &tag, x->arena) == RETURN_TAG_TRUE)
        r = member(x, i, tag.sender, SPAN_NONE);
    else if (!x->is_report ||
             returns_find(x->directory, address, &r.address, x->arena) != SRS_IS_TRUE)
        return false;
    x->at[i].is_expanded = x->has_expanded = true;
    add(x, r);
    return true;
}

static void expand(struct expanding *x, size_t i)
{
    struct directory_alias found;
    struct span address = x->at[i].address;
    size_t parent = x->at[i].parent;
    if (x->at[i].action.len || x->at[i].is_expanded) /* others stand in its place already */
        return;
    if (expand_return(x, i))
        return;
    if ((parent && is_on_the_way(x, parent - 1, address)) ||
        !directory_alias_of(x->directory, address, &found, x->arena))
        return;
    x->at[i].is_expanded = x->has_expanded = true;
    size_t first = x->count;
    for (size_t n = 0; n < found.alias->count; n++) {
        if (found.alias->targets[n].at[0] == '|')
            add_command(x, i, &found, found.alias->targets[n]);
        else
            add_member(x, i, &found, found.alias->targets[n]);
    }
    if (x->count - first > 1)
        leave_success_to_alias(x, first);
}

/* True: no alias of it is looked at. */
static bool goes_home(struct expanding *x, size_t i)
{
    struct recipient *r = &x->at[i];
    struct destination to = directory_find(x->directory, SPAN_NONE, r->address);
    if (to.kind == DESTINATION_MAILBOX && to.mailbox->system)
        r->action = SPAN("~");
    return to.kind == DESTINATION_MAILBOX || (to.kind == DESTINATION_ROUTE && to.is_ours);
}

static bool expand_all(const struct directory *d, struct envelope *e, bool is_past_forwards,
                       struct arena *a)
{
    struct expanding x = {.directory = d, .arena = a, .is_report = !e->reverse_path.len};
    size_t named = is_past_forwards ? e->recipient_count : 0;
    for (size_t i = 0; i < e->recipient_count; i++) {
        take_note(&x, e->recipients[i].address);
        add(&x, e->recipients[i]);
    }
    for (size_t i = 0; i < x.count; i++)
        if (i >= named || !goes_home(&x, i))
            expand(&x, i);
    if (x.has_expanded || is_past_forwards) {
        e->recipients = x.at;
        e->recipient_count = x.count;
    }
    map_free(&x.seen);
    map_free(&x.commands);
    return x.has_expanded;
}

bool expand_recipients(const struct directory *d, struct envelope *e, struct arena *a)
{
    return expand_all(d, e, false, a);
}

bool expand_past_forwards(const struct directory *d, struct envelope *e, struct arena *a)
{
    return expand_all(d, e, true, a);
}

void expand_notice(const struct directory *d, struct envelope *e, struct arena *a)
{
    struct envelope all = *e;
    if (expand_recipients(d, &all, a) && all.recipient_count <= MOST_TOLD)
        *e = all;
}
