#include "web/exposition.h"

#include <string.h>

/* Backslash and line end, and in a label also the quote. */
static void add_escaped(struct buffer *out, const char *text, bool is_label)
{
    for (; *text; text++)
        if (*text == '\n')
            buffer_add_text(out, "\\n");
        else if (*text == '\\' || (is_label && *text == '"'))
            buffer_printf(out, "\\%c", *text);
        else
            buffer_add_char(out, *text);
}

void exposition_family(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_printf(out, "# HELP %s ", name);
    add_escaped(out, help, false);
    buffer_printf(out, "\n# TYPE %s %s\n", name, type);
}

/* As a decimal fraction without a rounding error, and without zeros at its end. */
static void add_amount(struct buffer *out, uint64_t number, uint64_t per_unit)
{
    buffer_printf(out, "%llu", (unsigned long long)(number / per_unit));
    uint64_t rest = number % per_unit;
    if (!rest)
        return;
    buffer_add_char(out, '.');
    for (uint64_t digit = per_unit / 10; rest; digit /= 10) {
        buffer_add_char(out, (char)('0' + rest / digit));
        rest %= digit;
    }
}

static void add_name(struct buffer *out, const char *name, const char *label, const char *value)
{
    buffer_add_text(out, name);
    if (label) {
        buffer_printf(out, "{%s=\"", label);
        add_escaped(out, value, true);
        buffer_add_text(out, "\"}");
    }
    buffer_add_char(out, ' ');
}

void exposition_number(struct buffer *out, const char *name, const char *label, const char *value,
                       uint64_t number)
{
    add_name(out, name, label, value);
    buffer_printf(out, "%llu\n", (unsigned long long)number);
}

void exposition_amount(struct buffer *out, const char *name, uint64_t number, uint64_t per_unit)
{
    add_name(out, name, NULL, NULL);
    add_amount(out, number, per_unit);
    buffer_add_char(out, '\n');
}

void exposition_histogram(struct buffer *out, const char *name, const struct histogram *h)
{
    const struct histogram_shape *s = h->shape;
    uint64_t all = 0;
    for (size_t i = 0; i <= s->count; i++) {
        all += h->counts[i];
        buffer_printf(out, "%s_bucket{le=\"", name);
        if (i < s->count)
            add_amount(out, s->bounds[i], s->per_unit);
        else
            buffer_add_text(out, "+Inf");
        buffer_printf(out, "\"} %llu\n", (unsigned long long)all);
    }
    buffer_printf(out, "%s_sum ", name);
    add_amount(out, h->sum, s->per_unit);
    buffer_printf(out, "\n%s_count %llu\n", name, (unsigned long long)all);
}
