/* The tags stand in alphabetical order, with one blank behind each ";" once it is unfolded, and the
 * octets of the message signature are not folded: so the seal of a message is the same for all who
 * write it in this way, and can be compared (the suite of ARC does). Lines go on behind a space and
 * not a tab: dkimpy looks for " i=". */
#include "auth/arc_seal.h"

#include "auth/authres.h"
#include "auth/dkim_body.h"
#include "auth/dkim_header.h"
#include "auth/dkim_message.h"
#include "auth/tag_list.h"
#include "mail/encode.h"

/* What people see, and what says who wrote it. Authentication-Results is left out: who takes the
 * message removes ours. */
static const char *const signed_fields[] = {
    "from",
    "to",
    "cc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-id",
    "list-unsubscribe",
    "dkim-signature",
};

enum { WIDTH = 76, INDENT = 8, LONGEST_LINE = 900 };

struct sealing {
    const struct arc_sealer *sealer;
    struct dkim_message message;
    struct arc_chain chain;
    enum arc_state before;
    size_t instance;
    int64_t now_s;
    struct span names[MOST_SIGNED_FIELDS];
    size_t name_count;
    struct buffer results, signature, seal; /* the fields, each with its line end */
    struct arena arena;
};

/* ---- what was found */

bool arc_found(struct span header, struct span server, enum arc_state *found)
{
    struct arena a = ARENA_EMPTY;
    struct buffer joined = BUFFER_EMPTY;
    struct authres all;
    struct error e;
    size_t times = 0;
    authres_join(&joined, header, server);
    if (authres_parse(&all, buffer_span(&joined), &a, &e))
        for (size_t i = 0; i < all.count; i++) {
            enum arc_state state = ARC_FAIL;
            if (!span_equal_nocase(all.results[i].method, SPAN("arc")))
                continue;
            arc_state_parse(all.results[i].result, &state);
            *found = times++ && *found != state ? ARC_FAIL : state;
        }
    buffer_free(&joined);
    arena_clear(&a);
    return times > 0;
}

/* ---- the message signature */

static bool add_name(struct sealing *s, struct span name)
{
    if (s->name_count == MOST_SIGNED_FIELDS)
        return false;
    s->names[s->name_count++] = name;
    return true;
}

/* A field that is there several times is signed as often; who the message is from once more, so
 * that no other can be added (RFC 6376 8.15). */
static bool take_default_names(struct sealing *s)
{
    bool fits = true;
    for (size_t i = 0; i < sizeof signed_fields / sizeof *signed_fields; i++) {
        size_t times = header_count(s->message.header, signed_fields[i]) + (i == 0);
        for (; fits && times; times--)
            fits = add_name(s, span_of(signed_fields[i]));
    }
    return fits;
}

static bool take_names(struct sealing *s)
{
    struct span rest = s->sealer->names, name;
    bool fits = true;
    if (!rest.len)
        return take_default_names(s);
    while (fits && tag_next_word(&rest, ':', &name))
        fits = !name.len || add_name(s, name);
    return fits;
}

static void add_names(struct buffer *out, const struct sealing *s)
{
    size_t column = INDENT + 2;
    for (size_t i = 0; i < s->name_count; i++) {
        struct span name = s->names[i];
        if (i && column + name.len + 1 > WIDTH) {
            buffer_add_text(out, "\r\n ");
            column = INDENT;
        }
        buffer_printf(out, "%.*s%s", SPAN_F(name), i + 1 < s->name_count ? ":" : "");
        column += name.len + 1;
    }
}

/* ---- signing a field */

/* A field without its octets, which are to stand at `gap`. */
struct draft {
    struct buffer text;
    size_t gap;
    size_t width; /* of the octets' lines */
};

static struct header_field field_of(struct span whole)
{
    size_t colon = span_find_char(whole, ':');
    return (struct header_field){
        .name = span_first(whole, colon), .value = span_skip(whole, colon + 1), .whole = whole};
}

/* The same of one that ends its line. */
static struct header_field field_made(const struct buffer *b)
{
    struct header_field f = field_of(buffer_span(b));
    f.value = span_first(f.value, f.value.len - 2);
    return f;
}

static struct dkim_signature signature_of(const struct draft *d)
{
    return (struct dkim_signature){.field = field_of(buffer_span(&d->text)),
                                   .octets_place = {d->text.at + d->gap, 0},
                                   .has_relaxed_header = true};
}

static void add_octets(struct buffer *out, const struct private_key *key, struct span data,
                       size_t width)
{
    struct buffer octets = BUFFER_EMPTY, text = BUFFER_EMPTY;
    unsigned char hash[SHA256_LENGTH];
    sha256(data, hash);
    private_key_sign(key, hash, &octets);
    base64_add(&text, buffer_span(&octets));
    struct span rest = buffer_span(&text);
    for (; rest.len; rest = span_skip(rest, width))
        buffer_printf(out, "%.*s%s", SPAN_F(span_first(rest, width)),
                      rest.len > width ? "\r\n " : "");
    buffer_free(&octets);
    buffer_free(&text);
}

/* The draft, signed, as a whole field; the draft is gone. */
static void finish(struct buffer *out, struct draft *d, const struct private_key *key,
                   const struct buffer *data)
{
    struct span text = buffer_span(&d->text);
    buffer_add_span(out, span_first(text, d->gap));
    add_octets(out, key, buffer_span(data), d->width);
    buffer_add_span(out, span_skip(text, d->gap));
    buffer_add_text(out, "\r\n");
    buffer_free(&d->text);
}

