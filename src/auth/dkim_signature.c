#include "auth/dkim_signature.h"

#include "auth/public_key.h"
#include "auth/tag_list.h"
#include "mail/address.h"
#include "mail/domain.h"

enum { SHOWN = 60 };

enum kind { KIND_DKIM = 1, KIND_ARC_MESSAGE = 2, KIND_ARC_SEAL = 4 };

struct parsing {
    enum kind kind;
    struct dkim_signature *signature;
    struct tag_list tags;
    struct arena *arena;
    struct error *error;
};

static struct span value_of(const struct parsing *p, const char *name)
{
    const struct tag *t = tag_list_find(&p->tags, name);
    return t ? t->value : SPAN_NONE;
}

static struct span shown(struct span s)
{
    return span_first(s, SHOWN);
}

static bool has_all_tags(struct parsing *p)
{
    enum {
        ALL = KIND_DKIM | KIND_ARC_MESSAGE | KIND_ARC_SEAL,
        BODY = KIND_DKIM | KIND_ARC_MESSAGE
    };
    static const struct {
        const char *name, *what;
        unsigned kinds;
    } needed[] = {{"v", "the version", KIND_DKIM},   {"a", "the algorithm", ALL},
                  {"d", "the domain", ALL},          {"s", "the selector", ALL},
                  {"h", "the fields", KIND_DKIM},    {"bh", "the hash of the body", BODY},
                  {"b", "the signature itself", ALL}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if ((needed[i].kinds & p->kind) && !value_of(p, needed[i].name).len)
            return error_set(p->error, "it does not tell %s (%s=)", needed[i].what, needed[i].name);
    bool has_names = tag_list_find(&p->tags, "h");
    if (p->kind == KIND_ARC_SEAL && has_names)
        return error_set(p->error, "a seal names no fields (h=)");
    return p->kind == KIND_ARC_SEAL || has_names ||
           error_set(p->error, "it does not tell the fields (h=)");
}

static bool has_version(struct parsing *p)
{
    struct span v = value_of(p, "v");
    return p->kind != KIND_DKIM || span_equal(v, SPAN("1")) ||
           error_set(p->error, "its version is \"%.*s\", and not 1 (v=)", SPAN_F(shown(v)));
}

static bool take_algorithm(struct parsing *p)
{
    struct span a = value_of(p, "a");
    struct dkim_signature *s = p->signature;
    if (span_equal_nocase(a, SPAN("rsa-sha256")))
        s->algorithm = DKIM_RSA_SHA256;
    else if (span_equal_nocase(a, SPAN("ed25519-sha256")))
        s->algorithm = DKIM_ED25519_SHA256;
    else if (span_equal_nocase(a, SPAN("rsa-sha1")))
        return error_set(p->error, "it is made with SHA-1, which proves nothing any more (a=)");
    else
        return error_set(p->error, "its algorithm \"%.*s\" is not known (a=)", SPAN_F(shown(a)));
    return true;
}

/* "relaxed/simple"; simple is what is not told. Of ARC, which says nothing about it, all validators
 * take a signature without any to be relaxed (its suite has one). */
static bool take_canonicalization(struct parsing *p)
{
    struct span c = value_of(p, "c"), ways[2] = {SPAN("simple"), SPAN("simple")};
    bool is_relaxed[2];
    if (p->kind != KIND_DKIM && !tag_list_find(&p->tags, "c"))
        c = SPAN("relaxed/relaxed");
    if (p->kind != KIND_DKIM && !c.len)
        return error_set(p->error, "its form is left empty (c=)");
    for (size_t i = 0; c.len && i < 2 && tag_next_word(&c, '/', &ways[i]); i++)
        ;
    for (size_t i = 0; i < 2; i++) {
        is_relaxed[i] = span_equal_nocase(ways[i], SPAN("relaxed"));
        if (!is_relaxed[i] && !span_equal_nocase(ways[i], SPAN("simple")))
            c = ways[i];
    }
    if (c.len)
        return error_set(p->error, "its form \"%.*s\" is neither simple nor relaxed (c=)",
                         SPAN_F(shown(c)));
    p->signature->has_relaxed_header = is_relaxed[0];
    p->signature->has_relaxed_body = is_relaxed[1];
    return true;
}

/* Looser than the name of a host: there are selectors with "_". */
static bool is_dns_name(struct span s)
{
    enum { LONGEST_NAME = 253, LONGEST_LABEL = 63 };
    size_t label = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool is_dot = s.at[i] == '.';
        if (is_dot ? !label : !ascii_is_alnum(s.at[i]) && s.at[i] != '-' && s.at[i] != '_')
            return false;
        label = is_dot ? 0 : label + 1;
        if (label > LONGEST_LABEL)
            return false;
    }
    return label && s.len <= LONGEST_NAME;
}

static bool take_name(struct parsing *p, const char *tag, struct span *name)
{
    struct span value = value_of(p, tag), ascii;
    if (!domain_to_ascii(value, &ascii, p->arena) || !is_dns_name(ascii))
        return error_set(p->error, "\"%.*s\" is no name that the DNS could have (%s=)",
                         SPAN_F(shown(value)), tag);
    char *lower = arena_new(p->arena, ascii.len + 1);
    for (size_t i = 0; i < ascii.len; i++)
        lower[i] = ascii_lower(ascii.at[i]);
    *name = span_make(lower, ascii.len);
    return true;
}

/* d= itself, or a domain below it. */
static bool is_within(struct span domain, struct span above)
{
    if (domain.len <= above.len)
        return span_equal_nocase(domain, above);
    return span_ends_nocase(domain, above) && domain.at[domain.len - above.len - 1] == '.';
}

