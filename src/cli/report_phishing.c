/* plainpost report-phishing: who can stop it, and how are they told? Nothing is sent before a
 * person has seen to whom, and why. */
#include "abuse/letter.h"
#include "cli/check_dns.h"
#include "cli/commands.h"
#include "cli/handing_in.h"
#include "cli/mail_files.h"
#include "cli/report_text.h"
#include "cli/report_wishes.h"
#include "explain/finding.h"
#include "mail/line_ends.h"
#include "sys/chance.h"
#include "sys/clock.h"
#include "sys/secret.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

enum { KEY_LENGTH = 32, WIDTH = 78 };

struct phish {
    const struct invocation *call;
    struct report_wishes wishes;
    struct buffer message; /* CRLF */
    struct complaint complaint;
    struct contacts contacts;
    struct lookups lookups;
    struct arena arena; /* of complaint and contacts */
    struct arena own;   /* of the rest */
};

/* ---- the message */

static bool read_message(struct phish *p)
{
    struct mail_files *files = mail_files_new(&p->wishes.file, 1);
    struct mail_file m = {.number = 0};
    struct error e = {""};
    int got = mail_files_next(files, &m, &e);
    if (got > 0)
        line_ends_to_crlf(&p->message, buffer_span(&m.message));
    mail_file_free(&m);
    m = (struct mail_file){.number = 0};
    bool are_several = got > 0 && mail_files_next(files, &m, &e) != 0;
    mail_file_free(&m);
    mail_files_free(&files);
    if (got < 0)
        return complain(0, "%s", e.text);
    if (!p->message.len)
        return complain(0, "there is no message in %s", p->wishes.file);
    return !are_several || complain(0,
                                    "%s holds several messages; name a file with the one that is "
                                    "to be reported",
                                    p->wishes.file);
}

/* A true notice is of a server that has done nothing wrong: who complains of it hits the wrong one.
 */
static bool is_true_notice(struct phish *p)
{
    struct finding *f = arena_new(&p->own, sizeof *f);
    const struct evidence nothing = {.me = p->wishes.me, .me_count = p->wishes.me_count};
    finding_read(f, buffer_span(&p->message), &p->own);
    finding_judge(f, &nothing, &p->own);
    return f->notice.kind != NOTICE_NOT_A_BOUNCE && f->verdict.class != VERDICT_PHISHING &&
           f->verdict.class != VERDICT_SPAM_IN_BOUNCE;
}

/* ---- what is found out */

static struct check_dns *dns_of(struct phish *p, struct error *e)
{
    const struct options *o = p->call->options;
    bool is_system = span_equal(p->wishes.dns_server, SPAN("system"));
    const struct dns_settings s = {.servers = is_system ? o->dns : &p->wishes.dns_server,
                                   .server_count = is_system ? o->dns_count : 1,
                                   .anchor = is_system ? o->dns_anchor : SPAN_NONE};
    return check_dns_new(&s, e);
}

static bool find(struct phish *p)
{
    const struct options *o = p->call->options;
    const struct report_wishes *w = &p->wishes;
    const struct complaint_request r = {.message = buffer_span(&p->message),
                                        .ours = {w->ours, w->ours_count, &w->networks, o->hostname},
                                        .me = w->me,
                                        .me_count = w->me_count,
                                        .hostname = o->hostname,
                                        .now = (uint64_t)(clock_now_ms() / 1000),
                                        .asks_dns = w->asks_dns};
    const struct contact_zones zones = {o->reporting.by_address, o->reporting.by_domain};
    return complaint_read(&p->complaint, &r, &p->lookups, &p->arena) &&
           contacts_find(&p->contacts, &p->complaint, w->kind, w->asks_dns ? &zones : NULL,
                         &p->lookups, &p->arena);
}

static bool find_all(struct phish *p)
{
    struct check_dns *dns = NULL;
    struct error e;
    if (p->wishes.asks_dns && !(dns = dns_of(p, &e)))
        return complain(0, "%s", e.text);
    while (!find(p)) {
        check_dns_answer(dns, &p->lookups);
        arena_clear(&p->arena);
    }
    check_dns_free(&dns);
    return true;
}

/* Whom the person names gets it, and nobody else. */
static void take_named(struct phish *p)
{
    const struct report_wishes *w = &p->wishes;
    if (w->to_count)
        p->contacts.count = 0;
    for (size_t i = 0; i < w->to_count && i < CONTACTS_MOST; i++)
        p->contacts.at[p->contacts.count++] =
            (struct contact){w->to[i], SPAN("was named by whoever complains"), SPAN_NONE};
}

/* ---- the letter */

static struct span own_address(struct phish *p)
{
    const struct passwd *account = getpwuid(geteuid());
    struct span hostname = p->call->options->hostname;
    if (p->wishes.from.len)
        return p->wishes.from;
    return account ? arena_printf(&p->own, "%s@%.*s", account->pw_name, SPAN_F(hostname))
                   : arena_printf(&p->own, "postmaster@%.*s", SPAN_F(hostname));
}

/* The server's own, where it may be read, so that the same reader is the same in all reports; else
 * one for this report. */
