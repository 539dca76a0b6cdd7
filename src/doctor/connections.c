/* What the servers of the domain say when somebody connects. */
#include "base/inet.h"
#include "doctor/exam.h"

enum { SMTP = 25, SUBMISSIONS = 465, SUBMISSION = 587, GREETING = 220 };

/* ---- whom to connect to */

static void add_target(struct exam *x, struct span host, const unsigned char *address,
                       uint16_t port)
{
    struct doctor_report *r = x->report;
    if (!inet_is_reachable(address))
        return;
    for (size_t i = 0; i < r->target_count; i++)
        if (r->targets[i].port == port && memcmp(r->targets[i].address, address, 16) == 0)
            return;
    if (r->target_count == MOST_TARGETS) {
        x->has_more_targets = true;
        return;
    }
    struct doctor_target *t = &r->targets[r->target_count++];
    *t = (struct doctor_target){.host = host, .port = port};
    memcpy(t->address, address, 16);
}

/* Of those who send mail through a server, one address is enough. */
static void find_targets(struct exam *x)
{
    struct exam_addresses own;
    for (size_t i = 0; i < x->host_count; i++)
        for (size_t n = 0; n < x->hosts[i].addresses.count; n++)
            add_target(x, x->hosts[i].name, x->hosts[i].addresses.at[n], SMTP);
    if (x->request->is_ours && exam_addresses(x, x->request->hostname, &own) && own.count) {
        add_target(x, x->request->hostname, own.at[0], SUBMISSIONS);
        add_target(x, x->request->hostname, own.at[0], SUBMISSION);
    }
    for (size_t i = 0; !x->request->is_ours && i < x->host_count; i++)
        if (x->hosts[i].addresses.count) {
            add_target(x, x->hosts[i].name, x->hosts[i].addresses.at[0], SUBMISSIONS);
            add_target(x, x->hosts[i].name, x->hosts[i].addresses.at[0], SUBMISSION);
        }
}

/* ---- what came of it */

static struct span place_of(struct exam *x, const struct doctor_probe *p)
{
    struct span address = address_text(x, p->address);
    return arena_printf(x->arena, "%.*s [%.*s]:%u", SPAN_F(p->host), SPAN_F(address), p->port);
}

static struct span greeting_of(struct exam *x, const struct doctor_probe *p)
{
    return p->code ? arena_printf(x->arena, "%d %.*s", p->code, SPAN_F(p->greeting)) : SPAN_NONE;
}

/* All silent mostly means that the network here lets nobody out to that port. */
static bool nobody_answers(const struct doctor_probes *probes)
{
    size_t silent = 0;
    for (size_t i = 0; i < probes->count; i++) {
        if (probes->at[i].port == SMTP && probes->at[i].end != PROBE_SILENT)
            return false;
        silent += probes->at[i].port == SMTP;
    }
    return silent > 0;
}

static bool any_works(const struct doctor_probes *probes)
{
    for (size_t i = 0; i < probes->count; i++)
        if (probes->at[i].port == SMTP && probes->at[i].end == PROBE_SPOKE &&
            probes->at[i].code == GREETING)
            return true;
    return false;
}

static void tell_silence(struct exam *x)
{
    bool is_ours = x->request->is_ours;
    struct doctor_finding *f =
        finding(x, DOCTOR_CONNECTION, is_ours ? DOCTOR_WARNING : DOCTOR_UNCHECKED,
                x->request->domain, "None of the mail servers answers at port 25 from here.");
    f->why = SPAN("Many networks let nobody out to port 25, to stop spam, and the servers may be "
                  "well; but mail can't be sent from such a network, either.");
    f->todo = is_ours
                  ? SPAN("Ask your provider whether it blocks port 25, and look at the firewall; "
                         "then try it from another network.")
                  : SPAN("Try it from another network.");
}

static void not_reached(struct exam *x, const struct doctor_probe *p)
{
    struct span place = place_of(x, p);
    bool is_only = !any_works(x->request->probes);
    struct doctor_finding *f =
        finding(x, DOCTOR_CONNECTION, is_only ? DOCTOR_BROKEN : DOCTOR_WARNING, place, "%s",
                p->end == PROBE_REFUSED  ? "Nobody takes mail there: the connection is refused."
                : p->end == PROBE_SILENT ? "The mail server does not answer."
                                         : "The connection to the mail server breaks.");
    f->found = p->why;
    f->why = is_only ? SPAN("Mail for the domain waits at its senders, and is returned in the end.")
                     : SPAN("Senders lose time with it before they try another one.");
    f->todo = p->end == PROBE_REFUSED
                  ? SPAN("Start the mail server, and see that it listens at this address; or take "
                         "the address out of the DNS.")
              : p->end == PROBE_SILENT
                  ? SPAN("See whether the server runs, and whether a firewall or router lets port "
                         "25 through.")
                  : SPAN("See what listens there, and what its log says.");
}