static bool take_identity(struct parsing *p)
{
    struct dkim_signature *s = p->signature;
    struct span domain;
    s->identity = p->kind == KIND_DKIM ? value_of(p, "i") : SPAN_NONE;
    if (!s->identity.len)
        s->identity = arena_printf(p->arena, "@%.*s", SPAN_F(s->domain));
    if (!domain_to_ascii(address_domain(s->identity), &domain, p->arena) ||
        !is_within(domain, s->domain))
        return error_set(p->error, "it names somebody outside of its domain, \"%.*s\" (i=)",
                         SPAN_F(shown(s->identity)));
    return true;
}

static bool take_names(struct parsing *p)
{
    struct dkim_signature *s = p->signature;
    struct span *names = arena_new(p->arena, MOST_SIGNED_FIELDS * sizeof *names);
    struct span rest = value_of(p, "h"), name;
    while (tag_next_word(&rest, ':', &name)) {
        if (s->name_count == MOST_SIGNED_FIELDS)
            return error_set(p->error, "it names more than %d fields (h=)", MOST_SIGNED_FIELDS);
        if (name.len)
            names[s->name_count++] = name;
    }
    s->names = names;
    if (p->kind == KIND_ARC_MESSAGE)
        return !dkim_signature_covers(s, SPAN("ARC-Seal")) ||
               error_set(p->error, "it names an ARC-Seal among its fields (h=)");
    return dkim_signature_covers(s, SPAN("From")) ||
           error_set(p->error, "it leaves out who the message is from (h=)");
}

static bool take_octets(struct parsing *p)
{
    struct dkim_signature *s = p->signature;
    if (!tag_octets(value_of(p, "b"), &s->octets, p->arena) || !s->octets.len)
        return error_set(p->error, "what should be the signature itself is no base64 (b=)");
    s->octets_place = tag_list_find(&p->tags, "b")->written;
    return p->kind == KIND_ARC_SEAL ||
           (tag_octets(value_of(p, "bh"), &s->body_hash, p->arena) &&
            s->body_hash.len == SHA256_LENGTH) ||
           error_set(p->error, "what should be the hash of the body is none (bh=)");
}

static bool take_number(struct parsing *p, const char *tag, uint64_t max, uint64_t *number)
{
    struct span value = value_of(p, tag);
    return !tag_list_find(&p->tags, tag) || span_to_u64(value, max, number) ||
           error_set(p->error, "\"%.*s\" is no number as it should be (%s=)", SPAN_F(shown(value)),
                     tag);
}

static bool take_numbers(struct parsing *p)
{
    const uint64_t last_time = 999999999999; /* twelve digits, as RFC 6376 wants them taken */
    struct dkim_signature *s = p->signature;
    if (!take_number(p, "t", last_time, &s->made_s) ||
        !take_number(p, "x", last_time, &s->expires_s) ||
        !take_number(p, "l", UINT64_MAX / 2, &s->body_length))
        return false;
    s->has_body_length = tag_list_find(&p->tags, "l");
    return !s->expires_s || s->expires_s > s->made_s ||
           error_set(p->error, "it had expired before it was made (t=, x=)");
}

/* How to get the key; there is one way so far, and others may stand beside it. */
static bool asks_the_dns(struct parsing *p)
{
    struct span rest = value_of(p, "q"), way;
    bool is_told = rest.len, is_dns = false;
    while (is_told && tag_next_word(&rest, ':', &way))
        is_dns |= span_equal_nocase(way, SPAN("dns/txt")) || span_equal_nocase(way, SPAN("dns"));
    return !is_told || is_dns || error_set(p->error, "its key is not to be had from the DNS (q=)");
}

static bool parse(struct parsing *p, const struct header_field *field)
{
    struct dkim_signature *s = p->signature;
    *s = (struct dkim_signature){.field = *field};
    if (field->whole.len > LONGEST_SIGNATURE_FIELD)
        return error_set(p->error, "it is longer than %d bytes", LONGEST_SIGNATURE_FIELD);
    return tag_list_parse(&p->tags, field->value, p->error) && has_all_tags(p) && has_version(p) &&
           take_algorithm(p) && take_canonicalization(p) && take_name(p, "d", &s->domain) &&
           take_name(p, "s", &s->selector) && take_identity(p);
}

bool dkim_signature_parse(struct dkim_signature *s, const struct header_field *field,
                          struct arena *a, struct error *e)
{
    struct parsing p = {.kind = KIND_DKIM, .signature = s, .arena = a, .error = e};
    return parse(&p, field) && take_names(&p) && take_octets(&p) && take_numbers(&p) &&
           asks_the_dns(&p);
}

bool arc_message_signature_parse(struct dkim_signature *s, const struct header_field *field,
                                 struct arena *a, struct error *e)
{
    struct parsing p = {.kind = KIND_ARC_MESSAGE, .signature = s, .arena = a, .error = e};
    return parse(&p, field) && take_names(&p) && take_octets(&p) && take_numbers(&p) &&
           asks_the_dns(&p);
}

/* Whatever it says of it, its form is relaxed: RFC 8617 4.1.3. */
bool arc_seal_parse(struct dkim_signature *s, const struct header_field *field, struct arena *a,
                    struct error *e)
{
    struct parsing p = {.kind = KIND_ARC_SEAL, .signature = s, .arena = a, .error = e};
    if (!parse(&p, field) || !take_octets(&p) || !take_numbers(&p))
        return false;
    s->has_relaxed_header = true;
    return true;
}

size_t dkim_signature_covers(const struct dkim_signature *s, struct span name)
{
    size_t count = 0;
    for (size_t i = 0; i < s->name_count; i++)
        count += span_equal_nocase(s->names[i], name);
    return count;
}
