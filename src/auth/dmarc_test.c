#include "base/test.h"

#include "auth/dmarc.h"
#include "auth/dns_trial.h"

static void records_are_read(void **state)
{
    static const struct {
        const char *text;
        int usable; /* -1: no record */
        enum dmarc_policy policy, below, below_missing;
    } cases[] = {
        {"v=DMARC1; p=reject", 1, DMARC_REJECT, DMARC_REJECT, DMARC_REJECT},
        {"v=DMARC1;p=Quarantine;", 1, DMARC_QUARANTINE, DMARC_QUARANTINE, DMARC_QUARANTINE},
        {" v = DMARC1 ; p = none ; sp = reject", 1, DMARC_DO_NOTHING, DMARC_REJECT, DMARC_REJECT},
        {"v=DMARC1; np=reject; p=none", 1, DMARC_DO_NOTHING, DMARC_DO_NOTHING, DMARC_REJECT},
        {"v=DMARC1; p=reject; sp=none; np=quarantine", 1, DMARC_REJECT, DMARC_DO_NOTHING,
         DMARC_QUARANTINE},
        {"v=DMARC1; p=reject; pct=0; ri=1; rf=afrf", 1, DMARC_REJECT, DMARC_REJECT, DMARC_REJECT},
        {"v=DMARC1; p=reject; p=none", 1, DMARC_REJECT, DMARC_REJECT, DMARC_REJECT},
        {"v=DMARC1; garbage; =; p=reject; adkim=x", 1, DMARC_REJECT, DMARC_REJECT, DMARC_REJECT},
        /* 4.10.1: without a right policy it asks for nothing, or for reports. */
        {"v=DMARC1", 0},
        {"v=DMARC1; p=rejct", 0},
        {"v=DMARC1; p=reject; sp=rejct", 0},
        {"v=DMARC1; p=reject; np=", 0},
        {"v=DMARC1; p=rejct; rua=nobody", 0},
        {"v=DMARC1; p=rejct; rua=mailto:a@example.org", 1},
        {"v=DMARC1; p=reject; sp=rejct; rua=mailto:a@example.org", 1},
        {"v=DMARC1; rua=x, mailto:a@example.org", 1},
        {"", -1},
        {"p=reject; v=DMARC1", -1},
        {"v=DMARC2; p=reject", -1},
        {"v=dmarc1; p=reject", -1},
        {"v=DMARC1 p=reject", -1},
        {"v=spf1 -all", -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct dmarc_record r;
        bool ok = dmarc_record_parse(&r, span_of(cases[i].text));
        if (ok != (cases[i].usable >= 0) ||
            (ok && (r.is_usable != cases[i].usable || r.policy != cases[i].policy ||
                    r.below != cases[i].below || r.below_missing != cases[i].below_missing)))
            fail_msg("%s", cases[i].text);
    }
}

static void where_reports_go(void **state)
{
    struct span rest = SPAN("mailto:a@example.org!10m , nobody, :x, https://example.org/r,"), uri;
    assert_true(dmarc_next_uri(&rest, &uri) && span_equal(uri, SPAN("mailto:a@example.org")));
    assert_true(dmarc_next_uri(&rest, &uri) && span_equal(uri, SPAN("https://example.org/r")));
    assert_false(dmarc_next_uri(&rest, &uri));
}

static const char zone[] = "example.org A 192.0.2.1\n"
                           "_dmarc.example.org TXT v=DMARC1; p=reject; sp=quarantine; np=none\n"
                           "news.example.org A 192.0.2.2\n"
                           "strict.example.org A 192.0.2.3\n"
                           "_dmarc.strict.example.org TXT v=DMARC1; p=reject; adkim=s; aspf=s\n"
                           "_dmarc.dept.example.org TXT v=DMARC1; p=quarantine; psd=n\n"
                           "_dmarc.two.example.net TXT v=DMARC1; p=none\n"
                           "_dmarc.two.example.net TXT v=DMARC1; p=reject\n"
                           "_dmarc.bank TXT v=DMARC1; p=reject; psd=y; np=reject; sp=quarantine\n"
                           "_dmarc.own.bank TXT v=DMARC1; p=none\n"
                           "plain.bank A 192.0.2.4\n"
                           "_dmarc.told.example TXT v=DMARC1; p=reject; rua=mailto:d@told.example\n"
                           "_dmarc.trial.test TXT v=DMARC1; p=reject; t=y\n"
                           "_dmarc.trial2.test TXT v=DMARC1; p=quarantine; t=y\n"
                           "_dmarc.test FAIL\n"
                           "_dmarc.broken.example FAIL\n"
                           "_dmarc.down.example TXT v=DMARC1; p=reject\n"
                           "_dmarc.down.below.example FAIL\n"
                           "_dmarc.wrong.example TXT v=DMARC1; p=rejct\n"
                           "_dmarc.a.b.c.d.e.f.g.deep.example TXT v=DMARC1; p=reject\n"
                           "_dmarc.g.deep.example TXT v=DMARC1; p=quarantine\n"
                           "_dmarc.b.c.d.e.f.g.hidden.example TXT v=DMARC1; p=reject\n";

static const struct verdict_case {
    const char *authors, *sender, *signers; /* words */
    enum dmarc_result result;
    enum dmarc_policy applied;
    const char *place;
} cases[] = {
    {"example.org", "", "example.org", DMARC_PASS, DMARC_REJECT, "example.org"},
    {"EXAMPLE.org.", "", "Example.ORG", DMARC_PASS, DMARC_REJECT, "example.org"},
    {"example.org", "example.org", "", DMARC_PASS, DMARC_REJECT, "example.org"},
    {"example.org", "news.example.org", "", DMARC_PASS, DMARC_REJECT, "example.org"},
    {"example.org", "", "a.b.news.example.org", DMARC_PASS, DMARC_REJECT, "example.org"},
    {"news.example.org", "", "example.org", DMARC_PASS, DMARC_QUARANTINE, "example.org"},
    {"news.example.org", "", "shop.example.org", DMARC_PASS, DMARC_QUARANTINE, "example.org"},
    {"example.org", "", "", DMARC_FAIL, DMARC_REJECT, "example.org"},
    {"example.org", "example.net", "example.com", DMARC_FAIL, DMARC_REJECT, "example.org"},
    {"example.org", "notexample.org", "org", DMARC_FAIL, DMARC_REJECT, "example.org"},
    {"news.example.org", "", "", DMARC_FAIL, DMARC_QUARANTINE, "example.org"},
    {"missing.example.org", "", "", DMARC_FAIL, DMARC_DO_NOTHING, "example.org"},
    /* adkim=s, aspf=s */
    {"strict.example.org", "", "strict.example.org", DMARC_PASS, DMARC_REJECT,
     "strict.example.org"},
    {"strict.example.org", "example.org", "a.strict.example.org", DMARC_FAIL, DMARC_REJECT,
     "strict.example.org"},
    /* psd=n: an organization of its own within another */
    {"dept.example.org", "", "a.dept.example.org", DMARC_PASS, DMARC_QUARANTINE,
     "dept.example.org"},
    {"a.dept.example.org", "", "b.dept.example.org", DMARC_PASS, DMARC_QUARANTINE,
     "dept.example.org"},
    {"dept.example.org", "example.org", "", DMARC_FAIL, DMARC_QUARANTINE, "dept.example.org"},
    {"example.org", "dept.example.org", "", DMARC_FAIL, DMARC_REJECT, "example.org"},
    /* psd=y: organizations begin below it */
    {"plain.bank", "", "a.plain.bank", DMARC_PASS, DMARC_QUARANTINE, "bank"},
    {"plain.bank", "", "own.bank", DMARC_FAIL, DMARC_QUARANTINE, "bank"},
    {"plain.bank", "bank", "", DMARC_FAIL, DMARC_QUARANTINE, "bank"},
    {"nobody.bank", "", "", DMARC_FAIL, DMARC_REJECT, "bank"},
    {"own.bank", "", "", DMARC_FAIL, DMARC_DO_NOTHING, "own.bank"},
    {"x.own.bank", "", "own.bank", DMARC_PASS, DMARC_DO_NOTHING, "own.bank"},
    /* t=y is one step weaker; a top-level domain that fails matters to nobody with a record */
    {"trial.test", "", "", DMARC_FAIL, DMARC_QUARANTINE, "trial.test"},
    {"trial2.test", "", "", DMARC_FAIL, DMARC_DO_NOTHING, "trial2.test"},
    {"other.test", "", "other.test", DMARC_TEMPERROR},
    {"broken.example", "", "broken.example", DMARC_TEMPERROR},
    {"down.below.example", "", "", DMARC_TEMPERROR},
    {"down.example", "", "", DMARC_FAIL, DMARC_REJECT, "down.example"},
    /* no record, several, none that can be used */
    {"example.com", "", "example.com", DMARC_NONE},
    {"two.example.net", "", "two.example.net", DMARC_NONE},
    {"wrong.example", "", "", DMARC_NONE},
    /* at most eight questions: the third of these records is never seen */
    {"z.a.b.c.d.e.f.g.deep.example", "", "", DMARC_FAIL, DMARC_QUARANTINE, "g.deep.example"},
    {"a.b.c.d.e.f.g.deep.example", "", "", DMARC_FAIL, DMARC_REJECT, "a.b.c.d.e.f.g.deep.example"},
    {"y.z.a.b.c.d.e.f.g.hidden.example", "", "", DMARC_NONE},
    /* several authors: the strictest */
    {"example.com example.org", "", "example.com", DMARC_FAIL, DMARC_REJECT, "example.org"},
    {"own.bank example.org trial.test", "", "", DMARC_FAIL, DMARC_REJECT, "example.org"},
    {"example.org news.example.org", "", "example.org", DMARC_PASS, DMARC_REJECT, "example.org"},
    {"", "", "example.org", DMARC_PERMERROR},
    {"a.test b.test c.test d.test e.test f.test g.test h.test i.test j.test k.test", "", "",
     DMARC_PERMERROR},
};

static size_t words(struct span text, struct span *out)
{
    size_t count = 0;
    for (struct span word; (word = span_word(&text)).len;)
        out[count++] = word;
    return count;
}

static struct dmarc_verdict judged(const struct dmarc_request *r, struct arena *a, size_t *asked)
{
    struct lookups l = {0};
    struct dmarc_verdict v;
    int rounds = 0;
    while (!dmarc_check(r, &l, &v, a)) {
        assert_true(rounds++ < 5);
        dns_trial_answer(&l, span_of(zone));
    }
    *asked = l.count;
    v.why = arena_copy(a, v.why);
    v.place = arena_copy(a, v.place.at ? v.place : SPAN_NONE);
    lookups_free(&l);
    return v;
}

static void verdicts_are_right(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct verdict_case *c = &cases[i];
        struct span authors[16], signers[16];
        struct arena a = ARENA_EMPTY;
        size_t asked;
        struct dmarc_request r = {
            .authors = authors, .sender = span_of(c->sender), .signers = signers};
        r.author_count = words(span_of(c->authors), authors);
        r.signer_count = words(span_of(c->signers), signers);
        struct dmarc_verdict v = judged(&r, &a, &asked);
        if (v.result != c->result || v.applied != c->applied ||
            (c->place && !span_equal(v.place, span_of(c->place))))
            fail_msg("case %zu: %s; %s; %s is %s, %s at \"%.*s\": %.*s", i, c->authors, c->sender,
                     c->signers, dmarc_result_word(v.result), dmarc_policy_word(v.applied),
                     SPAN_F(v.place), SPAN_F(v.why));
        assert_true(v.why.len);
        arena_clear(&a);
    }
}

