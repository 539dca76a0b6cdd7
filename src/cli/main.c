#include "cli/commands.h"

#include "acme/challenge.h"
#include "daemon/configuration.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct command {
    const char *name;
    int (*run)(const struct invocation *i);
    const char *summary;
} commands[] = {
    {"serve", serve_main, "run the mail server in the foreground"},
    {"reload", reload_main, "have the running server read its configuration again"},
    {"explain", explain_main, "say what a notice of failed mail means, and what to do"},
    {"triage", triage_main, "sort out a mailbox of such notices: whose they are, what to do"},
    {"report-phishing", report_phishing_main,
     "report a phish to those who can stop it, and show first who they are"},
    {"fake-bounce", fake_bounce_main, "write a notice as another mail system does, for tests"},
    {"bounce-text", bounce_text_main, "show what people read in the notices of this server"},
    {"trace", trace_main, "tell what became of a message: by queue id, Message-ID or address"},
    {"sent", sent_main, "tell whether a message was sent from here, by whom and to how many"},
    {"audit", audit_main, "recount all mail from the records: does everything add up?"},
    {"test-address", test_address_main,
     "tell what becomes of mail to an address, without sending any"},
    {"test-client", test_client_main, "tell whether a client would be let in, and why"},
    {"check", check_main, "find out by hand who is behind a message: SPF, DKIM, DMARC, ARC"},
    {"seal", seal_main, "add to a message, by hand, what we found out about it: ARC"},
    {"doctor", doctor_main, "look at a domain as others see it, and say what to write into DNS"},
    {"dkim", dkim_main, "make, show and check the keys by which mail is signed"},
    {"dmarc-report", dmarc_report_main,
     "sum up DMARC reports: who sends in the name of a domain, and what to change"},
    {"queue", queue_main, "look at what waits; hold, retry, return, remove, redirect, suspend"},
    {"account", account_main, "see and decide about accounts that send unlike themselves"},
    {"suppress", suppress_main, "see or change which addresses get no mail"},
    {"certificate", certificate_main, "see the certificates of this server, and renew them"},
    {"user", user_main, "give and take logins, with their passwords and senders"},
    {"guard", guard_main, "see what the guard over accounts would have held, from a log"},
    {"top", top_main, "see how things are: flow, destinations, causes, the oldest"},
    {"watch", watch_main, "see stories as they happen"},
    {"config", config_main, "check or show the configuration"},
    {"import", import_main, "take over the configuration of another mail server: Postfix"},
    {"sendmail", sendmail_main, "hand in a message; also as sendmail, mailq and newaliases"},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static int usage(FILE *to, int status)
{
    fputs("usage: plainpost [-c FILE] COMMAND [ARGUMENT...]\n\n", to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-15s %s\n", commands[i].name, commands[i].summary);
    fputs("\n  -c FILE  read the configuration from FILE; without it plainpost runs for a "
          "developer:\n"
          "           on loopback, with its state under ./var\n"
          "\nEvery command has a manual page, plainpost-COMMAND(1).\n",
          to);
    return status;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int help(const struct command *c)
{
    printf("plainpost %s: %s\n\nIts options and examples: man plainpost-%s\n", c->name, c->summary,
           c->name);
    return 0;
}

/* How many letters one has to change, add, take away, or swap with their neighbour. */
static size_t distance(const char *one, const char *other)
{
    enum { LONGEST = 16 };
    size_t rows[LONGEST + 1][LONGEST + 1], n = strlen(one), m = strlen(other);
    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    for (size_t i = 0; i <= n; i++)
        for (size_t k = 0; k <= m; k++) {
            size_t least = i && k ? rows[i - 1][k - 1] + (one[i - 1] != other[k - 1]) : i + k;
            if (i && rows[i - 1][k] + 1 < least)
                least = rows[i - 1][k] + 1;
            if (k && rows[i][k - 1] + 1 < least)
                least = rows[i][k - 1] + 1;
            if (i > 1 && k > 1 && one[i - 1] == other[k - 2] && one[i - 2] == other[k - 1] &&
                rows[i - 2][k - 2] + 1 < least)
                least = rows[i - 2][k - 2] + 1;
            rows[i][k] = least;
        }
    return rows[n][m];
}

static int complain_unknown(const char *word)
{
    enum { LIKELY = 2 };
    const struct command *nearest = &commands[0];
    if (word[0] == '-')
        return complain(2,
                        "there is no option \"%s\" before the command; \"plainpost --help\" lists "
                        "what there is",
                        word);
    for (size_t i = 1; i < COMMAND_COUNT; i++)
        if (distance(word, commands[i].name) < distance(word, nearest->name))
            nearest = &commands[i];
    if (distance(word, nearest->name) <= LIKELY)
        return complain(2,
                        "there is no command \"%s\"; is \"%s\" meant? (\"plainpost --help\" lists "
                        "them all)",
                        word, nearest->name);
    return complain(2, "there is no command \"%s\"; \"plainpost --help\" lists them", word);
}

/* Find out what is wanted, with which configuration. NULL: `*status` says how it ended. */
static const struct command *parse(int argc, char **argv, struct invocation *i, int *status)
{
    int at = 1;
    if (argc > 0 && sendmail_is_name(argv[0])) {
        i->file = sendmail_configuration(argc, argv);
        i->argc = argc;
        i->argv = argv;
        return find_command("sendmail");
    }
    *status = 0;
    bool wants_help = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0);
    if (wants_help && argc == 2) {
        usage(stdout, 0);
        return NULL;
    }
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("plainpost " PLAINPOST_VERSION);
        return NULL;
    }
    if (argc == 2 && strcmp(argv[1], "-c") == 0) {
        *status = complain(2, "-c wants the file of the configuration behind it");
        return NULL;
    }
    if (wants_help) {
        at = 2;
    } else if (argc > 2 && strcmp(argv[1], "-c") == 0) {
        i->file = argv[2];
        at = 3;
    }
    if (at >= argc) {
        *status = usage(stderr, 2);
        return NULL;
    }
    i->argc = argc - at;
    i->argv = argv + at;
    const struct command *command = find_command(argv[at]);
    if (!command) {
        *status = complain_unknown(argv[at]);
        return NULL;
    }
    if (wants_help || (i->argc == 2 && strcmp(i->argv[1], "--help") == 0)) {
        *status = help(command);
        return NULL;
    }
    return command;
}

int main(int argc, char **argv)
{
    struct invocation invocation = {.version = PLAINPOST_VERSION};
    struct error e;
    int status = 0;
    if (argc > 0 && challenge_is_hook(argv[0]))
        return challenge_hook(argc, argv);
    const struct command *command = parse(argc, argv, &invocation, &status);
    if (!command)
        return status;
    invocation.options = configuration_read(invocation.file, &e);
    if (!invocation.options)
        return complain(command->run == sendmail_main || command->run == test_address_main ||
                                command->run == test_client_main
                            ? EX_CONFIG
                            : 1,
                        "%s", e.text);
    status = command->run(&invocation);
    options_unref(&invocation.options);
    return status;
}
