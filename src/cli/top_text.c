#include "cli/top_text.h"

#include "base/visible.h"
#include "mail/date.h"

enum { NAME_COLUMNS = 32, LEAST_COLUMNS = 60, DESTINATION_SHARE = 3 };

struct drawing {
    struct buffer *out;
    const struct top_screen *screen;
    size_t rows; /* that were drawn */
};

static struct span text_of(json_t *entry, const char *name)
{
    return span_of(json_string_value(json_object_get(entry, name)));
}

static long long number_of(json_t *entry, const char *name)
{
    return json_integer_value(json_object_get(entry, name));
}

static size_t columns_of(const struct top_screen *s)
{
    return s->columns > LEAST_COLUMNS ? s->columns : LEAST_COLUMNS;
}

/* At most so many characters; what is cut off ends with "…". Returns how many were added. */
static size_t add_cut(struct buffer *out, struct span text, size_t columns)
{
    size_t count = 0, total = 0;
    uint32_t code;
    for (struct span at = text; at.len; total++) {
        size_t n = utf8_next(at, &code);
        at = span_skip(at, n ? n : 1);
    }
    bool is_cut = total > columns;
    while (text.len && count + is_cut < columns) {
        size_t n = utf8_next(text, &code);
        n = n ? n : 1;
        buffer_add(out, text.at, n);
        text = span_skip(text, n);
        count++;
    }
    if (is_cut)
        buffer_add_text(out, "…");
    return count + is_cut;
}

static bool has_row(const struct drawing *d)
{
    return !d->screen->rows || d->rows < d->screen->rows;
}

static void draw_line(struct drawing *d, struct span text, bool is_bold)
{
    if (!has_row(d))
        return;
    if (d->rows++)
        buffer_add_text(d->out, d->screen->has_looks ? "\r\n" : "\n");
    if (is_bold && d->screen->has_looks)
        buffer_add_text(d->out, "\033[1m");
    add_cut(d->out, text, columns_of(d->screen));
    if (d->screen->has_looks)
        buffer_add_text(d->out, is_bold ? "\033[0m\033[K" : "\033[K");
}

static void draw(struct drawing *d, struct buffer *line, bool is_bold)
{
    draw_line(d, buffer_span(line), is_bold);
    buffer_clear(line);
}

/* "1,234,567" */
static void add_number(struct buffer *out, long long n)
{
    struct buffer digits = BUFFER_EMPTY;
    buffer_printf(&digits, "%lld", n);
    for (size_t i = 0; i < digits.len; i++) {
        if (i && (digits.len - i) % 3 == 0)
            buffer_add_char(out, ',');
        buffer_add_char(out, digits.at[i]);
    }
    buffer_free(&digits);
}

static void add_count(struct buffer *out, long long n, const char *what)
{
    add_number(out, n);
    buffer_printf(out, " %s%s", what, n == 1 ? "" : "s");
}

/* ---- the head */

static void draw_title(struct drawing *d, struct span hostname, json_t *now)
{
    struct buffer line = BUFFER_EMPTY;
    buffer_add_text(&line, "plainpost on ");
    visible_add(&line, hostname, 100);
    buffer_add_text(&line, ", ");
    date_add_words(&line, number_of(now, "time_ms"), d->screen->offset_minutes);
    draw(d, &line, true);
    buffer_free(&line);
}

static void draw_queue(struct drawing *d, json_t *now)
{
    struct buffer line = BUFFER_EMPTY;
    long long oldest = number_of(now, "oldest_ms"), held = number_of(now, "held");
    buffer_add_text(&line, "in the queue  ");
    add_count(&line, number_of(now, "messages"), "message");
    if (number_of(now, "recipients")) {
        buffer_add_text(&line, " for ");
        add_count(&line, number_of(now, "recipients"), "recipient");
    }
    if (held) {
        buffer_add_text(&line, ", ");
        add_number(&line, held);
        buffer_add_text(&line, " on hold");
    }
    if (oldest) {
        buffer_add_text(&line, ", the oldest for ");
        duration_add_words(&line, number_of(now, "time_ms") - oldest);
    }
    draw(d, &line, false);
    buffer_free(&line);
}

/* Thousandths a second, between two answers. */
static long long rate_of(json_t *now, json_t *before, const char *what)
{
    long long ms = number_of(now, "time_ms") - number_of(before, "time_ms");
    long long n = number_of(json_object_get(now, "flow"), what) -
                  number_of(json_object_get(before, "flow"), what);
    return ms > 0 && n > 0 ? n * 1000000 / ms : 0;
}

