/* For the person at the abuse desk, who reads hundreds a day: what it is, what we know for sure and
 * from where, why this desk, what would help. Links are written so that nobody follows one by
 * accident; the part for programs has them as they are. */
#include "abuse/letter_inside.h"

#include "base/inet.h"
#include "base/visible.h"
#include "mail/date.h"

enum { LONGEST_SHOWN = 255, MOST_SHOWN_LINKS = 10 };

static void add_shown(struct buffer *out, struct span s)
{
    visible_add_field(out, s, LONGEST_SHOWN);
}

static void add_what(struct buffer *out, const struct letter *l)
{
    switch (l->kind) {
    case COMPLAINT_FRAUD:
        buffer_add_text(out,
                        "somebody has sent out the message that is attached below. It "
                        "pretends to be\nsomething else than it is, to get at passwords, money "
                        "or data (phishing).\n");
        return;
    case COMPLAINT_ABUSE:
        buffer_add_text(out, "somebody has sent out the message that is attached below to people "
                             "who never\nasked for it.\n");
        return;
    case COMPLAINT_AUTH_FAILURE:
        buffer_add_text(out, "the message that is attached below says that it is from your domain. "
                             "It is not:\nneither SPF nor DKIM says so.\n");
        return;
    }
}

static void add_line(struct buffer *out, const char *name)
{
    buffer_printf(out, "  %-15s ", name);
}

static void add_field(struct buffer *out, const char *name, struct span value)
{
    if (!value.len)
        return;
    add_line(out, name);
    add_shown(out, value);
    buffer_add_char(out, '\n');
}

/* ---- what is known of it */

static void add_client(struct buffer *out, const struct letter *l)
{
    const struct origin *o = &l->complaint->origin;
    if (!o->has_address)
        return;
    add_line(out, "Came from:");
    inet_add(out, o->field.address);
    if (o->field.name.len) {
        buffer_add_text(out, ", in the DNS ");
        add_shown(out, o->field.name);
    }
    if (o->field.helo.len) {
        buffer_add_text(out, ", greeted as ");
        add_shown(out, o->field.helo);
    }
    buffer_add_char(out, '\n');
    add_line(out, "Received by:");
    add_shown(out, o->field.by);
    if (o->field.time_ms) {
        buffer_add_text(out, ", ");
        date_add_words(out, o->field.time_ms, 0);
    }
    buffer_add_char(out, '\n');
}

static void add_signatures(struct buffer *out, const struct letter *l)
{
    const struct message_verdict *v = &l->complaint->verdict;
    for (size_t i = 0; l->complaint->is_checked && i < v->dkim_count; i++)
        if (v->dkim[i].result == DKIM_PASS) {
            add_line(out, "Signed by:");
            add_shown(out, v->dkim[i].domain);
            buffer_add_text(out, ", and the signature holds\n");
        }
}

static void add_known(struct buffer *out, const struct letter *l)
{
    const struct complaint *c = l->complaint;
    add_client(out, l);
    if (c->has_return_path) {
        add_line(out, "Return path:");
        buffer_add_char(out, '<');
        add_shown(out, c->return_path);
        buffer_add_text(out, ">\n");
    }
    add_signatures(out, l);
    add_field(out, "Calls itself:", c->from);
    add_field(out, "Subject:", c->subject);
}

/* ---- where it leads */

/* "hxxps://evil[.]example/login": no program makes a link of it. */
static void add_harmless(struct buffer *out, const struct complaint_link *link)
{
    struct span text = link->link;
    bool has_scheme = span_starts_nocase(text, SPAN("http"));
    size_t at = span_find(text, link->host);
    size_t end = at == SPAN_NOT_FOUND ? text.len : at + link->host.len;
    struct buffer b = BUFFER_EMPTY;
    if (has_scheme)
        buffer_add_text(&b, "hxxp");
    for (size_t i = has_scheme ? 4 : 0; i < text.len; i++) {
        if (text.at[i] == '.' && i < end)
            buffer_add_text(&b, "[.]");
        else
            buffer_add_char(&b, text.at[i]);
    }
    visible_add_field(out, buffer_span(&b), LONGEST_SHOWN);
    buffer_free(&b);
}

static void add_links(struct buffer *out, const struct letter *l)
{
    const struct complaint *c = l->complaint;
    size_t shown = 0;
    for (size_t i = 0; i < c->link_count && shown < MOST_SHOWN_LINKS; i++) {
        if (c->links[i].is_decoration)
            continue;
        add_line(out, shown++ ? "" : "Leads to:");
        add_harmless(out, &c->links[i]);
        buffer_add_char(out, '\n');
    }
}

/* ---- why, and what would help */

static void add_reasons(struct buffer *out, const struct letter *l)
{
    buffer_add_text(out, "\nWhy you get this:\n");
    for (size_t i = 0; i < l->contacts->count; i++) {
        const struct contact *c = &l->contacts->at[i];
        if (!c->why_not.len)
            buffer_printf(out, "  * %.*s %.*s.\n", SPAN_F(c->address), SPAN_F(c->why));
    }
}

static void add_help(struct buffer *out, const struct letter *l)
{
    buffer_add_text(out, "\nWhat would help:\n");
    if (l->kind == COMPLAINT_AUTH_FAILURE) {
        buffer_add_text(out, "  * to know that your domain is forged; a DMARC policy of \"reject\" "
                             "stops it.\n");
        return;
    }
    if (l->complaint->origin.has_address || l->complaint->is_checked)
        buffer_add_text(out, "  * to find the account or the machine that sent it, and to stop "
                             "it.\n");
    if (complaint_first_link(l->complaint))
        buffer_add_text(out, "  * to take down the pages that it leads to, before more people type "
                             "something in\n    there.\n");
}

void letter_text(struct buffer *out, const struct letter *l)
{
    buffer_add_text(out, "Hello,\n\n");
    add_what(out, l);
    buffer_add_char(out, '\n');
    add_known(out, l);
    add_links(out, l);
    add_reasons(out, l);
    add_help(out, l);
    if (l->redaction)
        buffer_add_text(out, "\nWho got it is not shown: what stands before the \"@\" of their "
                             "addresses is replaced,\nalways by the same for the same address "
                             "(RFC 6590).\n");
    buffer_add_text(out, "\nA person sends this, and answers to it reach them.\n");
}
