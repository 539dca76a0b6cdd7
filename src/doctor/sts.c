/* What the domain demands of those who bring it mail, said by HTTPS (MTA-STS, RFC 8461), and whom
 * they tell how it goes (TLSRPT, RFC 8460). */
#include "base/inet.h"
#include "doctor/exam.h"
#include "transport/mta_sts.h"
#include "transport/tls_report.h"

enum { DAY = 24 * 3600, SHORT_AGE = 7 * DAY };

static struct span record_name(struct exam *x)
{
    return arena_printf(x->arena, "_mta-sts.%.*s", SPAN_F(x->request->domain));
}

static struct span new_record(struct exam *x)
{
    return txt_record(
        x, record_name(x),
        arena_printf(x->arena, "v=STSv1; id=%lld", (long long)(x->request->now_ms / 1000)));
}

static struct span good_policy(struct exam *x, const char *mode)
{
    struct buffer b = BUFFER_EMPTY;
    buffer_printf(&b, "version: STSv1\nmode: %s\n", mode);
    for (size_t i = 0; i < x->host_count; i++)
        buffer_printf(&b, "mx: %.*s\n", SPAN_F(x->hosts[i].name));
    buffer_add_text(&b, "max_age: 604800");
    return arena_keep(x->arena, &b);
}

/* ---- the record */

static void has_none(struct exam *x)
{
    struct span domain = x->request->domain;
    struct doctor_finding *f =
        finding(x, DOCTOR_STS, DOCTOR_ADVICE, domain,
                "The domain does not demand that mail to it be encrypted (no MTA-STS).");
    f->why = SPAN("Who stands in the way can then have it sent in the clear, and read it.");
    f->todo = arena_printf(x->arena,
                           "When the certificates of its servers are in order, serve the lines "
                           "below the first as https://mta-sts.%.*s/.well-known/mta-sts.txt, and "
                           "publish the first:",
                           SPAN_F(domain));
    f->publish = arena_printf(x->arena, "%.*s\n%.*s", SPAN_F(new_record(x)),
                              SPAN_F(good_policy(x, "testing")));
}

static void record_is_wrong(struct exam *x, const struct span *texts, size_t count)
{
    struct doctor_finding *f =
        finding(x, DOCTOR_STS, DOCTOR_WARNING, record_name(x),
                count > 1 ? "There are several MTA-STS records, and only one is allowed."
                          : "The MTA-STS record can't be used.");
    f->found = joined_lines(x, texts, count);
    f->why = SPAN("Others then act as if there were no policy.");
    f->todo = SPAN("It has a version, and an id of up to 32 letters and digits that changes with "
                   "the policy:");
    f->publish = new_record(x);
}

/* ---- the policy */

static struct doctor_finding *policy_finding(struct exam *x, enum doctor_level level,
                                             const char *says)
{
    return finding(x, DOCTOR_STS, level, x->report->policy_host, "%s", says);
}

static void has_no_server(struct exam *x, struct span host)
{
    struct doctor_finding *f = finding(x, DOCTOR_STS, DOCTOR_WARNING, host,
                                       "The policy that the MTA-STS record speaks of can't be had: "
                                       "%.*s has no address.",
                                       SPAN_F(host));
    f->why = SPAN("Others then act as if there were no policy, or go by an old one.");
    f->todo = SPAN("Give that name the address of a web server that has the policy, or take the "
                   "record away.");
}

static void not_fetched(struct exam *x, const struct doctor_policy *p)
{
    struct doctor_finding *f = policy_finding(
        x, DOCTOR_WARNING, "The policy that the MTA-STS record speaks of can't be fetched.");
    f->found = p->why;
    f->why = SPAN("Others then act as if there were no policy, or go by an old one.");
    f->todo = arena_printf(x->arena,
                           "The web server must give it at https://%.*s/.well-known/mta-sts.txt, "
                           "without sending people on, and with a certificate of that name.",
                           SPAN_F(x->report->policy_host));
}

static bool is_text(struct span type)
{
    return span_equal_nocase(span_trim(span_cut(&type, ';')), SPAN("text/plain"));
}

