#include "cli/report_text.h"

#include "base/inet.h"
#include "base/visible.h"
#include "mail/date.h"

enum { LONGEST_SHOWN = 255, MOST_SHOWN_LINKS = 10, INDENT = 14 };

static void add_shown(struct buffer *out, struct span s)
{
    visible_add_field(out, s, LONGEST_SHOWN);
}

/* Words in lines; the first begins at `column`, the others are indented. */
static void add_words(struct buffer *out, struct span text, size_t column, size_t indent,
                      size_t width)
{
    bool is_start = true;
    for (struct span word = span_word(&text); word.len; word = span_word(&text)) {
        if (!is_start && column + 1 + word.len > width) {
            buffer_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!is_start) {
            buffer_add_char(out, ' ');
            column++;
        }
        buffer_add_span(out, word);
        column += word.len;
        is_start = false;
    }
    buffer_add_char(out, '\n');
}

static void add_name(struct buffer *out, const char *name)
{
    buffer_printf(out, "%-*s", INDENT, name);
}

static void add_line(struct buffer *out, const char *name, struct span value)
{
    if (!value.len)
        return;
    add_name(out, name);
    add_shown(out, value);
    buffer_add_char(out, '\n');
}

/* ---- the message */

static void add_origin(struct buffer *out, const struct origin *o, size_t width)
{
    struct buffer text = BUFFER_EMPTY;
    if (o->has_address) {
        inet_add(&text, o->field.address);
        if (o->field.name.len) {
            buffer_add_text(&text, " (");
            add_shown(&text, o->field.name);
            buffer_add_char(&text, ')');
        }
        buffer_add_text(&text, ", as ");
        add_shown(&text, o->field.by);
        buffer_add_text(&text, " has recorded");
        if (o->field.time_ms) {
            buffer_add_text(&text, " on ");
            date_add_words(&text, o->field.time_ms, 0);
        }
        buffer_add_text(&text, o->trust == ORIGIN_ASSUMED
                                   ? ". We take that for the server of your mailbox, because it "
                                     "wrote the topmost Received field; if it is not, name "
                                     "yours: --ours HOST."
                                   : ".");
    } else if (o->trust == ORIGIN_UNKNOWN) {
        buffer_add_text(&text, "not known: no Received field is of a server that we could believe. "
                               "--ours HOST names yours.");
    } else {
        buffer_add_text(&text, "our own side: ");
        add_shown(&text, o->field.by);
        buffer_add_text(&text, " got it from a machine inside.");
    }
    add_name(out, "Came from");
    add_words(out, buffer_span(&text), INDENT, INDENT, width);
    buffer_free(&text);
}

static void add_proof(struct buffer *out, const struct complaint *c, size_t width)
{
    struct buffer text = BUFFER_EMPTY;
    size_t signers = 0;
    add_name(out, "Proven");
    for (size_t i = 0; c->is_checked && i < c->verdict.dkim_count; i++)
        if (c->verdict.dkim[i].result == DKIM_PASS) {
            buffer_add_text(&text, signers++ ? ", " : "signed by ");
            add_shown(&text, c->verdict.dkim[i].domain);
        }
    if (!c->is_checked)
        buffer_add_text(&text, "nothing: the DNS was not asked who signed it, and who runs the "
                               "networks. --dns asks it.");
    else if (!signers)
        buffer_add_text(&text, "nothing: no DKIM signature holds");
    if (c->is_checked)
        buffer_printf(&text, "; DMARC: %s.", dmarc_result_word(c->verdict.dmarc.result));
    add_words(out, buffer_span(&text), INDENT, INDENT, width);
    buffer_free(&text);
}

static void add_links(struct buffer *out, const struct complaint *c)
{
    size_t shown = 0;
    for (size_t i = 0; i < c->link_count && shown < MOST_SHOWN_LINKS; i++) {
        if (c->links[i].is_decoration)
            continue;
        add_name(out, shown++ ? "" : "Leads to");
        add_shown(out, c->links[i].host);
        buffer_add_char(out, '\n');
    }
}

/* ---- who is told */

static void add_contacts(struct buffer *out, const struct contacts *found, bool is_told,
                         size_t width)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct contact *c = &found->at[i];
        struct buffer text = BUFFER_EMPTY;
        if (is_told != !c->why_not.len)
            continue;
        buffer_printf(out, "  %.*s\n      ", SPAN_F(c->address));
        buffer_printf(&text, "%.*s", SPAN_F(c->why));
        if (c->why_not.len)
            buffer_printf(&text, "; but %.*s", SPAN_F(c->why_not));
        buffer_add_char(&text, '.');
        add_words(out, buffer_span(&text), 6, 6, width);
        buffer_free(&text);
    }
}

static void add_hint(struct buffer *out, const struct complaint *c, enum complaint_kind kind,
                     size_t width)
{
    const struct dmarc_verdict *v = &c->verdict.dmarc;
    struct buffer text = BUFFER_EMPTY;
    if (kind == COMPLAINT_AUTH_FAILURE || !c->is_checked || v->result != DMARC_FAIL ||
        !v->record.failure_reports.len)
        return;
    add_shown(&text, v->author);
    buffer_add_text(&text, " is forged, and its owner wants to hear of that: --as auth-failure "
                           "writes that report.");
    buffer_add_char(out, '\n');
    add_words(out, buffer_span(&text), 0, 0, width);
    buffer_free(&text);
}

void report_text(struct buffer *out, const struct complaint *c, const struct contacts *found,
                 enum complaint_kind kind, size_t width)
{
    size_t told = contacts_chosen(found);
    add_line(out, "Subject", c->subject);
    add_line(out, "Calls itself", c->from);
    add_origin(out, &c->origin, width);
    add_proof(out, c, width);
    add_links(out, c);
    if (told) {
        buffer_add_text(out, "\nTo be told:\n");
        add_contacts(out, found, true, width);
    }
    if (told < found->count) {
        buffer_add_text(out, "\nNot told:\n");
        add_contacts(out, found, false, width);
    }
    add_hint(out, c, kind, width);
}
