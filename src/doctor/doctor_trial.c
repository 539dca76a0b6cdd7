#include "doctor/doctor_trial.h"

#include "auth/public_key.h"
#include "base/inet.h"

#define KEY "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
/* The same with what stands before it in SubjectPublicKeyInfo (RFC 8410). */
#define KEY_OCTETS                                                                                 \
    "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe" \
    "\xd3\xc9\x64\x07\x3a\x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a"

static const char good_zone[] =
    "example.org MX 10 mail.example.org\n"
    "example.org DS x\n"
    "example.org TXT v=spf1 ip4:192.0.2.7 ip6:2001:db8::7 -all\n"
    "mail.example.org A 192.0.2.7\n"
    "mail.example.org AAAA 2001:db8::7\n"
    "mail.example.org TXT v=spf1 a -all\n"
    "_25._tcp.mail.example.org TLSA right\n"
    "7.2.0.192.in-addr.arpa PTR mail.example.org\n"
    "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR "
    "mail.example.org\n"
    "s1._domainkey.example.org TXT v=DKIM1; k=ed25519; p=" KEY "\n"
    "_dmarc.example.org TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.org\n"
    "_mta-sts.example.org TXT v=STSv1; id=1\n"
    "mta-sts.example.org A 192.0.2.8\n"
    "_smtp._tls.example.org TXT v=TLSRPTv1; rua=mailto:tls@example.org\n";

static const char good_policy[] =
    "version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmax_age: 1209600\r\n";

enum { MOST_ALIASES = 3, MOST_RECORDS = 40 };
enum { DAY_MS = 24 * 3600 * 1000 };
#define NOW ((int64_t)1795000000 * 1000)

/* ---- the zone */

static const struct {
    const char *name;
    enum dns_type type;
} types[] = {{"A", DNS_A},     {"AAAA", DNS_AAAA},   {"MX", DNS_MX}, {"TXT", DNS_TXT},
             {"PTR", DNS_PTR}, {"CNAME", DNS_CNAME}, {"DS", DNS_DS}, {"TLSA", DNS_TLSA}};

static const char *type_name(enum dns_type type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return types[i].name;
    return "";
}

static bool is_of(struct span line, struct span name, struct span type)
{
    return span_equal_nocase(span_word(&line), name) && span_equal(span_word(&line), type);
}

static void add_name(struct buffer *b, struct span name)
{
    while (name.len && !span_equal(name, SPAN("."))) {
        struct span label = span_cut(&name, '.');
        buffer_add_char(b, (char)label.len);
        buffer_add_span(b, label);
    }
    buffer_add_char(b, 0);
}

static int digit(char c)
{
    return ascii_is_digit(c) ? c - '0' : c - 'a' + 10;
}

static void add_tlsa(struct buffer *b, struct span data, const struct doctor_trial *t)
{
    unsigned char hash[SHA256_LENGTH];
    if (span_equal(data, SPAN("right"))) {
        sha256(t->chain[0].key, hash);
        buffer_add(b, "\3\1\1", 3);
        buffer_add(b, hash, sizeof hash);
    }
    for (size_t i = 0; !span_equal(data, SPAN("right")) && i + 1 < data.len; i += 2)
        buffer_add_char(b, (char)(digit(data.at[i]) * 16 + digit(data.at[i + 1])));
}

