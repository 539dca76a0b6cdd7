#include "auth/dns_trial.h"

#include "base/dns_response.h"

#include <assert.h>

static const struct {
    struct span name;
    enum dns_type type;
} types[] = {
    {SPAN("A"), DNS_A},     {SPAN("AAAA"), DNS_AAAA}, {SPAN("MX"), DNS_MX},
    {SPAN("PTR"), DNS_PTR}, {SPAN("TXT"), DNS_TXT},
};

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
        bool is_data = dns_add_data(&data, q->type, span_skip(line, line.len && line.at[0] == ' '));
        assert(is_data);
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
