/* Every finding, by the domain that has it: what is changed in one where all is right, and what is
 * then found. */
#include "base/test.h"

#include "base/inet.h"
#include "doctor/doctor_trial.h"

#include <stdio.h>

struct wanted {
    const char *level, *topic, *says, *publish; /* parts; publish may be NULL */
};

static bool has(struct span text, const char *part)
{
    return !part || span_find(text, span_of(part)) != SPAN_NOT_FOUND;
}

static bool is_found(const struct doctor_report *r, const struct wanted *w)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct doctor_finding *f = &r->at[i];
        if (strcmp(doctor_level_word(f->level), w->level) == 0 &&
            strcmp(doctor_topic_word(f->topic), w->topic) == 0 && has(f->says, w->says) &&
            has(f->publish, w->publish))
            return true;
    }
    return false;
}

static void print_all(const struct doctor_report *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct doctor_finding *f = &r->at[i];
        print_message("  %s %s: %.*s\n      %.*s\n", doctor_level_word(f->level),
                      doctor_topic_word(f->topic), SPAN_F(f->says), SPAN_F(f->publish));
    }
}

/* What is not fine has a reason and a way out. */
static void check_words(const struct doctor_report *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct doctor_finding *f = &r->at[i];
        assert_true(f->says.len && f->says.at[f->says.len - 1] == '.');
        if (f->level < DOCTOR_UNCHECKED && (!f->why.len || (!f->todo.len && !f->publish.len)))
            fail_msg("“%.*s” has no reason or no advice", SPAN_F(f->says));
    }
}

static void check(struct doctor_trial *t, const struct wanted *w, const char *name)
{
    doctor_trial_run(t);
    check_words(&t->report);
    if (!is_found(&t->report, w)) {
        print_all(&t->report);
        fail_msg("%s: not found: %s %s: %s / %s", name, w->level, w->topic, w->says,
                 w->publish ? w->publish : "");
    }
    doctor_trial_free(t);
}

static void a_domain_where_all_is_right_is_fine(void **state)
{
    struct doctor_trial t;
    bool has_topic[DOCTOR_TOPICS] = {false};
    doctor_trial_init(&t);
    doctor_trial_run(&t);
    for (size_t i = 0; i < t.report.count; i++)
        has_topic[t.report.at[i].topic] = true;
    if (t.report.counts[DOCTOR_FINE] != t.report.count) {
        print_all(&t.report);
        fail_msg("something is not fine");
    }
    for (int i = 0; i < DOCTOR_TOPICS; i++)
        if (!has_topic[i])
            fail_msg("nothing is said of %s", doctor_topic_name((enum doctor_topic)i));
    assert_true(doctor_is_fine(&t.report));
    doctor_trial_free(&t);
}

#define INCLUDE3 "include:a.test include:b.test include:c.test "

