/* The tokens of a date say by their form what they are: so their order hardly matters. */
#include "mail/date.h"

#include <string.h>

struct reading {
    int day, month, year, hour, minute, second, offset; /* month 1–12; -1: not seen */
    bool has_zone;
};

static int month_of(struct span word)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (word.len < 3)
        return 0;
    for (int i = 0; i < 12; i++)
        if (span_equal_nocase(span_first(word, 3), span_make(names + 3 * i, 3)))
            return i + 1;
    return 0;
}

static bool zone_of(struct span word, int *offset)
{
    static const struct {
        struct span name;
        int minutes;
    } zones[] = {{SPAN("GMT"), 0},    {SPAN("UTC"), 0},    {SPAN("UT"), 0},     {SPAN("Z"), 0},
                 {SPAN("EST"), -300}, {SPAN("EDT"), -240}, {SPAN("CST"), -360}, {SPAN("CDT"), -300},
                 {SPAN("MST"), -420}, {SPAN("MDT"), -360}, {SPAN("PST"), -480}, {SPAN("PDT"), -420},
                 {SPAN("BST"), 60},   {SPAN("WET"), 0},    {SPAN("CET"), 60},   {SPAN("CEST"), 120},
                 {SPAN("MET"), 60},   {SPAN("MEST"), 120}, {SPAN("EET"), 120},  {SPAN("EEST"), 180},
                 {SPAN("MSK"), 180},  {SPAN("MSD"), 240},  {SPAN("JST"), 540},  {SPAN("KST"), 540}};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (span_equal_nocase(word, zones[i].name)) {
            *offset = zones[i].minutes;
            return true;
        }
    return false;
}

static int number(struct span digits)
{
    uint64_t value;
    return span_to_u64(digits, 99999999, &value) ? (int)value : -1;
}

/* "+0100", "-05:30". */
static bool take_offset(struct reading *r, struct span word)
{
    char digits[4];
    size_t n = 0;
    if (word.len < 3 || (word.at[0] != '+' && word.at[0] != '-'))
        return false;
    for (size_t i = 1; i < word.len; i++) {
        if (word.at[i] == ':' && n == 2)
            continue;
        if (!ascii_is_digit(word.at[i]) || n == sizeof digits)
            return false;
        digits[n++] = word.at[i];
    }
    if (n != 4 && n != 2)
        return false;
    int hours = number(span_make(digits, 2)),
        minutes = n == 4 ? number(span_make(digits + 2, 2)) : 0;
    if (hours > 23 || minutes > 59)
        return false;
    minutes += hours * 60;
    r->offset = word.at[0] == '-' ? -minutes : minutes;
    r->has_zone = true;
    return true;
}

/* "11:44:03", "11.44", "11:44:03.123". */
static bool take_clock(struct reading *r, struct span word)
{
    struct span hour = span_cut(&word, ':');
    if (!word.len || r->hour >= 0)
        return false;
    struct span minute = span_cut(&word, ':'), second = span_cut(&word, '.');
    r->hour = number(hour);
    r->minute = number(minute);
    r->second = second.len ? number(second) : 0;
    return true;
}

static int full_year(struct span digits)
{
    int n = number(digits);
    return digits.len >= 3 && n < 1000 ? n + 1900
           : digits.len > 2            ? n
           : n < 50                    ? n + 2000
                                       : n + 1900;
}

/* "24-Nov-2026", "2026-11-24". */
static bool take_joined(struct reading *r, struct span word)
{
    struct span first = span_cut(&word, '-'), second = span_cut(&word, '-');
    if (!first.len || !second.len || !word.len || r->day >= 0)
        return false;
    bool is_iso = first.len == 4;
    r->year = full_year(is_iso ? first : word);
    r->day = number(is_iso ? word : first);
    r->month = ascii_is_digit(second.at[0]) ? number(second) : month_of(second);
    return true;
}

static void take_number(struct reading *r, struct span word)
{
    if (r->day < 0 && word.len <= 2)
        r->day = number(word);
    else if (r->year < 0)
        r->year = full_year(word);
}

/* "2026-11-24T11:44:03Z" */
static bool take_rfc3339(struct reading *r, struct span word)
{
    size_t t = span_find_char(word, 'T'), zone = t;
    if (t != 10 || !take_joined(r, span_first(word, t)))
        return false;
    for (zone++; zone < word.len &&
                 (ascii_is_digit(word.at[zone]) || word.at[zone] == ':' || word.at[zone] == '.');)
        zone++;
    if (!take_clock(r, span_first(span_skip(word, t + 1), zone - t - 1)))
        return false;
    struct span rest = span_skip(word, zone);
    r->has_zone |= zone_of(rest, &r->offset);
    take_offset(r, rest);
    return true;
}

static void take_word(struct reading *r, struct span word)
{
    while (word.len && word.at[word.len - 1] == ',')
        word.len--;
    if (!word.len || take_offset(r, word) || take_rfc3339(r, word))
        return;
    if (ascii_is_digit(word.at[0])) {
        if (!take_clock(r, word) && !take_joined(r, word))
            take_number(r, word);
    } else if (r->month < 0 && month_of(word)) {
        r->month = month_of(word);
    } else if (!r->has_zone && zone_of(word, &r->offset)) {
        r->has_zone = true;
    }
}

/* A word ends at blanks, line ends and commas; comments are passed over. */
static bool is_between(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',';
}

static struct span next_word(struct span *rest)
{
    size_t i = 0, depth = 0;
    for (; i < rest->len; i++) {
        char c = rest->at[i];
        if (c == '(')
            depth++;
        else if (c == ')' && depth)
            depth--;
        else if (!depth && c && !is_between(c))
            break;
    }
    *rest = span_skip(*rest, i);
    i = 0;
    while (i < rest->len && rest->at[i] && rest->at[i] != '(' && !is_between(rest->at[i]))
        i++;
    struct span word = span_first(*rest, i);
    *rest = span_skip(*rest, i ? i : 1);
    return word;
}

/* Days since 1970 of a date in the Gregorian calendar. */
static int64_t days_since_1970(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = year / 400, of_era = year % 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_sound(const struct reading *r)
{
    return r->day >= 1 && r->day <= 31 && r->month >= 1 && r->month <= 12 && r->year >= 1970 &&
           r->year <= 9999 && r->hour <= 24 && r->minute <= 59 && r->second <= 60 &&
           r->minute >= -1 && r->second >= -1;
}

bool date_parse(struct span text, int64_t *time_ms, int *offset_minutes)
{
    enum { LONGEST_DATE = 200 };
    struct reading r = {-1, -1, -1, -1, 0, 0, 0, false};
    struct span rest = span_trim(span_first(text, LONGEST_DATE));
    while (rest.len)
        take_word(&r, next_word(&rest));
    if (!is_sound(&r))
        return false;
    int64_t minutes = days_since_1970(r.year, r.month, r.day) * 1440;
    minutes += (r.hour > 0 ? r.hour : 0) * 60 + (r.minute > 0 ? r.minute : 0) - r.offset;
    *time_ms = (minutes * 60 + (r.second > 0 ? r.second : 0)) * 1000;
    *offset_minutes = r.offset;
    return true;
}
