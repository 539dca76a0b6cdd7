/* What the DNS says of the servers' certificates (DANE, RFC 7672), and whether what it says is
 * proven (DNSSEC). */
#include "auth/organization.h"
#include "auth/public_key.h"
#include "doctor/exam.h"
#include "transport/tlsa.h"

#include <openssl/evp.h>

enum { SMTP = 25 };

/* ---- does a record match? */

static bool matches_data(const struct tlsa *t, struct span data)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (!t->matching)
        return span_equal(t->data, data);
    return EVP_Digest(data.at, data.len, digest, &len,
                      t->matching == 1 ? EVP_sha256() : EVP_sha512(), NULL) == 1 &&
           span_equal(t->data, span_make(digest, len));
}

/* An authority's (usage 2) may be any of the chain, and the server's must have its name then (RFC
 * 7672 3.1). */
static bool matches(const struct tlsa *t, const struct doctor_probe *p)
{
    bool is_authority = t->usage == TLSA_DANE_TA;
    if (is_authority && !certificate_has_name(&p->chain[0], p->host))
        return false;
    for (size_t i = 0; i < (is_authority ? p->chain_count : 1); i++)
        if (matches_data(t, t->selector ? p->chain[i].key : p->chain[i].whole))
            return true;
    return false;
}

static bool any_matches(const struct tlsa_answer *a, const struct doctor_probe *p)
{
    for (size_t i = 0; i < a->count; i++) {
        struct tlsa t;
        if (tlsa_read(a->usable[i], &t) && matches(&t, p))
            return true;
    }
    return false;
}

/* ---- one host */

static const struct doctor_probe *probe_of(const struct exam *x, struct span host)
{
    const struct doctor_probes *probes = x->request->probes;
    for (size_t i = 0; probes && i < probes->count; i++)
        if (probes->at[i].port == SMTP && probes->at[i].chain_count &&
            span_equal_nocase(probes->at[i].host, host))
            return &probes->at[i];
    return NULL;
}

static struct span right_record(struct exam *x, struct span name, const struct doctor_probe *p)
{
    unsigned char hash[SHA256_LENGTH];
    struct buffer b = BUFFER_EMPTY;
    buffer_printf(&b, "%.*s. IN TLSA 3 1 1 ", SPAN_F(name));
    sha256(p->chain[0].key, hash);
    for (size_t i = 0; i < sizeof hash; i++)
        buffer_printf(&b, "%02x", hash[i]);
    return arena_keep(x->arena, &b);
}

static struct span records_text(struct exam *x, const struct dns_answer *answer)
{
    struct buffer b = BUFFER_EMPTY;
    for (size_t i = 0; i < answer->count && i < MOST_TLSA; i++) {
        buffer_add_text(&b, i ? "\nTLSA " : "TLSA ");
        tlsa_add(&b, span_first(answer->records[i], 80));
    }
    return arena_keep(x->arena, &b);
}

static void has_no_answer(struct exam *x, struct span name, const struct dns_answer *answer)
{
    struct doctor_finding *f = finding(x, DOCTOR_DANE, DOCTOR_BROKEN, name,
                                       "The DNS fails when it is asked for the certificate of this "
                                       "server (TLSA).");
    f->found = answer->why;
    f->why =
        SPAN("Servers that go by DANE must keep their mail then, and many do (RFC 7672 2.1.2).");
    f->todo = SPAN("The name servers of that domain need their operator; to say that there is no "
                   "such record would be right.");
}

static void has_records(struct exam *x, struct span host, struct span name,
                        const struct dns_answer *answer)
{
    struct dns_answer believed = *answer;
    const struct doctor_probe *p = probe_of(x, host);
    struct doctor_finding *f;
    believed.is_secure = true;
    const struct tlsa_answer judged = tlsa_judge(name, &believed, x->arena);
    if (x->request->validates && !answer->is_secure) {
        f = finding(x, DOCTOR_DANE, DOCTOR_WARNING, name,
                    "There are TLSA records, but DNSSEC does not prove them.");
        f->why = SPAN("Nobody may go by them without that.");
        f->todo = SPAN("Have the zone signed.");
    } else if (judged.verdict != TLSA_DEMANDED) {
        f = finding(x, DOCTOR_DANE, DOCTOR_WARNING, name, "None of the TLSA records can be used.");
        f->why = SPAN("For mail they begin with 3 or 2 (RFC 7672 3.1), and the digest is whole.");
        f->todo = p ? SPAN("Publish:") : SPAN_NONE;
        f->publish = p ? right_record(x, name, p) : SPAN_NONE;
    } else if (!p) {
        f = finding(x, DOCTOR_DANE, DOCTOR_UNCHECKED, name,
                    "There are TLSA records; whether the certificate is as they say was not seen.");
    } else if (!any_matches(&judged, p)) {
        f = finding(x, DOCTOR_DANE, DOCTOR_BROKEN, name,
                    "The server's certificate is not the one that the DNS names (TLSA).");
        f->why = SPAN("Servers that go by DANE bring no mail to it.");
        f->todo = SPAN("Publish this, and leave the old record for as long as it may be "
                       "remembered:");
        f->publish = right_record(x, name, p);
    } else {
        f = finding(x, DOCTOR_DANE, DOCTOR_FINE, name,
                    "The certificate is the one that the DNS names.");
    }
    f->found = records_text(x, answer);
}