static const struct {
    const char *key, *name;
} flows[] = {
    {"accepted", "accepted"}, {"delivered", "delivered"}, {"relayed", "relayed"},
    {"delayed", "delayed"},   {"failed", "failed"},       {"discarded", "discarded"},
};

enum { FLOWS = sizeof flows / sizeof *flows };

static void draw_flow(struct drawing *d, json_t *now, json_t *before)
{
    struct buffer line = BUFFER_EMPTY;
    buffer_printf(&line, "%-14s", "");
    for (size_t i = 0; i < FLOWS; i++)
        buffer_printf(&line, "%11s", flows[i].name);
    draw(d, &line, true);
    buffer_printf(&line, "%-14s", "in a second");
    for (size_t i = 0; i < FLOWS; i++) {
        long long rate = before ? rate_of(now, before, flows[i].key) : 0;
        if (before)
            buffer_printf(&line, "%9lld.%lld", rate / 1000, rate % 1000 / 100);
        else
            buffer_printf(&line, "%11s", "-");
    }
    draw(d, &line, false);
    buffer_printf(&line, "%-14s", "since start");
    for (size_t i = 0; i < FLOWS; i++) {
        struct buffer number = BUFFER_EMPTY;
        add_number(&number, number_of(json_object_get(now, "flow"), flows[i].key));
        buffer_printf(&line, "%11s", buffer_text(&number));
        buffer_free(&number);
    }
    draw(d, &line, false);
    buffer_free(&line);
}

/* ---- destinations */

/* The suspension that stops this destination, or NULL. */
static json_t *suspension_of(json_t *now, struct span destination)
{
    json_t *each;
    size_t i;
    json_array_foreach(json_object_get(now, "suspended"), i, each)
    {
        struct span name = text_of(each, "name");
        if (span_equal_nocase(name, destination) ||
            (span_starts(destination, SPAN("mx:")) &&
             span_equal_nocase(name, span_skip(destination, 3))))
            return each;
    }
    return NULL;
}

static void add_state(struct buffer *line, json_t *now, json_t *to)
{
    json_t *suspension = suspension_of(now, text_of(to, "name"));
    long long pause = number_of(to, "pause_ms");
    if (suspension || json_is_true(json_object_get(to, "suspended"))) {
        buffer_add_text(line, "suspended");
    } else if (pause) {
        buffer_add_text(line, "not reached, again in ");
        duration_add_words(line, pause);
    } else if (json_is_true(json_object_get(to, "slow"))) {
        buffer_add_text(line, "slow: it wants fewer at a time");
    } else if (number_of(to, "active")) {
        buffer_add_text(line, "busy");
    } else {
        buffer_add_text(line, "waits");
    }
}

static void add_padded(struct buffer *line, struct span text, size_t columns)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, text, 300);
    size_t used = add_cut(line, buffer_span(&shown), columns);
    buffer_printf(line, "%*s", (int)(columns - used), "");
    buffer_free(&shown);
}

static void draw_destination(struct drawing *d, json_t *now, json_t *to)
{
    struct buffer line = BUFFER_EMPTY, places = BUFFER_EMPTY, words = BUFFER_EMPTY;
    long long waiting = number_of(to, "waiting"), least = number_of(to, "in_line");
    add_padded(&line, text_of(to, "name"), NAME_COLUMNS);
    buffer_add_char(&places, ' ');
    add_number(&places, waiting > least ? waiting : least);
    buffer_printf(&line, "%11s", buffer_text(&places));
    buffer_clear(&places);
    if (number_of(to, "limit"))
        buffer_printf(&places, "%lld of %lld", number_of(to, "active"), number_of(to, "limit"));
    buffer_printf(&line, "%12s  ", buffer_text(&places));
    add_state(&line, now, to);
    draw(d, &line, false);
    if (text_of(to, "words").len && has_row(d)) {
        visible_add_lines(&words, text_of(to, "words"), 200);
        for (size_t i = 0; i < words.len; i++)
            if (words.at[i] == '\n')
                words.at[i] = ' ';
        buffer_printf(&line, "    %s", buffer_text(&words));
        draw(d, &line, false);
    }
    buffer_free(&line);
    buffer_free(&places);
    buffer_free(&words);
}

