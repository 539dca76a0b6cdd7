/* Who may it be about? Each address in the text is a candidate, with a rank that its place gives
 * it: what stands before it, how its line begins, what the lines above have announced. */
#include "bounce/dialect_inside.h"
#include "bounce/free_text.h"
#include "mail/address.h"

#include <string.h>

enum { MOST_CANDIDATES = 2 * MOST_RECIPIENTS, LONGEST_GAP = 14, LONGEST_NAME = 60 };

/* ---- who can hardly be meant */

static bool is_system(struct span address)
{
    static const char *const locals[] = {
        "postmaster", "mailer-daemon", "mailer_daemon", "maildaemon", "mail-daemon",
        "abuse",      "hostmaster",    "noreply",       "no-reply",   "support",
        "helpdesk",   "webmaster",     "mailmaster",    "mailadmin",  "mail-admin",
        "sysadmin",   "servicedesk",   "ithelpdesk",    "it-support"};
    struct span local = address_local(address);
    for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
        if (span_equal_nocase(local, span_of(locals[i])))
            return true;
    return false;
}

static void add_others(struct map *others, struct span list, struct arena *a)
{
    enum { MOST = 1000 };
    char room[LONGEST_KEY];
    struct span found;
    size_t end;
    for (int n = 0; n < MOST && text_find_address(list, &found, &end); n++) {
        struct span key = dialect_key(room, found);
        if (key.len && !map_get_text(others, key))
            map_set_text(others, arena_copy(a, key), others); /* only that it is there counts */
        list = span_skip(list, end);
    }
}

static bool is_other(const struct map *others, struct span address)
{
    char room[LONGEST_KEY];
    struct span key = dialect_key(room, address);
    return !key.len || map_get_text(others, key);
}

/* ---- lines */

/* How a line with a recipient begins. What begins otherwise below it is a part of its words. */
struct form {
    bool is_indented, is_known;
    char first;
};

static bool has_form(struct form *f, const struct text_line *line, struct span address)
{
    char c = line->content.at == address.at ? 0 : line->content.at[0];
    char first = c && strchr("<\"'*-[(", c) ? c : 0;
    if (!f->is_known)
        *f = (struct form){line->indent > 0, true, first};
    return f->is_indented == (line->indent > 0) && f->first == first;
}

/* Where the walk through the text is. */
struct walk {
    struct dialect *d;
    struct map others; /* who sent it and the notice */
    struct text_line line;
    size_t line_at, line_end;  /* in the text */
    size_t before_end;         /* of the line before that is not empty */
    bool before_has_address;   /* that line */
    bool asks_for_help;        /* … and what stands right below it are those to ask */
    struct span below;         /* from the next line on */
    bool is_listing;           /* recipients were announced */
    enum notice_action action; /* of those who are listed */
    struct form listed, leading;
    size_t help_end; /* of the last words about help */
    size_t hit;      /* the first that ends in this line or behind it */
};

static struct candidate *add(struct walk *w, struct span address, enum rank rank, size_t end)
{
    struct dialect *d = w->d;
    if (d->candidate_count == d->candidate_room) {
        size_t room = d->candidate_room ? d->candidate_room * 2 : 16;
        struct candidate *more = arena_new(d->reading->arena, room * sizeof *more);
        if (d->candidate_count)
            memcpy(more, d->candidates, d->candidate_count * sizeof *more);
        d->candidates = more;
        d->candidate_room = room;
    }
    struct candidate *c = &d->candidates[d->candidate_count++];
    *c = (struct candidate){.address = address, .rank = rank, .below = w->below};
    if (rank == RANK_LISTED)
        c->action = w->action;
    c->behind = span_first(span_skip(d->text, end), w->line_end - end);
    c->is_demoted = is_system(address) || is_other(&w->others, address);
    return c;
}

/* The phrase that an address at `at` follows in its line: only signs or a short word between. */
static const struct dialect_phrase *phrase_in_line(const struct walk *w, size_t at)
{
    struct span text = w->d->text;
    for (size_t end = at; end > w->line_at && at - end <= LONGEST_GAP; end--) {
        const struct dialect_phrase *phrase = phrases_at(&w->d->phrases, end);
        if (phrase)
            return phrase;
        char before = text.at[end - 1];
        if (before == ';' || (before == '.' && end < at))
            return NULL;
    }
    return NULL;
}