static void has_none(struct exam *x, struct span host, struct span name, bool is_secure)
{
    const struct doctor_probe *p = probe_of(x, host);
    if (!is_secure || !p)
        return;
    struct doctor_finding *f = finding(x, DOCTOR_DANE, DOCTOR_ADVICE, host,
                                       "The DNS does not name the certificate of this server.");
    f->why = SPAN("Its zone is signed, so that others could be sure by it (DANE) that nobody reads "
                  "along.");
    f->todo = SPAN("Publish the line below, which holds as long as the server keeps its private "
                   "key; and whenever the key is to change, publish the next one a day before.");
    f->publish = right_record(x, name, p);
}

static struct tlsa_bases bases_of(const struct exam *x, const struct exam_host *h)
{
    if (!x->request->validates)
        return (struct tlsa_bases){.at = {h->name}, .count = 1};
    return tlsa_bases_of(h->name, h->addresses.v4, h->addresses.v6);
}

static void look_at_host(struct exam *x, const struct exam_host *h)
{
    struct tlsa_bases bases = bases_of(x, h);
    for (size_t i = 0; i < bases.count; i++) {
        struct span name = tlsa_name(bases.at[i], SMTP, x->arena);
        const struct dns_answer *answer = exam_ask(x, name, DNS_TLSA);
        if (!answer)
            return;
        if (answer->result == DNS_FAILED)
            has_no_answer(x, name, answer);
        if (answer->result == DNS_FOUND)
            has_records(x, h->name, name, answer);
        if (answer->result == DNS_FAILED || answer->result == DNS_FOUND)
            return;
    }
    if (bases.count)
        has_none(x, h->name, tlsa_name(bases.at[0], SMTP, x->arena),
                 x->request->validates && h->addresses.count);
}

void exam_dane(struct exam *x)
{
    for (size_t i = 0; i < x->host_count; i++)
        if (x->hosts[i].is_known && x->hosts[i].addresses.count)
            look_at_host(x, &x->hosts[i]);
}

/* ---- DNSSEC */

static void is_not_signed(struct exam *x)
{
    struct doctor_finding *f = finding(x, DOCTOR_DNSSEC, DOCTOR_ADVICE, x->request->domain,
                                       "The domain is not signed (DNSSEC).");
    f->why = SPAN("Whoever can forge answers of the DNS can have its mail sent to himself.");
    f->todo = SPAN("Many DNS providers sign a domain at a click; then the registrar needs the DS "
                   "record that they show.");
}

/* Without an anchor nothing can be proven, but whether there is a DS record can be asked. */
static void look_for_ds(struct exam *x)
{
    struct span domain = x->request->domain, above = organization_of(domain, x->arena);
    const struct dns_answer *own = exam_ask(x, domain, DNS_DS);
    const struct dns_answer *organizations = above.len ? exam_ask(x, above, DNS_DS) : own;
    if (!own || !organizations)
        return;
    if (own->result == DNS_FOUND || organizations->result == DNS_FOUND)
        finding(x, DOCTOR_DNSSEC, DOCTOR_UNCHECKED, domain,
                "The domain is signed; whether rightly, this server does not check.")
            ->todo = SPAN("With the option dns-anchor it does, and can go by DANE.");
    else if (own->result == DNS_FAILED)
        finding(x, DOCTOR_DNSSEC, DOCTOR_UNCHECKED, domain,
                "Whether the domain is signed could not be found out.")
            ->found = own->why;
    else
        is_not_signed(x);
}

void exam_dnssec(struct exam *x)
{
    const struct dns_answer *mx = exam_ask(x, x->request->domain, DNS_MX);
    if (!x->request->validates)
        look_for_ds(x);
    else if (mx && mx->is_secure)
        finding(x, DOCTOR_DNSSEC, DOCTOR_FINE, x->request->domain,
                "What the DNS says of the domain is signed, and the signatures are right.");
    else if (mx)
        is_not_signed(x);
}
