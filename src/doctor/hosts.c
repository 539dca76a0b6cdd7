/* Where a domain takes its mail: MX records, and the addresses of the hosts in them (RFC 5321 5.1).
 */
#include "doctor/exam.h"

#include "base/inet.h"

static struct span server_name(struct exam *x)
{
    const struct doctor_request *r = x->request;
    return r->is_ours ? r->hostname : arena_printf(x->arena, "mail.%.*s", SPAN_F(r->domain));
}

static struct span mx_record(struct exam *x)
{
    return arena_printf(x->arena, "%.*s. IN MX 10 %.*s.", SPAN_F(x->request->domain),
                        SPAN_F(server_name(x)));
}

/* ---- MX records */

static void no_such_domain(struct exam *x)
{
    struct doctor_finding *f = finding(x, DOCTOR_MX, DOCTOR_BROKEN, x->request->domain,
                                       "There is no such domain in the DNS.");
    x->is_nowhere = true;
    f->why = SPAN("Nobody can send mail to it, and mail from it is refused.");
    f->todo =
        SPAN("See that the name is spelled right. If it is, ask whoever registered it: it may "
             "have run out, or its name servers are not entered.");
}

/* What is not signed as it should be is wrong for all; silence may be our own name server's. */
static void no_answer(struct exam *x, const struct dns_answer *mx)
{
    struct doctor_finding *f;
    x->is_nowhere = true;
    if (mx->is_bogus) {
        f = finding(x, DOCTOR_MX, DOCTOR_BROKEN, x->request->domain,
                    "DNSSEC says that the answers for this domain are forged or wrongly signed.");
        f->why = SPAN("Mail to it waits at its senders, and is returned when that lasts for days.");
        f->todo = SPAN("Sign the zone anew, and see that the DS record at the registrar is that of "
                       "the key in use. To take the DS record away also helps, slowly.");
    } else {
        f = finding(x, DOCTOR_MX, DOCTOR_WARNING, x->request->domain,
                    "The DNS gives no answer for this domain.");
        f->why = SPAN("If it is so everywhere, mail to it waits at its senders, and is returned "
                      "when that lasts for days.");
        f->todo = SPAN("See whether other domains get an answer from here. If they do, the name "
                       "servers of this one need their operator; if not, the name server that this "
                       "machine asks does.");
    }
    f->found = mx->why;
}

static void takes_no_mail(struct exam *x)
{
    x->takes_no_mail = true;
    finding(x, DOCTOR_MX, DOCTOR_FINE, x->request->domain,
            "It says that it takes no mail (a null MX record), so nobody tries.")
        ->found = SPAN("MX 0 .");
}

/* The worst ones are left out where there are too many. */
static void add_host(struct exam *x, struct span name, uint16_t preference)
{
    for (size_t i = 0; i < x->host_count; i++)
        if (span_equal(x->hosts[i].name, name))
            return;
    if (x->host_count == MOST_EXAM_HOSTS) {
        x->has_more_hosts = true;
        if (x->hosts[MOST_EXAM_HOSTS - 1].preference <= preference)
            return;
        x->host_count--;
    }
    size_t at = x->host_count++;
    for (; at && x->hosts[at - 1].preference > preference; at--)
        x->hosts[at] = x->hosts[at - 1];
    x->hosts[at] = (struct exam_host){.name = name, .preference = preference};
}

static struct span hosts_text(struct exam *x)
{
    struct buffer b = BUFFER_EMPTY;
    for (size_t i = 0; i < x->host_count; i++)
        buffer_printf(&b, "%sMX %u %.*s.", i ? "\n" : "", x->hosts[i].preference,
                      SPAN_F(x->hosts[i].name));
    return arena_keep(x->arena, &b);
}

static struct span host_names(struct exam *x)
{
    struct buffer b = BUFFER_EMPTY;
    for (size_t i = 0; i < x->host_count; i++)
        buffer_printf(&b, "%s%.*s", i ? ", " : "", SPAN_F(x->hosts[i].name));
    return arena_keep(x->arena, &b);
}

