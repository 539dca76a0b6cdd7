#include "auth/dmarc_record.h"

const char *dmarc_policy_word(enum dmarc_policy p)
{
    static const char *const words[] = {"none", "quarantine", "reject"};
    return words[p];
}

struct tag_reading {
    struct dmarc_record *record;
    bool has_policy, has_below, has_below_missing;
    bool has_wrong_policy;
};

/* ---- values */

static bool read_policy(struct tag_reading *r, struct span value, enum dmarc_policy *policy)
{
    for (int p = DMARC_DO_NOTHING; p <= DMARC_REJECT; p++)
        if (span_equal_nocase(value, span_of(dmarc_policy_word((enum dmarc_policy)p)))) {
            *policy = (enum dmarc_policy)p;
            return true;
        }
    r->has_wrong_policy = true;
    return false;
}

static bool is_letter(struct span value, char letter)
{
    return value.len == 1 && ascii_lower(value.at[0]) == letter;
}

static void take_p(struct tag_reading *r, struct span value)
{
    r->has_policy = read_policy(r, value, &r->record->policy);
}

static void take_sp(struct tag_reading *r, struct span value)
{
    r->has_below = read_policy(r, value, &r->record->below);
}

static void take_np(struct tag_reading *r, struct span value)
{
    r->has_below_missing = read_policy(r, value, &r->record->below_missing);
}

static void take_adkim(struct tag_reading *r, struct span value)
{
    r->record->is_strict_dkim = is_letter(value, 's');
}

static void take_aspf(struct tag_reading *r, struct span value)
{
    r->record->is_strict_spf = is_letter(value, 's');
}

static void take_t(struct tag_reading *r, struct span value)
{
    r->record->is_trial = is_letter(value, 'y');
}

static void take_psd(struct tag_reading *r, struct span value)
{
    r->record->psd = is_letter(value, 'y')   ? DMARC_PSD_YES
                     : is_letter(value, 'n') ? DMARC_PSD_NO
                                             : DMARC_PSD_UNKNOWN;
}

static void take_rua(struct tag_reading *r, struct span value)
{
    r->record->reports = value;
}

static void take_ruf(struct tag_reading *r, struct span value)
{
    r->record->failure_reports = value;
}

static void take_fo(struct tag_reading *r, struct span value)
{
    r->record->failure_options = value;
}

static const struct {
    struct span name;
    void (*take)(struct tag_reading *r, struct span value);
} tags[] = {
    {SPAN("p"), take_p},         {SPAN("sp"), take_sp},     {SPAN("np"), take_np},
    {SPAN("adkim"), take_adkim}, {SPAN("aspf"), take_aspf}, {SPAN("t"), take_t},
    {SPAN("psd"), take_psd},     {SPAN("rua"), take_rua},   {SPAN("ruf"), take_ruf},
    {SPAN("fo"), take_fo},
};

enum { TAG_COUNT = sizeof tags / sizeof *tags };

/* ---- the list */

static bool next_tag(struct span *rest, struct span *name, struct span *value)
{
    while (rest->len) {
        struct span each = span_cut(rest, ';');
        if (span_find_char(each, '=') == SPAN_NOT_FOUND)
            continue;
        *name = span_trim(span_cut(&each, '='));
        *value = span_trim(each);
        return true;
    }
    return false;
}

/* Nothing may come before it. */
static bool take_version(struct span *rest)
{
    struct span first = span_cut(rest, ';');
    struct span name = span_trim(span_cut(&first, '='));
    return span_equal_nocase(name, SPAN("v")) && span_equal(span_trim(first), SPAN("DMARC1"));
}

bool dmarc_record_parse(struct dmarc_record *r, struct span text)
{
    struct tag_reading reading = {.record = r};
    bool was_there[TAG_COUNT] = {false};
    struct span name, value, uri;
    *r = (struct dmarc_record){
        .reports = SPAN_NONE, .failure_reports = SPAN_NONE, .failure_options = SPAN_NONE};
    if (!take_version(&text))
        return false;
    while (next_tag(&text, &name, &value))
        for (size_t i = 0; i < TAG_COUNT; i++)
            if (span_equal_nocase(name, tags[i].name) && !was_there[i]) {
                was_there[i] = true;
                tags[i].take(&reading, value);
            }
    bool is_whole = reading.has_policy && !reading.has_wrong_policy;
    struct span reports = r->reports;
    r->is_usable = is_whole || dmarc_next_uri(&reports, &uri);
    if (!is_whole)
        r->policy = DMARC_DO_NOTHING;
    if (!is_whole || !reading.has_below)
        r->below = r->policy;
    if (!is_whole || !reading.has_below_missing)
        r->below_missing = r->below;
    return true;
}

/* A scheme (RFC 3986 3.1), and something behind it. */
static bool is_uri(struct span text)
{
    size_t colon = span_find_char(text, ':');
    if (colon == SPAN_NOT_FOUND || !colon || colon + 1 == text.len || !ascii_is_alpha(text.at[0]))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool fits =
            i < colon ? ascii_is_alnum(c) || c == '+' || c == '-' || c == '.' : c > ' ' && c < 0x7F;
        if (!fits)
            return false;
    }
    return true;
}

bool dmarc_next_uri(struct span *rest, struct span *uri)
{
    while (rest->len) {
        struct span each = span_trim(span_cut(rest, ','));
        *uri = span_trim(span_first(each, span_find_char(each, '!')));
        if (is_uri(*uri))
            return true;
    }
    return false;
}
