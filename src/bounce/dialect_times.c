/* When the message came, and until when it is tried, as words tell: "was received at Tue, 3 Mar
 * …", "will keep trying until message is 5 days old", "will retry for 46 more hours". */
#include "bounce/dialect_inside.h"
#include "mail/date.h"

enum { LONGEST_DATE = 60, LONGEST_SPELL = 80 };

static const int64_t minute = 60000;

/* The time that one unit is, by its first letters; 0: it is none. */
static int64_t unit_of(struct span word)
{
    static const struct {
        struct span name;
        int minutes;
    } units[] = {{SPAN("day"), 1440}, {SPAN("hour"), 60}, {SPAN("minute"), 1}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (span_starts_nocase(word, units[i].name))
            return units[i].minutes * minute;
    return 0;
}

/* "1 days, 19 hours and 52 minutes", "46 more hours", "5 days": 0 when it is no such thing. */
static int64_t read_spell(struct span text)
{
    enum { MOST = 1000 };
    int64_t whole = 0;
    uint64_t number = 0;
    bool has_number = false;
    struct span rest = span_first(text, LONGEST_SPELL);
    for (struct span word = span_word(&rest); word.len; word = span_word(&rest)) {
        struct span digits = word;
        while (digits.len && !ascii_is_digit(digits.at[digits.len - 1]))
            digits.len--;
        if (span_to_u64(digits, MOST, &number)) {
            has_number = true;
            continue;
        }
        int64_t unit = has_number ? unit_of(word) : 0;
        whole += (int64_t)number * unit;
        bool goes_on = unit || span_equal_nocase(word, SPAN("more")) ||
                       span_equal_nocase(word, SPAN("and")) || span_equal_nocase(word, SPAN("at"));
        has_number &= !unit;
        if (!goes_on || word.at[word.len - 1] == '.')
            break;
    }
    return whole;
}

static struct span behind(const struct dialect *d, struct span phrase)
{
    const struct spotted *s = &d->reading->spotted;
    size_t at = spotted_find(s, phrase, 0);
    return at == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(d->text, at + phrase.len);
}

static void read_arrival(struct dialect *d)
{
    struct notice *n = d->reading->notice;
    struct span rest = behind(d, SPAN("message was received at "));
    struct span date = span_trim(span_cut(&rest, '\n'));
    int offset;
    if (!n->arrival_ms && !date_parse(span_first(date, LONGEST_DATE), &n->arrival_ms, &offset))
        n->arrival_ms = 0;
}

static int64_t retry_until(const struct dialect *d)
{
    static const struct {
        struct span words;
        bool from_arrival; /* else from when the notice was written */
    } phrases[] = {{SPAN("until message is "), true},     {SPAN("until it is "), true},
                   {SPAN("for the next "), false},        {SPAN("will retry for "), false},
                   {SPAN("be retried for "), false},      {SPAN("keep trying for "), false},
                   {SPAN("continue trying for "), false}, {SPAN("will be retried for "), false},
                   {SPAN("retry delivery for "), false}};
    const struct notice *n = d->reading->notice;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        int64_t since = phrases[i].from_arrival ? n->arrival_ms : n->date_ms;
        int64_t spell = since ? read_spell(behind(d, phrases[i].words)) : 0;
        if (spell)
            return since + spell;
    }
    return 0;
}

void dialect_find_times(struct dialect *d)
{
    struct notice *n = d->reading->notice;
    read_arrival(d);
    int64_t until = -1; /* not looked for */
    for (size_t i = 0; i < n->recipient_count; i++) {
        if (n->recipients[i].action != ACTION_DELAYED || n->recipients[i].retry_until_ms)
            continue;
        until = until < 0 ? retry_until(d) : until;
        n->recipients[i].retry_until_ms = until;
    }
}
