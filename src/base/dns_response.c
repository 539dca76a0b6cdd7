/* A name in a response may end with a pointer to another place in it. Each pointer leads to before
 * the name that it is read from, so that reading comes to an end. */
#include "base/dns_response.h"

#include "base/inet.h"

enum {
    HEADER = 12,
    LONGEST_NAME = 255, /* on the wire */
    LONGEST_LABEL = 63,
    LONGEST_STRING = 255,
    POINTER = 0xC0,
    CLASS_IN = 1,
    IS_RESPONSE = 0x8000,
    IS_CUT_OFF = 0x0200,
    CODE = 0x000F,
    NO_SUCH_NAME = 3,
    MOST_ALIASES = 16
};

/* ---- text to wire */

static bool add_name(struct buffer *out, struct span name)
{
    const size_t start = out->len;
    if (name.len && name.at[name.len - 1] == '.')
        name.len--;
    while (name.len) {
        struct span label = span_cut(&name, '.');
        if (!label.len || label.len > LONGEST_LABEL)
            return false;
        buffer_add_char(out, (char)label.len);
        buffer_add_span(out, label);
    }
    buffer_add_char(out, 0);
    return out->len - start <= LONGEST_NAME;
}

static void add_strings(struct buffer *out, struct span text)
{
    do {
        struct span piece = span_first(text, LONGEST_STRING);
        buffer_add_char(out, (char)piece.len);
        buffer_add_span(out, piece);
        text = span_skip(text, LONGEST_STRING);
    } while (text.len);
}

static bool add_address(struct buffer *out, enum dns_type type, struct span text)
{
    unsigned char bytes[16];
    if (!(type == DNS_A ? inet_parse_v4(text, bytes) : inet_parse_v6(text, bytes)))
        return false;
    buffer_add(out, type == DNS_A ? bytes + 12 : bytes, type == DNS_A ? 4 : 16);
    return true;
}

bool dns_add_data(struct buffer *out, enum dns_type type, struct span text)
{
    uint64_t preference;
    switch (type) {
    case DNS_A:
    case DNS_AAAA:
        return add_address(out, type, text);
    case DNS_MX:
        if (!span_to_u64(span_word(&text), UINT16_MAX, &preference))
            return false;
        buffer_add_char(out, (char)(preference >> 8));
        buffer_add_char(out, (char)preference);
        text = span_trim(text);
        return text.len && add_name(out, text);
    case DNS_TXT:
        add_strings(out, text);
        return true;
    case DNS_PTR:
    case DNS_CNAME:
        return text.len && add_name(out, text);
    case DNS_DS:
    case DNS_TLSA:
        return false;
    }
    return false;
}

/* ---- a response */

struct place {
    struct span whole;
    size_t at;
};

static bool take_number(struct place *p, size_t bytes, uint32_t *value)
{
    if (p->whole.len - p->at < bytes)
        return false;
    *value = 0;
    while (bytes--)
        *value = *value << 8 | (unsigned char)p->whole.at[p->at++];
    return true;
}

/* One label, or the pointer in place of it; 1: there may be more, 0: that was the end, -1: wrong.
 */
static int take_label(struct place *p, size_t *limit, struct buffer *name)
{
    uint32_t first, low;
    if (!take_number(p, 1, &first))
        return -1;
    if (first >= POINTER) {
        if (!take_number(p, 1, &low))
            return -1;
        p->at = (first & ~(uint32_t)POINTER) << 8 | low;
        if (p->at >= *limit)
            return -1;
        *limit = p->at;
        return 1;
    }
    if (first > LONGEST_LABEL || p->whole.len - p->at < first || name->len + first > LONGEST_NAME)
        return -1;
    buffer_add_char(name, (char)first);
    buffer_add(name, p->whole.at + p->at, first);
    p->at += first;
    return first ? 1 : 0;
}

/* Without compression. `p` is behind it then. */
static bool take_name(struct place *p, struct span *name, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY;
    struct place at = *p;
    size_t behind = 0, limit = p->at; /* a pointer leads to before it */
    int more;
    do {
        size_t before = at.at, old_limit = limit;
        more = take_label(&at, &limit, &text);
        if (!behind && (more == 0 || limit != old_limit))
            behind = limit != old_limit ? before + 2 : at.at;
    } while (more > 0);
    *name = arena_keep(a, &text);
    p->at = behind;
    return more == 0 && name->len <= LONGEST_NAME;
}

struct record {
    struct span name;
    uint32_t type, class, ttl;
    struct place data; /* up to `end` */
    size_t end;
};

static bool take_record(struct place *p, struct record *r, struct arena *a)
{
    uint32_t length;
    if (!take_name(p, &r->name, a) || !take_number(p, 2, &r->type) ||
        !take_number(p, 2, &r->class) || !take_number(p, 4, &r->ttl) ||
        !take_number(p, 2, &length) || p->whole.len - p->at < length)
        return false;
    r->data = *p;
    r->end = p->at += length;
    return true;
}

