/* plainpost dmarc-report: what do others see of the mail in my domain's name, and what is to be
 * changed? */
#include "aggregate/documents.h"
#include "aggregate/read.h"
#include "cli/commands.h"
#include "cli/dmarc_report_text.h"
#include "cli/mail_files.h"

#include <stdio.h>
#include <string.h>

static const char how[] = "use it as: plainpost dmarc-report [--json] [--all] FILE...";

struct dmarc_reports {
    bool as_json, all;
    char **names;
    size_t name_count;
    struct aggregate_sum sum;
    const char *file; /* that is being read */
    size_t files, without, found;
    bool has_failed;
};

/* ---- one file after the other */

static void say_trouble(void *arg, const struct error *e)
{
    struct dmarc_reports *r = arg;
    r->has_failed = true;
    complain(0, "%s: %s", r->file, e->text);
}

static void take(void *arg, struct span xml)
{
    struct dmarc_reports *r = arg;
    struct aggregate_report report;
    struct arena a = ARENA_EMPTY;
    struct error e;
    if (aggregate_read(&report, xml, &a, &e)) {
        aggregate_sum_add(&r->sum, &report);
        r->found++;
    } else {
        say_trouble(r, &e);
    }
    arena_clear(&a);
}

static void read_all(struct dmarc_reports *r)
{
    struct mail_files *files = mail_files_new(r->names, r->name_count);
    struct mail_file m = {.number = 0};
    const struct aggregate_taker taker = {r, take, say_trouble};
    struct error e;
    int got;
    mail_files_keep_form(files);
    while ((got = mail_files_next(files, &m, &e))) {
        if (got < 0) {
            r->has_failed = true;
            complain(0, "%s", e.text);
            continue;
        }
        r->files++;
        r->file = buffer_text(&m.name);
        r->without += !aggregate_documents(buffer_span(&m.message), &taker);
    }
    mail_file_free(&m);
    mail_files_free(&files);
}

/* A mailbox may hold other mail, too; but who hands in nothing else has made a mistake. */
static int tell(struct dmarc_reports *r)
{
    struct buffer out = BUFFER_EMPTY;
    if (!r->found && !r->has_failed)
        return r->files > 1
                   ? complain(1, "there is no DMARC report in any of the %zu messages", r->files)
                   : complain(1, "%s: there is no DMARC report in it", r->names[0]);
    aggregate_sum_order(&r->sum);
    if (r->as_json)
        dmarc_report_print_json(&out, &r->sum);
    else
        dmarc_report_print(&out, &r->sum, r->all);
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
    if (r->without)
        complain(0, "%zu of %zu messages had no DMARC report in them, and were left out",
                 r->without, r->files);
    return r->has_failed ? 1 : 0;
}

/* ---- the command */

static bool parse(const struct invocation *i, struct dmarc_reports *r)
{
    int n = 1;
    for (; n < i->argc && i->argv[n][0] == '-' && i->argv[n][1]; n++) {
        if (strcmp(i->argv[n], "--json") == 0)
            r->as_json = true;
        else if (strcmp(i->argv[n], "--all") == 0)
            r->all = true;
        else
            return complain(0, "%s is not known; %s", i->argv[n], how);
    }
    r->names = i->argv + n;
    r->name_count = (size_t)(i->argc - n);
    return r->name_count || complain(0, "%s", how);
}

int dmarc_report_main(const struct invocation *i)
{
    struct dmarc_reports r = {.as_json = false};
    int status = 2;
    if (parse(i, &r)) {
        read_all(&r);
        status = tell(&r);
    }
    aggregate_sum_free(&r.sum);
    return status;
}
