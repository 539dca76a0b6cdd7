/* The keys of DKIM (RFC 6376): whether those by which we sign are published, and work. Whose keys a
 * domain has can't be listed from outside. */
#include "auth/dkim_key.h"
#include "auth/organization.h"
#include "doctor/exam.h"

enum { SHORT_RSA_KEY = 250 /* octets; 2048 bits are 294 or 270, 1024 are 162 or 140 */ };

static struct span key_name(struct exam *x, struct span selector, struct span domain)
{
    return arena_printf(x->arena, "%.*s._domainkey.%.*s", SPAN_F(selector), SPAN_F(domain));
}

/* ---- our own */

static struct span key_record(struct exam *x, const struct doctor_key *k)
{
    struct buffer b = BUFFER_EMPTY;
    dkim_key_add_record(&b, k->is_ed25519 ? KEY_ED25519 : KEY_RSA, k->octets);
    return arena_keep(x->arena, &b);
}

/* What is published may be SubjectPublicKeyInfo or the key inside of it, which is its end. */
static bool is_same_key(const struct doctor_key *k, struct span published)
{
    return published.len <= k->octets.len &&
           span_equal(span_skip(k->octets, k->octets.len - published.len), published);
}

static void publish_ours(struct exam *x, struct doctor_finding *f, const struct doctor_key *ours,
                         struct span name)
{
    if (!ours || !ours->octets.len)
        return;
    f->todo = SPAN("Publish:");
    f->publish = txt_record(x, name, key_record(x, ours));
}

static struct doctor_finding *is_broken(struct exam *x, struct span name, struct span text,
                                        const struct doctor_key *ours, const char *says)
{
    struct doctor_finding *f = finding(x, DOCTOR_DKIM, DOCTOR_BROKEN, name, "%s", says);
    f->found = text;
    f->why = SPAN("Signatures by this key fail everywhere, which is worse than none.");
    publish_ours(x, f, ours, name);
    return f;
}

/* ---- one key */

static void look_at_strength(struct exam *x, struct span name, const struct dkim_key *k)
{
    struct doctor_finding *f = NULL;
    if (k->is_trial) {
        f = finding(x, DOCTOR_DKIM, DOCTOR_ADVICE, name,
                    "The key says that DKIM is only being tried out (t=y).");
        f->why = SPAN("Others may treat signatures by it as if there were none.");
        f->todo = SPAN("When all works, publish it without t=y.");
    } else if (k->kind == KEY_RSA && k->octets.len < SHORT_RSA_KEY) {
        f = finding(x, DOCTOR_DKIM, DOCTOR_ADVICE, name, "The RSA key is shorter than 2048 bits.");
        f->why = SPAN("Short keys can be broken, and some servers do not believe them.");
        f->todo = SPAN("Make a new one of 2048 bits under another selector, and sign by that.");
    } else {
        finding(x, DOCTOR_DKIM, DOCTOR_FINE, name, "The key %.*s is published and works.",
                SPAN_F(name));
    }
}

static void look_at_key(struct exam *x, struct span name, struct span text,
                        const struct doctor_key *ours)
{
    struct dkim_key k;
    struct error e;
    if (!dkim_key_parse(&k, text, x->arena, &e)) {
        is_broken(x, name, text, ours,
                  arena_printf(x->arena, "The key can't be used: %s.", e.text).at);
        return;
    }
    if (!k.octets.len) {
        is_broken(x, name, text, ours, "The key has been revoked: its p= is empty.");
        return;
    }
    if (ours && ours->octets.len && !is_same_key(ours, k.octets)) {
        is_broken(x, name, text, ours,
                  "Another key is published than the one that this server "
                  "signs by.");
        return;
    }
    struct public_key *opened = public_key_new(k.octets, &e);
    if (!opened) {
        is_broken(x, name, text, ours,
                  arena_printf(x->arena, "The key can't be used: %s.", e.text).at);
        return;
    }
    bool is_told_kind = public_key_kind(opened) == k.kind;
    public_key_free(&opened);
    if (!is_told_kind) {
        is_broken(x, name, text, ours, "The key is not of the kind that its record tells (k=).");
        return;
    }
    if (!k.is_for_mail || !k.allows_sha256)
        is_broken(x, name, text, ours,
                  k.is_for_mail ? "The key allows only hashes that nobody uses any more (h=)."
                                : "The key is not for mail (s=).");
    else
        look_at_strength(x, name, &k);
}

