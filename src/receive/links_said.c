#include "receive/links_said.h"

#include "base/visible.h"
#include "mail/address.h"
#include "outcome/counts.h"
#include "sys/log.h"
#include "sys/tally.h"

enum { MOST_OWN_DOMAINS = 1000, LONGEST_SEE = 200 };

bool links_are_reported(const struct server_recipient *recipients, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct span local = address_local(recipients[i].address);
        if (!span_equal_nocase(local, SPAN("abuse")) &&
            !span_equal_nocase(local, SPAN("postmaster")))
            return false;
    }
    return true;
}

struct sent_links_known links_known(const struct directory *d, const struct options *o,
                                    struct arena *a)
{
    struct span *own = arena_new(a, MOST_OWN_DOMAINS * sizeof *own);
    size_t count = directory_domains(d, own, MOST_OWN_DOMAINS);
    return (struct sent_links_known){&o->sending, directory_bad_links(d), own, count};
}

void links_note(const struct link_finding *f, struct span account, struct span sender)
{
    struct buffer words = BUFFER_EMPTY;
    sent_links_add_words(&words, f);
    tally_add(COUNT_HARMFUL_LINKS + (unsigned)f->fault - 1, 1);
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "harmful-link");
    log_line_text(line, "account", account);
    log_line_text(line, "from", sender);
    log_line_text(line, "kind", span_of(link_fault_word(f->fault)));
    log_line_text(line, "words", buffer_span(&words));
    log_end();
    buffer_free(&words);
}

void links_note_unknown(const struct sent_links_unknown *u, bool is_told)
{
    tally_add(COUNT_LINKS_UNKNOWN, 1);
    if (!is_told)
        return;
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "links-unknown");
    log_line_text(line, "list", u->list);
    log_line_text(line, "why", u->why);
    log_end();
}

struct reply links_refusal(const struct link_finding *f, struct span hostname, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, "This message was not sent, because of ");
    sent_links_add_words(&text, f);
    buffer_printf(&text,
                  ". Please take the link out, and send the message again; if the link is "
                  "harmless, postmaster@%.*s can help",
                  SPAN_F(hostname));
    if (f->see.len) {
        buffer_add_text(&text, ", or ");
        visible_add(&text, f->see, LONGEST_SEE);
    }
    buffer_add_text(&text, ". If you have not written this message, somebody else may know your "
                           "password: change it now");
    return (struct reply){550, STATUS(5, 7, 1), arena_keep(a, &text)};
}

struct span links_words(const struct link_finding *f, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, "harmful link: ");
    sent_links_add_words(&text, f);
    return arena_keep(a, &text);
}