static struct span foreign_hosts(struct exam *x, const struct sts_policy *p)
{
    struct buffer b = BUFFER_EMPTY;
    for (size_t i = 0; i < x->host_count; i++)
        if (!sts_policy_has_host(p, x->hosts[i].name))
            buffer_printf(&b, "%s%.*s", b.len ? ", " : "", SPAN_F(x->hosts[i].name));
    return arena_keep(x->arena, &b);
}

static void leaves_out(struct exam *x, const struct sts_policy *p, struct span text,
                       struct span hosts)
{
    bool is_enforced = p->mode == STS_ENFORCE;
    struct doctor_finding *f = finding(
        x, DOCTOR_STS, is_enforced ? DOCTOR_BROKEN : DOCTOR_WARNING, x->report->policy_host,
        "The MTA-STS policy does not name %.*s, which is in the MX records.", SPAN_F(hosts));
    f->found = span_trim(text);
    f->why = is_enforced ? SPAN("Gmail, Microsoft and others bring no mail to a server that the "
                                "policy does not name.")
                         : SPAN("It would get no mail if the mode were enforce.");
    f->todo = SPAN("Serve this policy, and then give the record a new id:");
    f->publish = arena_printf(x->arena, "%.*s\n%.*s",
                              SPAN_F(good_policy(x, is_enforced ? "enforce" : "testing")),
                              SPAN_F(new_record(x)));
}

static void look_at_mode(struct exam *x, const struct sts_policy *p, struct span text)
{
    struct doctor_finding *f;
    switch (p->mode) {
    case STS_NONE:
        f = policy_finding(x, DOCTOR_ADVICE, "The MTA-STS policy demands nothing (mode: none).");
        f->why = SPAN("Mail is brought also where it can't be encrypted.");
        f->todo = SPAN("That is right on the way out of MTA-STS; else begin with mode: testing.");
        break;
    case STS_TESTING:
        f = policy_finding(x, DOCTOR_ADVICE,
                           "The MTA-STS policy is only being tested (mode: testing).");
        f->why = SPAN("Mail is brought also where it can't be encrypted.");
        f->todo =
            SPAN("When the reports (TLSRPT) show no failures, serve this, and give the record "
                 "a new id:");
        f->publish = arena_printf(x->arena, "%.*s\n%.*s", SPAN_F(good_policy(x, "enforce")),
                                  SPAN_F(new_record(x)));
        break;
    case STS_ENFORCE:
        finding(x, DOCTOR_STS, DOCTOR_FINE, x->report->policy_host,
                "Mail to the domain must be encrypted; the policy holds for %u days.",
                p->max_age / DAY)
            ->found = span_trim(text);
        break;
    }
    if (p->mode != STS_NONE && p->max_age < SHORT_AGE) {
        f = finding(x, DOCTOR_STS, DOCTOR_ADVICE, x->report->policy_host,
                    "The MTA-STS policy is forgotten after %u seconds.", p->max_age);
        f->why = SPAN("Who can keep others from fetching it for that long is rid of it; weeks are "
                      "usual (RFC 8461 3.2).");
        f->todo = SPAN("Write into the policy:");
        f->publish = SPAN("max_age: 604800");
    }
}

static void look_at_policy(struct exam *x, const struct doctor_policy *p)
{
    struct sts_policy policy;
    struct error e;
    if (!p->is_fetched) {
        not_fetched(x, p);
        return;
    }
    if (!sts_policy_parse(&policy, p->text, x->arena, &e)) {
        struct doctor_finding *f = finding(x, DOCTOR_STS, DOCTOR_WARNING, x->report->policy_host,
                                           "The MTA-STS policy can't be used: %s.", e.text);
        f->found = span_first(span_trim(p->text), 400);
        f->why = SPAN("Others then act as if there were no policy, or go by an old one.");
        f->todo = SPAN("Serve this:");
        f->publish = good_policy(x, "testing");
        return;
    }
    if (!is_text(p->type)) {
        struct doctor_finding *f =
            policy_finding(x, DOCTOR_WARNING,
                           "The web server does not say that the MTA-STS policy is plain text.");
        f->found = p->type.len ? p->type : SPAN("(no Content-Type)");
        f->why = SPAN("Others do not take it then (RFC 8461 3.3).");
        f->todo = SPAN("Have it served as:");
        f->publish = SPAN("Content-Type: text/plain");
        return;
    }
    struct span hosts = policy.mode == STS_NONE ? SPAN_NONE : foreign_hosts(x, &policy);
    x->has_policy = policy.mode == STS_ENFORCE;
    if (hosts.len)
        leaves_out(x, &policy, p->text, hosts);
    else
        look_at_mode(x, &policy, p->text);
}

