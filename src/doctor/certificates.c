/* The certificates that servers show. Other servers mostly take any (RFC 7435); those that go by
 * MTA-STS, and mail programs, want a right one. */
#include "doctor/exam.h"

#include "base/inet.h"

enum { SMTP = 25 };
static const int64_t DAY_MS = (int64_t)24 * 3600 * 1000;

static bool is_one_of(struct span pattern, struct span host)
{
    if (!span_starts(pattern, SPAN("*.")))
        return span_equal_nocase(pattern, host);
    size_t dot = span_find_char(host, '.');
    return dot != SPAN_NOT_FOUND && dot &&
           span_equal_nocase(span_skip(host, dot), span_skip(pattern, 1));
}

bool certificate_has_name(const struct doctor_certificate *c, struct span host)
{
    for (size_t i = 0; i < c->name_count; i++)
        if (is_one_of(c->names[i], host))
            return true;
    return false;
}

static struct span names_text(struct exam *x, const struct doctor_certificate *c)
{
    struct buffer b = BUFFER_EMPTY;
    for (size_t i = 0; i < c->name_count && i < 6; i++)
        buffer_printf(&b, "%s%.*s", i ? ", " : "", SPAN_F(c->names[i]));
    if (c->name_count > 6)
        buffer_printf(&b, " and %zu more", c->name_count - 6);
    return arena_keep(x->arena, &b);
}

static struct span place_of(struct exam *x, const struct doctor_probe *p)
{
    return arena_printf(x->arena, "%.*s [%.*s]:%u", SPAN_F(p->host),
                        SPAN_F(address_text(x, p->address)), p->port);
}

/* Refused by whom it matters to? */
static enum doctor_level level_of(const struct exam *x, const struct doctor_probe *p)
{
    return x->has_policy || p->port != SMTP ? DOCTOR_BROKEN : DOCTOR_WARNING;
}

static struct span why_it_matters(const struct exam *x, const struct doctor_probe *p)
{
    if (p->port != SMTP)
        return SPAN("Mail programs warn of it, or do not connect.");
    return x->has_policy
               ? SPAN("The domain demands a right certificate (MTA-STS): others bring no "
                      "mail to this server.")
               : SPAN("Most servers bring mail all the same; some do not, and none can be "
                      "sure that nobody reads along.");
}

/* A certificate for 90 days is to be renewed when 30 are left; those for days are renewed later. */
static int64_t soon_ms(const struct doctor_certificate *c)
{
    int64_t sixth = (c->ends_ms - c->begins_ms) / 6;
    return sixth < 14 * DAY_MS ? sixth : 14 * DAY_MS;
}

static bool look_at_dates(struct exam *x, const struct doctor_probe *p)
{
    const struct doctor_certificate *c = &p->chain[0];
    int64_t left_ms = c->ends_ms - x->request->now_ms;
    struct span when = time_text(x, c->ends_ms);
    struct doctor_finding *f = NULL;
    if (left_ms <= 0) {
        f = finding(x, DOCTOR_CERTIFICATE, level_of(x, p), place_of(x, p),
                    "The certificate was valid until %.*s.", SPAN_F(when));
        f->todo =
            SPAN("Renew it, have the server read it again, and see why that did not happen by "
                 "itself.");
    } else if (c->begins_ms > x->request->now_ms) {
        f = finding(x, DOCTOR_CERTIFICATE, level_of(x, p), place_of(x, p),
                    "The certificate is not valid before %.*s.",
                    SPAN_F(time_text(x, c->begins_ms)));
        f->todo = SPAN("See whether the clocks are right, here and where it was made.");
    } else if (left_ms < soon_ms(c)) {
        f = finding(x, DOCTOR_CERTIFICATE, DOCTOR_WARNING, place_of(x, p),
                    "The certificate ends soon, on %.*s.", SPAN_F(when));
        f->todo = SPAN("It should have been renewed by now. See that renewing works, and that the "
                       "server reads the new one.");
    }
    if (f)
        f->why = why_it_matters(x, p);
    return !f;
}

static bool look_at_name(struct exam *x, const struct doctor_probe *p)
{
    const struct doctor_certificate *c = &p->chain[0];
    if (certificate_has_name(c, p->host))
        return true;
    struct span names = names_text(x, c);
    struct doctor_finding *f = finding(x, DOCTOR_CERTIFICATE, level_of(x, p), place_of(x, p),
                                       "The certificate is not for %.*s.", SPAN_F(p->host));
    f->found = names.len ? arena_printf(x->arena, "for %.*s", SPAN_F(names))
                         : SPAN("it has no name of a host");
    f->why = why_it_matters(x, p);
    f->todo = arena_printf(x->arena, "Get one that has the name %.*s.", SPAN_F(p->host));
    return false;
}

static bool look_at_trust(struct exam *x, const struct doctor_probe *p)
{
    bool is_demanded = x->has_policy || p->port != SMTP;
    if (p->is_trusted)
        return true;
    struct doctor_finding *f =
        finding(x, DOCTOR_CERTIFICATE, is_demanded ? DOCTOR_BROKEN : DOCTOR_ADVICE, place_of(x, p),
                "No authority that this system trusts speaks for the certificate.");
    f->found = arena_printf(x->arena, "%.*s%sissued by %.*s", SPAN_F(p->distrust),
                            p->distrust.len ? "; " : "", SPAN_F(p->chain[0].issuer));
    f->why = is_demanded
                 ? why_it_matters(x, p)
                 : SPAN("Mail is encrypted all the same, but nobody can be sure with whom.");
    f->todo = SPAN("Get one from a public authority, such as Let's Encrypt, which costs nothing; "
                   "and give the server the whole chain (fullchain.pem).");
    return false;
}

/* What is wrong with a certificate matters more to some ports than to others; what is right does
 * not. */
static bool was_seen(const struct exam *x, size_t at, bool any_port)
{
    const struct doctor_probe *all = x->request->probes->at, *p = &all[at];
    for (size_t i = 0; i < at; i++)
        if (all[i].chain_count && span_equal(all[i].host, p->host) &&
            span_equal(all[i].chain[0].whole, p->chain[0].whole) &&
            (any_port || (all[i].port == SMTP) == (p->port == SMTP)))
            return true;
    return false;
}

static void look_at_certificate(struct exam *x, size_t at)
{
    const struct doctor_probe *p = &x->request->probes->at[at];
    const struct doctor_certificate *c = &p->chain[0];
    bool is_right = look_at_dates(x, p);
    is_right &= look_at_name(x, p);
    /* The library speaks of the first fault that it sees, and has been told of these. */
    is_right = is_right && look_at_trust(x, p);
    if (is_right && !was_seen(x, at, true))
        finding(x, DOCTOR_CERTIFICATE, DOCTOR_FINE, place_of(x, p),
                "The certificate of %.*s is right, and valid until %.*s.", SPAN_F(p->host),
                SPAN_F(time_text(x, c->ends_ms)))
            ->found = arena_printf(x->arena, "for %.*s; issued by %.*s", SPAN_F(names_text(x, c)),
                                   SPAN_F(c->issuer));
}

void exam_certificates(struct exam *x)
{
    const struct doctor_probes *probes = x->request->probes;
    for (size_t i = 0; i < probes->count; i++)
        if (probes->at[i].chain_count && !was_seen(x, i, false))
            look_at_certificate(x, i);
}
