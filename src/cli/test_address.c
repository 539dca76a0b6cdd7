#include "base/inet.h"
#include "cli/commands.h"
#include "cli/trial_text.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char how[] =
    "use it as: plainpost test-address [--json] [--from SENDER] [--client IP] ADDRESS";

struct request {
    const char *address, *sender, *client;
    bool as_json;
};

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    return true;
}

static bool parse(const struct invocation *i, struct request *r)
{
    *r = (struct request){.sender = ""};
    for (int n = 1; n < i->argc; n++) {
        const char *word = i->argv[n];
        if (strcmp(word, "--json") == 0)
            r->as_json = true;
        else if (strcmp(word, "--from") == 0 && n + 1 < i->argc)
            r->sender = i->argv[++n];
        else if (strcmp(word, "--client") == 0 && n + 1 < i->argc)
            r->client = i->argv[++n];
        else if (word[0] == '-' || r->address)
            return false;
        else
            r->address = word;
    }
    return r->address && is_plain(r->address) && is_plain(r->sender);
}

static void print(const struct address_trial *t, bool as_json)
{
    struct buffer out = BUFFER_EMPTY;
    if (as_json) {
        struct json j = json_start(&out);
        trial_print_json(&j, t);
        buffer_add_char(&out, '\n');
    } else {
        trial_print(&out, t);
    }
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
}

int test_address_main(const struct invocation *i)
{
    static const int statuses[] = {
        [TRIAL_REACHED] = 0, [TRIAL_NOT_NOW] = EX_TEMPFAIL, [TRIAL_NEVER] = 1};
    struct request r;
    unsigned char client[16];
    struct error e;
    if (!parse(i, &r))
        return complain(2, "%s", how);
    if (r.client && !inet_parse(span_of(r.client), client))
        return complain(2, "\"%s\" is no address of a client: 192.0.2.1 or 2001:db8::1", r.client);
    const struct trial_settings s = {.options = i->options,
                                     .address = span_of(r.address),
                                     .sender = span_of(r.sender),
                                     .client = r.client ? client : NULL};
    struct address_trial *t = address_trial_make(&s, &e);
    if (!t)
        return complain(EX_CONFIG, "%s", e.text);
    print(t, r.as_json);
    int status = statuses[address_trial_end(t)];
    address_trial_free(&t);
    return status;
}