static struct span wire(struct doctor_trial *t, enum dns_type type, struct span data)
{
    struct buffer b = BUFFER_EMPTY;
    unsigned char bytes[16];
    uint64_t preference = 0;
    switch (type) {
    case DNS_A:
    case DNS_AAAA:
        if (inet_parse(data, bytes))
            buffer_add(&b, type == DNS_A ? bytes + 12 : bytes, type == DNS_A ? 4 : 16);
        else
            buffer_add_span(&b, data);
        break;
    case DNS_MX:
        span_to_u64(span_word(&data), 65535, &preference);
        buffer_add_char(&b, (char)(preference >> 8));
        buffer_add_char(&b, (char)preference);
        add_name(&b, span_word(&data));
        break;
    case DNS_TXT:
        do {
            struct span part = span_first(data, 255);
            buffer_add_char(&b, (char)part.len);
            buffer_add_span(&b, part);
            data = span_skip(data, part.len);
        } while (data.len);
        break;
    case DNS_PTR:
    case DNS_CNAME:
        add_name(&b, data);
        break;
    case DNS_DS:
        buffer_add_span(&b, data);
        break;
    case DNS_TLSA:
        add_tlsa(&b, data, t);
        break;
    }
    return arena_keep(&t->arena, &b);
}

/* A name is there if it has anything, or something below it has (RFC 8020). */
static enum dns_result result_without(const struct doctor_trial *t, struct span name)
{
    struct span rest = t->zone;
    while (rest.len) {
        struct span line = span_cut(&rest, '\n'), owner = span_word(&line);
        if (span_ends_nocase(owner, name) &&
            (owner.len == name.len || owner.at[owner.len - name.len - 1] == '.'))
            return DNS_NO_RECORD;
    }
    return DNS_NO_NAME;
}

static void look_up(struct doctor_trial *t, struct span name, enum dns_type type, unsigned depth,
                    struct dns_answer *a)
{
    struct span rest = t->zone;
    while (rest.len) {
        struct span line = span_cut(&rest, '\n'), data = line;
        bool is_alias = (type == DNS_A || type == DNS_AAAA) && is_of(line, name, SPAN("CNAME"));
        if ((!is_alias && !is_of(line, name, span_of(type_name(type)))) || depth == MOST_ALIASES)
            continue;
        span_word(&data);
        span_word(&data);
        data = span_trim(data);
        if (span_equal(data, SPAN("FAIL")) || span_equal(data, SPAN("BOGUS"))) {
            a->result = DNS_FAILED;
            a->is_bogus = span_equal(data, SPAN("BOGUS"));
            a->why = SPAN("its name servers failed");
        } else if (is_alias) {
            look_up(t, data, type, depth + 1, a);
            a->canonical = data;
        } else if (a->count < MOST_RECORDS) {
            a->result = DNS_FOUND;
            a->records[a->count++] = wire(t, type, data);
        }
    }
}

static void answer(struct doctor_trial *t, struct lookups_question *q)
{
    struct dns_answer a = {.is_secure = t->is_secure, .why = SPAN_NONE, .canonical = SPAN_NONE};
    a.result = result_without(t, q->name);
    a.records = arena_new(&t->arena, MOST_RECORDS * sizeof *a.records);
    look_up(t, q->name, q->type, 0, &a);
    if (a.result != DNS_FOUND)
        a.count = 0;
    a.is_secure &= a.result != DNS_FAILED;
    lookups_answer(&t->lookups, q, &a);
}

void doctor_trial_change(struct doctor_trial *t, const char *lines)
{
    struct buffer b = BUFFER_EMPTY;
    struct span rest = t->zone;
    while (rest.len) { /* what stays */
        struct span line = span_cut(&rest, '\n'), changes = span_of(lines);
        bool stays = true;
        while (changes.len && stays) {
            struct span change = span_cut(&changes, '\n'), name = span_word(&change);
            stays = !is_of(line, name, span_word(&change));
        }
        if (stays)
            buffer_printf(&b, "%.*s\n", SPAN_F(line));
    }
    struct span changes = span_of(lines);
    while (changes.len) {
        struct span line = span_cut(&changes, '\n'), data = line;
        span_word(&data);
        span_word(&data);
        if (span_trim(data).len)
            buffer_printf(&b, "%.*s\n", SPAN_F(line));
    }
    t->zone = arena_keep(&t->arena, &b);
}

/* ---- all of it */