static void the_dns_is_looked_at(void **state)
{
    static const struct {
        const char *changes;
        struct wanted want;
    } cases[] = {
        /* MX */
        {"example.org MX FAIL", {"warning", "mx", "gives no answer", NULL}},
        {"example.org MX BOGUS", {"broken", "mx", "forged or wrongly signed", NULL}},
        {"example.org MX 0 .", {"fine", "mx", "takes no mail", NULL}},
        {"example.org MX 0 .\nexample.org MX 10 mail.example.org",
         {"warning", "mx", "both that it takes no mail", NULL}},
        {"example.org MX\nexample.org A 192.0.2.7",
         {"advice", "mx", "no MX record", "example.org. IN MX 10 mail.example.org."}},
        {"example.org MX",
         {"broken", "mx", "does not say where mail", "example.org. IN MX 10 mail.example.org."}},
        {"example.org MX 10 alias.example.org\nalias.example.org CNAME mail.example.org",
         {"warning", "mx", "alias (CNAME) of mail.example.org", "IN MX 10 mail.example.org."}},
        {"example.org MX 10 mail.example.org\nexample.org MX 20 b.test\nb.test A 192.0.2.9",
         {"fine", "mx", "mail.example.org, b.test", NULL}},
        {"example.org MX 10 b.test\nb.test A 192.0.2.9",
         {"advice", "mx", "other names than this server's", NULL}},
        /* addresses */
        {"example.org MX 10 none.test",
         {"broken", "addresses", "has no address", "none.test. IN A"}},
        {"example.org MX 10 192.0.2.7", {"broken", "addresses", "an address where a name", NULL}},
        {"mail.example.org A FAIL\nmail.example.org AAAA",
         {"broken", "addresses", "gives no answer", NULL}},
        {"mail.example.org A 10.0.0.7", {"broken", "addresses", "10.0.0.7 can't be reached", NULL}},
        {"mail.example.org AAAA fd00::7", {"broken", "addresses", "fd00::7 can't be", NULL}},
        {"mail.example.org A",
         {"warning", "addresses", "None of the mail servers has an IPv4", NULL}},
        /* reverse DNS */
        {"7.2.0.192.in-addr.arpa PTR",
         {"broken", "reverse-dns", "192.0.2.7 has no name",
          "7.2.0.192.in-addr.arpa. IN PTR mail.example.org."}},
        {"7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR",
         {"broken", "reverse-dns", "2001:db8::7 has no name",
          "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. IN PTR"}},
        {"7.2.0.192.in-addr.arpa PTR\n"
         "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR",
         {"broken", "reverse-dns", "192.0.2.7, 2001:db8::7 have no names",
          "IN PTR mail.example.org.\n7.0.0.0.0"}},
        {"7.2.0.192.in-addr.arpa PTR FAIL", {"not-checked", "reverse-dns", "no answer", NULL}},
        {"7.2.0.192.in-addr.arpa PTR b.test\nb.test A 192.0.2.9",
         {"broken", "reverse-dns", "b.test, does not lead back", "b.test. IN A 192.0.2.7"}},
        {"7.2.0.192.in-addr.arpa PTR b.test\nb.test A 192.0.2.7",
         {"advice", "reverse-dns", "calls 192.0.2.7 b.test", NULL}},
        {"7.2.0.192.in-addr.arpa PTR 7-2-0-192.dsl.test\n7-2-0-192.dsl.test A 192.0.2.7",
         {"warning", "reverse-dns", "gives to any customer", NULL}},
        {"mail.example.org A\nmail.example.org AAAA\nexample.org MX 10 b.test\nb.test A 192.0.2.9",
         {"broken", "reverse-dns", "that name has no address", "mail.example.org. IN A 192.0.2.7"}},
        {"mail.example.org AAAA",
         {"warning", "reverse-dns", "leaves from 2001:db8::7",
          "mail.example.org. IN AAAA 2001:db8::7"}},
        /* SPF */
        {"example.org TXT",
         {"warning", "spf", "no SPF record",
          "example.org. IN TXT \"v=spf1 ip4:192.0.2.7 ip6:2001:db8::7 ~all\""}},
        {"example.org TXT v=spf1 mx -all\nexample.org TXT v=spf1 a include:b.test ~all",
         {"broken", "spf", "2 SPF records", "\"v=spf1 mx a include:b.test ~all\""}},
        {"example.org TXT v=spf1 ip4:192.0.2.300 -all", {"broken", "spf", "can't be used", NULL}},
        {"example.org TXT v=spf1 include:b.test -all\nb.test TXT v=spf1 nonsense",
         {"broken", "spf", "The SPF record of b.test can't be used", NULL}},
        {"example.org TXT v=spf1 include:b.test -all",
         {"broken", "spf", "include:b.test leads to a domain that has no SPF record", NULL}},
        {"example.org TXT v=spf1 redirect=b.test",
         {"broken", "spf", "redirect=b.test leads to a domain that has no", NULL}},
        {"example.org TXT v=spf1 include:b.test -all\nb.test TXT FAIL",
         {"not-checked", "spf", "could not be found out", NULL}},
        {"example.org TXT v=spf1 ip4:192.0.2.7 ip6:2001:db8::7 mx a " INCLUDE3 "-all\n"
         "a.test TXT v=spf1 include:b.test include:c.test ~all\nb.test TXT v=spf1 mx mx mx ~all\n"
         "c.test TXT v=spf1 ~all",
         {"broken", "spf", "takes 13 look-ups, and 10 are allowed", NULL}},
        {"example.org TXT v=spf1 include:a.test -all\na.test TXT v=spf1 include:a.test -all",
         {"broken", "spf", "takes more than 40 look-ups", NULL}},
        {"example.org TXT v=spf1 ip4:192.0.2.7 ip6:2001:db8::7 mx mx mx mx mx mx mx mx "
         "redirect=b.test\n"
         "b.test TXT v=spf1 -all",
         {"advice", "spf", "9 of the 10 look-ups", NULL}},
        {"example.org TXT v=spf1 mx a exists:%{i}.b.test redirect=b.test\nb.test TXT v=spf1 -all",
         {"fine", "spf", "takes 4 of 10", NULL}},
        {"example.org TXT v=spf1 +all", {"broken", "spf", "lets everybody", NULL}},
        {"example.org TXT v=spf1 ip4:0.0.0.0/0 -all", {"broken", "spf", "lets everybody", NULL}},
        {"example.org TXT v=spf1 a:x.test a:y.test mx:z.test -all",
         {"broken", "spf", "The SPF record can't be used.", NULL}},
        {"example.org TXT v=spf1 mx ?all", {"warning", "spf", "says nothing about servers", NULL}},
        {"example.org TXT v=spf1 mx", {"warning", "spf", "says nothing about servers", NULL}},
        {"example.org TXT v=spf1 ptr -all", {"advice", "spf", "reverse names (ptr)", NULL}},
        {"example.org TXT v=spf1 ip4:192.0.2.7 -all",
         {"broken", "spf", "does not let 2001:db8::7 send",
          "\"v=spf1 ip6:2001:db8::7 ip4:192.0.2.7 -all\""}},
        {"example.org TXT v=spf1 ip6:2001:db8::7 ~all",
         {"warning", "spf", "does not let 192.0.2.7 send", "\"v=spf1 ip4:192.0.2.7 ip6:"}},
        {"mail.example.org TXT",
         {"advice", "spf", "name of the server itself has no", "mail.example.org. IN TXT"}},
        {"mail.example.org TXT v=spf1 -all", {"warning", "spf", "Notices from this server", NULL}},
        {"example.org TXT FAIL", {"not-checked", "spf", "no answer", NULL}},
        /* DKIM */
        {"s1._domainkey.example.org TXT",
         {"broken", "dkim", "is not in the DNS",
          "s1._domainkey.example.org. IN TXT \"v=DKIM1; k=ed25519; "
          "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\""}},
        {"s1._domainkey.example.org TXT v=DKIM1; k=ed25519; p=",
         {"broken", "dkim", "revoked", "p=11qYAYK"}},
        {"s1._domainkey.example.org TXT v=DKIM1; k=ed25519; "
         "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURA=",
         {"broken", "dkim", "Another key is published", "p=11qYAYK"}},
        {"s1._domainkey.example.org TXT v=DKIM1; k=ed25519; p=%%%",
         {"broken", "dkim", "can't be used", "p=11qYAYK"}},
        {"s1._domainkey.example.org TXT v=DKIM1; k=rsa; "
         "p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
         {"broken", "dkim", "not of the kind", "k=ed25519; p=11qYAYK"}},
        {"s1._domainkey.example.org TXT v=DKIM1; k=ed25519; t=y; "
         "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
         {"advice", "dkim", "tried out", NULL}},
        {"s1._domainkey.example.org TXT v=DKIM1; k=ed25519; s=other; "
         "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
         {"broken", "dkim", "not for mail", NULL}},
        {"s1._domainkey.example.org TXT a\ns1._domainkey.example.org TXT b",
         {"broken", "dkim", "several records", NULL}},
        /* DMARC */
        {"_dmarc.example.org TXT",
         {"warning", "dmarc", "no DMARC record",
          "_dmarc.example.org. IN TXT \"v=DMARC1; p=none; rua=mailto:postmaster@example.org\""}},
        {"_dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:d@example.org",
         {"advice", "dmarc", "nothing to be done",
          "\"v=DMARC1; p=quarantine; rua=mailto:d@example.org\""}},
        {"_dmarc.example.org TXT v=DMARC1; p=quarantine",
         {"advice", "dmarc", "Nobody is told",
          "\"v=DMARC1; p=quarantine; rua=mailto:postmaster@example.org\""}},
        {"_dmarc.example.org TXT v=DMARC1; p=quarantine; rua=mailto:d@b.test",
         {"warning", "dmarc", "b.test does not say that it wants them",
          "example.org._report._dmarc.b.test. IN TXT \"v=DMARC1\""}},
        {"_dmarc.example.org TXT v=DMARC1; p=quarantine; rua=mailto:d@b.test\n"
         "example.org._report._dmarc.b.test TXT v=DMARC1",
         {"fine", "dmarc", "folder for spam", NULL}},
        {"_dmarc.example.org TXT v=DMARC1; p=nothing",
         {"broken", "dmarc", "p=nothing", "v=DMARC1; p=none"}},
        {"_dmarc.example.org TXT v=DMARC1; rua=mailto:d@example.org",
         {"broken", "dmarc", "no policy", NULL}},
        {"_dmarc.example.org TXT v=DMARC1; p", {"broken", "dmarc", "can't be read", NULL}},
        {"_dmarc.example.org TXT v=DMARC1; p=reject; t=y; rua=mailto:d@example.org",
         {"advice", "dmarc", "tried out (t=y)", NULL}},
        {"_dmarc.example.org TXT v=DMARC1; p=none\n_dmarc.example.org TXT v=DMARC1; p=reject",
         {"broken", "dmarc", "2 DMARC records", NULL}},
        /* MTA-STS, TLSRPT */
        {"_mta-sts.example.org TXT",
         {"advice", "mta-sts", "does not demand", "_mta-sts.example.org. IN TXT \"v=STSv1; id="}},
        {"_mta-sts.example.org TXT v=STSv1; id=a-b", {"warning", "mta-sts", "can't be used", NULL}},
        {"_mta-sts.example.org TXT v=STSv1; id=1\n_mta-sts.example.org TXT v=STSv1; id=2",
         {"warning", "mta-sts", "several", NULL}},
        {"mta-sts.example.org A", {"warning", "mta-sts", "has no address", NULL}},
        {"example.org MX 10 mail.example.org\nexample.org MX 20 b.test\nb.test A 192.0.2.9",
         {"broken", "mta-sts", "does not name b.test", "mx: b.test"}},
        {"_smtp._tls.example.org TXT",
         {"advice", "tlsrpt", "Nobody is told",
          "_smtp._tls.example.org. IN TXT \"v=TLSRPTv1; rua=mailto:postmaster@example.org\""}},
        {"_smtp._tls.example.org TXT v=TLSRPTv1; rua=nowhere",
         {"warning", "tlsrpt", "can't be used", NULL}},
        /* DANE */
        {"_25._tcp.mail.example.org TLSA",
         {"advice", "dane", "does not name the certificate",
          "_25._tcp.mail.example.org. IN TLSA 3 1 1 "}},
        {"_25._tcp.mail.example.org TLSA 030101"
         "00000000000000000000000000000000000000000000000000000000000000ff",
         {"broken", "dane", "not the one that the DNS names", "IN TLSA 3 1 1 "}},
        {"_25._tcp.mail.example.org TLSA 010101"
         "00000000000000000000000000000000000000000000000000000000000000ff",
         {"warning", "dane", "None of the TLSA records", "IN TLSA 3 1 1 "}},
        {"_25._tcp.mail.example.org TLSA FAIL", {"broken", "dane", "The DNS fails", NULL}},
        {"_25._tcp.mail.example.org TLSA 020000" /* the authority's, whole */
         "74686520617574686f726974792773",
         {"fine", "dane", "is the one that the DNS names", NULL}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct doctor_trial t;
        doctor_trial_init(&t);
        doctor_trial_change(&t, cases[i].changes);
        check(&t, &cases[i].want, cases[i].changes);
    }
}

static void a_domain_that_is_not_there(void **state)
{
    struct doctor_trial t;
    doctor_trial_init(&t);
    t.zone = SPAN_NONE;
    check(&t, &(struct wanted){"broken", "mx", "no such domain", NULL}, "nothing");
}

static void a_domain_below_is_under_the_policy_above(void **state)
{
    static const struct wanted fine = {"fine", "dmarc", "refused", NULL},
                               advice = {"advice", "dmarc", "nothing to be done", NULL};
    struct doctor_trial t;
    for (int i = 0; i < 2; i++) {
        doctor_trial_init(&t);
        doctor_trial_change(&t, i ? "_dmarc.example.org TXT v=DMARC1; p=reject; sp=none\n"
                                    "a.b.example.org MX 10 mail.example.org"
                                  : "a.b.example.org MX 10 mail.example.org");
        t.request.domain = SPAN("a.b.example.org");
        check(&t, i ? &advice : &fine, "a.b.example.org");
    }
}

/* ---- what probing finds, and what is ours */

static void is_refused(struct doctor_trial *t)
{
    t->at[0].end = t->at[1].end = PROBE_REFUSED;
}
static void is_silent(struct doctor_trial *t)
{
    t->at[0].end = t->at[1].end = PROBE_SILENT;
}
static void is_half_silent(struct doctor_trial *t)
{
    t->at[1].end = PROBE_SILENT;
}
static void speaks_otherwise(struct doctor_trial *t)
{
    t->at[0].end = t->at[1].end = PROBE_BROKE;
}
static void has_no_way(struct doctor_trial *t)
{
    t->at[1].end = PROBE_NO_WAY;
}
static void turns_away(struct doctor_trial *t)
{
    t->at[0].code = 554;
}
static void is_old(struct doctor_trial *t)
{
    t->at[0].extensions = SPAN_NONE;
    t->at[0].is_encrypted = false;
}
static void is_clear(struct doctor_trial *t)
{
    t->at[0].is_encrypted = false;
}
static void is_clear_without_policy(struct doctor_trial *t)
{
    t->at[0].is_encrypted = false;
    doctor_trial_change(t, "_mta-sts.example.org TXT");
}
static void fails_to_encrypt(struct doctor_trial *t)
{
    t->at[0].is_encrypted = false;
    t->at[0].problem = SPAN("no shared cipher");
}
static void hands_in_clear(struct doctor_trial *t)
{
    t->at[3].is_encrypted = false;
}
static void is_over(struct doctor_trial *t)
{
    t->chain[0].ends_ms = t->request.now_ms - 1;
}
static void is_over_without_policy(struct doctor_trial *t)
{
    is_over(t);
    t->probes.count = 2;
    doctor_trial_change(t, "_mta-sts.example.org TXT");
}
static void ends_soon(struct doctor_trial *t)
{
    t->chain[0].begins_ms = t->request.now_ms - (int64_t)77 * 24 * 3600 * 1000;
    t->chain[0].ends_ms = t->request.now_ms + (int64_t)13 * 24 * 3600 * 1000;
}
static void is_short_lived(struct doctor_trial *t)
{
    t->chain[0].begins_ms = t->request.now_ms - (int64_t)24 * 3600 * 1000;
    t->chain[0].ends_ms = t->request.now_ms + (int64_t)5 * 24 * 3600 * 1000;
}
static void is_too_early(struct doctor_trial *t)
{
    t->chain[0].begins_ms = t->request.now_ms + 1;
}
static void is_of_another(struct doctor_trial *t)
{
    t->names[0] = SPAN("b.test");
}
static void is_of_all(struct doctor_trial *t)
{
    t->names[0] = SPAN("*.example.org");
}
static void is_by_nobody(struct doctor_trial *t)
{
    for (int i = 0; i < TRIAL_PROBES; i++)
        t->at[i].is_trusted = false;
}
static void is_by_nobody_without_policy(struct doctor_trial *t)
{
    is_by_nobody(t);
    doctor_trial_change(t, "_mta-sts.example.org TXT");
}
static void authority_without_name(struct doctor_trial *t)
{
    is_of_another(t);
    doctor_trial_change(t, "_25._tcp.mail.example.org TLSA 02000074686520617574686f726974792773");
}
static void has_no_policy(struct doctor_trial *t)
{
    t->probes.policy.is_fetched = false;
    t->probes.policy.why = SPAN("the web server answers with status 404");
}
static void has_a_page(struct doctor_trial *t)
{
    t->probes.policy.text = SPAN("<html>");
}
static void has_html(struct doctor_trial *t)
{
    t->probes.policy.type = SPAN("text/html");
}
static void tests_policy(struct doctor_trial *t)
{
    t->probes.policy.text =
        SPAN("version: STSv1\nmode: testing\nmx: mail.example.org\nmax_age: 1209600\n");
}
static void ends_policy(struct doctor_trial *t)
{
    t->probes.policy.text = SPAN("version: STSv1\nmode: none\nmax_age: 86400\n");
}
static void forgets_policy(struct doctor_trial *t)
{
    t->probes.policy.text =
        SPAN("version: STSv1\nmode: enforce\nmx: mail.example.org\nmax_age: 86400\n");
}
static void clock_is_alone(struct doctor_trial *t)
{
    t->probes.clock = CLOCK_ALONE;
}
static void clock_is_unknown(struct doctor_trial *t)
{
    t->probes.clock = CLOCK_UNKNOWN;
}
static void web_is_ahead(struct doctor_trial *t)
{
    t->probes.policy.our_date_ms = t->request.now_ms;
    t->probes.policy.date_ms = t->request.now_ms + 300 * 1000;
}
static void does_not_connect(struct doctor_trial *t)
{
    t->request.connects = false;
}
static void has_no_key(struct doctor_trial *t)
{
    t->request.key_count = 0;
}
static void does_not_report(struct doctor_trial *t)
{
    t->request.reporter = SPAN_NONE;
}
static void is_relayed(struct doctor_trial *t)
{
    t->request.relay = SPAN("smart.test");
    t->request.source_count = 0;
}
static void is_behind_a_router(struct doctor_trial *t)
{
    inet_parse(SPAN("10.0.0.7"), t->sources[0]);
}
static void is_not_signed(struct doctor_trial *t)
{
    t->is_secure = false;
}
static void does_not_validate(struct doctor_trial *t)
{
    t->request.validates = t->is_secure = false;
}
static void does_not_validate_unsigned(struct doctor_trial *t)
{
    does_not_validate(t);
    doctor_trial_change(t, "example.org DS");
}
static void is_at_home(struct doctor_trial *t)
{
    t->request.hostname = SPAN("box.lan");
}
static void is_anothers(struct doctor_trial *t)
{
    t->request.is_ours = false;
    t->request.source_count = t->request.key_count = 0;
    t->request.hostname = t->request.reporter = SPAN_NONE;
}
static void is_anothers_without_keys(struct doctor_trial *t)
{
    is_anothers(t);
    doctor_trial_change(t, "s1._domainkey.example.org TXT");
}
static void is_anothers_by_selector(struct doctor_trial *t)
{
    static const struct span selectors[] = {SPAN("s1"), SPAN("s2")};
    is_anothers(t);
    t->request.selectors = selectors;
    t->request.selector_count = 2;
}
static void is_anothers_without_names(struct doctor_trial *t)
{
    is_anothers(t);
    doctor_trial_change(t, "7.2.0.192.in-addr.arpa PTR");
}
static void is_anothers_and_silent(struct doctor_trial *t)
{
    is_anothers(t);
    is_silent(t);
}
static void takes_no_mail(struct doctor_trial *t)
{
    is_anothers(t);
    doctor_trial_change(t, "example.org MX 0 .\nexample.org TXT\n_dmarc.example.org TXT");
}

static void servers_and_settings_are_looked_at(void **state)
{
    static const struct {
        void (*change)(struct doctor_trial *t);
        struct wanted want;
    } cases[] = {
        {is_refused, {"broken", "connections", "refused", NULL}},
        {is_silent, {"warning", "connections", "None of the mail servers answers", NULL}},
        {is_anothers_and_silent, {"not-checked", "connections", "None of the mail", NULL}},
        {is_half_silent, {"warning", "connections", "does not answer", NULL}},
        {has_no_way, {"not-checked", "connections", "no way", NULL}},
        {speaks_otherwise, {"broken", "connections", "breaks", NULL}},
        {turns_away, {"warning", "connections", "turns this machine away", NULL}},
        {is_old, {"advice", "connections", "EHLO", NULL}},
        {is_clear, {"broken", "connections", "does not offer to encrypt", NULL}},
        {is_clear_without_policy, {"warning", "connections", "does not offer to encrypt", NULL}},
        {fails_to_encrypt, {"broken", "connections", "but that fails", NULL}},
        {hands_in_clear, {"broken", "connections", "does not offer to encrypt", NULL}},
        {is_over, {"broken", "certificates", "was valid until", NULL}},
        {is_over_without_policy, {"warning", "certificates", "was valid until", NULL}},
        {ends_soon, {"warning", "certificates", "ends soon", NULL}},
        {is_short_lived, {"fine", "certificates", "is right", NULL}},
        {is_too_early, {"broken", "certificates", "not valid before", NULL}},
        {is_of_another, {"broken", "certificates", "not for mail.example.org", NULL}},
        {is_of_all, {"fine", "certificates", "is right", NULL}},
        {is_by_nobody, {"broken", "certificates", "No authority", NULL}},
        {is_by_nobody_without_policy, {"advice", "certificates", "No authority", NULL}},
        {authority_without_name, {"broken", "dane", "not the one", NULL}},
        {has_no_policy, {"warning", "mta-sts", "can't be fetched", NULL}},
        {has_a_page, {"warning", "mta-sts", "can't be used", "mode: testing"}},
        {has_html, {"warning", "mta-sts", "plain text", NULL}},
        {tests_policy, {"advice", "mta-sts", "being tested", "mode: enforce"}},
        {ends_policy, {"advice", "mta-sts", "mode: none", NULL}},
        {forgets_policy, {"advice", "mta-sts", "86400 seconds", "max_age: 604800"}},
        {clock_is_alone, {"advice", "clock", "Nothing keeps", NULL}},
        {clock_is_unknown, {"not-checked", "clock", "can't be seen", NULL}},
        {web_is_ahead, {"warning", "clock", "5 minutes ahead of this one", NULL}},
        {does_not_connect, {"not-checked", "connections", "No connection was made", NULL}},
        {does_not_connect, {"not-checked", "mta-sts", "not fetched", NULL}},
        {does_not_connect, {"not-checked", "dane", "was not seen", NULL}},
        {has_no_key, {"warning", "dkim", "no key to sign", "plainpost dkim new example.org"}},
        {does_not_report, {"advice", "tlsrpt", "does not tell", "tls-reports postmaster@"}},
        {is_relayed, {"not-checked", "reverse-dns", "smart.test", NULL}},
        {is_behind_a_router, {"not-checked", "reverse-dns", "10.0.0.7 is an address for", NULL}},
        {is_not_signed, {"advice", "dnssec", "not signed", NULL}},
        {does_not_validate, {"not-checked", "dnssec", "is signed; whether rightly", NULL}},
        {does_not_validate_unsigned, {"advice", "dnssec", "not signed", NULL}},
        {is_at_home,
         {"broken", "reverse-dns", "calls itself box.lan", "hostname mail.example.org"}},
        {is_anothers, {"not-checked", "reverse-dns", "can't be seen from outside", NULL}},
        {is_anothers, {"not-checked", "dkim", "can't be listed", NULL}},
        {is_anothers_without_keys, {"warning", "dkim", "no DKIM keys", NULL}},
        {is_anothers_by_selector, {"fine", "dkim", "s1._domainkey.example.org is", NULL}},
        {is_anothers_by_selector, {"broken", "dkim", "no key of that selector", NULL}},
        {is_anothers_without_names, {"advice", "reverse-dns", "192.0.2.7 has no name", NULL}},
        {takes_no_mail, {"advice", "spf", "no SPF", "\"v=spf1 -all\""}},
        {takes_no_mail, {"advice", "dmarc", "no DMARC", "\"v=DMARC1; p=reject\""}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct doctor_trial t;
        char name[40];
        doctor_trial_init(&t);
        cases[i].change(&t);
        snprintf(name, sizeof name, "case %zu", i);
        check(&t, &cases[i].want, name);
    }
}

static void it_is_known_what_to_connect_to(void **state)
{
    struct doctor_trial t;
    doctor_trial_init(&t);
    doctor_trial_change(&t, "mail.example.org A 192.0.2.7\nmail.example.org A 10.0.0.1");
    doctor_trial_run(&t);
    assert_int_equal(t.report.target_count,
                     4); /* 25 twice, 465, 587; none in a network of one's own */
    assert_int_equal(t.report.targets[0].port, 25);
    assert_int_equal(t.report.targets[3].port, 587);
    assert_true(span_equal(t.report.policy_host, SPAN("mta-sts.example.org")));
    assert_true(span_equal(t.report.policy_addresses, SPAN("192.0.2.8")));
    doctor_trial_free(&t);
}

/* The best of too many servers, and the first of too many addresses. */
static void there_is_an_end(void **state)
{
    struct doctor_trial t;
    struct buffer b = BUFFER_EMPTY;
    doctor_trial_init(&t);
    for (int i = 0; i < 14; i++) {
        buffer_printf(&b, "example.org MX %d h%d.test\n", 40 - i, i);
        for (int n = 0; n < 8; n++)
            buffer_printf(&b, "h%d.test A 192.0.%d.%d\n", i, i, n);
    }
    doctor_trial_change(&t, buffer_text(&b));
    doctor_trial_run(&t);
    assert_int_equal(t.report.target_count, MOST_TARGETS);
    assert_true(span_equal(t.report.targets[0].host, SPAN("h13.test")));
    assert_true(is_found(&t.report, &(struct wanted){"not-checked", "mx", "More than 12", NULL}));
    assert_true(
        is_found(&t.report, &(struct wanted){"not-checked", "connections", "first 40", NULL}));
    buffer_free(&b);
    doctor_trial_free(&t);
}

static void long_records_are_cut_into_strings(void **state)
{
    static const char octets[300] = {1};
    struct doctor_trial t;
    doctor_trial_init(&t);
    t.key.octets = span_make(octets, sizeof octets);
    t.key.is_ed25519 = false;
    doctor_trial_change(&t, "s1._domainkey.example.org TXT");
    check(&t, &(struct wanted){"broken", "dkim", "is not in the DNS", "AAAA\" \"AAAA"},
          "a long record");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_domain_where_all_is_right_is_fine),
        cmocka_unit_test(the_dns_is_looked_at),
        cmocka_unit_test(a_domain_that_is_not_there),
        cmocka_unit_test(a_domain_below_is_under_the_policy_above),
        cmocka_unit_test(servers_and_settings_are_looked_at),
        cmocka_unit_test(it_is_known_what_to_connect_to),
        cmocka_unit_test(there_is_an_end),
        cmocka_unit_test(long_records_are_cut_into_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
