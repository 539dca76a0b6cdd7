#include "mail/outlook.h"

#include "mail/charset.h"
#include "mail/date.h"
#include "mail/encode.h"
#include "mail/header.h"

enum type {
    TYPE_INTEGER = 0x0003,
    TYPE_TEXT_8 = 0x001E,
    TYPE_TEXT = 0x001F,
    TYPE_TIME = 0x0040,
    TYPE_BINARY = 0x0102
};

/* MS-OXPROPS, by their ids. */
enum id {
    ID_CLASS = 0x001A,
    ID_REPORT_TIME = 0x0032,
    ID_SUBJECT = 0x0037,
    ID_SUBMIT_TIME = 0x0039,
    ID_ORIGINAL_SUBJECT = 0x0049,
    ID_ORIGINAL_TO = 0x0074,
    ID_HEADERS = 0x007D,
    ID_SENDER_NAME = 0x0C1A,
    ID_SUPPLEMENTARY = 0x0C1B,
    ID_SENDER_ADDRESS = 0x0C1F,
    ID_TO = 0x0E04,
    ID_DELIVERY_TIME = 0x0E06,
    ID_BODY = 0x1000,
    ID_REPORT_TEXT = 0x1001,
    ID_HTML = 0x1013,
    ID_MESSAGE_ID = 0x1035,
    ID_ORIGINAL_ID = 0x1046,
    ID_NAME = 0x3001,
    ID_ADDRESS = 0x3003,
    ID_DATA = 0x3701,
    ID_FILE_SHORT = 0x3704,
    ID_FILE_LONG = 0x3707,
    ID_MIME_TYPE = 0x370E,
    ID_SMTP_ADDRESS = 0x39FE,
    ID_CODE_PAGE = 0x3FDE,
    ID_SENDER_SMTP = 0x5D01,
    ID_REPORTER = 0x6820
};

/* ---- properties */

static const struct outlook_property *find(const struct outlook_item *i, enum id id, enum type type)
{
    for (size_t n = 0; n < i->count; n++)
        if (i->properties[n].tag == ((uint32_t)id << 16 | (uint32_t)type))
            return &i->properties[n];
    return NULL;
}

static uint64_t number(const struct outlook_item *i, enum id id, enum type type)
{
    const struct outlook_property *p = find(i, id, type);
    uint64_t value = 0;
    for (size_t n = p ? p->value.len : 0; n--;)
        value = n < 8 ? value << 8 | (unsigned char)p->value.at[n] : value;
    return value;
}

static void add_code_page(struct buffer *name, const struct outlook_item *i)
{
    uint64_t page = number(i, ID_CODE_PAGE, TYPE_INTEGER) & 0xFFFFFFFF;
    if (page == 65001 || page == 20127 || !page)
        buffer_add_text(name, page == 65001 ? "utf-8" : "");
    else
        buffer_printf(name, "cp%u", (unsigned)page);
}

/* A text in UTF-8, without what ends it. */
static void add_text(struct buffer *out, const struct outlook_item *i, enum id id)
{
    const struct outlook_property *p = find(i, id, TYPE_TEXT);
    struct buffer page = BUFFER_EMPTY;
    if (p) {
        charset_to_utf8(out, p->value, SPAN("utf-16le"));
    } else if ((p = find(i, id, TYPE_TEXT_8))) {
        add_code_page(&page, i);
        charset_to_utf8(out, p->value, buffer_span(&page));
    }
    buffer_free(&page);
}

static struct buffer text_of(const struct outlook_item *i, enum id id)
{
    struct buffer text = BUFFER_EMPTY;
    add_text(&text, i, id);
    return text;
}

/* The first of two that is there. */
static struct buffer text_of_either(const struct outlook_item *i, enum id id, enum id other)
{
    struct buffer text = text_of(i, id);
    if (!text.len)
        add_text(&text, i, other);
    return text;
}

/* ---- the header */

/* In one line, and nothing when there is nothing. */
static void add_field(struct buffer *out, const char *name, struct span before, struct span value,
                      struct span behind)
{
    if (!span_trim(value).len)
        return;
    buffer_add_text(out, name);
    buffer_add_span(out, before);
    for (size_t i = 0; i < value.len; i++)
        buffer_add_char(out, (unsigned char)value.at[i] < ' ' ? ' ' : value.at[i]);
    buffer_add_span(out, behind);
    buffer_add_char(out, '\n');
}

static void add_plain_field(struct buffer *out, const char *name, const struct outlook_item *i,
                            enum id id)
{
    struct buffer text = text_of(i, id);
    add_field(out, name, SPAN_NONE, buffer_span(&text), SPAN_NONE);
    buffer_free(&text);
}

