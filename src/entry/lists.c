/* Lists in the DNS (RFC 5782): what is listed has A records inside of 127.0.0.0/8 at its name in
 * front of the zone, which say as what; and a TXT record that says it in words.
 *
 * 127.255.255.0/24 is how great lists say that they do not answer who asks (because he asks through
 * a public resolver, or too often), and an answer outside of 127.0.0.0/8 is of somebody who has
 * taken over the zone: neither is a listing, whatever the operator has written. */
#include "base/inet.h"
#include "entry/inside.h"
#include "mail/address.h"

#include <string.h>

enum { MOST_ANSWERS = 32, LONGEST_SAID = 500 };

static bool is_of_lists(struct span record)
{
    const unsigned char *at = (const unsigned char *)record.at;
    return record.len == 4 && at[0] == 127 && !(at[1] == 255 && at[2] == 255);
}

/* The points that this answer counts by; NULL: none. */
static const struct dns_list_points *points_of(const struct dns_list *l, struct span record)
{
    unsigned char address[16];
    struct buffer text = BUFFER_EMPTY;
    const unsigned char *at = (const unsigned char *)record.at;
    buffer_printf(&text, "%u.%u.%u.%u", at[0], at[1], at[2], at[3]);
    inet_parse_v4(buffer_span(&text), address);
    buffer_free(&text);
    for (size_t i = 0; i < l->count; i++)
        if (network_contains(&l->points[i].answers, address))
            return &l->points[i];
    return NULL;
}

/* Each of the operator's lines once, however many answers match it. */
static int count_points(const struct dns_list *l, const struct dns_answer *answer)
{
    uint32_t counted = 0;
    int sum = 0;
    for (size_t i = 0; i < answer->count && i < MOST_ANSWERS; i++) {
        if (!is_of_lists(answer->records[i]))
            continue;
        const struct dns_list_points *p = points_of(l, answer->records[i]);
        if (!p || counted & 1u << (p - l->points))
            continue;
        counted |= 1u << (p - l->points);
        sum += p->points;
    }
    return sum;
}

static bool is_error(const struct dns_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        if (is_of_lists(answer->records[i]))
            return false;
    return answer->count > 0;
}

static struct span said_of(const struct dns_answer *txt, struct arena *a)
{
    struct span text;
    for (size_t i = 0; txt && i < txt->count; i++)
        if (dns_read_txt(txt->records[i], &text, a) && text.len)
            return span_first(text, LONGEST_SAID);
    return SPAN_NONE;
}

/* In words only where it speaks against the client: else nobody hears them. That there are none is
 * no reason to know less. */
static void listed(struct scoring *s, const struct dns_list *l, struct span name, struct span about,
                   int points)
{
    const struct dns_answer *txt = points > 0 ? lookups_get(s->lookups, name, DNS_TXT) : NULL;
    if (points > 0 && !txt)
        s->is_open = true;
    struct entry_finding *f = scoring_add(s, ENTRY_LISTED, points, about);
    if (!f)
        return;
    f->list = l;
    f->said = said_of(txt, s->arena);
}

static void refuses_to_answer(struct scoring *s, const struct dns_list *l,
                              const struct dns_answer *answer)
{
    struct buffer why = BUFFER_EMPTY;
    const unsigned char *at = (const unsigned char *)answer->records[0].at;
    if (answer->records[0].len == 4)
        buffer_printf(&why, "it answers %u.%u.%u.%u, which is no listing: ", at[0], at[1], at[2],
                      at[3]);
    buffer_add_text(&why, "it does not answer who asks like this (through a public resolver, or "
                          "too often), or it is gone");
    scoring_note_unknown(s, l->name, buffer_span(&why), true);
    buffer_free(&why);
}

static void ask_list(struct scoring *s, const struct dns_list *l, struct span name,
                     struct span about)
{
    struct buffer whole = BUFFER_EMPTY;
    buffer_printf(&whole, "%.*s%.*s", SPAN_F(name), SPAN_F(l->zone));
    const struct dns_answer *answer = scoring_ask(s, buffer_span(&whole), DNS_A, l);
    if (answer && answer->result == DNS_FOUND) {
        if (is_error(answer))
            refuses_to_answer(s, l, answer);
        else
            listed(s, l, buffer_span(&whole), about, count_points(l, answer));
    }
    buffer_free(&whole);
}

static void ask_about_name(struct scoring *s, const struct dns_list *l, struct span name)
{
    struct buffer with_dot = BUFFER_EMPTY;
    unsigned char bytes[16];
    if (!domain_is_valid(name, false, false) || inet_parse(name, bytes) ||
        span_find_char(name, '.') == SPAN_NOT_FOUND)
        return;
    buffer_printf(&with_dot, "%.*s.", SPAN_F(name));
    ask_list(s, l, buffer_span(&with_dot), name);
    buffer_free(&with_dot);
}

void scoring_ask_lists(struct scoring *s)
{
    const struct entry_client *c = s->client;
    struct buffer reversed = BUFFER_EMPTY, address = BUFFER_EMPTY;
    inet_add_reversed(&reversed, c->address);
    inet_add(&address, c->address);
    for (size_t i = 0; i < s->options->entry.dns_list_count; i++) {
        const struct dns_list *l = &s->options->entry.dns_lists[i];
        switch ((enum dns_list_about)l->about) {
        case DNS_LIST_CLIENT:
            ask_list(s, l, buffer_span(&reversed), buffer_span(&address));
            break;
        case DNS_LIST_SENDER:
            ask_about_name(s, l, c->sender_domain);
            break;
        case DNS_LIST_HELLO:
            ask_about_name(s, l, c->hello);
            break;
        }
    }
    buffer_free(&reversed);
    buffer_free(&address);
}
