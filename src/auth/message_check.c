#include "auth/message_check.h"

#include "auth/authors.h"

/* ---- all checks */

static bool check_dmarc(const struct message_request *r, struct lookups *l,
                        struct message_verdict *v, struct arena *a)
{
    struct authors authors = {.count = 0};
    struct span signers[DKIM_MOST_CHECKED];
    struct dmarc_request d = {.authors = authors.domains, .sender = SPAN_NONE, .signers = signers};
    authors_find(&authors, r->message, a);
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
    size_t of_chain;
    bool has_keys = dkim_ask(r->message, l, signatures, a);
    has_keys &= arc_ask(r->message, l, &of_chain, a);
    *signatures += of_chain;
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
    is_done &= dkim_check(r->message, r->now, l, v->dkim, &v->dkim_count, a);
    return arc_check(r->message, r->now, l, &v->arc, a) && is_done;
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

static struct authres_result arc_result(const struct arc_verdict *v, struct arena *a)
{
    struct authres_result r = {
        .method = SPAN("arc"), .result = span_of(arc_state_word(v->state)), .reason = v->why};
    if (v->has_oldest_pass)
        add_property(&r, SPAN("header"), SPAN("oldest-pass"),
                     arena_printf(a, "%zu", v->oldest_pass));
    return r;
}

struct authres message_results(const struct message_verdict *v, struct span server, struct arena *a)
{
    struct authres r = {.server = server};
    r.results = arena_new(a, (v->dkim_count + 4) * sizeof *r.results);
    if (v->has_spf)
        r.results[r.count++] = spf_result(v);
    for (size_t i = 0; i < v->dkim_count; i++)
        r.results[r.count++] = dkim_result(&v->dkim[i]);
    if (!v->dkim_count)
        r.results[r.count++] = (struct authres_result){
            .method = SPAN("dkim"), .result = SPAN("none"), .reason = SPAN_NONE};
    r.results[r.count++] = dmarc_result(&v->dmarc);
    if (v->arc.state != ARC_NONE)
        r.results[r.count++] = arc_result(&v->arc, a);
    return r;
}