/* A FILETIME: 100 ns since 1601. */
static bool find_time(const struct outlook_item *i, int64_t *time_ms)
{
    static const enum id ids[] = {ID_DELIVERY_TIME, ID_REPORT_TIME, ID_SUBMIT_TIME};
    for (size_t n = 0; n < sizeof ids / sizeof *ids; n++) {
        uint64_t ticks = number(i, ids[n], TYPE_TIME);
        if (ticks > 116444736000000000 && ticks < 2650467743990000000) { /* 1970 to 9999 */
            *time_ms = (int64_t)((ticks - 116444736000000000) / 10000);
            return true;
        }
    }
    return false;
}

static void make_header(struct buffer *out, const struct outlook_item *i)
{
    struct buffer name = text_of(i, ID_SENDER_NAME);
    struct buffer address = text_of_either(i, ID_SENDER_SMTP, ID_SENDER_ADDRESS);
    int64_t time_ms;
    if (span_find_char(buffer_span(&address), '@') == SPAN_NOT_FOUND)
        buffer_clear(&address); /* of Exchange, "/O=…" */
    if (address.len) {
        buffer_add_text(&name, " <");
        buffer_add_span(&name, buffer_span(&address));
        buffer_add_char(&name, '>');
    }
    add_field(out, "From: ", SPAN_NONE, buffer_span(&name), SPAN_NONE);
    add_plain_field(out, "To: ", i, ID_TO);
    add_plain_field(out, "Subject: ", i, ID_SUBJECT);
    add_plain_field(out, "Message-ID: ", i, ID_MESSAGE_ID);
    if (find_time(i, &time_ms)) {
        buffer_add_text(out, "Date: ");
        date_add(out, time_ms, 0);
        buffer_add_char(out, '\n');
    }
    buffer_free(&name);
    buffer_free(&address);
}

static bool tells_of_content(struct span name)
{
    return span_starts_nocase(name, SPAN("Content-")) ||
           span_equal_nocase(name, SPAN("MIME-Version"));
}

/* The fields that Outlook kept. False: none. */
static bool add_kept_header(struct buffer *out, const struct outlook_item *i)
{
    struct buffer kept = text_of(i, ID_HEADERS);
    struct header_iterator it = header_start(buffer_span(&kept));
    struct header_field f;
    size_t count = 0;
    for (int got; (got = header_next(&it, &f));) {
        if (got < 0) { /* "Microsoft Mail Internet Headers Version 2.0" */
            span_cut(&it.rest, '\n');
        } else if (!tells_of_content(f.name) && f.name.at[0] != '>') { /* no ">From " */
            count++;
            struct span rest = span_skip(f.whole, (size_t)(f.value.at - f.whole.at));
            buffer_add_span(out, f.name);
            buffer_add_char(out, ':');
            while (rest.len) {
                struct span line = span_cut(&rest, '\n');
                line.len -= line.len && line.at[line.len - 1] == '\r';
                buffer_add_span(out, line);
                buffer_add_char(out, '\n');
            }
        }
    }
    buffer_free(&kept);
    return count > 0;
}

/* ---- parts */

struct writing {
    struct buffer *out;
    unsigned depth;
};

static void begin_part(struct writing *w, const char *type)
{
    buffer_printf(w->out, "\n--=_outlook_%u\nContent-Type: %s\n", w->depth, type);
}

static void add_base64(struct writing *w, struct span octets)
{
    struct buffer lines = BUFFER_EMPTY;
    buffer_add_text(w->out, "Content-Transfer-Encoding: base64\n\n");
    base64_lines_add(&lines, octets);
    for (size_t i = 0; i < lines.len; i++)
        if (lines.at[i] != '\r')
            buffer_add_char(w->out, lines.at[i]);
    buffer_free(&lines);
}

static void add_text_part(struct writing *w, const char *type, struct buffer *text)
{
    if (text->len) {
        begin_part(w, type);
        add_base64(w, buffer_span(text));
    }
    buffer_free(text);
}

static void add_html(struct writing *w, const struct outlook_item *i)
{
    const struct outlook_property *p = find(i, ID_HTML, TYPE_BINARY);
    struct buffer text = text_of(i, ID_HTML), type = BUFFER_EMPTY;
    if (p) {
        buffer_add_text(&type, "text/html; charset=");
        add_code_page(&type, i);
        buffer_add_span(&text, p->value);
    } else {
        buffer_add_text(&type, "text/html; charset=utf-8");
    }
    add_text_part(w, buffer_text(&type), &text);
    buffer_free(&type);
}

/* ---- notices */