static struct span redaction_key(struct phish *p)
{
    struct span state = p->call->options->state;
    unsigned char *key = arena_new(&p->own, KEY_LENGTH);
    struct error e;
    const char *path = arena_text(&p->own, arena_printf(&p->own, "%.*s/report-key", SPAN_F(state)));
    bool is_there = access(arena_text(&p->own, state), W_OK) == 0;
    if (!is_there || !secret_of_chance(path, key, KEY_LENGTH, &e))
        secret_bytes(key, KEY_LENGTH);
    return span_make(key, KEY_LENGTH);
}

static bool write_letter(struct phish *p, struct buffer *out, struct error *e)
{
    const struct redaction redaction = {redaction_key(p), p->complaint.readers,
                                        p->complaint.reader_count};
    int64_t now = clock_now_ms();
    const struct letter l = {
        .complaint = &p->complaint,
        .kind = p->wishes.kind,
        .contacts = &p->contacts,
        .from = own_address(p),
        .hostname = p->call->options->hostname,
        .agent = arena_printf(&p->own, "plainpost/%s", p->call->version),
        .now_ms = now,
        .offset_minutes = clock_offset_minutes(now),
        .random = random_number(),
        .header_only = p->wishes.header_only,
        .redaction = p->wishes.shows_addresses ? NULL : &redaction,
    };
    if (p->wishes.as_xarf)
        return letter_write_xarf(out, &l, e);
    letter_write_arf(out, &l);
    return true;
}

/* ---- what is done with it */

static bool person_agrees(void)
{
    char answer[16] = "";
    fputs("Send it? [y/N] ", stderr);
    fflush(stderr);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

/* 0: it is to be sent; else the exit status, and it was said. */
static int ask_person(struct phish *p)
{
    if (p->wishes.is_sure)
        return 0;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return complain(1, "nothing was sent: there is nobody to ask here; say --yes to send it");
    return person_agrees() ? 0 : complain(1, "nothing was sent");
}

static int hand_in(struct phish *p, struct span letter)
{
    struct drop_file f = {.has_sender = true, .reverse_path = own_address(p), .message = letter};
    f.recipients = arena_new(&p->own, p->contacts.count * sizeof *f.recipients);
    for (size_t i = 0; i < p->contacts.count; i++)
        if (!p->contacts.at[i].why_not.len)
            f.recipients[f.recipient_count++].address = p->contacts.at[i].address;
    int status = hand_in_file(p->call->options, &f);
    if (!status)
        printf("\nHanded in for %zu recipient%s, from <%.*s>.\n", f.recipient_count,
               f.recipient_count == 1 ? "" : "s", SPAN_F(f.reverse_path));
    return status ? 1 : 0;
}

static void show(const struct phish *p, FILE *to)
{
    struct buffer out = BUFFER_EMPTY;
    report_text(&out, &p->complaint, &p->contacts, p->wishes.kind, WIDTH);
    fputs(buffer_text(&out), to);
    buffer_free(&out);
}

static int nobody(const struct phish *p)
{
    if (p->wishes.kind == COMPLAINT_AUTH_FAILURE)
        return complain(1, "there is nobody to be told: the domain is not proven to be forged, or "
                           "its DMARC record names nobody for such reports (ruf=)");
    return complain(1, "there is nobody to be told%s; --to ADDRESS names somebody",
                    p->wishes.asks_dns ? "" : " for sure; --dns asks the DNS who could be");
}

static int act(struct phish *p)
{
    struct buffer letter = BUFFER_EMPTY;
    struct error e;
    int status = 0;
    bool is_print = p->wishes.deed == REPORT_PRINT;
    if (!is_print)
        show(p, stdout);
    if (!contacts_chosen(&p->contacts))
        status = nobody(p);
    else if (!write_letter(p, &letter, &e))
        status = complain(1, "%s", e.text);
    else if (is_print)
        fwrite(buffer_text(&letter), 1, letter.len, stdout);
    else if (p->wishes.deed == REPORT_SHOW)
        puts("\nNothing was sent. --print shows the report, --send sends it.");
    else if (!(status = ask_person(p)))
        status = hand_in(p, buffer_span(&letter));
    buffer_free(&letter);
    return status;
}

static int run(struct phish *p)
{
    if (!read_message(p))
        return 1;
    if (!p->wishes.is_genuine_fine && is_true_notice(p))
        return complain(1, "this looks like a true notice of a mail server, and not like a trick: "
                           "\"plainpost explain\" says what it means. --anyway reports it "
                           "nevertheless");
    if (!find_all(p))
        return 1;
    take_named(p);
    return act(p);
}

int report_phishing_main(const struct invocation *i)
{
    struct phish p = {.call = i};
    struct error e;
    int status = report_wishes_parse(&p.wishes, i->argc, i->argv, &p.own, &e)
                     ? run(&p)
                     : complain(2, "%s", e.text);
    buffer_free(&p.message);
    lookups_free(&p.lookups);
    arena_clear(&p.arena);
    arena_clear(&p.own);
    return status;
}
