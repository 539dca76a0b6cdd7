/* Hands in through the drop folder and nothing else, whether the server runs or not: so a message
 * is as safe as the disk when we exit with 0, and this program needs no right that its user lacks.
 */
#include "cli/sendmail_flags.h"

#include "cli/commands.h"
#include "cli/handing_in.h"
#include "cli/smtp_pipe.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/submission.h"
#include "receive/verdict.h"
#include "sys/chance.h"
#include "sys/clock.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>


enum { READ_AT_ONCE = 64 * 1024 };

/* One call of the program. */
struct call {
    const struct options *options;
    struct sendmail_flags flags;
    struct arena arena;
    struct submission_recipients recipients;
    struct submitter submitter;
    struct span sender; /* reverse-path */
    bool has_sender;    /* else the server knows it from the owner of the file */
};

/* ---- names and configuration */

bool sendmail_is_name(const char *argv0)
{
    const char *slash = strrchr(argv0, '/');
    const char *name = slash ? slash + 1 : argv0;
    return strcmp(name, "sendmail") == 0 || strcmp(name, "mailq") == 0 ||
           strcmp(name, "newaliases") == 0;
}

const char *sendmail_configuration(int argc, char **argv)
{
    struct sendmail_flags flags;
    struct arena a = ARENA_EMPTY;
    struct error e; /* sendmail_main is going to tell it */
    bool ok = sendmail_flags_parse(&flags, argc, argv, &a, &e);
    const char *given = ok ? flags.configuration : NULL;
    arena_clear(&a);
    return given ? given : standard_configuration();
}

/* ---- who sends */

/* "&" in the first part of the entry stands for the name of the account, with a capital. */
static struct span full_name(const struct passwd *account, struct arena *a)
{
    struct buffer name = BUFFER_EMPTY;
    struct span rest = span_of(account->pw_gecos);
    struct span first = span_cut(&rest, ',');
    for (size_t i = 0; i < first.len; i++) {
        size_t before = name.len;
        if (first.at[i] != '&') {
            buffer_add_char(&name, first.at[i]);
            continue;
        }
        buffer_add_text(&name, account->pw_name);
        if (name.at[before] >= 'a' && name.at[before] <= 'z')
            name.at[before] = (char)(name.at[before] - 'a' + 'A');
    }
    struct span kept = arena_copy(a, buffer_span(&name));
    buffer_free(&name);
    return kept;
}

/* -f: an address, or nothing for the null reverse-path. */
static bool take_sender(struct call *c, struct error *e)
{
    struct span text = span_trim(span_of(c->flags.sender));
    struct submission_recipients one = {.hostname = c->options->hostname, .most = 1};
    struct error why;
    c->has_sender = true;
    c->sender = SPAN_NONE;
    if (!text.len || span_equal(text, SPAN("<>")))
        return true;
    if (!submission_add_list(&one, text, &c->arena, &why) || !one.count)
        return error_set(e, "-f takes one address, or <>; \"%.100s\" is not", c->flags.sender);
    c->sender = c->submitter.address = one.addresses[0];
    c->submitter.name = SPAN_NONE;
    return true;
}

static int find_sender(struct call *c)
{
    struct span hostname = c->options->hostname;
    int64_t now = clock_now_ms();
    struct error e;
    errno = 0;
    const struct passwd *account = getpwuid(geteuid());
    if (!account)
        return complain(EX_OSERR, "the user with the uid %u has no account on this machine",
                        (unsigned)geteuid());
    c->submitter = (struct submitter){
        .hostname = hostname,
        .address = arena_printf(&c->arena, "%s@%.*s", account->pw_name, SPAN_F(hostname)),
        .name = full_name(account, &c->arena),
        .now_ms = now,
        .offset_minutes = clock_offset_minutes(now),
        .random = random_number(),
    };
    c->sender = c->submitter.address;
    if (c->flags.sender && !take_sender(c, &e))
        return complain(EX_USAGE, "%s", e.text);
    if (c->flags.name)
        c->submitter.name = span_of(c->flags.name);
    return EX_OK;
}

/* ---- the message */

