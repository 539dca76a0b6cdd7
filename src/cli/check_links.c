#include "cli/check.h"
#include "receive/links_said.h"

#include <stdio.h>

/* With what the server would do of itself. */
static void print_what_follows(const struct check *c, const struct link_finding *f, struct arena *a)
{
    struct reply reply = links_refusal(f, c->options->hostname, a);
    switch ((enum check_links)c->options->sending.check_links) {
    case CHECK_LINKS_OFF:
        printf("check-links is off: nothing follows from it.\n");
        break;
    case CHECK_LINKS_NOTE:
        printf("check-links note: the message goes, and this stands in its story.\n");
        break;
    case CHECK_LINKS_REFUSE:
        printf("check-links refuse: the message is refused, with these words:\n%.*s\n",
               SPAN_F(reply.text));
        break;
    case CHECK_LINKS_HOLD:
        printf("check-links hold: the message waits for the operator, and its sender is told.\n");
        break;
    }
}

static void print(const struct check *c, const struct sent_links *seen,
                  const struct sent_links_unknown *unknown, struct arena *a)
{
    struct buffer words = BUFFER_EMPTY;
    printf("%s\n", link_fault_word(seen->found.fault));
    if (seen->found.fault)
        sent_links_add_words(&words, &seen->found);
    else if (seen->count)
        buffer_printf(&words, "no link in it is harmful; of %zu host%s the lists were asked",
                      seen->count, seen->count == 1 ? "" : "s");
    else
        buffer_add_text(&words, "no link in it leads to a host that is not ours, or known");
    printf("%s\n", buffer_text(&words));
    if (seen->found.fault)
        print_what_follows(c, &seen->found, a);
    if (unknown->list.len)
        printf("The list %.*s could not be asked about all: %.*s\n", SPAN_F(unknown->list),
               SPAN_F(unknown->why));
    buffer_free(&words);
}

static void look(const struct check *c, struct span message, const struct directory *d)
{
    struct arena a = ARENA_EMPTY;
    struct lookups lookups = {0};
    const struct sent_links_known known = links_known(d, c->options, &a);
    struct sent_links seen;
    struct sent_links_unknown unknown;
    sent_links_see(message, &known, &seen, &a);
    while (!sent_links_ask(&c->options->sending, &lookups, &seen, &unknown, &a))
        check_dns_answer(c->dns, &lookups);
    print(c, &seen, &unknown, &a);
    lookups_free(&lookups);
    arena_clear(&a);
}

int check_links(const struct check *c)
{
    struct buffer message = BUFFER_EMPTY;
    struct file_marks marks = {0};
    struct error e;
    if (!c->named.len)
        return complain(2, "use it as: plainpost check links FILE [--dns ADDRESS:PORT]");
    struct directory *d = directory_load(c->options, &marks, &e);
    file_marks_free(&marks);
    if (!d)
        return complain(1, "%s", e.text);
    bool ok = check_read_message(c, &message);
    if (ok)
        look(c, buffer_span(&message), d);
    directory_unref(&d);
    buffer_free(&message);
    return ok ? 0 : 1;
}