/* The phrase with which the line before ends, if it announces what stands in this one. */
static const struct dialect_phrase *phrase_above(const struct walk *w)
{
    struct span text = w->d->text;
    for (size_t end = w->before_end; end && w->before_end - end <= 3; end--) {
        const struct dialect_phrase *phrase = phrases_at(&w->d->phrases, end);
        bool has_colon = memchr(text.at + end - 1, ':', w->before_end - end + 1) != NULL;
        if (phrase)
            return has_colon || !w->before_has_address ? phrase : NULL;
        if (ascii_is_alnum(text.at[end - 1]))
            return NULL;
    }
    return NULL;
}

static const struct dialect_phrase *phrase_before(const struct walk *w, size_t at, bool is_leading)
{
    const struct dialect_phrase *phrase = phrase_in_line(w, at);
    return phrase || !is_leading ? phrase : phrase_above(w);
}

static enum rank rank_of_role(enum phrase_role role, bool is_listing)
{
    switch (role) {
    case PHRASE_BELOW:
    case PHRASE_BEHIND:
        return RANK_LABELLED;
    case PHRASE_INSIDE:
        return is_listing ? RANK_LISTED : RANK_LABELLED;
    case PHRASE_RCPT:
        return RANK_COMMAND;
    case PHRASE_TOLD:
        return is_listing ? RANK_LABELLED : RANK_TOLD;
    case PHRASE_ALIAS:
    case PHRASE_NOBODY:
        return RANK_NOBODY;
    case PHRASE_SAID:
    case PHRASE_HOST:
    case PHRASE_SELF:
    case PHRASE_HELP:
    case PHRASE_END:
    case PHRASE_ORIGINAL:
    case PHRASE_SIGN:
        break;
    }
    return RANK_LOOSE;
}

/* "554 <alice@example.org>... 550 Host unknown", as the oldest transcripts have it. */
static bool is_in_reply(const struct walk *w, size_t at)
{
    if (!text_reply_code(w->line.content))
        return false;
    struct span behind = span_trim(span_skip(w->line.content, 3));
    return (size_t)(w->d->text.at + at - behind.at) <= 12;
}

/* "Jane Doe <jane@example.org>", as one of a list: nothing follows, and no sentence stands before.
 */
static bool is_listed_name(const struct walk *w, size_t at, size_t end)
{
    struct span before = span_first(w->line.content, at - w->line_at - w->line.indent);
    struct span behind = span_trim(span_first(span_skip(w->d->text, end), w->line_end - end));
    if (!w->is_listing || before.len > LONGEST_NAME || behind.len > 3)
        return false;
    size_t words = 0;
    for (size_t i = 0; i < before.len; i++)
        words += before.at[i] == ' ';
    return words <= 4 && span_find_char(before, ':') == SPAN_NOT_FOUND;
}

/* "<alice@example.org>:" is how qmail, Postfix and others begin what they say of a recipient. */
static bool is_headed(const struct walk *w, size_t end)
{
    struct span behind = span_skip(w->d->text, end);
    return span_starts(w->line.whole, SPAN("<")) &&
           (span_starts(behind, SPAN(">:")) || span_starts(behind, SPAN("> (")));
}

static enum rank rank_leading(struct walk *w, const struct dialect_phrase *hit, struct span address,
                              size_t end)
{
    enum rank named = hit ? rank_of_role(hit->role, w->is_listing) : RANK_LOOSE;
    if (named == RANK_NOBODY)
        return RANK_NOBODY;
    if (is_headed(w, end))
        return RANK_LISTED;
    if (w->asks_for_help)
        return RANK_NOBODY;
    if (w->is_listing || named == RANK_LABELLED)
        return has_form(&w->listed, &w->line, address) ? RANK_LISTED : RANK_LOOSE;
    return RANK_LEADING;
}

