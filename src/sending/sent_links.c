/* What our own table says counts before all else, and where two links are harmful the worst is
 * told. A list is asked about the whole host, and about the domain that somebody registered: lists
 * differ in which of them they have. */
#include "sending/sent_links.h"

#include "base/visible.h"
#include "guard/alike.h"
#include "mail/content.h"
#include "mail/domain.h"
#include "mail/host_name.h"
#include "mail/html.h"
#include "mail/links.h"
#include "mail/parts.h"

enum { MOST_PARTS = 50, LONGEST_LINK = 2000, LONGEST_SHOWN = 120, LONGEST_WHY = 200 };

struct seen_host {
    struct span host;
    bool is_home;
};

struct seeing {
    const struct sent_links_known *known;
    struct sent_links *seen;
    struct drawn_host *trusted; /* our own domains, then the known hosts */
    size_t trusted_count;
    struct seen_host hosts[SENT_LINKS_MOST_HOSTS];
    size_t host_count;
    struct arena *arena;
};

static void find(struct seeing *s, struct link_finding f)
{
    struct link_finding *found = &s->seen->found;
    if (found->fault && found->fault <= f.fault)
        return;
    *found = (struct link_finding){.fault = f.fault,
                                   .link = arena_copy(s->arena, f.link),
                                   .host = arena_copy(s->arena, f.host),
                                   .other = arena_copy(s->arena, f.other),
                                   .list = SPAN_NONE,
                                   .why = arena_copy(s->arena, f.why),
                                   .see = SPAN_NONE};
}

/* ---- whose a host is */

static void gather_trusted(struct seeing *s)
{
    const struct sending_options *o = s->known->options;
    struct span host;
    s->trusted =
        arena_new(s->arena, (s->known->own_count + o->known_host_count) * sizeof *s->trusted);
    for (size_t i = 0; i < s->known->own_count; i++)
        if (domain_to_lower_ascii(s->known->own[i], &host, s->arena))
            s->trusted[s->trusted_count++] = host_draw(host, s->arena);
    for (size_t i = 0; i < o->known_host_count; i++)
        s->trusted[s->trusted_count++] = host_draw(o->known_hosts[i], s->arena);
}

static bool is_home(const struct seeing *s, struct span host)
{
    for (size_t i = 0; i < s->trusted_count; i++)
        if (host_name_is_within(host, s->trusted[i].host))
            return true;
    return false;
}

static void look_at_host(struct seeing *s, struct span link, struct span host, struct arena *a)
{
    struct sent_links *seen = s->seen;
    const struct drawn_host drawn = host_draw(host, a);
    for (size_t i = 0; i < s->trusted_count; i++)
        if (host_looks_like(&drawn, &s->trusted[i])) {
            find(s, (struct link_finding){LINK_LOOKS_ALIKE, link, host, s->trusted[i].host,
                                          .why = SPAN_NONE});
            break;
        }
    seen->hosts[seen->count] = host;
    seen->links[seen->count++] = arena_copy(s->arena, link);
}

/* Looks at it, when it is a new one. NULL: there were too many others. */
static const struct seen_host *meet(struct seeing *s, struct span link, struct span host,
                                    struct arena *a)
{
    for (size_t i = 0; i < s->host_count; i++)
        if (span_equal(s->hosts[i].host, host))
            return &s->hosts[i];
    if (s->host_count == SENT_LINKS_MOST_HOSTS)
        return NULL;
    if (!s->host_count)
        gather_trusted(s);
    struct seen_host *h = &s->hosts[s->host_count++];
    *h = (struct seen_host){arena_copy(s->arena, host), is_home(s, host)};
    if (!h->is_home)
        look_at_host(s, link, h->host, a);
    return h;
}

/* ---- one link */

/* "ASP.NET" and "Node.js" look like hosts, and are none that a reader would take for the place that
 * a link leads to. */
static bool names_a_host(struct span text)
{
    struct span host = link_host(text), rest = host;
    size_t labels = 0;
    for (; rest.len; labels++)
        span_cut(&rest, '.');
    return link_looks_like_one(text) &&
           (labels > 2 || host.len < text.len || span_ends_nocase(host, SPAN(".com")) ||
            span_ends_nocase(host, SPAN(".org")));
}

/* "bank.example" of "bank.example@evil.test": no browser shows it, and many a reader takes it for
 * the place. */
static struct span named_in_front(struct span place)
{
    size_t end = 0;
    while (end < place.len && !strchr("/?#\\", place.at[end]))
        end++;
    size_t at = span_find_char(span_first(place, end), '@');
    return at == SPAN_NOT_FOUND ? SPAN_NONE : link_host(span_first(place, at));
}

/* The host that a reader takes for the place, as the DNS has it; empty: none. */
static struct span shown_host(struct span place, struct span text, struct arena *a)
{
    struct span shown = named_in_front(place), ascii;
    if (!names_a_host(shown))
        shown = names_a_host(text) ? link_host(text) : SPAN_NONE;
    return shown.len && domain_to_lower_ascii(shown, &ascii, a) ? ascii : SPAN_NONE;
}