/* Up to the end, or to a line with a dot alone. */
static int read_message(const struct call *c, struct buffer *text)
{
    uint64_t most = c->options->max_message_size;
    size_t seen = 0, end = SPAN_NOT_FOUND;
    bool is_all = false;
    while (!is_all && end == SPAN_NOT_FOUND) {
        char *room = buffer_reserve(text, READ_AT_ONCE);
        ssize_t n = read(STDIN_FILENO, room, READ_AT_ONCE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return complain(EX_IOERR, "cannot read the message: %s", strerror(errno));
        text->len += (size_t)n;
        text->at[text->len] = '\0';
        is_all = n == 0;
        if (!c->flags.goes_to_the_end)
            end = submission_end(buffer_span(text), seen, is_all);
        seen = text->len;
        if (text->len > most)
            return complain(EX_DATAERR,
                            "this message is too large: at most %llu bytes are taken "
                            "(max-message-size)",
                            (unsigned long long)most);
    }
    if (end != SPAN_NOT_FOUND)
        text->len = end;
    return EX_OK;
}

/* What the server would have to return is better told at once. */
static int check_message(const struct call *c, struct span message)
{
    const struct options *o = c->options;
    if (message.len > o->max_message_size)
        return complain(EX_DATAERR,
                        "this message is too large: at most %llu bytes are taken "
                        "(max-message-size)",
                        (unsigned long long)o->max_message_size);
    if (header_length(message) > o->max_header_size)
        return complain(EX_DATAERR,
                        "the header of this message is too large: at most %llu bytes are taken "
                        "(max-header-size)",
                        (unsigned long long)o->max_header_size);
    if (header_count(message, "Received") > o->max_hops)
        return complain(EX_UNAVAILABLE,
                        "this message has passed through more than %llu servers; it probably runs "
                        "in a circle (max-hops)",
                        (unsigned long long)o->max_hops);
    return EX_OK;
}

/* From standard input to what is to be sent; adds the recipients of its header with -t. */
static int take_message(struct call *c, struct buffer *message)
{
    struct buffer text = BUFFER_EMPTY, normal = BUFFER_EMPTY;
    bool is_by_header = c->flags.has_header_recipients;
    struct error e;
    int status = read_message(c, &text);
    submission_normal(&normal, buffer_span(&text));
    buffer_free(&text);
    if (!status && is_by_header &&
        !submission_add_header(&c->recipients, buffer_span(&normal), &c->arena, &e))
        status = complain(EX_DATAERR, "%s", e.text);
    if (!status && !c->recipients.count)
        status = complain(EX_DATAERR, "this message names no recipients");
    if (!status) {
        submission_complete(message, buffer_span(&normal), is_by_header, &c->submitter);
        status = check_message(c, buffer_span(message));
    }
    buffer_free(&normal);
    return status;
}

/* ---- handing in */

static int hand_in(struct call *c, struct span message)
{
    struct drop_file f = {.has_sender = c->has_sender || c->flags.mail.ret != RET_UNSTATED ||
                                        c->flags.mail.envid.len,
                          .reverse_path = c->sender,
                          .parameters = c->flags.mail,
                          .recipient_count = c->recipients.count,
                          .message = message};
    f.recipients = arena_new(&c->arena, f.recipient_count * sizeof *f.recipients);
    for (size_t i = 0; i < f.recipient_count; i++)
        f.recipients[i] = (struct server_recipient){c->recipients.addresses[i], c->flags.recipient};
    int status = hand_in_file(c->options, &f);
    if (!status && c->flags.is_verbose)
        printf("Handed in for %zu recipient%s, from <%.*s>.\n", f.recipient_count,
               f.recipient_count == 1 ? "" : "s", SPAN_F(c->sender));
    return status;
}

static int take_arguments(struct call *c)
{
    struct error e;
    for (int n = 0; n < c->flags.recipient_count; n++)
        if (!submission_add_list(&c->recipients, span_of(c->flags.recipients[n]), &c->arena, &e))
            return complain(EX_DATAERR, "%s", e.text);
    if (!c->recipients.count && !c->flags.has_header_recipients)
        return complain(EX_USAGE, "recipients are wanted as arguments, or -t to take those that "
                                  "the message names; see plainpost-sendmail(1)");
    return EX_OK;
}

static int send_message(struct call *c)
{
    struct buffer message = BUFFER_EMPTY;
    int status = find_sender(c);
    if (!status)
        status = take_arguments(c);
    if (!status)
        status = take_message(c, &message);
    if (!status)
        status = hand_in(c, buffer_span(&message));
    buffer_free(&message);
    return status;
}

/* ---- what else is asked of sendmail */

static bool verify_one(struct call *c, const struct directory *d, struct span address)
{
    struct reply reply = verdict_recipient(d, c->options, true, c->sender, address, &c->arena);
    bool is_fine = reply_is_positive(reply);
    if (is_fine)
        printf("%.*s is deliverable\n", SPAN_F(address));
    else
        printf("%.*s\n", SPAN_F(reply.text));
    return is_fine;
}

static int verify(struct call *c)
{
    struct error e;
    int status = find_sender(c);
    c->flags.has_header_recipients = false;
    if (!status)
        status = take_arguments(c);
    if (status)
        return status;
    struct file_marks tables = {0};
    struct directory *d = directory_load(c->options, &tables, &e);
    file_marks_free(&tables);
    if (!d)
        return complain(EX_UNAVAILABLE, "%s", e.text);
    for (size_t n = 0; n < c->recipients.count; n++)
        if (!verify_one(c, d, c->recipients.addresses[n]))
            status = EX_NOUSER;
    directory_unref(&d);
    return status;
}

static int ask_queue(const struct call *c, int argc, char **argv)
{
    const struct invocation queue = {.options = c->options, .argc = argc, .argv = argv};
    return queue_main(&queue) ? EX_UNAVAILABLE : EX_OK;
}

static int run(struct call *c)
{
    static char queue[] = "queue", list[] = "ls", retry[] = "retry", all[] = "--all",
                yes[] = "--yes";
    switch (c->flags.mode) {
    case SENDMAIL_SEND:
        return send_message(c);
    case SENDMAIL_SMTP:
        return smtp_pipe(c->options);
    case SENDMAIL_QUEUE:
        return ask_queue(c, 2, (char *[]){queue, list});
    case SENDMAIL_VERIFY:
        return verify(c);
    case SENDMAIL_ALIASES:
        puts(
            "There is nothing to do: plainpost reads its tables again by itself when they change.");
        return EX_OK;
    case SENDMAIL_RETRY:
        return ask_queue(c, 4, (char *[]){queue, retry, all, yes});
    }
    return EX_SOFTWARE;
}

int sendmail_main(const struct invocation *i)
{
    struct call c = {.options = i->options,
                     .recipients = {.hostname = i->options->hostname,
                                    .most = (size_t)i->options->max_recipients}};
    struct error e;
    int status = sendmail_flags_parse(&c.flags, i->argc, i->argv, &c.arena, &e)
                     ? run(&c)
                     : complain(EX_USAGE, "%s", e.text);
    arena_clear(&c.arena);
    return status;
}