static struct draft start(const struct sealing *s, const char *name, size_t width)
{
    struct draft d = {.width = width};
    buffer_printf(&d.text, "%s: a=%s-sha256;\r\n b=", name,
                  private_key_kind(s->sealer->key) == KEY_RSA ? "rsa" : "ed25519");
    d.gap = d.text.len;
    return d;
}

static void add_body_hash(struct buffer *out, struct span body)
{
    struct dkim_body relaxed;
    dkim_body_start(&relaxed, true, DKIM_ALL_OF_IT);
    dkim_body_add(&relaxed, body);
    dkim_body_end(&relaxed);
    base64_add(out, span_make((const char *)relaxed.hash, sizeof relaxed.hash));
    dkim_body_free(&relaxed);
}

/* ---- the three fields */

static void make_results(struct sealing *s, struct span found)
{
    buffer_printf(&s->results, "ARC-Authentication-Results: i=%zu; ", s->instance);
    buffer_add_span(&s->results, found);
    buffer_add_text(&s->results, "\r\n");
}

/* The results are part of the header that it signs, if it names them. */
static bool make_signature(struct sealing *s)
{
    struct draft d = start(s, "ARC-Message-Signature", LONGEST_LINE);
    struct buffer header = BUFFER_EMPTY, data = BUFFER_EMPTY;
    buffer_add_text(&d.text, ";\r\n bh=");
    add_body_hash(&d.text, s->message.body);
    buffer_printf(&d.text, "; c=relaxed/relaxed;\r\n d=%.*s;\r\n h=", SPAN_F(s->sealer->domain));
    add_names(&d.text, s);
    buffer_printf(&d.text, ";\r\n i=%zu; s=%.*s; t=%lld", s->instance, SPAN_F(s->sealer->selector),
                  (long long)s->now_s);
    struct dkim_signature made = signature_of(&d);
    made.names = s->names;
    made.name_count = s->name_count;
    buffer_add_span(&header, buffer_span(&s->results));
    buffer_add_span(&header, s->message.header);
    bool fits = dkim_add_signed_header(&data, &made, buffer_span(&header));
    finish(&s->signature, &d, s->sealer->key, &data);
    buffer_free(&header);
    buffer_free(&data);
    return fits;
}

/* Of a chain that has failed nothing but the new set is sealed, as if it stood alone (5.1.2). */
static void make_seal(struct sealing *s)
{
    struct draft d = start(s, "ARC-Seal", WIDTH - INDENT);
    struct buffer data = BUFFER_EMPTY;
    buffer_printf(&d.text, ";\r\n cv=%s; d=%.*s; i=%zu; s=%.*s;\r\n t=%lld",
                  arc_state_word(s->before), SPAN_F(s->sealer->domain), s->instance,
                  SPAN_F(s->sealer->selector), (long long)s->now_s);
    s->chain.sets[s->instance - 1] = (struct arc_set){.results_field = field_made(&s->results),
                                                      .message_field = field_made(&s->signature),
                                                      .seal = signature_of(&d)};
    struct arc_chain alone = {.sets = &s->chain.sets[s->instance - 1], .count = 1};
    bool is_alone = s->before == ARC_FAIL;
    arc_add_sealed(&data, is_alone ? &alone : &s->chain, is_alone ? 0 : s->instance - 1);
    finish(&s->seal, &d, s->sealer->key, &data);
    buffer_free(&data);
}

/* ---- all of it */

static bool take_chain(struct sealing *s, enum arc_state found, struct error *e)
{
    struct error broken;
    bool is_whole = arc_chain_read(&s->chain, s->message.header, &s->arena, &broken);
    s->instance = s->chain.count + 1;
    s->before = !is_whole ? ARC_FAIL : s->chain.count ? found : ARC_NONE;
    if (s->chain.has_ended)
        return error_set(e, "its last ARC seal says that the chain is broken (cv=fail), so that "
                            "nothing can follow it");
    if (s->chain.count && s->before == ARC_NONE)
        return error_set(e, "it has ARC seals, but nobody says whether they hold");
    if (s->instance > ARC_MOST_SETS)
        return error_set(e, "it has %d ARC sets already, which is the most", ARC_MOST_SETS);
    if (!s->chain.sets)
        s->chain.sets = arena_new(&s->arena, ARC_MOST_SETS * sizeof *s->chain.sets);
    return true;
}

static bool take_results(struct sealing *s, struct error *e)
{
    struct buffer found = BUFFER_EMPTY;
    struct span server = s->sealer->server;
    bool has = authres_join(&found, s->message.header, server);
    if (has)
        make_results(s, buffer_span(&found));
    buffer_free(&found);
    return has || error_set(e, "no Authentication-Results field of %.*s says what was found",
                            SPAN_F(span_first(server, 260)));
}

enum arc_sealing arc_seal(struct buffer *out, const struct arc_sealer *sealer, struct span message,
                          enum arc_state found, int64_t now_s, struct error *e)
{
    struct sealing s = {.sealer = sealer, .now_s = now_s};
    dkim_message_take(&s.message, message);
    bool ok = take_chain(&s, found, e) && take_results(&s, e);
    if (ok && (!take_names(&s) || !make_signature(&s)))
        ok = error_set(e, "its header is too long");
    if (ok) {
        make_seal(&s);
        buffer_add_span(out, buffer_span(&s.seal));
        buffer_add_span(out, buffer_span(&s.signature));
        buffer_add_span(out, buffer_span(&s.results));
    }
    buffer_free(&s.results);
    buffer_free(&s.signature);
    buffer_free(&s.seal);
    arena_clear(&s.arena);
    dkim_message_free(&s.message);
    return ok ? ARC_SEALED : s.chain.has_ended ? ARC_ENDED : ARC_UNSEALED;
}
