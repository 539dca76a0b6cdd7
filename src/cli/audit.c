#include "store/audit.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/ledger_access.h"

#include <stdio.h>
#include <string.h>

static void print_row(const char *words, uint64_t count)
{
    printf("  %-42s %12llu\n", words, (unsigned long long)count);
}

static void print_words(const struct audit_result *r)
{
    const struct ledger_count *c = &r->count;
    puts("Recipients that came in");
    print_row("accepted", c->recipients_accepted);
    print_row("of our own notifications", c->recipients_generated);
    print_row("that aliases led to, or redirections", c->expanded_into);
    puts("and what became of them");
    print_row("delivered into mailboxes here", c->delivered);
    print_row("relayed to other servers", c->relayed);
    print_row("failed, and reported to the sender", c->failed_reported);
    print_row("failed, and in a digest to come", c->failed_owed);
    print_row("failed; no notice was wanted or possible", c->failed_unreported);
    print_row("discarded", c->discarded);
    print_row("others stand in their place (aliases)", c->expanded_from);
    print_row("still in the queue", r->queued);
    if (r->problem_count)
        printf("\nThis does not add up:\n%s", buffer_text(&r->problems));
    else
        puts("Everything adds up.");
}

static void print_json(const struct audit_result *r)
{
    const struct ledger_count *c = &r->count;
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    struct span rest = buffer_span(&r->problems);
    json_object(&j);
    json_bool(&j, "adds_up", !r->problem_count);
    json_number(&j, "accepted", (int64_t)c->recipients_accepted);
    json_number(&j, "generated", (int64_t)c->recipients_generated);
    json_number(&j, "expanded_into", (int64_t)c->expanded_into);
    json_number(&j, "delivered", (int64_t)c->delivered);
    json_number(&j, "relayed", (int64_t)c->relayed);
    json_number(&j, "failed_reported", (int64_t)c->failed_reported);
    json_number(&j, "failed_owed", (int64_t)c->failed_owed);
    json_number(&j, "failed_unreported", (int64_t)c->failed_unreported);
    json_number(&j, "discarded", (int64_t)c->discarded);
    json_number(&j, "expanded_from", (int64_t)c->expanded_from);
    json_number(&j, "queued", (int64_t)r->queued);
    json_member_array(&j, "problems");
    while (rest.len)
        json_element_text(&j, span_cut(&rest, '\n'));
    json_end(&j);
    json_end(&j);
    puts(buffer_text(&out));
    buffer_free(&out);
}

int audit_main(const struct invocation *i)
{
    struct buffer journal = BUFFER_EMPTY;
    struct audit_result result = {0};
    struct error e;
    bool as_json = i->argc == 2 && strcmp(i->argv[1], "--json") == 0;
    if (i->argc > 1 && !as_json)
        return complain(2, "use it as: plainpost audit [--json]");
    struct ledger *l = ledger_of_now(i->options, &journal, &e);
    bool ok = l && audit_check(l, disk_real(), buffer_text(&journal), &result, &e);
    if (ok)
        (as_json ? print_json : print_words)(&result);
    int status = !ok ? complain(1, "%s", e.text) : result.problem_count ? 1 : 0;
    audit_free(&result);
    ledger_close(&l);
    buffer_free(&journal);
    return status;
}
