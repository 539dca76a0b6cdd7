/* Who is it about? The best rank that occurs among the candidates is taken for the way in which
 * this system names recipients. */
#include "bounce/dialect_inside.h"
#include "bounce/free_text.h"
#include "mail/address.h"
#include "mail/content.h"

struct span dialect_key(char *room, struct span address)
{
    if (address.len > LONGEST_KEY)
        return SPAN_NONE;
    for (size_t i = 0; i < address.len; i++)
        room[i] = ascii_lower(address.at[i]);
    return span_make(room, address.len);
}

struct recipient_words *dialect_known(const struct dialect *d, struct span address)
{
    char room[LONGEST_KEY];
    struct span key = dialect_key(room, address);
    return key.len ? map_get_text(&d->known, key) : NULL;
}

static void know(struct dialect *d, struct span address, struct recipient_words *words)
{
    char room[LONGEST_KEY];
    struct span key = dialect_key(room, address);
    if (key.len && !map_get_text(&d->known, key))
        map_set_text(&d->known, arena_copy(d->reading->arena, key), words);
}

static bool add_recipient(struct dialect *d, struct span address, struct span alias,
                          enum notice_action action)
{
    if (dialect_known(d, address))
        return true;
    struct notice_recipient *to = reading_add(d->reading, address);
    if (!to)
        return false;
    to->action = action;
    if (alias.len && !span_equal_nocase(alias, address))
        to->original = alias;
    struct recipient_words *words = arena_new(d->reading->arena, sizeof *words);
    *words = (struct recipient_words){.index = d->reading->notice->recipient_count - 1};
    know(d, address, words);
    return true;
}

static bool is_candidate(const struct candidate *c, enum rank rank, bool demoted_too)
{
    bool has_dot = span_find_char(address_domain(c->address), '.') != SPAN_NOT_FOUND;
    return c->rank == rank && (demoted_too || !c->is_demoted) && (has_dot || rank <= RANK_LABELLED);
}

/* Where others are listed, it is whom to ask. */
static bool is_postmaster(const struct candidate *c)
{
    struct span local = address_local(c->address);
    return c->is_demoted && (span_equal_nocase(local, SPAN("postmaster")) ||
                             span_equal_nocase(local, SPAN("mailer-daemon")));
}

static bool has_any(const struct dialect *d, enum rank rank)
{
    for (size_t i = 0; i < d->candidate_count; i++)
        if (is_candidate(&d->candidates[i], rank, false))
            return true;
    return false;
}

/* All of that rank; false: there is none. */
static bool take(struct dialect *d, enum rank rank, bool demoted_too)
{
    bool is_any = false, has_others = demoted_too && has_any(d, rank);
    for (size_t i = 0; i < d->candidate_count; i++) {
        const struct candidate *c = &d->candidates[i];
        if (is_candidate(c, rank, demoted_too) && !(has_others && is_postmaster(c)))
            is_any |= add_recipient(d, c->address, c->alias, c->action);
    }
    return is_any;
}

/* One of them alone: whom the header of the original names, else the first. */
static bool take_loose(struct dialect *d)
{
    enum { MOST = 50, LONGEST_HEADER = 1 << 16 };
    const struct candidate *best = NULL;
    struct span header = span_first(d->reading->notice->original.header, LONGEST_HEADER);
    size_t tried = 0;
    for (size_t i = 0; i < d->candidate_count && tried < MOST; i++) {
        const struct candidate *c = &d->candidates[i];
        if (!is_candidate(c, RANK_LOOSE, false))
            continue;
        tried++;
        bool is_named = span_find(header, c->address) != SPAN_NOT_FOUND;
        if (!best || is_named)
            best = c;
        if (is_named)
            break;
    }
    return best && add_recipient(d, best->address, SPAN_NONE, ACTION_UNKNOWN);
}

/* The address in the list whose local part is the name, or empty. */
static struct span address_of(struct span name, struct span list)
{
    enum { MOST = 1000 };
    struct span address;
    size_t end;
    for (int n = 0; n < MOST && text_find_address(list, &address, &end); n++) {
        if (span_equal_nocase(address_local(address), name))
            return address;
        list = span_skip(list, end);
    }
    return SPAN_NONE;
}

/* The original may have been sent to that name; else it is one of the system that writes. */
static bool take_local(struct dialect *d)
{
    const struct notice *n = d->reading->notice;
    struct span name = d->local.address, system;
    size_t end;
    if (!name.len)
        return false;
    struct span address = address_of(name, n->original.to);
    if (!address.len && text_find_address(n->from, &system, &end))
        address = arena_printf(d->reading->arena, "%.*s@%.*s", SPAN_F(name),
                               SPAN_F(address_domain(system)));
    d->local.address = address;
    return address.len && add_recipient(d, address, SPAN_NONE, ACTION_UNKNOWN);
}

/* To whom the original went, when it went to one alone. */
static bool take_original(struct dialect *d)
{
    struct span to = d->reading->notice->original.to, address, second;
    size_t end;
    return text_find_address(to, &address, &end) &&
           !text_find_address(span_skip(to, end), &second, &end) &&
           add_recipient(d, address, SPAN_NONE, ACTION_UNKNOWN);
}

/* A field of the header names them (Exim, Gmail and others). Where the text lists others, it tells
 * more of what happened. */
static bool take_field(struct dialect *d)
{
    const struct survey *s = d->reading->survey;
    bool is_any = false, is_listed = false, agrees = false;
    for (size_t i = 0; i < s->field_count; i++) {
        if (!span_equal_nocase(s->fields[i].name, SPAN("X-Failed-Recipients")))
            continue;
        struct span list = content_field(s->fields[i].value, d->reading->arena), address;
        size_t end;
        for (; text_find_address(list, &address, &end); list = span_skip(list, end))
            is_any |= add_recipient(d, address, SPAN_NONE, ACTION_UNKNOWN);
    }
    for (size_t i = 0; is_any && i < d->candidate_count; i++) {
        const struct candidate *c = &d->candidates[i];
        agrees |= c->rank < RANK_LOOSE && dialect_known(d, c->address);
        is_listed |= is_candidate(c, RANK_LISTED, false);
    }
    if (is_any && is_listed && !agrees) {
        d->reading->notice->recipient_count = 0;
        map_free(&d->known);
        return false;
    }
    return is_any;
}

void dialect_choose(struct dialect *d)
{
    static const struct {
        enum rank rank;
        bool demoted_too;
    } order[] = {
        {RANK_LISTED, true},  {RANK_LEADING, false}, {RANK_COMMAND, false},
        {RANK_LEADING, true}, {RANK_COMMAND, true},  {RANK_LABELLED, false},
    };
    bool is_done = take_field(d);
    d->is_sure = is_done;
    for (size_t i = 0; !is_done && i < sizeof order / sizeof *order; i++) {
        is_done = take(d, order[i].rank, order[i].demoted_too);
        d->is_sure = is_done && order[i].rank != RANK_LEADING; /* so may a signature */
    }
    if (!is_done)
        is_done = take_local(d) || take(d, RANK_TOLD, false) || take_loose(d) ||
                  take(d, RANK_LABELLED, true) || take_original(d);
}