/* They get what the causes do not need. */
static void draw_destinations(struct drawing *d, json_t *now, size_t until)
{
    struct buffer line = BUFFER_EMPTY;
    json_t *all = json_object_get(now, "destinations"), *to;
    size_t i;
    draw_line(d, SPAN_NONE, false);
    buffer_printf(&line, "%-*s%11s%12s  %s", NAME_COLUMNS, "destination", "waiting", "under way",
                  "state, and the last words");
    draw(d, &line, true);
    if (!json_array_size(all))
        draw_line(d, SPAN("nothing waits, and nothing is under way"), false);
    json_array_foreach(all, i, to)
    {
        if (until && d->rows + 2 > until) {
            buffer_printf(&line, "... and %lld more",
                          number_of(now, "destination_count") - (long long)i);
            draw(d, &line, false);
            break;
        }
        draw_destination(d, now, to);
    }
    buffer_free(&line);
}

static void draw_suspensions(struct drawing *d, json_t *now)
{
    struct buffer line = BUFFER_EMPTY;
    json_t *each;
    size_t i;
    json_array_foreach(json_object_get(now, "suspended"), i, each)
    {
        if (!i)
            draw_line(d, SPAN_NONE, false);
        buffer_add_text(&line, "suspended: ");
        visible_add(&line, text_of(each, "name"), 100);
        buffer_add_text(&line, " for ");
        duration_add_words(&line, number_of(now, "time_ms") - number_of(each, "since_ms"));
        buffer_add_text(&line, ", ");
        add_count(&line, number_of(each, "waiting"), "message");
        buffer_add_text(&line, text_of(each, "why").len ? ": " : "");
        visible_add(&line, text_of(each, "why"), 200);
        draw(d, &line, false);
    }
    buffer_free(&line);
}

/* ---- causes */

static void draw_cause(struct drawing *d, struct span headline, struct span name, long long count)
{
    struct buffer line = BUFFER_EMPTY, number = BUFFER_EMPTY, what = BUFFER_EMPTY;
    add_number(&number, count);
    buffer_add_span(&what, headline);
    if (name.len)
        buffer_printf(&what, " (%.*s)", SPAN_F(name));
    buffer_printf(&line, "%11s  ", buffer_text(&number));
    visible_add(&line, buffer_span(&what), 200);
    draw(d, &line, false);
    buffer_free(&line);
    buffer_free(&number);
    buffer_free(&what);
}

static void draw_causes(struct drawing *d, json_t *now)
{
    json_t *causes = json_object_get(now, "causes"), *each;
    size_t i;
    long long untried = number_of(now, "untried");
    if (!json_array_size(causes) && !untried)
        return;
    draw_line(d, SPAN_NONE, false);
    draw_line(d, SPAN(" recipients  why they wait"), true);
    json_array_foreach(causes, i, each)
        draw_cause(d, text_of(each, "headline"),
                   text_of(each, "variant").len ? text_of(each, "variant") : text_of(each, "cause"),
                   number_of(each, "recipients"));
    if (untried)
        draw_cause(d, SPAN("not tried yet"), SPAN_NONE, untried);
}

static size_t rows_of_causes(json_t *now)
{
    size_t count =
        json_array_size(json_object_get(now, "causes")) + (number_of(now, "untried") != 0);
    size_t suspended = json_array_size(json_object_get(now, "suspended"));
    return (count ? count + 2 : 0) + (suspended ? suspended + 1 : 0);
}

static void draw_foot(struct drawing *d, json_t *now)
{
    struct buffer line = BUFFER_EMPTY;
    long long age = number_of(now, "counted_ms_ago");
    if (!json_is_true(json_object_get(now, "counted"))) {
        buffer_add_text(&line, "what waits is being counted ...");
    } else if (age >= 1000) {
        buffer_add_text(&line, "what waits was counted ");
        duration_add_words(&line, age);
        buffer_add_text(&line, " ago");
    } else {
        buffer_add_text(&line, "what waits was counted just now");
    }
    if (d->screen->has_looks)
        buffer_add_text(&line, "; q ends");
    draw_line(d, SPAN_NONE, false);
    draw(d, &line, false);
    buffer_free(&line);
}

void top_draw(struct buffer *out, const struct top_screen *s, struct span hostname, json_t *now,
              json_t *before)
{
    struct drawing d = {.out = out, .screen = s};
    size_t below = rows_of_causes(now) + 2;
    if (s->rows && below > s->rows * 2 / 5) /* the destinations come first */
        below = s->rows * 2 / 5;
    draw_title(&d, hostname, now);
    draw_queue(&d, now);
    draw_line(&d, SPAN_NONE, false);
    draw_flow(&d, now, before);
    draw_destinations(&d, now, s->rows ? s->rows - below : 0);
    draw_suspensions(&d, now);
    draw_causes(&d, now);
    draw_foot(&d, now);
}
