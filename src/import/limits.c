/* Sizes, numbers and times: one setting of Postfix, one option of ours. */
#include "config/options.h"
#include "import/inside.h"

enum kind { NUMBER, SECONDS, HOURS, DAYS };

static const struct limit {
    const char *name;
    enum kind kind; /* of what has no unit */
    const char *option;
} limits[] = {
    {"smtpd_recipient_limit", NUMBER, "max-recipients"},
    {"smtpd_hard_error_limit", NUMBER, "max-errors"},
    {"smtpd_client_connection_count_limit", NUMBER, "max-sessions-per-client"},
    {"smtpd_timeout", SECONDS, "command-timeout"},
    {"header_size_limit", NUMBER, "max-header-size"},
    {"hopcount_limit", NUMBER, "max-hops"},
    {"minimal_backoff_time", SECONDS, "retry-first"},
    {"maximal_backoff_time", SECONDS, "retry-max"},
    {"maximal_queue_lifetime", DAYS, "expire"},
    {"default_destination_concurrency_limit", NUMBER, "destination-concurrency"},
    {"default_destination_recipient_limit", NUMBER, "max-recipients-per-delivery"},
    {"smtp_connect_timeout", SECONDS, "connect-timeout"},
    {"smtp_mail_timeout", SECONDS, "reply-timeout"},
    {"smtp_data_done_timeout", SECONDS, "message-timeout"},
    {"smtp_connection_cache_time_limit", SECONDS, "idle-connection"},
};

/* Where Postfix has a setting for one transport, "smtp_…" goes before "default_…". */
static const struct limit of_transport[] = {
    {"smtp_destination_concurrency_limit", NUMBER, "destination-concurrency"},
    {"smtp_destination_recipient_limit", NUMBER, "max-recipients-per-delivery"},
};

static const struct {
    char unit;
    const char *ours;
    uint64_t factor;
} units[] = {{'s', "s", 1}, {'m', "m", 1}, {'h', "h", 1}, {'d', "d", 1}, {'w', "d", 7}};

/* "5d", "300s", "2w", "100" in our words. */
static bool amount_print(struct buffer *out, enum kind kind, struct span value)
{
    static const char *const standard[] = {
        [NUMBER] = "", [SECONDS] = "s", [HOURS] = "h", [DAYS] = "d"};
    uint64_t number, factor = 1;
    const char *unit = standard[kind];
    char last = value.len ? ascii_lower(value.at[value.len - 1]) : '0';
    if (kind != NUMBER && value.len && !ascii_is_digit(last)) {
        size_t n = 0;
        while (n < sizeof units / sizeof *units && units[n].unit != last)
            n++;
        if (n == sizeof units / sizeof *units)
            return false;
        unit = units[n].ours;
        factor = units[n].factor;
        value.len--;
    }
    if (!span_to_u64(value, UINT32_MAX, &number))
        return false;
    buffer_printf(out, "%llu%s", (unsigned long long)(number * factor), unit);
    return true;
}

bool is_taken(struct importer *i, struct span lines, struct span *why)
{
    struct options o;
    struct error e;
    if (options_parse(&o, "", lines, &e)) {
        options_free(&o);
        return true;
    }
    *why = span_of(arena_text(i->arena, span_of(e.text)));
    span_cut(why, ' '); /* ":LINE:" */
    return false;
}

/* Add a line if it is one that plainpost takes. */
static void add_line(struct importer *i, const char *about, struct buffer *lines,
                     const char *option, const char *value)
{
    struct span why;
    size_t before = lines->len;
    buffer_printf(lines, "%s %s\n", option, value);
    if (is_taken(i, buffer_span(lines), &why)) {
        note(i, IMPORT_CARRIED, about, "%s %s", option, value);
        return;
    }
    note(i, IMPORT_LOST, about, "%.*s. Set the option %s yourself", SPAN_F(why), option);
    lines->len = before;
    lines->at[before] = '\0';
}

static void import_limit(struct importer *i, const struct limit *l, struct buffer *lines)
{
    struct buffer value = BUFFER_EMPTY;
    struct span text = main_cf_value(&i->cf, l->name),
                line = arena_printf(i->arena, "%s ", l->option);
    if (!main_cf_is_set(&i->cf, l->name))
        return;
    tell_nothing(i, l->name);
    if (!amount_print(&value, l->kind, text))
        note(i, IMPORT_LOST, l->name, "\"%.*s\" is not an amount; set the option %s", SPAN_F(text),
             l->option);
    else if (span_find(buffer_span(lines), line) == SPAN_NOT_FOUND)
        add_line(i, l->name, lines, l->option, buffer_text(&value));
    buffer_free(&value);
}

enum { MB = 1024 * 1024, ROOM_IN_SEGMENT = 3, SEGMENT = 64, MEMORY = 512 };

static void import_message_size(struct importer *i, struct buffer *lines)
{
    static const char name[] = "message_size_limit";
    uint64_t size = 0;
    struct span text = main_cf_value(&i->cf, name);
    if (!span_to_u64(text, UINT32_MAX, &size) || !size) {
        note(i, IMPORT_LOST, name,
             "\"%.*s\" sets no limit; plainpost takes 50MB: set max-message-size, and segment-size "
             "with it, if that is too little",
             SPAN_F(text));
        return;
    }
    unsigned long long needed = size / MB + ROOM_IN_SEGMENT;
    if (needed > SEGMENT)
        buffer_printf(lines, "segment-size %lluMB\n", needed);
    if (needed > MEMORY)
        buffer_printf(lines, "max-memory-in-flight %lluMB\n", 2 * needed);
    add_line(i, name, lines, "max-message-size",
             arena_text(i->arena, arena_printf(i->arena, "%llu", (unsigned long long)size)));
}

/* So many in anvil_rate_time_unit. */
static void import_rates(struct importer *i, struct buffer *lines)
{
    static const struct {
        const char *name, *option;
    } rates[] = {{"smtpd_client_connection_rate_limit", "client-connection-rate"},
                 {"smtpd_client_message_rate_limit", "client-message-rate"},
                 {"smtpd_client_recipient_rate_limit", "client-recipient-rate"}};
    struct buffer value = BUFFER_EMPTY, period = BUFFER_EMPTY;
    bool has_period = amount_print(&period, SECONDS, main_cf_value(&i->cf, "anvil_rate_time_unit"));
    for (size_t n = 0; n < sizeof rates / sizeof *rates; n++) {
        struct span text = main_cf_value(&i->cf, rates[n].name);
        tell_nothing(i, rates[n].name);
        if (!text.len || span_equal(text, SPAN("0"))) /* no limit */
            continue;
        buffer_clear(&value);
        buffer_printf(&value, "%.*s/%s", SPAN_F(text), has_period ? buffer_text(&period) : "60s");
        add_line(i, rates[n].name, lines, rates[n].option, buffer_text(&value));
    }
    buffer_free(&value);
    buffer_free(&period);
}

void import_limits(struct importer *i)
{
    struct buffer lines = BUFFER_EMPTY;
    import_message_size(i, &lines);
    for (size_t n = 0; n < sizeof of_transport / sizeof *of_transport; n++)
        import_limit(i, &of_transport[n], &lines);
    for (size_t n = 0; n < sizeof limits / sizeof *limits; n++)
        import_limit(i, &limits[n], &lines);
    import_rates(i, &lines);
    buffer_add_span(&i->out->config, buffer_span(&lines));
    buffer_free(&lines);
}
