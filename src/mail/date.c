/* Days are counted from 1970-03-01's era as in Howard Hinnant's civil calendar: no zone tables, no
 * global state. */
#include "mail/date.h"

#include "base/json.h"

struct moment {
    int year, month, day, hour, minute, second, millisecond, weekday;
};

static const char weekdays[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static struct moment moment_of(int64_t time_ms)
{
    enum { DAY = 86400000 };
    int64_t days = floor_divide(time_ms, DAY);
    int64_t in_day = (time_ms % DAY + DAY) % DAY; /* and not less days * DAY, which may overflow */
    int64_t shifted = days + 719468;              /* from 0000-03-01 */
    int64_t era = floor_divide(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* from March */
    return (struct moment){
        .year = (int)(year_of_era + era * 400 + (month >= 10)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
        .hour = (int)(in_day / 3600000),
        .minute = (int)(in_day / 60000 % 60),
        .second = (int)(in_day / 1000 % 60),
        .millisecond = (int)(in_day % 1000),
        .weekday = (int)((days % 7 + 11) % 7),
    };
}

void date_add(struct buffer *out, int64_t time_ms, int offset_minutes)
{
    struct moment m = moment_of(time_ms + (int64_t)offset_minutes * 60000);
    int offset = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    buffer_printf(out, "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", weekdays[m.weekday], m.day,
                  months[m.month - 1], m.year, m.hour, m.minute, m.second,
                  offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
}

void date_add_words(struct buffer *out, int64_t time_ms, int offset_minutes)
{
    struct moment m = moment_of(time_ms + (int64_t)offset_minutes * 60000);
    int offset = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    buffer_printf(out, "%s %d %s %04d, %02d:%02d:%02d (UTC", weekdays[m.weekday], m.day,
                  months[m.month - 1], m.year, m.hour, m.minute, m.second);
    if (offset)
        buffer_printf(out, "%c%d", offset_minutes < 0 ? '-' : '+', offset / 60);
    if (offset % 60)
        buffer_printf(out, ":%02d", offset % 60);
    buffer_add_char(out, ')');
}

static char *put_digits(char *to, int value, int count)
{
    for (int i = count; i--; value /= 10)
        to[i] = (char)('0' + value % 10);
    return to + count;
}

void date_add_rfc3339(struct buffer *out, int64_t time_ms)
{
    struct moment m = moment_of(time_ms);
    char text[] = "0000-00-00T00:00:00.000Z", *to = text;
    if (m.year < 0 || m.year > 9999) { /* RFC 3339 has none such */
        buffer_add_text(out, text);
        return;
    }
    to = put_digits(to, m.year, 4) + 1;
    to = put_digits(to, m.month, 2) + 1;
    to = put_digits(to, m.day, 2) + 1;
    to = put_digits(to, m.hour, 2) + 1;
    to = put_digits(to, m.minute, 2) + 1;
    to = put_digits(to, m.second, 2) + 1;
    put_digits(to, m.millisecond, 3);
    buffer_add_text(out, text);
}

void date_json(struct json *j, const char *name, int64_t time_ms)
{
    struct buffer text = BUFFER_EMPTY;
    if (!time_ms)
        return;
    date_add_rfc3339(&text, time_ms);
    json_text(j, name, buffer_span(&text));
    buffer_free(&text);
}

void duration_add_words(struct buffer *out, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{86400000, "day"}, {3600000, "hour"}, {60000, "minute"}, {1000, "second"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        int64_t n = ms / units[i].ms;
        if (n > 0) {
            buffer_printf(out, "%lld %s%s", (long long)n, units[i].name, n == 1 ? "" : "s");
            return;
        }
    }
    buffer_add_text(out, "less than a second");
}
