/* For the operator, in the order of his questions: what is going on, is something wrong here, what
 * can be done about it (with the very records to publish, where the DNS lacks them), and what this
 * server does meanwhile. */
#include "daemon/forged_letter.h"

#include "base/arena.h"
#include "base/visible.h"
#include "bounce/render_wrap.h"
#include "bounce/words.h"
#include "mail/date.h"
#include "mail/encode.h"

enum { WIDTH = 72, MOST_SHOWN = 4000 };

static void add_paragraph(struct buffer *out, struct span text, const char *first,
                          const char *indent)
{
    wrap_add_shown(out, text, MOST_SHOWN,
                   &(struct wrapping){.first = first, .indent = indent, .width = WIDTH});
}

static void add_text(struct buffer *out, struct span text)
{
    add_paragraph(out, text, "", "");
}

/* ---- what came */

static const char *least(unsigned count)
{
    return count >= FORGED_MANY ? "more than " : "at least ";
}

static void tell_what(struct buffer *out, const struct forged_letter *l, struct arena *a)
{
    const struct forged_case *c = &l->what;
    struct buffer since = BUFFER_EMPTY;
    words_add_time(&since, NULL, c->since_ms, l->offset_minutes);
    add_text(out, arena_printf(a,
                               "Somebody sends mail with addresses of %.*s as its sender, and "
                               "other servers return it to this one. It began on %s, or before.",
                               SPAN_F(l->domain), buffer_text(&since)));
    buffer_add_char(out, '\n');
    add_text(out,
             arena_printf(a,
                          "Since then, or since the last letter like this, %llu such notices "
                          "have come, from %s%u servers and for %s%u addresses. %llu of them "
                          "were for addresses that do not exist, and were refused.",
                          (unsigned long long)c->notices, least(c->servers), c->servers,
                          least(c->addresses), c->addresses, (unsigned long long)c->for_nobody));
    if (c->made_up)
        add_text(out,
                 arena_printf(a,
                              "%llu were for addresses in whose name nothing was ever sent from "
                              "here, and that only take mail because an alias takes all of %.*s. "
                              "Without that alias, such notices would be refused.",
                              (unsigned long long)c->made_up, SPAN_F(l->domain)));
    buffer_add_char(out, '\n');
    add_text(out,
             SPAN("Nothing shows that this server or an account was broken into: the mail did not "
                  "leave from here."));
    buffer_free(&since);
}

/* ---- what helps */

/* As it is: it is wanted letter by letter, to be copied. */
static void add_lines(struct buffer *out, struct span text)
{
    while (text.len) {
        buffer_add_text(out, "      ");
        visible_add_field(out, span_cut(&text, '\n'), MOST_SHOWN);
        buffer_add_char(out, '\n');
    }
}

static void tell_finding(struct buffer *out, const struct doctor_finding *f)
{
    struct buffer first = BUFFER_EMPTY;
    buffer_printf(&first, "  %-7s", doctor_topic_name(f->topic));
    add_paragraph(out, f->says, buffer_text(&first), "         ");
    buffer_free(&first);
    if (f->level == DOCTOR_FINE)
        return;
    if (f->todo.len)
        add_paragraph(out, f->todo, "         ", "         ");
    add_lines(out, f->publish);
}

static void tell_what_helps(struct buffer *out, const struct forged_letter *l)
{
    buffer_add_text(out, "\nWhat helps against it\n\n");
    add_text(out,
             SPAN("Other servers refuse forged mail, and return none of it, where the domain says "
                  "how to tell it. What the DNS says now:"));
    buffer_add_char(out, '\n');
    for (size_t i = 0; i < l->report->count; i++)
        tell_finding(out, &l->report->at[i]);
    if (l->is_signed)
        add_paragraph(out, SPAN("This server signs mail of the domain."), "  DKIM   ", "         ");
    else
        add_paragraph(
            out,
            SPAN("This server has no key to sign mail of the domain. To make one, and see "
                 "what to publish:"),
            "  DKIM   ", "         ");
    if (!l->is_signed)
        buffer_printf(out, "      plainpost dkim new %.*s\n", SPAN_F(l->domain));
    buffer_add_char(out, '\n');
    add_text(out, SPAN("All of it, with what is right and wrong besides:"));
    buffer_printf(out, "      plainpost doctor %.*s\n", SPAN_F(l->domain));
}

static void tell_meanwhile(struct buffer *out, const struct forged_letter *l)
{
    buffer_add_text(out, "\nWhat this server does meanwhile\n\n");
    add_text(
        out,
        l->refuses
            ? SPAN("Notices about forged mail for this domain are refused (forged-flood refuse). "
                   "Those about mail that was sent from here still come through.")
            : SPAN("Notices about forged mail are kept out of mailboxes that get many of them, and "
                   "a digest tells their owners (forged-notices). Those about mail that was sent "
                   "from here still come through. To refuse them in place of that, set: "
                   "forged-flood refuse"));
    buffer_add_char(out, '\n');
    add_text(out, SPAN("This letter comes once a day, as long as it lasts (forged-domain)."));
}

/* ---- the letter */

void forged_letter_write(struct buffer *out, const struct forged_letter *l)
{
    struct buffer text = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    tell_what(&text, l, &a);
    tell_what_helps(&text, l);
    tell_meanwhile(&text, l);
    buffer_printf(out,
                  "From: Mail Server <mailer-daemon@%.*s>\r\n"
                  "To: <%.*s>\r\n"
                  "Subject: Somebody forges addresses of %.*s\r\nDate: ",
                  SPAN_F(l->hostname), SPAN_F(l->to), SPAN_F(l->domain));
    date_add(out, l->now_ms, l->offset_minutes);
    buffer_printf(out,
                  "\r\nMessage-ID: <%.*s>\r\n"
                  "Auto-Submitted: auto-generated\r\n"
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: text/plain; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
                  SPAN_F(l->name));
    quoted_printable_add(out, buffer_span(&text));
    buffer_free(&text);
    arena_clear(&a);
}