static void does_not_welcome(struct exam *x, const struct doctor_probe *p)
{
    struct doctor_finding *f = finding(x, DOCTOR_CONNECTION, DOCTOR_WARNING, place_of(x, p),
                                       "The server turns this machine away.");
    f->found = greeting_of(x, p);
    f->why = SPAN("If it does so with all, no mail gets in; it may also be about the address that "
                  "this machine has.");
    f->todo = SPAN("Its words should tell; if not, its log does.");
}

static void does_not_encrypt(struct exam *x, const struct doctor_probe *p)
{
    bool is_offered = p->problem.len > 0;
    bool is_demanded = x->has_policy || p->port != SMTP;
    struct doctor_finding *f = finding(
        x, DOCTOR_CONNECTION, is_demanded ? DOCTOR_BROKEN : DOCTOR_WARNING, place_of(x, p), "%s",
        is_offered ? "The server offers to encrypt, but that fails."
                   : "The server does not offer to encrypt (STARTTLS).");
    f->found = is_offered ? p->problem : p->extensions;
    f->why = p->port != SMTP ? SPAN("Passwords would be sent so that others can read them, or mail "
                                    "programs give up.")
             : is_demanded
                 ? SPAN("The domain demands encryption (MTA-STS), so that others bring no "
                        "mail here.")
                 : SPAN("Mail comes so that everybody on the way can read it, or does "
                        "not come at all.");
    f->todo = is_offered
                  ? SPAN("Look at the server's certificate and key; it must speak TLS 1.2 or "
                         "1.3.")
                  : SPAN("Give the server a certificate; for plainpost the option is "
                         "tls-certificate.");
}

static void look_at_port_25(struct exam *x, const struct doctor_probe *p)
{
    struct doctor_finding *f;
    if (p->end == PROBE_NO_WAY) {
        f = finding(x, DOCTOR_CONNECTION, DOCTOR_UNCHECKED, place_of(x, p),
                    "This machine has no way to such an address.");
        f->found = p->why;
    } else if (p->end != PROBE_SPOKE) {
        not_reached(x, p);
    } else if (p->code != GREETING) {
        does_not_welcome(x, p);
    } else if (!p->is_encrypted) {
        does_not_encrypt(x, p);
    } else {
        f = finding(x, DOCTOR_CONNECTION, DOCTOR_FINE, place_of(x, p),
                    "%.*s answers, and encrypts (%.*s).", SPAN_F(place_of(x, p)),
                    SPAN_F(p->version));
        f->found = greeting_of(x, p);
    }
    if (p->end == PROBE_SPOKE && p->code == GREETING && !p->extensions.len) {
        f = finding(x, DOCTOR_CONNECTION, DOCTOR_ADVICE, place_of(x, p),
                    "The server does not know EHLO.");
        f->found = greeting_of(x, p);
        f->why = SPAN("Without it there is no encryption, and no word on how large mail may be.");
        f->todo = SPAN("Some firewalls spoil it: switch off what they call SMTP inspection.");
    }
}

/* Whether anybody hands in mail there is not for others to say: only what is open is looked at. */
static void look_at_submission(struct exam *x, const struct doctor_probe *p)
{
    if (p->end != PROBE_SPOKE || p->code != GREETING)
        return;
    if (!p->is_encrypted && p->port == SUBMISSION) {
        does_not_encrypt(x, p);
        return;
    }
    if (p->is_encrypted)
        finding(x, DOCTOR_CONNECTION, DOCTOR_FINE, place_of(x, p),
                "Mail programs can hand in mail at %.*s, encrypted (%.*s).", SPAN_F(place_of(x, p)),
                SPAN_F(p->version))
            ->found = greeting_of(x, p);
}

void exam_connections(struct exam *x)
{
    const struct doctor_probes *probes = x->request->probes;
    if (!x->request->connects) {
        if (x->host_count)
            finding(x, DOCTOR_CONNECTION, DOCTOR_UNCHECKED, x->request->domain,
                    "No connection was made to the servers, as was wished.");
        return;
    }
    find_targets(x);
    if (!probes)
        return;
    if (x->has_more_targets)
        finding(x, DOCTOR_CONNECTION, DOCTOR_UNCHECKED, x->request->domain,
                "Only the first %d addresses were connected to.", MOST_TARGETS);
    bool is_silent = nobody_answers(probes);
    if (is_silent)
        tell_silence(x);
    for (size_t i = 0; i < probes->count; i++) {
        const struct doctor_probe *p = &probes->at[i];
        if (p->port != SMTP)
            look_at_submission(x, p);
        else if (!is_silent)
            look_at_port_25(x, p);
    }
    exam_certificates(x);
}