/* A null MX beside others means nothing (RFC 7505 3). */
static void take_mx(struct exam *x, const struct dns_answer *mx)
{
    bool has_null = false;
    for (size_t i = 0; i < mx->count; i++) {
        uint16_t preference;
        struct span name;
        if (!dns_read_mx(mx->records[i], &preference, &name, x->arena))
            continue;
        if (span_equal(name, SPAN(".")))
            has_null = true;
        else
            add_host(x, name, preference);
    }
    if (has_null && !x->host_count) {
        takes_no_mail(x);
        return;
    }
    if (has_null) {
        struct doctor_finding *f =
            finding(x, DOCTOR_MX, DOCTOR_WARNING, x->request->domain,
                    "It says both that it takes no mail (MX 0 .) and where to bring it.");
        f->why = SPAN("Some senders go by the first and return all mail.");
        f->todo = SPAN("Take the record with the single dot away.");
    }
    struct span names = host_names(x);
    finding(x, DOCTOR_MX, DOCTOR_FINE, x->request->domain, "Its mail goes to %.*s.", SPAN_F(names))
        ->found = hosts_text(x);
}

/* RFC 5321 5.1: without MX records the domain itself. */
static void take_itself(struct exam *x)
{
    struct exam_addresses own;
    if (!exam_addresses(x, x->request->domain, &own))
        return;
    if (own.count) {
        add_host(x, x->request->domain, 0);
        struct doctor_finding *f = finding(x, DOCTOR_MX, DOCTOR_ADVICE, x->request->domain,
                                           "It has no MX record; mail goes to its own address.");
        f->why = SPAN("That works, but a web server at the same address then gets the mail too.");
        f->todo = SPAN("Say in the DNS where the mail goes:");
        f->publish = mx_record(x);
        return;
    }
    struct doctor_finding *f = finding(x, DOCTOR_MX, DOCTOR_BROKEN, x->request->domain,
                                       "The DNS does not say where mail for it goes.");
    x->takes_no_mail = true;
    f->why = SPAN("All mail to it comes back to its senders.");
    f->todo = arena_printf(x->arena,
                           "Say where it goes; or, if it is to have no mail, publish \"%.*s. IN MX "
                           "0 .\" instead.",
                           SPAN_F(x->request->domain));
    f->publish = mx_record(x);
}

/* ---- their addresses */

static void is_alias(struct exam *x, const struct exam_host *h, struct span canonical)
{
    struct doctor_finding *f =
        finding(x, DOCTOR_MX, DOCTOR_WARNING, h->name,
                "This mail server's name is only an alias (CNAME) of %.*s.", SPAN_F(canonical));
    f->why = SPAN("An MX record must not name an alias (RFC 2181 10.3); some senders refuse it.");
    f->todo = SPAN("Name the server itself:");
    f->publish = arena_printf(x->arena, "%.*s. IN MX %u %.*s.", SPAN_F(x->request->domain),
                              h->preference, SPAN_F(canonical));
}

static void has_no_address(struct exam *x, const struct exam_host *h)
{
    struct span failure = exam_failure(&h->addresses);
    unsigned char bytes[16];
    bool is_address = inet_parse(h->name, bytes);
    struct doctor_finding *f =
        finding(x, DOCTOR_ADDRESS, DOCTOR_BROKEN, h->name,
                failure.len  ? "The DNS gives no answer for the address of this mail server."
                : is_address ? "The MX record has an address where a name must be."
                             : "This mail server has no address in the DNS.");
    f->found = failure;
    f->why =
        x->host_count > 1
            ? SPAN("Senders can't reach it, and lose time with it before they try another one.")
            : SPAN("Mail can't be brought to it, and comes back to its senders.");
    f->todo = is_address ? SPAN("Give the server a name, and name that in the MX record.")
                         : SPAN("Give the name an address, or take it out of the MX records.");
    if (!failure.len && !is_address)
        f->publish = arena_printf(x->arena, "%.*s. IN A (its IPv4 address)", SPAN_F(h->name));
    else if (is_address)
        f->publish = mx_record(x);
}