static void what_is_not_known_for_now_does_not_fail(void **state)
{
    const struct span author = SPAN("example.org"), other = SPAN("example.net");
    struct arena a = ARENA_EMPTY;
    size_t asked;
    struct dmarc_request r = {.authors = &author,
                              .author_count = 1,
                              .signers = &other,
                              .signer_count = 1,
                              .has_temporary = true};
    assert_int_equal(judged(&r, &a, &asked).result, DMARC_TEMPERROR);
    r.sender = author;
    assert_int_equal(judged(&r, &a, &asked).result, DMARC_PASS);
    arena_clear(&a);
}

/* Where reports are wanted, SPF is looked at although a signature is enough. */
static void who_speaks_is_known(void **state)
{
    static const struct {
        const char *author, *sender, *signer;
        bool dkim, spf;
        const char *by;
    } told[] = {
        {"told.example", "told.example", "told.example", true, true, "dkim"},
        {"told.example", "b.told.example", "a.told.example", true, true, "dkim"},
        {"told.example", "other.example", "told.example", true, false, "dkim"},
        {"told.example", "told.example", "other.example", false, true, "spf"},
        {"told.example", "other.example", "other.example", false, false, ""},
        {"example.org", "example.org", "example.org", true, false, "dkim"},
        {"example.org", "example.org", "other.example", false, true, "spf"},
    };
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        struct span author = span_of(told[i].author), signer = span_of(told[i].signer);
        struct arena a = ARENA_EMPTY;
        size_t asked;
        const struct dmarc_request r = {.authors = &author,
                                        .author_count = 1,
                                        .sender = span_of(told[i].sender),
                                        .signers = &signer,
                                        .signer_count = 1};
        struct dmarc_verdict v = judged(&r, &a, &asked);
        if (v.dkim_speaks != told[i].dkim || v.spf_speaks != told[i].spf ||
            !span_equal(v.passed_by, span_of(told[i].by)))
            fail_msg("case %zu: %d %d %.*s", i, v.dkim_speaks, v.spf_speaks, SPAN_F(v.passed_by));
        arena_clear(&a);
    }
}

static void questions_are_bounded(void **state)
{
    static const struct span author = SPAN("1.2.3.4.5.6.7.8.9.10.example.org");
    struct span signers[500];
    struct arena a = ARENA_EMPTY;
    size_t asked;
    for (size_t i = 0; i < COUNT_OF(signers); i++)
        signers[i] = arena_printf(&a, "1.2.3.4.5.6.7.8.9.dept.x%zu.example.org", i);
    struct dmarc_request r = {.authors = &author,
                              .author_count = 1,
                              .signers = signers,
                              .signer_count = COUNT_OF(signers)};
    judged(&r, &a, &asked);
    assert_true(asked <= DMARC_MOST_QUERIES + 1 + DMARC_MOST_IDENTITIES * DMARC_MOST_QUERIES);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read),
        cmocka_unit_test(where_reports_go),
        cmocka_unit_test(verdicts_are_right),
        cmocka_unit_test(what_is_not_known_for_now_does_not_fail),
        cmocka_unit_test(who_speaks_is_known),
        cmocka_unit_test(questions_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