/* Its data without compression, which only these types have (RFC 3597 4). */
static bool plain_data(const struct record *r, struct span *data, struct arena *a)
{
    struct place p = r->data;
    size_t before = r->type == DNS_MX ? 2 : 0;
    struct span name;
    if (r->type != DNS_MX && r->type != DNS_PTR && r->type != DNS_CNAME) {
        *data = arena_copy(a, span_make(p.whole.at + p.at, r->end - p.at));
        return true;
    }
    if (r->end - p.at < before)
        return false;
    p.at += before;
    if (!take_name(&p, &name, a) || p.at != r->end)
        return false;
    struct buffer joined = BUFFER_EMPTY;
    buffer_add(&joined, r->data.whole.at + r->data.at, before);
    buffer_add_span(&joined, name);
    *data = arena_keep(a, &joined);
    return true;
}

struct response {
    uint32_t flags, questions, answers;
    struct record *records;
};

static bool take_head(struct place *p, struct response *r)
{
    uint32_t id, authority, more;
    return take_number(p, 2, &id) && take_number(p, 2, &r->flags) &&
           take_number(p, 2, &r->questions) && take_number(p, 2, &r->answers) &&
           take_number(p, 2, &authority) && take_number(p, 2, &more);
}

static bool take_question(struct place *p, struct span wanted, enum dns_type type, struct arena *a)
{
    struct span name;
    uint32_t asked, class;
    return take_name(p, &name, a) && take_number(p, 2, &asked) && take_number(p, 2, &class) &&
           span_equal_nocase(name, wanted) && asked == type && class == CLASS_IN;
}

static const char *take_all(struct response *r, struct span octets, struct span wanted,
                            enum dns_type type, struct arena *a)
{
    struct place p = {octets, 0};
    if (octets.len > DNS_LARGEST_RESPONSE || !take_head(&p, r) || !(r->flags & IS_RESPONSE))
        return "what came is no answer of a DNS server";
    if (r->questions != 1 || !take_question(&p, wanted, type, a))
        return "the answer is one to another question";
    if (r->flags & IS_CUT_OFF)
        return "the answer was cut off";
    if (r->answers > DNS_MOST_RECORDS)
        return "the answer has too many records";
    r->records = arena_new(a, (r->answers + 1) * sizeof *r->records);
    for (size_t i = 0; i < r->answers; i++)
        if (!take_record(&p, &r->records[i], a))
            return "the answer can't be read";
    return NULL;
}

static bool is_of(const struct record *r, struct span name, enum dns_type type)
{
    return r->type == type && r->class == CLASS_IN && span_equal_nocase(r->name, name);
}

/* The name that `name` is an alias of, or it itself. */
static bool follow(const struct response *r, struct span *name, struct arena *a)
{
    for (int hops = 0; hops < MOST_ALIASES; hops++) {
        const struct record *alias = NULL;
        for (size_t i = 0; i < r->answers && !alias; i++)
            if (is_of(&r->records[i], *name, DNS_CNAME))
                alias = &r->records[i];
        if (!alias)
            return true;
        if (!plain_data(alias, name, a))
            return false;
    }
    return false;
}

static const char *collect(struct dns_answer *out, const struct response *r, struct span name,
                           enum dns_type type, struct arena *a)
{
    struct span owner = name, readable;
    if (type != DNS_CNAME && !follow(r, &owner, a))
        return "the answer leads from alias to alias without an end";
    out->records = arena_new(a, (r->answers + 1) * sizeof *out->records);
    for (size_t i = 0; i < r->answers; i++) {
        if (!is_of(&r->records[i], owner, type))
            continue;
        if (!plain_data(&r->records[i], &out->records[out->count], a))
            return "the answer can't be read";
        out->ttl =
            out->count && out->ttl < r->records[i].ttl ? out->ttl : (uint32_t)r->records[i].ttl;
        out->count++;
    }
    readable = owner;
    if (!span_equal_nocase(owner, name) && !dns_read_name(&readable, &out->canonical, a))
        return "the answer can't be read";
    return NULL;
}

static const char *code_says(uint32_t code)
{
    return code == 2   ? "the server could not find it out (SERVFAIL)"
           : code == 5 ? "the server refuses to answer (REFUSED)"
                       : "the server answers with an error";
}

void dns_read_response(struct dns_answer *answer, struct span octets, struct span name,
                       enum dns_type type, struct arena *a)
{
    struct response r = {0};
    struct buffer wire = BUFFER_EMPTY;
    *answer = (struct dns_answer){.result = DNS_FAILED, .why = SPAN_NONE, .canonical = SPAN_NONE};
    bool is_name = add_name(&wire, name);
    struct span wanted = arena_keep(a, &wire);
    const char *trouble =
        is_name ? take_all(&r, octets, wanted, type, a) : "there can be no such name";
    uint32_t code = r.flags & CODE;
    if (!trouble && code && code != NO_SUCH_NAME)
        trouble = code_says(code);
    if (!trouble)
        trouble = collect(answer, &r, wanted, type, a);
    if (trouble)
        *answer = (struct dns_answer){
            .result = DNS_FAILED, .why = span_of(trouble), .canonical = SPAN_NONE};
    else
        answer->result = answer->count          ? DNS_FOUND
                         : code == NO_SUCH_NAME ? DNS_NO_NAME
                                                : DNS_NO_RECORD;
}
