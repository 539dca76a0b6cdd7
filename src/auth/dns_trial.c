#include "auth/dns_trial.h"

#include "base/inet.h"

#include <assert.h>

static const struct {
    struct span name;
    enum dns_type type;
} types[] = {
    {SPAN("A"), DNS_A},     {SPAN("AAAA"), DNS_AAAA}, {SPAN("MX"), DNS_MX},
    {SPAN("PTR"), DNS_PTR}, {SPAN("TXT"), DNS_TXT},
};

static void add_name(struct buffer *out, struct span name)
{
    while (name.len) {
        struct span label = span_cut(&name, '.');
        buffer_add_char(out, (char)label.len);
        buffer_add_span(out, label);
    }
    buffer_add_char(out, 0);
}

static void add_text(struct buffer *out, struct span text)
{
    do {
        struct span piece = span_first(text, 255);
        buffer_add_char(out, (char)piece.len);
        buffer_add_span(out, piece);
        text = span_skip(text, 255);
    } while (text.len);
}

static void add_data(struct buffer *out, enum dns_type type, struct span data)
{
    unsigned char bytes[16];
    uint64_t preference = 0;
    switch (type) {
    case DNS_A:
    case DNS_AAAA:
        assert(inet_parse(data, bytes));
        buffer_add(out, type == DNS_A ? bytes + 12 : bytes, type == DNS_A ? 4 : 16);
        return;
    case DNS_MX:
        assert(span_to_u64(span_word(&data), UINT16_MAX, &preference));
        buffer_add_char(out, (char)(preference >> 8));
        buffer_add_char(out, (char)preference);
        add_name(out, span_trim(data));
        return;
    case DNS_TXT:
        add_text(out, data);
        return;
    case DNS_PTR:
    case DNS_CNAME:
        add_name(out, data);
        return;
    case DNS_DS:
    case DNS_TLSA:
        assert(false); /* no test wants it */
    }
}

static bool is_type(struct span word, enum dns_type type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (span_equal(types[i].name, word))
            return types[i].type == type;
    return false;
}

static bool is_below(struct span name, struct span above)
{
    return span_ends_nocase(name, above) && name.len > above.len &&
           name.at[name.len - above.len - 1] == '.';
}

static void answer(struct lookups *l, struct lookups_question *q, struct span zone)
{
    struct arena a = ARENA_EMPTY;
    enum { MOST = 64 };
    struct span records[MOST];
    struct dns_answer found = {.result = DNS_NO_NAME, .records = records};
    while (zone.len) {
        struct span line = span_cut(&zone, '\n'), name = span_word(&line), type = span_word(&line);
        bool is_it = span_equal_nocase(name, q->name);
        if ((is_it || is_below(name, q->name)) && found.result == DNS_NO_NAME)
            found.result = DNS_NO_RECORD;
        if (is_it && span_equal(type, SPAN("FAIL"))) {
            found.result = DNS_FAILED;
            found.why = SPAN("its name servers do not answer");
        }
        if (!is_it || !is_type(type, q->type))
            continue;
        struct buffer data = BUFFER_EMPTY;
        add_data(&data, q->type, span_skip(line, line.len && line.at[0] == ' '));
        assert(found.count < MOST);
        records[found.count++] = arena_keep(&a, &data);
        found.result = DNS_FOUND;
    }
    lookups_answer(l, q, &found);
    arena_clear(&a);
}

void dns_trial_answer(struct lookups *l, struct span zone)
{
    for (struct lookups_question *q; (q = lookups_take(l));)
        answer(l, q, zone);
}
