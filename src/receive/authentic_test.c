/* Whole messages, with a DNS of a few lines; what follows from what is found, and its words. */
#include "base/test.h"

#include "auth/dkim_trial.h"
#include "auth/dns_trial.h"
#include "base/inet.h"
#include "receive/authentic.h"

#include <string.h>

#define HEADER "From: Alice <alice@example.org>\r\nTo: bob@example.com\r\n"

/* example.org wants all refused that is not its own, example.net says nothing of its mail but who
 * sends it, example.info asks for quarantine. */
static const char zone[] = "example.org TXT v=spf1 ip4:192.0.2.1 -all\n"
                           "_dmarc.example.org TXT v=DMARC1; p=reject\n"
                           "example.net TXT v=spf1 ip4:192.0.2.1 -all exp=why.example.net\n"
                           "why.example.net TXT only our own servers send\n"
                           "_dmarc.example.info TXT v=DMARC1; p=quarantine\n"
                           "lists.test TXT v=spf1 ip4:192.0.2.7 -all\n"
                           "down.test FAIL\n"
                           "_dmarc.down.test TXT v=DMARC1; p=reject\n"
                           "down._domainkey.example.net FAIL\n"
                           "trial.example.org TXT v=spf1 -all\n";

struct trial {
    struct buffer message;
    struct lookups lookups;
    struct arena arena;
    struct message_verdict verdict;
    unsigned char client[16];
};

/* `tags`: of a signature; NULL: none. */
static void check(struct trial *t, const char *ip, const char *sender, const char *author,
                  const char *tags)
{
    struct buffer header = BUFFER_EMPTY;
    *t = (struct trial){.message = BUFFER_EMPTY};
    assert_true(inet_parse(span_of(ip), t->client));
    const struct span keys = arena_printf(
        &t->arena, "%ss._domainkey.example.org TXT %s\ns._domainkey.lists.test TXT %s\n", zone,
        dkim_trial_ed25519, dkim_trial_ed25519);
    buffer_printf(&header, "From: <alice@%s>\r\nTo: bob@example.com\r\n", author);
    if (tags)
        dkim_trial_sign(&t->message, tags, buffer_span(&header));
    else
        buffer_add_span(&t->message, buffer_span(&header));
    buffer_add_text(&t->message, "\r\n");
    struct spf_request spf = {.sender = span_of(sender),
                              .helo = SPAN("mail.example.org"),
                              .receiver = SPAN("mx.example.com"),
                              .now = 1000};
    memcpy(spf.client, t->client, sizeof spf.client);
    const struct message_request r = {&spf, buffer_span(&t->message), 1000};
    for (int rounds = 0; !message_check(&r, &t->lookups, &t->verdict, &t->arena); rounds++) {
        assert_true(rounds < 10);
        dns_trial_answer(&t->lookups, keys);
    }
    buffer_free(&header);
}

static void trial_free(struct trial *t)
{
    buffer_free(&t->message);
    lookups_free(&t->lookups);
    arena_clear(&t->arena);
}

/* Of an empty body. */
#define SIGNED(domain, selector)                                                                   \
    "v=1; a=ed25519-sha256; c=simple/relaxed; d=" domain "; s=" selector                           \
    "; h=from:to; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static const struct {
    const char *ip, *sender, *author, *tags;
    enum authentic_ruling ruling;
    enum vouched vouched;
    const char *words;
} cases[] = {
    {"192.0.2.1", "alice@example.org", "example.org", NULL, AUTHENTIC_TAKEN, VOUCHED_FOR,
     "SPF pass, no DKIM, DMARC pass"},
    {"192.0.2.7", "alice@example.org", "example.org", NULL, AUTHENTIC_REFUSED, VOUCHED_AGAINST,
     "SPF fail, no DKIM, DMARC fail (reject)"},
    {"192.0.2.7", "alice@example.org", "example.org", SIGNED("example.org", "s"), AUTHENTIC_TAKEN,
     VOUCHED_FOR, "SPF fail, DKIM pass example.org, DMARC pass"},
    {"192.0.2.7", "alice@example.org", "example.org", SIGNED("example.org", "no"),
     AUTHENTIC_REFUSED, VOUCHED_AGAINST,
     "SPF fail, DKIM permerror example.org, DMARC fail (reject)"},
    {"192.0.2.7", "list@lists.test", "example.org", SIGNED("lists.test", "s"), AUTHENTIC_REFUSED,
     VOUCHED_FOR, "SPF pass, DKIM pass lists.test, DMARC fail (reject)"},
    {"192.0.2.7", "alice@example.info", "example.info", NULL, AUTHENTIC_TAKEN, VOUCHED_AGAINST,
     "SPF none, no DKIM, DMARC fail (quarantine)"},
    {"192.0.2.7", "alice@example.net", "example.net", NULL, AUTHENTIC_REFUSED, VOUCHED_AGAINST,
     "SPF fail, no DKIM, DMARC none"},
    {"192.0.2.7", "alice@example.net", "example.net", SIGNED("example.net", "down"),
     AUTHENTIC_NOT_YET, VOUCHED_AGAINST, "SPF fail, DKIM temperror example.net, DMARC none"},
    {"192.0.2.7", "alice@example.com", "example.com", NULL, AUTHENTIC_TAKEN, VOUCHED_UNKNOWN,
     "SPF none, no DKIM, DMARC none"},
    {"192.0.2.7", "alice@down.test", "down.test", NULL, AUTHENTIC_NOT_YET, VOUCHED_UNKNOWN,
     "SPF temperror, no DKIM, DMARC temperror"},
    {"192.0.2.7", "alice@down.test", "example.com", NULL, AUTHENTIC_TAKEN, VOUCHED_UNKNOWN,
     "SPF temperror, no DKIM, DMARC none"},
    /* A notice: what its client calls itself is noted, and no reason. */
    {"192.0.2.7", "", "example.com", NULL, AUTHENTIC_TAKEN, VOUCHED_UNKNOWN,
     "SPF none by the client's name, no DKIM, DMARC none"},
};