static void set_probe(struct doctor_trial *t, size_t at, const char *address, uint16_t port)
{
    t->at[at] = (struct doctor_probe){.host = SPAN("mail.example.org"),
                                      .port = port,
                                      .end = PROBE_SPOKE,
                                      .why = SPAN_NONE,
                                      .code = 220,
                                      .greeting = SPAN("mail.example.org ESMTP"),
                                      .extensions = SPAN("mail.example.org\nSIZE\nSTARTTLS"),
                                      .is_encrypted = true,
                                      .version = SPAN("TLS1.3"),
                                      .problem = SPAN_NONE,
                                      .chain = t->chain,
                                      .chain_count = 2,
                                      .is_trusted = true,
                                      .distrust = SPAN_NONE};
    inet_parse(span_of(address), t->at[at].address);
}

static void set_certificates(struct doctor_trial *t)
{
    t->names[0] = SPAN("mail.example.org");
    t->chain[0] = (struct doctor_certificate){.names = t->names,
                                              .name_count = 1,
                                              .begins_ms = NOW - (int64_t)30 * DAY_MS,
                                              .ends_ms = NOW + (int64_t)60 * DAY_MS,
                                              .issuer = SPAN("An Authority"),
                                              .kind = SPAN("ECDSA P-256"),
                                              .whole = SPAN("the certificate"),
                                              .key = SPAN("its key")};
    t->chain[1] = (struct doctor_certificate){.issuer = SPAN("A Root"),
                                              .whole = SPAN("the authority's"),
                                              .key = SPAN("the authority's key")};
}

void doctor_trial_init(struct doctor_trial *t)
{
    *t = (struct doctor_trial){.zone = span_of(good_zone), .is_secure = true};
    inet_parse(SPAN("192.0.2.7"), t->sources[0]);
    inet_parse(SPAN("2001:db8::7"), t->sources[1]);
    t->key = (struct doctor_key){.domain = SPAN("example.org"),
                                 .selector = SPAN("s1"),
                                 .octets = SPAN(KEY_OCTETS),
                                 .is_ed25519 = true};
    set_certificates(t);
    set_probe(t, 0, "192.0.2.7", 25);
    set_probe(t, 1, "2001:db8::7", 25);
    set_probe(t, 2, "192.0.2.7", 465);
    set_probe(t, 3, "192.0.2.7", 587);
    t->probes = (struct doctor_probes){.at = t->at,
                                       .count = TRIAL_PROBES,
                                       .policy = {.is_fetched = true,
                                                  .text = span_of(good_policy),
                                                  .type = SPAN("text/plain"),
                                                  .why = SPAN_NONE},
                                       .clock = CLOCK_KEPT};
    t->request = (struct doctor_request){.domain = SPAN("example.org"),
                                         .is_ours = true,
                                         .hostname = SPAN("mail.example.org"),
                                         .relay = SPAN_NONE,
                                         .reporter = SPAN("postmaster@example.org"),
                                         .keys = &t->key,
                                         .key_count = 1,
                                         .sources = (const unsigned char(*)[16])t->sources,
                                         .source_count = TRIAL_SOURCES,
                                         .validates = true,
                                         .connects = true,
                                         .now_ms = NOW};
}

typedef bool examine_fn(const struct doctor_request *r, struct lookups *l,
                        struct doctor_report *report, struct arena *a);

static void examine(struct doctor_trial *t, examine_fn *look)
{
    while (!look(&t->request, &t->lookups, &t->report, &t->arena))
        for (struct lookups_question *q; (q = lookups_take(&t->lookups));)
            answer(t, q);
}

void doctor_trial_run(struct doctor_trial *t)
{
    examine(t, doctor_examine);
    if (t->request.connects)
        t->request.probes = &t->probes;
    examine(t, doctor_examine);
}

void doctor_trial_run_forgery(struct doctor_trial *t)
{
    examine(t, doctor_examine_forgery);
}

void doctor_trial_free(struct doctor_trial *t)
{
    lookups_free(&t->lookups);
    arena_clear(&t->arena);
}