/* `text`: to click on; empty where the link itself is shown. */
static void look(struct seeing *s, struct span link, struct span text)
{
    struct arena a = ARENA_EMPTY;
    struct span host;
    link = span_first(span_trim(link), LONGEST_LINK);
    text = span_trim(text);
    bool leads_somewhere = domain_to_lower_ascii(link_leads_to(link), &host, &a) && host.len;
    const struct bad_link *listed =
        leads_somewhere && s->known->bad ? bad_links_find(s->known->bad, host, link) : NULL;
    if (listed && !listed->is_good)
        find(s, (struct link_finding){LINK_IS_BAD, link, host, SPAN_NONE, .why = listed->why});
    if (leads_somewhere && !listed) {
        const struct seen_host *h = meet(s, link, host, &a);
        struct span shown = shown_host(link_place(link), text, &a);
        if (h && !h->is_home && shown.len && !links_same_site(host, shown))
            find(s, (struct link_finding){LINK_NAMES_ANOTHER, link, host, shown, .why = SPAN_NONE});
    }
    arena_clear(&a);
}

static bool is_web(struct span target)
{
    static const struct span begins[] = {SPAN("http:"), SPAN("https:"), SPAN("ftp:"), SPAN("//"),
                                         SPAN("www.")};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (span_starts_nocase(target, begins[i]))
            return true;
    return false;
}

/* ---- a message */

static void look_at_text(struct seeing *s, struct span text)
{
    for (struct span link; links_next(&text, &link);)
        look(s, link, SPAN_NONE);
}

static void look_at_html(struct seeing *s, struct span page, struct arena *a)
{
    struct html *h = arena_new(a, sizeof *h);
    html_read(page, h, a);
    for (size_t i = 0; i < h->link_count; i++)
        if (is_web(span_trim(h->links[i].target)))
            look(s, h->links[i].target, h->links[i].text);
    look_at_text(s, h->text);
}

static bool is_attachment(const struct mime_entity *e)
{
    return span_starts_nocase(span_trim(e->disposition), SPAN("attachment"));
}

void sent_links_see(struct span message, const struct sent_links_known *known,
                    struct sent_links *seen, struct arena *a)
{
    struct seeing s = {.known = known, .seen = seen, .arena = a};
    struct parts parts;
    struct mime_entity e;
    *seen = (struct sent_links){
        .hosts = arena_new(a, SENT_LINKS_MOST_HOSTS * sizeof *seen->hosts),
        .links = arena_new(a, SENT_LINKS_MOST_HOSTS * sizeof *seen->links),
    };
    parts_start(&parts, message);
    for (int n = 0; n < MOST_PARTS && parts_next(&parts, &e); n++) {
        struct arena own = ARENA_EMPTY;
        bool is_html = mime_is(&e, "text", "html");
        if (is_attachment(&e) || (!is_html && !mime_is(&e, "text", "plain")))
            continue;
        e.body = span_first(e.body, SENT_LINKS_MOST_BYTES);
        struct span text = content_text(&e, &own);
        if (is_html)
            look_at_html(&s, text, &own);
        else
            look_at_text(&s, text);
        arena_clear(&own);
    }
}

/* ---- in words */

static void add_shown(struct buffer *out, struct span host)
{
    visible_add(out, host, LONGEST_SHOWN);
}

static void add_said(struct buffer *out, struct span why)
{
    if (!why.len)
        return;
    buffer_add_text(out, " (\"");
    visible_add(out, why, LONGEST_WHY);
    buffer_add_text(out, "\")");
}

void sent_links_add_words(struct buffer *out, const struct link_finding *f)
{
    buffer_add_text(out, "the link ");
    link_add_defanged(out, f->link, LONGEST_SHOWN);
    switch (f->fault) {
    case LINK_IS_FINE:
    case LINK_FAULTS:
        break;
    case LINK_IS_BAD:
        buffer_add_text(out, ", which is known as harmful here");
        add_said(out, f->why);
        break;
    case LINK_IS_LISTED:
        buffer_add_text(out, ", whose host is on the list of harmful ones of ");
        add_shown(out, f->list);
        add_said(out, f->why);
        break;
    case LINK_LOOKS_ALIKE:
        buffer_add_text(out, ", whose host looks like ");
        add_shown(out, f->other);
        buffer_add_text(out, " and is another");
        break;
    case LINK_NAMES_ANOTHER:
        buffer_add_text(out, " behind a text that names ");
        add_shown(out, f->other);
        break;
    }
}

const char *link_fault_word(enum link_fault fault)
{
    static const char *const words[LINK_FAULTS] = {[LINK_IS_FINE] = "fine",
                                                   [LINK_IS_BAD] = "bad",
                                                   [LINK_IS_LISTED] = "listed",
                                                   [LINK_LOOKS_ALIKE] = "alike",
                                                   [LINK_NAMES_ANOTHER] = "other"};
    return words[fault];
}