static void what_the_domains_want_is_done(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial t;
        struct buffer words = BUFFER_EMPTY;
        check(&t, cases[i].ip, cases[i].sender, cases[i].author, cases[i].tags);
        authentic_add_words(&words, &t.verdict);
        if (authentic_rule(&t.verdict) != cases[i].ruling ||
            authentic_vouches(&t.verdict, false) != cases[i].vouched ||
            strcmp(buffer_text(&words), cases[i].words) != 0)
            fail_msg("case %zu: %d %d %s", i, authentic_rule(&t.verdict),
                     authentic_vouches(&t.verdict, false), buffer_text(&words));
        buffer_free(&words);
        trial_free(&t);
    }
}

static void the_reply_says_who_can_change_what(void **state)
{
    static const struct {
        const char *sender, *author, *tags;
        int code, detail;
        const char *text;
    } replies[] = {
        {"alice@example.org", "example.org", NULL, 550, 26,
         "This mail says that it is from example.org, and nothing proves it.\n"
         "example.org wants such mail refused (DMARC, p=reject).\n"
         "SPF: the SPF record of example.org does not name 192.0.2.7, and says\n"
         "that nobody else may send for it (-all).\n"
         "DKIM: the message has no signature.\n"
         "To the operator of example.org: If 192.0.2.7 sends mail for\n"
         "example.org, add ip4:192.0.2.7 to the SPF record (TXT) of\n"
         "example.org."},
        {"list@lists.test", "example.org", SIGNED("lists.test", "s"), 550, 26,
         "This mail says that it is from example.org, and nothing proves it.\n"
         "example.org wants such mail refused (DMARC, p=reject).\n"
         "SPF: lists.test lets 192.0.2.7 send for it (ip4:192.0.2.7 in the SPF\n"
         "record of lists.test).\n"
         "DKIM: the signature of lists.test holds, but is not the author's.\n"
         "To the operator of example.org: Sign the mail by DKIM as example.org\n"
         "(d=), or send it with a return path of that domain, whose SPF record\n"
         "names the sending server."},
        {"alice@example.net", "example.net", NULL, 550, 23,
         "example.net says that 192.0.2.7 may not send mail for it (SPF).\n"
         "SPF: the SPF record of example.net does not name 192.0.2.7, and says\n"
         "that nobody else may send for it (-all).\n"
         "example.net adds: only our own servers send\n"
         "To the operator of example.net: If 192.0.2.7 sends mail for\n"
         "example.net, add ip4:192.0.2.7 to the SPF record (TXT) of\n"
         "example.net."},
        {"alice@down.test", "down.test", NULL, 451, 24,
         "It could not be checked right now whether this mail is from\n"
         "down.test, which wants all refused that is not. Please try again\n"
         "later.\n"
         "SPF: the DNS could not be asked about down.test: its name servers do\n"
         "not answer."},
    };
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        struct trial t;
        check(&t, "192.0.2.7", replies[i].sender, replies[i].author, replies[i].tags);
        struct reply r =
            authentic_reply(authentic_rule(&t.verdict), &t.verdict, t.client, &t.arena);
        assert_int_equal(r.code, replies[i].code);
        assert_int_equal(r.status.detail, replies[i].detail);
        assert_string_equal(arena_text(&t.arena, r.text), replies[i].text);
        trial_free(&t);
    }
}

