#include "auth/message_check.h"

#include "mail/address.h"
#include "mail/address_list.h"
#include "mail/header.h"

/* ---- the authors' domains */

enum { MOST_DOMAINS = DMARC_MOST_AUTHORS + 1 }; /* one more says that there are too many */

struct authors {
    struct span domains[MOST_DOMAINS];
    size_t count;
};

static void add_domain(struct authors *all, struct span domain)
{
    for (size_t i = 0; i < all->count; i++)
        if (span_equal_nocase(all->domains[i], domain))
            return;
    if (domain.len && all->count < MOST_DOMAINS)
        all->domains[all->count++] = domain;
}

/* A part that can't be read hides what follows it: the text behind its last "@" is a domain, too.
 * Else a mail program that reads on would show an author that nobody has asked about. */
static void add_unreadable(struct authors *all, struct span text)
{
    size_t at = text.len, end;
    while (at && text.at[at - 1] != '@')
        at--;
    struct span domain = at ? span_skip(text, at) : SPAN_NONE;
    for (end = 0; end < domain.len; end++)
        if (!ascii_is_alnum(domain.at[end]) && domain.at[end] != '.' && domain.at[end] != '-' &&
            (unsigned char)domain.at[end] < 0x80)
            break;
    add_domain(all, span_first(domain, end));
}

static void add_authors(struct authors *all, struct span value, struct arena *a)
{
    struct address_list list = address_list_start(value);
    struct listed_address found;
    int more;
    while ((more = address_list_next(&list, &found, a)) == 1)
        if (found.has_domain)
            add_domain(all, address_domain(found.address));
    if (more < 0)
        add_unreadable(all, list.rest);
}

static void find_authors(struct authors *all, struct span message, struct arena *a)
{
    struct header_iterator it = header_start(message);
    struct header_field f;
    while (header_next(&it, &f) == 1)
        if (span_equal_nocase(f.name, SPAN("From")))
            add_authors(all, f.value, a);
}

/* ---- all checks */

static bool check_dmarc(const struct message_request *r, struct lookups *l,
                        struct message_verdict *v, struct arena *a)
{
    struct authors authors = {.count = 0};
    struct span signers[DKIM_MOST_CHECKED];
    struct dmarc_request d = {.authors = authors.domains, .sender = SPAN_NONE, .signers = signers};
    find_authors(&authors, r->message, a);
    d.author_count = authors.count;
    if (v->has_spf && v->spf.result == SPF_PASS)
        d.sender = v->spf.domain;
    d.has_temporary = v->has_spf && v->spf.result == SPF_TEMPERROR;
    for (size_t i = 0; i < v->dkim_count; i++) {
        if (v->dkim[i].result == DKIM_PASS)
            signers[d.signer_count++] = v->dkim[i].domain;
        d.has_temporary |= v->dkim[i].result == DKIM_TEMPERROR;
    }
    return dmarc_check(&d, l, &v->dmarc, a);
}

/* DMARC needs what SPF and DKIM have found; but of the author it can ask at the same time. */
bool message_ask(const struct message_request *r, struct lookups *l, size_t *signatures,
                 struct arena *a)
{
    struct message_verdict nothing = {.has_spf = false};
    struct spf_verdict spf;
    bool has_spf = !r->spf || spf_check(r->spf, l, &spf, a);
    bool has_keys = dkim_ask(r->message, l, signatures, a);
    bool has_policy = check_dmarc(r, l, &nothing, a);
    return has_spf && has_keys && has_policy;
}

bool message_verify(const struct message_request *r, struct lookups *l, struct message_verdict *v,
                    struct arena *a)
{
    *v = (struct message_verdict){.has_spf = r->spf, .sender = SPAN_NONE, .helo = SPAN_NONE};
    bool is_done = true;
    if (r->spf) {
        v->sender = r->spf->sender;
        v->helo = r->spf->helo;
        is_done = spf_check(r->spf, l, &v->spf, a);
    }
    return dkim_check(r->message, r->now, l, v->dkim, &v->dkim_count, a) && is_done;
}

bool message_judge(const struct message_request *r, struct lookups *l, struct message_verdict *v,
                   struct arena *a)
{
    return check_dmarc(r, l, v, a);
}

bool message_check(const struct message_request *r, struct lookups *l, struct message_verdict *v,
                   struct arena *a)
{
    size_t signatures;
    return message_ask(r, l, &signatures, a) && message_verify(r, l, v, a) &&
           message_judge(r, l, v, a);
}

/* ---- what is written of it */

static void add_property(struct authres_result *r, struct span type, struct span name,
                         struct span value)
{
    if (value.len)
        r->properties[r->count++] = (struct authres_property){type, name, value};
}

static struct authres_result spf_result(const struct message_verdict *v)
{
    struct authres_result r = {.method = SPAN("spf"),
                               .result = span_of(spf_result_word(v->spf.result)),
                               .reason = v->spf.why};
    if (v->spf.is_helo)
        add_property(&r, SPAN("smtp"), SPAN("helo"), v->helo);
    else
        add_property(&r, SPAN("smtp"), SPAN("mailfrom"), v->sender);
    return r;
}

static struct authres_result dkim_result(const struct dkim_verdict *d)
{
    struct authres_result r = {
        .method = SPAN("dkim"), .result = span_of(dkim_verdict_word(d->result)), .reason = d->why};
    add_property(&r, SPAN("header"), SPAN("d"), d->domain);
    add_property(&r, SPAN("header"), SPAN("s"), d->selector);
    return r;
}

static struct authres_result dmarc_result(const struct dmarc_verdict *d)
{
    struct authres_result r = {
        .method = SPAN("dmarc"), .result = span_of(dmarc_result_word(d->result)), .reason = d->why};
    add_property(&r, SPAN("header"), SPAN("from"), d->author);
    if (d->result == DMARC_PASS || d->result == DMARC_FAIL)
        add_property(&r, SPAN("policy"), SPAN("dmarc"), span_of(dmarc_policy_word(d->applied)));
    return r;
}

struct authres message_results(const struct message_verdict *v, struct span server, struct arena *a)
{
    struct authres r = {.server = server};
    r.results = arena_new(a, (v->dkim_count + 3) * sizeof *r.results);
    if (v->has_spf)
        r.results[r.count++] = spf_result(v);
    for (size_t i = 0; i < v->dkim_count; i++)
        r.results[r.count++] = dkim_result(&v->dkim[i]);
    if (!v->dkim_count)
        r.results[r.count++] = (struct authres_result){
            .method = SPAN("dkim"), .result = SPAN("none"), .reason = SPAN_NONE};
    r.results[r.count++] = dmarc_result(&v->dmarc);
    return r;
}