static enum rank rank_of(struct walk *w, size_t at, size_t end, bool is_leading)
{
    const struct dialect_phrase *hit = phrase_before(w, at, is_leading);
    if (is_leading && !text_reply_code(w->line.content))
        return rank_leading(w, hit, span_first(span_skip(w->d->text, at), end - at), end);
    if (is_in_reply(w, at) && (!hit || hit->role != PHRASE_NOBODY))
        return RANK_COMMAND;
    enum rank rank = hit ? rank_of_role(hit->role, w->is_listing) : RANK_LOOSE;
    return rank == RANK_LOOSE && is_listed_name(w, at, end) ? RANK_LABELLED : rank;
}

/* "<a@example.org>, <b@example.org>": what stands between two of a list. */
static bool is_comma(struct span between)
{
    bool has_comma = false;
    for (size_t i = 0; i < between.len; i++) {
        has_comma |= between.at[i] == ',' || between.at[i] == ';';
        if (!strchr(" \t<>,;\"'", between.at[i]))
            return false;
    }
    return has_comma;
}

/* Of the recipient before it; where that one is not disclosed, it stands for him. */
static void take_alias(struct walk *w, struct span address, size_t end)
{
    struct dialect *d = w->d;
    struct candidate *before = d->candidate_count ? &d->candidates[d->candidate_count - 1] : NULL;
    if (!before || before->rank > RANK_LABELLED)
        add(w, address, RANK_LABELLED, end);
    else if (!before->alias.len)
        before->alias = address;
}

static bool is_alias(const struct walk *w, size_t at)
{
    const struct dialect_phrase *hit = phrase_before(w, at, true);
    return hit && hit->role == PHRASE_ALIAS;
}

/* A leading address behind the "=" of a line that was broken is the end of one. */
static bool is_rest_of_broken(const struct walk *w)
{
    return w->before_end && w->d->text.at[w->before_end - 1] == '=';
}

static void take_addresses(struct walk *w)
{
    struct span text = w->d->text, address, led, behind;
    bool leads = text_leads_with_address(&w->line, &led, &behind) && !is_rest_of_broken(w);
    size_t from = w->line_at, last_end = 0;
    enum rank last = RANK_NOBODY;
    while (w->d->candidate_count < MOST_CANDIDATES) {
        size_t end;
        struct span rest = span_first(span_skip(text, from), w->line_end - from);
        if (!text_find_address(rest, &address, &end))
            return;
        size_t at = (size_t)(address.at - text.at);
        end += from;
        bool is_leading = leads && address.at == led.at;
        bool is_next = last_end && is_comma(span_first(span_skip(text, last_end), at - last_end));
        if (is_alias(w, at)) {
            take_alias(w, address, end);
        } else {
            if (is_next && w->d->candidate_count)
                w->d->candidates[w->d->candidate_count - 1].is_joined = true;
            last = is_next ? last : rank_of(w, at, end, is_leading);
            if (last == RANK_LEADING && !is_next && !is_system(address) &&
                !is_other(&w->others, address) && !has_form(&w->leading, &w->line, address))
                last = RANK_LOOSE;
            add(w, address, last, end);
            last_end = end;
        }
        from = end;
    }
}

/* Sendmail has several lists in one notice, each with a heading of its own. */
static enum notice_action action_of(struct span heading)
{
    static const struct {
        const char *words;
        enum notice_action action;
    } headings[] = {
        {"permanent fatal", ACTION_FAILED},        {"transient non-fatal", ACTION_DELAYED},
        {"has been delayed", ACTION_DELAYED},      {"is delayed", ACTION_DELAYED},
        {"successful delivery", ACTION_DELIVERED}, {"successfully delivered", ACTION_DELIVERED},
        {"successfully relayed", ACTION_RELAYED}};
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        if (text_find_nocase(heading, headings[i].words) != SPAN_NOT_FOUND)
            return headings[i].action;
    return ACTION_UNKNOWN;
}