/* Whatever stands in it from outside. */
static void a_reply_stays_short_and_in_ascii(void **state)
{
    char label[60], name[300] = "";
    struct trial t;
    memset(label, 'a', sizeof label - 1);
    label[sizeof label - 1] = 0;
    for (int i = 0; i < 4; i++) {
        strcat(name, label);
        strcat(name, i < 3 ? "." : "");
    }
    check(&t, "2001:db8::7", "\xC3\xA4@example.org", "example.org", NULL);
    t.verdict.dmarc.author = span_of(name);
    t.verdict.spf.why = arena_printf(&t.arena, "%s %s \xC3\xA4 %s %s", name, name, name, name);
    t.verdict.spf.remedy = t.verdict.dmarc.remedy = t.verdict.spf.why;
    struct reply r = authentic_reply(AUTHENTIC_REFUSED, &t.verdict, t.client, &t.arena);
    size_t lines = 1;
    for (size_t i = 0; i < r.text.len; i++) {
        lines += r.text.at[i] == '\n';
        assert_true(r.text.at[i] == '\n' || (r.text.at[i] >= ' ' && r.text.at[i] <= '~'));
    }
    assert_true(lines <= AUTHENTIC_MOST_LINES);
    assert_true(r.text.len < 1000);
    trial_free(&t);
}

static void who_is_trusted_passes_on_what_others_refuse(void **state)
{
    static const struct {
        const char *forwarder, *sender, *tags;
        bool is_passed_on;
    } rows[] = {
        {"192.0.2.0/28", "alice@example.org", NULL, true},
        {"192.0.2.8/29", "alice@example.org", NULL, false},
        {"lists.test", "list@lists.test", NULL, true},
        {"lists.test", "alice@example.org", SIGNED("lists.test", "s"), true},
        {"lists.test", "alice@example.org", NULL, false},
        {"example.org", "alice@example.org", NULL, false}, /* it fails SPF */
        {"example.org", "alice@example.org", SIGNED("example.org", "no"), false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct trial t;
        struct forwarder f;
        check(&t, "192.0.2.7", rows[i].sender, "example.org", rows[i].tags);
        assert_true(forwarder_parse(span_of(rows[i].forwarder), &f, &t.arena));
        if (authentic_is_passed_on(&t.verdict, t.client, &f, 1) != rows[i].is_passed_on)
            fail_msg("row %zu", i);
        assert_int_equal(authentic_vouches(&t.verdict, true) == VOUCHED_AGAINST, false);
        trial_free(&t);
    }
}

static void a_chain_counts_by_its_newest_seal(void **state)
{
    static const struct {
        enum arc_state state;
        const char *newest, *words;
        bool is_passed_on;
    } rows[] = {
        {ARC_PASS, "lists.test", "SPF fail, no DKIM, DMARC fail (reject), ARC pass lists.test",
         true},
        {ARC_PASS, "other.test", "SPF fail, no DKIM, DMARC fail (reject), ARC pass other.test",
         false},
        {ARC_FAIL, "lists.test", "SPF fail, no DKIM, DMARC fail (reject), ARC fail", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct trial t;
        struct forwarder f;
        struct buffer words = BUFFER_EMPTY;
        struct arc_set sets[2] = {{.seal.domain = SPAN("lists.test")},
                                  {.seal.domain = span_of(rows[i].newest)}};
        check(&t, "192.0.2.7", "alice@example.org", "example.org", NULL);
        t.verdict.arc =
            (struct arc_verdict){.state = rows[i].state, .chain = {.sets = sets, .count = 2}};
        assert_true(forwarder_parse(SPAN("lists.test"), &f, &t.arena));
        assert_int_equal(authentic_is_passed_on(&t.verdict, t.client, &f, 1), rows[i].is_passed_on);
        authentic_add_words(&words, &t.verdict);
        assert_string_equal(buffer_text(&words), rows[i].words);
        buffer_free(&words);
        trial_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_domains_want_is_done),
        cmocka_unit_test(the_reply_says_who_can_change_what),
        cmocka_unit_test(a_reply_stays_short_and_in_ascii),
        cmocka_unit_test(who_is_trusted_passes_on_what_others_refuse),
        cmocka_unit_test(a_chain_counts_by_its_newest_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
