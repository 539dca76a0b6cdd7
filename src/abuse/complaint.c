#include "abuse/complaint.h"

#include "auth/authors.h"
#include "auth/organization.h"
#include "base/inet.h"
#include "bounce/judge_hosts.h"
#include "bounce/survey.h"
#include "mail/address.h"
#include "mail/address_list.h"
#include "mail/content.h"
#include "mail/header.h"
#include "mail/links.h"

enum { MOST_TEXT = 1 << 20, MOST_LOOKED_AT = 1000 };

/* ---- what its header says */

static struct span first_address(struct span value, struct arena *a)
{
    struct address_list list = address_list_start(value);
    struct listed_address one;
    return address_list_next(&list, &one, a) > 0 ? one.address : SPAN_NONE;
}

static struct span decoded(struct span message, const char *name, struct arena *a)
{
    struct span value;
    return header_find(message, name, &value) ? content_field(value, a) : SPAN_NONE;
}

/* The server that delivers a message puts the field on top (RFC 5321 4.4); further below it may be
 * anybody's. */
static void read_return_path(struct complaint *c, struct arena *a)
{
    struct header_iterator it = header_start(c->message);
    struct header_field f;
    size_t passed = 0;
    while (passed < c->origin.position && header_next(&it, &f) > 0) {
        passed += span_equal_nocase(f.name, SPAN("Received"));
        if (!span_equal_nocase(f.name, SPAN("Return-Path")))
            continue;
        c->has_return_path = true;
        c->return_path = first_address(f.value, a);
        return;
    }
}

static void add_reader(struct complaint *c, struct span address)
{
    for (size_t i = 0; i < c->reader_count; i++)
        if (address_equal(c->readers[i], address))
            return;
    if (c->reader_count < COMPLAINT_MOST_READERS && address_domain(address).len)
        c->readers[c->reader_count++] = address;
}

static void add_listed(struct complaint *c, struct span value, struct arena *a)
{
    struct address_list list = address_list_start(value);
    struct listed_address one;
    while (address_list_next(&list, &one, a) > 0)
        add_reader(c, one.address);
}

static void read_readers(struct complaint *c, const struct complaint_request *r, struct arena *a)
{
    static const char *const fields[] = {
        "To",        "Cc",        "Delivered-To",  "X-Original-To", "Envelope-To", "Apparently-To",
        "Resent-To", "Resent-Cc", "X-Envelope-To", "X-Forwarded-To"};
    struct header_iterator it = header_start(c->message);
    struct header_field f;
    for (size_t i = 0; i < r->me_count; i++)
        add_reader(c, r->me[i]);
    for (size_t seen = 0; seen < MOST_LOOKED_AT && header_next(&it, &f) > 0; seen++) {
        struct received way;
        if (span_equal_nocase(f.name, SPAN("Received"))) {
            received_parse(&way, f.value, a);
            add_reader(c, way.to);
        }
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            if (span_equal_nocase(f.name, span_of(fields[i])))
                add_listed(c, f.value, a);
    }
}

/* ---- where it leads */

static void add_link(struct complaint *c, struct span link, struct arena *a)
{
    unsigned char address[16];
    link = span_trim(link);
    if (!span_starts_nocase(link, SPAN("http")) && !span_starts_nocase(link, SPAN("www.")))
        return;
    struct span host = link_leads_to(link);
    for (size_t i = 0; i < c->link_count; i++)
        if (span_equal_nocase(c->links[i].host, host))
            return;
    struct span site = organization_of(host, a);
    bool is_address = inet_parse(host, address);
    if (c->link_count == COMPLAINT_MOST_LINKS || (!site.len && !is_address))
        return;
    c->links[c->link_count++] =
        (struct complaint_link){.link = span_first(link, COMPLAINT_LONGEST_LINK),
                                .host = host,
                                .site = is_address ? SPAN_NONE : site};
}

static void read_links(struct complaint *c, struct arena *a)
{
    struct survey s;
    size_t seen = 0;
    survey_take(&s, c->message, a);
    for (size_t i = 0; i < s.part_count; i++) {
        const struct survey_part *p = &s.parts[i];
        for (size_t n = 0; p->html && n < p->html->link_count && seen < MOST_LOOKED_AT; n++, seen++)
            add_link(c, p->html->links[n].target, a);
        struct span rest = p->role == PART_TEXT ? span_first(p->text, MOST_TEXT) : SPAN_NONE, link;
        for (; seen < MOST_LOOKED_AT && links_next(&rest, &link); seen++)
            add_link(c, link, a);
    }
}

/* ---- all of it */

static bool check(struct complaint *c, const struct complaint_request *r, struct lookups *l,
                  struct arena *a)
{
    struct spf_request spf = {.sender = c->return_path,
                              .helo = c->origin.field.helo,
                              .receiver = r->hostname,
                              .now = r->now};
    memcpy(spf.client, c->origin.field.address, sizeof spf.client);
    bool has_client = c->origin.has_address && c->has_return_path;
    const struct message_request wanted = {
        .spf = has_client ? &spf : NULL, .message = c->message, .now = r->now};
    c->is_checked = true;
    return message_check(&wanted, l, &c->verdict, a);
}

bool complaint_is_signed_by(const struct complaint *c, struct span site, struct arena *a)
{
    for (size_t i = 0; c->is_checked && i < c->verdict.dkim_count; i++)
        if (c->verdict.dkim[i].result == DKIM_PASS &&
            span_equal(organization_of(c->verdict.dkim[i].domain, a), site))
            return true;
    return false;
}

static void mark_decoration(struct complaint *c, struct arena *a)
{
    struct span author = organization_of(c->from_domain, a);
    for (size_t i = 0; i < c->link_count && author.len; i++)
        c->links[i].is_decoration =
            span_equal(c->links[i].site, author) && !complaint_is_signed_by(c, author, a);
}

bool complaint_read(struct complaint *c, const struct complaint_request *r, struct lookups *l,
                    struct arena *a)
{
    struct authors authors = {.count = 0};
    *c = (struct complaint){.message = r->message, .return_path = SPAN_NONE};
    origin_find(&c->origin, c->message, &r->ours, a);
    read_return_path(c, a);
    read_readers(c, r, a);
    read_links(c, a);
    authors_find(&authors, c->message, a);
    c->from_domain = authors.count ? authors.domains[0] : SPAN_NONE;
    c->from = decoded(c->message, "From", a);
    c->subject = decoded(c->message, "Subject", a);
    c->message_id = decoded(c->message, "Message-ID", a);
    bool is_done = !r->asks_dns || check(c, r, l, a);
    mark_decoration(c, a);
    return is_done;
}

const struct complaint_link *complaint_first_link(const struct complaint *c)
{
    for (size_t i = 0; i < c->link_count; i++)
        if (!c->links[i].is_decoration)
            return &c->links[i];
    return NULL;
}
