/* Templates: the text of a notice with names in braces where something is filled in. */
#include "bounce/fake_inside.h"

#include "bounce/render_wrap.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/header.h"

#include <assert.h>

static void add_date(struct buffer *out, const struct fake *f, int64_t time_ms)
{
    date_add(out, time_ms, f->wishes->offset_minutes);
}

/* ---- what can be filled in */

static void add_to(struct buffer *out, const struct fake *f)
{
    buffer_add_span(out, f->wishes->to);
}

static void add_from(struct buffer *out, const struct fake *f)
{
    buffer_add_span(out, f->wishes->from);
}

static void add_to_local(struct buffer *out, const struct fake *f)
{
    buffer_add_span(out, address_local(f->wishes->to));
}

static void add_to_domain(struct buffer *out, const struct fake *f)
{
    buffer_add_span(out, address_domain(f->wishes->to));
}

static void add_from_domain(struct buffer *out, const struct fake *f)
{
    buffer_add_span(out, address_domain(f->wishes->from));
}

static void add_host(struct buffer *out, const struct fake *f)
{
    buffer_add_span(out, f->host);
}

static void add_remote(struct buffer *out, const struct fake *f)
{
    buffer_add_span(out, f->remote);
}

static void add_id(struct buffer *out, const struct fake *f)
{
    message_id_add(out, f->id);
}

/* Ids in the manner of others: hexadecimal digits that change quickly. */
static void add_hex_id(struct buffer *out, const struct fake *f)
{
    buffer_printf(out, "%010llX", (unsigned long long)f->id & 0xFFFFFFFFFFULL);
}

static void add_original_id(struct buffer *out, const struct fake *f)
{
    buffer_printf(out, "%010llX", (unsigned long long)(f->accepted_ms * 1000) & 0xFFFFFFFFFFULL);
}

/* As Exim's: "1vxOxy-000abc-1x", of which only the lengths are told. */
static void add_exim_id(struct buffer *out, const struct fake *f)
{
    struct buffer digits = BUFFER_EMPTY;
    message_id_add(&digits, f->id);
    const char *last = buffer_text(&digits) + MESSAGE_ID_DIGITS - 9;
    buffer_printf(out, "1%.5s-00%.4s-2x", last, last + 5);
    buffer_free(&digits);
}

static void add_seconds(struct buffer *out, const struct fake *f)
{
    buffer_printf(out, "%lld", (long long)(f->wishes->now_ms / 1000));
}

static void add_message_id(struct buffer *out, const struct fake *f)
{
    buffer_printf(out, "%lld.1@%.*s", (long long)(f->accepted_ms / 1000),
                  SPAN_F(address_domain(f->wishes->from)));
}

static void add_now(struct buffer *out, const struct fake *f)
{
    add_date(out, f, f->wishes->now_ms);
}

static void add_arrival(struct buffer *out, const struct fake *f)
{
    add_date(out, f, f->accepted_ms);
}

static void add_give_up(struct buffer *out, const struct fake *f)
{
    add_date(out, f, f->give_up_ms);
}

static void add_status(struct buffer *out, const struct fake *f)
{
    status_add(out, f->status);
}

static void add_words(struct buffer *out, const struct fake *f)
{
    buffer_add_span(out, f->words);
}

/* As a server answers: "550 5.1.1 No such user". */
static void add_reply(struct buffer *out, const struct fake *f)
{
    buffer_printf(out, "%d ", f->code);
    add_status(out, f);
    buffer_add_char(out, ' ');
    add_words(out, f);
}

static const struct place {
    struct span name;
    void (*add)(struct buffer *out, const struct fake *f);
} places[] = {
    {SPAN("to"), add_to},
    {SPAN("to-local"), add_to_local},
    {SPAN("to-domain"), add_to_domain},
    {SPAN("from"), add_from},
    {SPAN("from-domain"), add_from_domain},
    {SPAN("host"), add_host},
    {SPAN("remote"), add_remote},
    {SPAN("id"), add_id},
    {SPAN("hex-id"), add_hex_id},
    {SPAN("exim-id"), add_exim_id},
    {SPAN("original-id"), add_original_id},
    {SPAN("seconds"), add_seconds},
    {SPAN("message-id"), add_message_id},
    {SPAN("now"), add_now},
    {SPAN("arrival"), add_arrival},
    {SPAN("give-up"), add_give_up},
    {SPAN("status"), add_status},
    {SPAN("words"), add_words},
    {SPAN("reply"), add_reply},
};

/* ---- filling in */

static const struct place *find_place(struct span name)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (span_equal(places[i].name, name))
            return &places[i];
    return NULL;
}

static void add_escaped(struct buffer *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '<' || c == '>' || c == '&' || c == '"')
            buffer_printf(out, "&#%d;", c);
        else
            buffer_add_char(out, c);
    }
}

static void add_place(struct buffer *out, const struct fake *f, struct span name)
{
    bool is_html = span_starts(name, SPAN("&"));
    const struct place *p = find_place(span_skip(name, is_html));
    struct buffer value = BUFFER_EMPTY;
    assert(p);
    p->add(&value, f);
    if (is_html)
        add_escaped(out, buffer_span(&value));
    else
        buffer_add_span(out, buffer_span(&value));
    buffer_free(&value);
}

void fake_fill(struct buffer *out, const struct fake *f, const char *template)
{
    struct span rest = span_of(template);
    while (rest.len) {
        buffer_add_span(out, span_cut(&rest, '{'));
        if (rest.len)
            add_place(out, f, span_cut(&rest, '}'));
    }
}

struct span fake_filled(const struct fake *f, const char *template)
{
    struct buffer text = BUFFER_EMPTY;
    fake_fill(&text, f, template);
    return arena_keep(f->arena, &text);
}

void fake_fill_wrapped(struct buffer *out, const struct fake *f, const char *indent,
                       const char *template)
{
    const struct wrapping lines = {"", indent, 78};
    wrap_add(out, fake_filled(f, template), &lines);
}

void fake_add_original(struct buffer *out, const struct fake *f)
{
    buffer_add_span(out, f->original);
}

void fake_add_original_header(struct buffer *out, const struct fake *f)
{
    buffer_add_span(out, span_first(f->original, header_length(f->original)));
}
