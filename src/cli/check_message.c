/* plainpost check dmarc, plainpost check message. */
#include "auth/message_check.h"
#include "cli/check.h"
#include "mail/line_ends.h"

#include <stdio.h>

/* What the command line names, read, and checked. */
struct checked {
    struct buffer message;
    struct spf_request spf;
    struct lookups lookups;
    struct arena arena;
    struct message_verdict verdict;
};

static void free_checked(struct checked *m)
{
    buffer_free(&m->message);
    arena_clear(&m->arena);
    lookups_free(&m->lookups);
}

/* The exit status: 0, `*m` has all of it. */
static int check_named(const struct check *c, const char *what, struct checked *m)
{
    *m = (struct checked){.spf = {.sender = check_without_brackets(c->sender),
                                  .helo = c->helo,
                                  .receiver = c->options->hostname,
                                  .now = c->now}};
    bool has_client = c->ip.at;
    if (!c->named.len || has_client != (c->sender.at != NULL) || has_client != (c->helo.at != NULL))
        return complain(2,
                        "use it as: plainpost check %s FILE [--ip IP --sender ADDRESS --helo NAME] "
                        "[--dns ADDRESS:PORT] [--now UNIXTIME]",
                        what);
    if (has_client && !check_take_client(c, m->spf.client))
        return 2;
    if (!check_read_message(c, &m->message))
        return 1;
    const struct message_request r = {
        .spf = has_client ? &m->spf : NULL, .message = buffer_span(&m->message), .now = c->now};
    while (!message_check(&r, &m->lookups, &m->verdict, &m->arena)) {
        check_dns_answer(c->dns, &m->lookups);
        arena_clear(&m->arena);
    }
    return 0;
}

static void print_dmarc(const struct dmarc_verdict *v)
{
    printf("%s\n%.*s\n", dmarc_result_word(v->result), SPAN_F(v->why));
    if (v->place.len)
        printf("The record is that of %.*s; the organization is %.*s.\n", SPAN_F(v->place),
               SPAN_F(v->organization));
    if (v->result == DMARC_FAIL)
        printf("What it wants to become of the message: %s\n", dmarc_policy_word(v->applied));
    if (v->remedy.len)
        printf("%.*s\n", SPAN_F(v->remedy));
}

int check_dmarc(const struct check *c)
{
    struct checked m;
    int status = check_named(c, "dmarc", &m);
    if (!status)
        print_dmarc(&m.verdict.dmarc);
    free_checked(&m);
    return status;
}

int check_message(const struct check *c)
{
    struct checked m;
    int status = check_named(c, "message", &m);
    if (!status) {
        struct buffer field = BUFFER_EMPTY, text = BUFFER_EMPTY;
        struct line_ends ends = {0};
        struct authres r = message_results(&m.verdict, c->options->hostname, &m.arena);
        authres_write(&field, &r);
        line_ends_to_lf(&ends, buffer_span(&field), &text);
        fputs(buffer_text(&text), stdout);
        buffer_free(&field);
        buffer_free(&text);
    }
    free_checked(&m);
    return status;
}
