#include "receive/drop_file.h"

#include "base/visible.h"
#include "mail/address.h"

#include <string.h>

static const struct span first_line = SPAN("plainpost-drop 1");

/* What the transport needs (BODY, SMTPUTF8) is found out from the message and the addresses. */
static const struct parameter_offer offer = {.dsn = true};

struct parsing {
    struct drop_file *file;
    struct arena *arena;
    size_t room;
    size_t line;
    struct error *error;
};

static bool fail(const struct parsing *p, const char *words, struct span text)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, text, 100);
    error_set(p->error, "line %zu: %s%s%s", p->line, words, text.len ? ": " : "",
              buffer_text(&shown));
    buffer_free(&shown);
    return false;
}

static bool take_sender(struct parsing *p, struct span rest)
{
    struct drop_file *f = p->file;
    struct reply problem;
    if (f->has_sender || f->recipient_count)
        return fail(p, "the sender must be given once, before the recipients", SPAN_NONE);
    if (address_parse_path(&rest, true, &f->reverse_path) != ADDRESS_OK)
        return fail(p, "this is no sender", rest);
    if (!mail_parameters_parse(rest, &offer, &f->parameters, &problem))
        return fail(p, "a parameter of the sender", problem.text);
    f->has_sender = true;
    return true;
}

static struct server_recipient *new_recipient(struct parsing *p)
{
    struct drop_file *f = p->file;
    if (f->recipient_count == p->room) {
        struct server_recipient *before = f->recipients;
        p->room = p->room ? p->room * 2 : 4;
        f->recipients = arena_new(p->arena, p->room * sizeof *f->recipients);
        if (before)
            memcpy(f->recipients, before, f->recipient_count * sizeof *before);
    }
    return &f->recipients[f->recipient_count++];
}

static bool take_recipient(struct parsing *p, struct span rest)
{
    struct server_recipient *r = new_recipient(p);
    struct reply problem;
    if (address_parse_path(&rest, true, &r->address) != ADDRESS_OK || !r->address.len)
        return fail(p, "this is no recipient", rest);
    return rcpt_parameters_parse(rest, &offer, &r->parameters, &problem) ||
           fail(p, "a parameter of a recipient", problem.text);
}

static bool take_message(struct parsing *p, struct span value, struct span rest)
{
    uint64_t size;
    if (!p->file->recipient_count)
        return fail(p, "there is no recipient before the message", SPAN_NONE);
    if (!span_to_u64(value, UINT64_MAX, &size))
        return fail(p, "this is no size of a message", value);
    if (size != rest.len)
        return fail(p, "the message is not as long as it says", value);
    p->file->message = rest;
    return true;
}

bool drop_file_parse(struct drop_file *f, struct span text, struct arena *a, struct error *e)
{
    struct parsing p = {.file = f, .arena = a, .line = 1, .error = e};
    *f = (struct drop_file){.reverse_path = SPAN_NONE};
    struct span line = span_cut(&text, '\n');
    if (!span_equal(line, first_line))
        return fail(&p, "a file that is handed in begins with \"plainpost-drop 1\", this one with",
                    line.len ? line : SPAN("nothing"));
    while (text.len) {
        bool ok;
        p.line++;
        line = span_cut(&text, '\n');
        struct span value = line;
        struct span key = span_cut(&value, ' ');
        if (span_equal(key, SPAN("message")))
            return take_message(&p, value, text);
        if (span_equal(key, SPAN("from")))
            ok = take_sender(&p, value);
        else if (span_equal(key, SPAN("to")))
            ok = take_recipient(&p, value);
        else
            ok = fail(&p, "from, to or message is wanted, not", key);
        if (!ok)
            return false;
    }
    return fail(&p, "there is no message", SPAN_NONE);
}

/* ---- writing */

static void add_notify(struct buffer *out, unsigned notify)
{
    static const char *const words[] = {"SUCCESS", "FAILURE", "DELAY", "NEVER"};
    const char *before = " NOTIFY=";
    for (size_t i = 0; i < 4; i++)
        if (notify & 1u << i) {
            buffer_printf(out, "%s%s", before, words[i]);
            before = ",";
        }
}

void drop_file_head(struct buffer *head, const struct drop_file *f)
{
    buffer_printf(head, "%.*s\n", SPAN_F(first_line));
    if (f->has_sender) {
        const struct mail_parameters *p = &f->parameters;
        buffer_printf(head, "from <%.*s>", SPAN_F(f->reverse_path));
        if (p->ret != RET_UNSTATED)
            buffer_add_text(head, p->ret == RET_FULL ? " RET=FULL" : " RET=HDRS");
        if (p->envid.len)
            buffer_printf(head, " ENVID=%.*s", SPAN_F(p->envid));
        buffer_add_char(head, '\n');
    }
    for (size_t i = 0; i < f->recipient_count; i++) {
        const struct server_recipient *r = &f->recipients[i];
        buffer_printf(head, "to <%.*s>", SPAN_F(r->address));
        add_notify(head, r->parameters.notify);
        if (r->parameters.orcpt.len)
            buffer_printf(head, " ORCPT=%.*s", SPAN_F(r->parameters.orcpt));
        buffer_add_char(head, '\n');
    }
    buffer_printf(head, "message %zu\n", f->message.len);
}