static void look_at_address(struct exam *x, const struct exam_host *h, const unsigned char *address)
{
    if (inet_is_reachable(address))
        return;
    struct span text = address_text(x, address);
    struct doctor_finding *f =
        finding(x, DOCTOR_ADDRESS, DOCTOR_BROKEN, h->name,
                "Its address %.*s can't be reached from the Internet.", SPAN_F(text));
    f->why = SPAN("Addresses of this kind are for networks of one's own; senders give up on it.");
    f->todo =
        arena_printf(x->arena,
                     "Put the server's public address there instead (behind a router it is the "
                     "router's, with port 25 passed on), and take %.*s away.",
                     SPAN_F(text));
}

static void look_at_host(struct exam *x, struct exam_host *h)
{
    struct span canonical;
    h->is_known = exam_addresses(x, h->name, &h->addresses);
    if (!h->is_known)
        return;
    const struct exam_addresses *a = &h->addresses;
    canonical = a->v4->canonical.len ? a->v4->canonical : a->v6->canonical;
    if (canonical.len && !span_equal_nocase(canonical, h->name))
        is_alias(x, h, canonical);
    if (!a->count) {
        has_no_address(x, h);
        return;
    }
    size_t broken = x->report->counts[DOCTOR_BROKEN];
    for (size_t i = 0; i < a->count; i++)
        look_at_address(x, h, a->at[i]);
    if (x->report->counts[DOCTOR_BROKEN] == broken) {
        struct span list = addresses_text(x, a->at, a->count);
        finding(x, DOCTOR_ADDRESS, DOCTOR_FINE, h->name, "%.*s has the %s %.*s.", SPAN_F(h->name),
                a->count == 1 ? "address" : "addresses", SPAN_F(list))
            ->found = list;
    }
}

static void look_for_ipv4(struct exam *x)
{
    for (size_t i = 0; i < x->host_count; i++) {
        const struct exam_addresses *a = &x->hosts[i].addresses;
        if (!x->hosts[i].is_known || !a->count)
            return; /* that is told, or will be */
        for (size_t n = 0; n < a->count; n++)
            if (inet_is_v4(a->at[n]))
                return;
    }
    if (!x->host_count)
        return;
    struct doctor_finding *f = finding(x, DOCTOR_ADDRESS, DOCTOR_WARNING, x->hosts[0].name,
                                       "None of the mail servers has an IPv4 address.");
    f->why = SPAN("Many senders can't reach IPv6 addresses, and their mail comes back to them.");
    f->todo = SPAN("Give one of them an IPv4 address, too:");
    f->publish = arena_printf(x->arena, "%.*s. IN A (its IPv4 address)", SPAN_F(x->hosts[0].name));
}

static void look_for_ourselves(struct exam *x)
{
    const struct doctor_request *r = x->request;
    for (size_t i = 0; i < x->host_count; i++)
        if (span_equal_nocase(x->hosts[i].name, r->hostname))
            return;
    if (!r->is_ours || !x->host_count)
        return;
    struct doctor_finding *f =
        finding(x, DOCTOR_MX, DOCTOR_ADVICE, r->domain,
                "Its mail goes to other names than this server's (%.*s).", SPAN_F(r->hostname));
    f->why = SPAN("That is right if these servers bring the mail here, or are other names of this "
                  "one; else the mail goes elsewhere.");
    f->todo = SPAN("If mail is to come here:");
    f->publish = mx_record(x);
}

void exam_hosts(struct exam *x)
{
    const struct dns_answer *mx = exam_ask(x, x->request->domain, DNS_MX);
    if (!mx)
        return;
    switch (mx->result) {
    case DNS_NO_NAME:
        no_such_domain(x);
        return;
    case DNS_FAILED:
        no_answer(x, mx);
        return;
    case DNS_FOUND:
        take_mx(x, mx);
        break;
    case DNS_NO_RECORD:
        take_itself(x);
        break;
    }
    if (x->has_more_hosts)
        finding(x, DOCTOR_MX, DOCTOR_UNCHECKED, x->request->domain,
                "More than %d servers take its mail; only the first of them are looked at.",
                MOST_EXAM_HOSTS);
    for (size_t i = 0; i < x->host_count; i++)
        look_at_host(x, &x->hosts[i]);
    look_for_ipv4(x);
    look_for_ourselves(x);
}