/* What this line opens or closes. */
static void look_at_phrases(struct walk *w)
{
    const struct phrases *p = &w->d->phrases;
    size_t end = (size_t)(w->line.content.at + w->line.content.len - w->d->text.at);
    bool opens = false, closes = text_is_rule(&w->line);
    for (; w->hit < p->count && p->hits[w->hit].end <= w->line_end; w->hit++) {
        opens |= p->hits[w->hit].role == PHRASE_BELOW;
        closes |= p->hits[w->hit].role == PHRASE_END;
        if (p->hits[w->hit].role == PHRASE_HELP)
            w->help_end = p->hits[w->hit].end;
    }
    if (w->line.content.len && w->d->text.at[end - 1] == ':') {
        const struct dialect_phrase *phrase = phrases_at(p, end);
        opens |= phrase && phrase->role == PHRASE_BEHIND;
    }
    if (opens) {
        w->is_listing = true;
        w->action = action_of(w->line.content);
        w->listed = (struct form){0};
    } else if (closes) {
        w->is_listing = false;
    }
}

/* The name at the start of a line: alone, or words about it stand behind it, in brackets or a
 * column of their own. */
static size_t name_length(struct span line)
{
    enum { LONGEST_LOCAL = 64 };
    size_t n = 0;
    while (n < line.len && n <= LONGEST_LOCAL &&
           (ascii_is_alnum(line.at[n]) || (line.at[n] && strchr("-_.+<>", line.at[n]))))
        n++;
    bool ends = n == line.len || span_starts(span_skip(line, n), SPAN(" (")) ||
                span_starts(span_skip(line, n), SPAN("  ")) ||
                span_starts(span_skip(line, n), SPAN("... "));
    return ends && n <= LONGEST_LOCAL ? n : 0;
}

/* A name without a domain, where recipients are listed: a mailbox of the system that writes. */
static void take_local_name(struct walk *w)
{
    struct candidate *local = &w->d->local;
    struct span line = w->line.content;
    bool is_announced = w->before_end && w->d->text.at[w->before_end - 1] == ':' && w->line.indent;
    if (local->address.len || (!w->is_listing && !is_announced) || text_is_rule(&w->line))
        return;
    struct span name = span_first(line, name_length(line));
    *local = (struct candidate){.behind = span_skip(line, name.len), .below = w->below};
    while (name.len && name.at[0] == '<')
        name = span_skip(name, 1);
    while (name.len && strchr(">.", name.at[name.len - 1]))
        name.len--;
    local->address = name;
}

/* "For assistance write to": this line asks, or ends with what the next one says. */
static bool asks_for_help(const struct walk *w)
{
    enum { MOST_BEHIND = 60 };
    size_t end = (size_t)(w->line.content.at + w->line.content.len - w->d->text.at);
    char last = w->d->text.at[end - 1];
    return w->help_end > w->line_at && last != '.' &&
           (last == ':' || last == ',' || end - w->help_end < MOST_BEHIND);
}

/* Behind a line: what the next one needs to know of it. */
static void leave_line(struct walk *w, bool has_address)
{
    if (!w->line.content.len) {
        w->asks_for_help &= w->before_end && w->d->text.at[w->before_end - 1] == ':';
        return;
    }
    w->before_end = (size_t)(w->line.content.at + w->line.content.len - w->d->text.at);
    w->before_has_address = has_address;
    w->asks_for_help = !has_address && asks_for_help(w);
}

static void walk(struct walk *w)
{
    struct span text = w->d->text, rest = text;
    while (rest.len) {
        w->line_at = text.len - rest.len;
        text_next_line(&rest, &w->line);
        w->below = rest;
        w->line_end = w->line_at + w->line.whole.len;
        look_at_phrases(w);
        bool has_address = span_find_char(w->line.whole, '@') != SPAN_NOT_FOUND;
        if (has_address)
            take_addresses(w);
        else
            take_local_name(w);
        leave_line(w, has_address);
    }
}

void dialect_find_candidates(struct dialect *d)
{
    const struct notice *n = d->reading->notice;
    struct walk w = {.d = d};
    add_others(&w.others, n->to, d->reading->arena);
    add_others(&w.others, n->from, d->reading->arena);
    add_others(&w.others, n->original.from, d->reading->arena);
    walk(&w);
    map_free(&w.others);
}