static void find_server(struct exam *x)
{
    struct span host = arena_printf(x->arena, "mta-sts.%.*s", SPAN_F(x->request->domain));
    struct exam_addresses its;
    struct buffer b = BUFFER_EMPTY;
    if (!exam_addresses(x, host, &its))
        return;
    if (!its.count) {
        has_no_server(x, host);
        return;
    }
    for (size_t i = 0; i < its.count; i++) {
        buffer_add_text(&b, i ? "," : "");
        inet_add(&b, its.at[i]);
    }
    x->report->policy_host = host;
    x->report->policy_addresses = arena_keep(x->arena, &b);
    if (x->request->probes)
        look_at_policy(x, &x->request->probes->policy);
    else if (!x->request->connects)
        policy_finding(x, DOCTOR_UNCHECKED, "The MTA-STS policy was not fetched.");
}

void exam_sts(struct exam *x)
{
    struct span texts[MOST_EXAM_TEXTS], id;
    size_t count;
    if (x->takes_no_mail)
        return;
    count = exam_texts(x, DOCTOR_STS, record_name(x), SPAN("v=STSv1"), texts);
    if (count == SPAN_NOT_FOUND)
        return;
    if (!count)
        has_none(x);
    else if (!sts_record_find(texts, count, &id))
        record_is_wrong(x, texts, count);
    else
        find_server(x);
}

/* ---- reports */

static void tells_nobody(struct exam *x)
{
    struct doctor_finding *f =
        finding(x, DOCTOR_TLSRPT, DOCTOR_ADVICE, x->request->domain,
                "This server does not tell other domains how mail to them could be encrypted.");
    f->why = SPAN("They learn of faults in their certificates that way, as you do from them.");
    f->todo = SPAN("Name the address from which it is to, in the configuration:");
    f->publish = arena_printf(x->arena, "tls-reports postmaster@%.*s", SPAN_F(x->request->domain));
}

void exam_tlsrpt(struct exam *x)
{
    const struct doctor_request *r = x->request;
    struct span texts[MOST_EXAM_TEXTS];
    struct report_place places[MOST_REPORT_PLACES];
    struct span name = arena_printf(x->arena, "_smtp._tls.%.*s", SPAN_F(r->domain));
    if (x->takes_no_mail)
        return;
    size_t count = exam_texts(x, DOCTOR_TLSRPT, name, SPAN("v=TLSRPTv1"), texts);
    if (r->is_ours && !r->reporter.len)
        tells_nobody(x);
    if (count == SPAN_NOT_FOUND)
        return;
    struct span wanted = txt_record(
        x, name,
        arena_printf(x->arena, "v=TLSRPTv1; rua=mailto:postmaster@%.*s", SPAN_F(r->domain)));
    if (!count) {
        struct doctor_finding *f =
            finding(x, DOCTOR_TLSRPT, DOCTOR_ADVICE, name,
                    "Nobody is told when mail to the domain can't be encrypted (no TLSRPT).");
        f->why = SPAN("Large providers report daily where a certificate, MTA-STS or DANE fails.");
        f->todo = SPAN("Name an address for that:");
        f->publish = wanted;
    } else if (!tls_report_places(texts, count, places, x->arena)) {
        struct doctor_finding *f =
            finding(x, DOCTOR_TLSRPT, DOCTOR_WARNING, name,
                    count > 1 ? "There are several TLSRPT records, and only one is allowed."
                              : "The TLSRPT record can't be used.");
        f->found = joined_lines(x, texts, count);
        f->why = SPAN("No reports are sent.");
        f->todo = SPAN("Have one record, such as:");
        f->publish = wanted;
    } else {
        finding(x, DOCTOR_TLSRPT, DOCTOR_FINE, name,
                "Others report to %.*s how mail to the domain could be encrypted.",
                SPAN_F(places[0].at))
            ->found = texts[0];
    }
}