static const char *action_of(struct span class)
{
    static const struct {
        struct span end;
        const char *action;
    } ends[] = {{SPAN(".NDR"), "failed"},         {SPAN(".Expanded.DR"), "expanded"},
                {SPAN(".Relayed.DR"), "relayed"}, {SPAN(".Delayed.DR"), "delayed"},
                {SPAN(".Delayed"), "delayed"},    {SPAN(".DR"), "delivered"}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (span_starts_nocase(class, SPAN("REPORT.")) && span_ends_nocase(class, ends[i].end))
            return ends[i].action;
    return NULL;
}

static void add_status_of(struct buffer *out, const struct outlook_item *r, const char *action)
{
    struct buffer address = text_of_either(r, ID_SMTP_ADDRESS, ID_ADDRESS);
    if (span_find_char(buffer_span(&address), '@') == SPAN_NOT_FOUND) {
        buffer_clear(&address);
        add_text(&address, r, ID_NAME);
    }
    add_field(out, "\nFinal-Recipient: ", SPAN("rfc822; "), buffer_span(&address), SPAN_NONE);
    if (address.len)
        buffer_printf(out, "Action: %s\n", action);
    struct buffer words = text_of(r, ID_SUPPLEMENTARY);
    if (address.len)
        add_field(out, "Diagnostic-Code: ", SPAN("smtp; "), buffer_span(&words), SPAN_NONE);
    buffer_free(&words);
    buffer_free(&address);
}

static void add_status(struct writing *w, const struct outlook *o, const char *action)
{
    begin_part(w, "message/delivery-status");
    struct buffer reporter = text_of(&o->self, ID_REPORTER);
    buffer_add_char(w->out, '\n');
    add_field(w->out, "Reporting-MTA: ", SPAN("dns; "), buffer_span(&reporter), SPAN_NONE);
    for (size_t i = 0; i < o->recipient_count; i++)
        add_status_of(w->out, &o->recipients[i], action);
    buffer_free(&reporter);
    begin_part(w, "text/rfc822-headers");
    buffer_add_char(w->out, '\n');
    add_plain_field(w->out, "Subject: ", &o->self, ID_ORIGINAL_SUBJECT);
    add_plain_field(w->out, "To: ", &o->self, ID_ORIGINAL_TO);
    add_plain_field(w->out, "Message-ID: ", &o->self, ID_ORIGINAL_ID);
}

/* ---- attachments */

static void add_message(struct writing *w, const struct outlook *o);

static bool is_type(struct span type)
{
    for (size_t i = 0; i < type.len; i++)
        if (!ascii_is_alnum(type.at[i]) && type.at[i] != '/' && type.at[i] != '-' &&
            type.at[i] != '.' && type.at[i] != '+')
            return false;
    return span_find_char(type, '/') != SPAN_NOT_FOUND;
}

static void add_attachment(struct writing *w, const struct outlook_item *i)
{
    const struct outlook_property *data = find(i, ID_DATA, TYPE_BINARY);
    struct buffer name = text_of_either(i, ID_FILE_LONG, ID_FILE_SHORT);
    struct buffer type = text_of(i, ID_MIME_TYPE);
    if (i->message && w->depth < DEEPEST_OUTLOOK) {
        struct writing inner = {w->out, w->depth + 1};
        begin_part(w, "message/rfc822");
        buffer_add_char(w->out, '\n');
        add_message(&inner, i->message);
    } else if (data) {
        bool is_mail = span_ends_nocase(buffer_span(&name), SPAN(".eml"));
        begin_part(w, is_mail                       ? "message/rfc822"
                      : is_type(buffer_span(&type)) ? buffer_text(&type)
                                                    : "application/octet-stream");
        if (name.len) {
            buffer_add_text(w->out, "Content-Disposition: attachment; filename=\"");
            for (size_t n = 0; n < name.len; n++)
                if ((unsigned char)name.at[n] >= ' ' && name.at[n] != '"' && name.at[n] != '\\')
                    buffer_add_char(w->out, name.at[n]);
            buffer_add_text(w->out, "\"\n");
        }
        add_base64(w, data->value);
    }
    buffer_free(&name);
    buffer_free(&type);
}

static void add_message(struct writing *w, const struct outlook *o)
{
    struct buffer class = text_of(&o->self, ID_CLASS);
    struct buffer body = text_of_either(&o->self, ID_BODY, ID_REPORT_TEXT);
    const char *action = action_of(buffer_span(&class));
    if (!add_kept_header(w->out, &o->self))
        make_header(w->out, &o->self);
    buffer_printf(w->out,
                  "MIME-Version: 1.0\nContent-Type: multipart/%s; boundary=\"=_outlook_%u\"\n",
                  action ? "report; report-type=delivery-status" : "mixed", w->depth);
    add_text_part(w, "text/plain; charset=utf-8", &body);
    add_html(w, &o->self);
    if (action)
        add_status(w, o, action);
    for (size_t i = 0; i < o->attachment_count; i++)
        add_attachment(w, &o->attachments[i]);
    buffer_printf(w->out, "\n--=_outlook_%u--\n", w->depth);
    buffer_free(&class);
}

void outlook_add_message(struct buffer *out, const struct outlook *o)
{
    struct writing w = {out, 0};
    add_message(&w, o);
}
