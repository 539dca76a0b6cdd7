#include "entry/words.h"

#include "base/inet.h"

enum { MOST_SHOWN = 3, LONGEST_QUOTED = 200, LONGEST_NAME = 100 };

/* ---- pieces */

/* From outside, so that it can stand in a reply: printable ASCII. */
static void add_ascii(struct buffer *out, struct span text, size_t longest)
{
    bool is_cut = text.len > longest;
    text = span_first(text, longest);
    for (size_t i = 0; i < text.len; i++)
        buffer_add_char(out, text.at[i] >= ' ' && text.at[i] < 0x7F ? text.at[i] : '?');
    if (is_cut)
        buffer_add_text(out, "...");
}

static void add_name(struct buffer *out, struct span name)
{
    add_ascii(out, name, LONGEST_NAME);
}

static void add_said(struct buffer *out, const struct entry_finding *f, const char *what)
{
    buffer_add_text(out, "it calls itself \"");
    add_name(out, f->about);
    buffer_printf(out, "\" (EHLO), which %s", what);
}

static void add_listed(struct buffer *out, const struct entry_finding *f)
{
    add_name(out, f->about);
    buffer_printf(out, " is on the list %.*s", SPAN_F(f->list->name));
    if (f->said.len) {
        buffer_add_text(out, ", which says: ");
        add_ascii(out, f->said, LONGEST_QUOTED);
    }
}

void entry_finding_words(struct buffer *out, const struct entry_client *c,
                         const struct entry_finding *f)
{
    switch (f->fact) {
    case ENTRY_LISTED:
        add_listed(out, f);
        break;
    case ENTRY_NO_NAME:
        inet_add(out, c->address);
        buffer_add_text(out, " has no name in the reverse DNS (no PTR record)");
        break;
    case ENTRY_UNCONFIRMED:
        buffer_add_text(out, "the reverse DNS calls ");
        inet_add(out, c->address);
        buffer_add_char(out, ' ');
        add_name(out, f->about);
        buffer_add_text(out, ", and that name does not lead back to it");
        break;
    case ENTRY_GENERIC:
        buffer_add_text(out, "the name of ");
        inet_add(out, c->address);
        buffer_add_text(out, " in the reverse DNS, ");
        add_name(out, f->about);
        buffer_add_text(out, ", is one that a provider gives to any customer");
        break;
    case ENTRY_HELLO_MALFORMED:
        add_said(out, f, "is no whole host name");
        break;
    case ENTRY_HELLO_UNKNOWN:
        add_said(out, f, "is not in the DNS");
        break;
    case ENTRY_HELLO_OURS:
        add_said(out, f, "is the name of the server that it talks to");
        break;
    case ENTRY_HELLO_OTHER_ADDRESS:
        add_said(out, f, "is not its address");
        break;
    }
}

static void add_unlisting(struct buffer *out, const struct entry_finding *f)
{
    buffer_add_text(out, "have ");
    add_name(out, f->about);
    buffer_printf(out, " taken off the list %.*s", SPAN_F(f->list->name));
    if (f->list->see.len)
        buffer_printf(out, ": %.*s", SPAN_F(f->list->see));
}

void entry_finding_remedy(struct buffer *out, const struct entry_client *c,
                          const struct entry_finding *f)
{
    if (f->points <= 0)
        return;
    switch (f->fact) {
    case ENTRY_LISTED:
        add_unlisting(out, f);
        break;
    case ENTRY_NO_NAME:
        buffer_add_text(out, "ask whoever gave you the address ");
        inet_add(out, c->address);
        buffer_add_text(out, " to enter the name of the server for it (PTR)");
        break;
    case ENTRY_UNCONFIRMED:
        buffer_printf(out, "give that name the address (%s record), or have the name changed (PTR)",
                      inet_is_v4(c->address) ? "A" : "AAAA");
        break;
    case ENTRY_GENERIC:
        buffer_add_text(out, "have the server's own name entered there (PTR), or send through the "
                             "mail server of your provider");
        break;
    case ENTRY_HELLO_MALFORMED:
        buffer_add_text(out, "let the server say its whole name, such as mail.example.org");
        break;
    case ENTRY_HELLO_UNKNOWN:
        buffer_add_text(out, "enter that name in the DNS, or let the server say one that is there");
        break;
    case ENTRY_HELLO_OURS:
    case ENTRY_HELLO_OTHER_ADDRESS:
        buffer_add_text(out, "let the server say its own name");
        break;
    }
}

/* ---- replies */

static void add_line(struct buffer *out, struct buffer *words)
{
    if (words->len)
        buffer_printf(out, "\n%s.", buffer_text(words));
    buffer_clear(words);
}

static void add_findings(struct buffer *out, const struct entry_client *c,
                         const struct entry_score *s)
{
    struct buffer words = BUFFER_EMPTY;
    for (size_t i = 0; i < s->count && i < MOST_SHOWN && s->findings[i].points > 0; i++) {
        entry_finding_words(&words, c, &s->findings[i]);
        add_line(out, &words);
    }
    buffer_free(&words);
}

static void add_remedies(struct buffer *out, const struct entry_client *c,
                         const struct entry_score *s)
{
    struct buffer words = BUFFER_EMPTY;
    for (size_t i = 0; i < s->count && i < MOST_SHOWN && s->findings[i].points > 0; i++) {
        buffer_add_text(&words, words.len ? "; " : i ? "Also: " : "Whoever runs it can help: ");
        entry_finding_remedy(&words, c, &s->findings[i]);
        if (words.len > LONGEST_QUOTED)
            add_line(out, &words);
    }
    add_line(out, &words);
    buffer_free(&words);
}

static bool is_about_reverse_name(const struct entry_score *s)
{
    return s->count &&
           (s->findings[0].fact == ENTRY_NO_NAME || s->findings[0].fact == ENTRY_UNCONFIRMED);
}

struct reply entry_refusal(const struct entry_client *c, const struct entry_score *s,
                           struct span recipient, struct span hostname, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    buffer_printf(&out, "<%.*s>: mail from ", SPAN_F(recipient));
    inet_add(&out, c->address);
    buffer_add_text(&out, " is not taken here, because of what is known of that server:");
    add_findings(&out, c, s);
    add_remedies(&out, c, s);
    buffer_printf(&out,
                  "\nIf you think that this is wrong, write to postmaster@%.*s, who gets mail from "
                  "everybody.",
                  SPAN_F(hostname));
    return (struct reply){550, STATUS(5, 7, is_about_reverse_name(s) ? 25 : 1),
                          arena_keep(a, &out)};
}

/* Rounded up: "35 seconds", "5 minutes" */
static void add_time(struct buffer *out, int64_t ms)
{
    bool is_long = ms > 2 * 60000;
    long long count = (ms + (is_long ? 59999 : 999)) / (is_long ? 60000 : 1000);
    buffer_printf(out, "%lld %s%s", count, is_long ? "minute" : "second", count == 1 ? "" : "s");
}

struct reply entry_wait(const struct entry_client *c, const struct entry_score *s,
                        struct span recipient, int64_t wait_ms, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    buffer_printf(&out, "<%.*s>: greylisted: ", SPAN_F(recipient));
    inet_add(&out, c->address);
    buffer_add_text(&out, " is not known here yet, and is asked to try again in ");
    add_time(&out, wait_ms);
    buffer_add_text(&out, " or later, as mail servers do by themselves. It is asked because:");
    add_findings(&out, c, s);
    return (struct reply){451, STATUS(4, 7, 1), arena_keep(a, &out)};
}