static void look_at_name(struct exam *x, struct span name, const struct doctor_key *ours)
{
    struct span texts[MOST_EXAM_TEXTS];
    size_t count = exam_texts(x, DOCTOR_DKIM, name, SPAN_NONE, texts);
    if (count == SPAN_NOT_FOUND)
        return;
    if (!count) {
        struct doctor_finding *f =
            is_broken(x, name, SPAN_NONE, ours,
                      ours ? "The key that this server signs by is not in the DNS."
                           : "There is no key of that selector in the DNS.");
        if (!ours)
            f->todo = SPAN("If mail is signed by it, publish it; else name another selector.");
    } else if (count > 1) {
        is_broken(x, name, joined_lines(x, texts, count), ours,
                  "There are several records where only one key may be.")
            ->todo = SPAN("Leave the one that is signed by, and take the others away:");
    } else {
        look_at_key(x, name, texts[0], ours);
    }
}

/* ---- all of them */

static size_t look_at_ours(struct exam *x)
{
    const struct doctor_request *r = x->request;
    size_t count = 0;
    for (size_t i = 0; i < r->key_count; i++) {
        const struct doctor_key *k = &r->keys[i];
        if (!organization_signs_for(k->domain, r->domain, x->arena))
            continue;
        count++;
        look_at_name(x, key_name(x, k->selector, k->domain), k);
    }
    return count;
}

static void signs_nothing(struct exam *x)
{
    struct span domain = x->request->domain;
    struct doctor_finding *f = finding(x, DOCTOR_DKIM, DOCTOR_WARNING, domain,
                                       "This server has no key to sign mail of the domain by.");
    f->why = SPAN("Gmail and others want a signature (DKIM), and DMARC lives by it when mail is "
                  "forwarded.");
    f->todo = SPAN("Have a key made; this says what to publish, and what to write into the "
                   "configuration:");
    f->publish = arena_printf(x->arena, "plainpost dkim new %.*s", SPAN_F(domain));
}

void exam_our_keys(struct exam *x)
{
    for (size_t i = 0; i < x->request->key_count; i++) {
        const struct doctor_key *k = &x->request->keys[i];
        look_at_name(x, key_name(x, k->selector, k->domain), k);
    }
}

/* A name below which there is something exists itself (RFC 8020). */
static void look_from_outside(struct exam *x)
{
    struct span name = arena_printf(x->arena, "_domainkey.%.*s", SPAN_F(x->request->domain));
    const struct dns_answer *answer = exam_ask(x, name, DNS_TXT);
    if (!answer || x->takes_no_mail)
        return;
    if (answer->result == DNS_NO_NAME) {
        struct doctor_finding *f = finding(x, DOCTOR_DKIM, DOCTOR_WARNING, name,
                                           "The domain has no DKIM keys, as far as can be seen.");
        f->why = SPAN("Its mail has no signature that others could check; Gmail wants one of all "
                      "who send much.");
        f->todo = SPAN("Have the server sign the mail, and publish its key.");
        return;
    }
    finding(x, DOCTOR_DKIM, DOCTOR_UNCHECKED, name,
            "DKIM keys can't be listed from outside; one must know their names (selectors).")
        ->todo = SPAN("Take s= from the DKIM-Signature field of any of its messages, and give it "
                      "by --selector.");
}

void exam_dkim(struct exam *x)
{
    const struct doctor_request *r = x->request;
    size_t count = look_at_ours(x);
    for (size_t i = 0; i < r->selector_count; i++)
        look_at_name(x, key_name(x, r->selectors[i], r->domain), NULL);
    if (!count && r->is_ours && !r->selector_count)
        signs_nothing(x);
    else if (!count && !r->selector_count)
        look_from_outside(x);
}
