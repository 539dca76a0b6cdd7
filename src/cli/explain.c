/* plainpost explain: what does this notice say, is it honest, and what is to be done? */
#include "bounce/explain_json.h"
#include "cli/commands.h"
#include "cli/explaining.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* Exit statuses, as the manual has them. */
enum { SAYS_NOTICE = 0, SAYS_TRICK = 20, SAYS_OTHER = 10 };

struct explanation {
    struct explain_wishes wishes;
    struct evidence_base *evidence;
    uint64_t count, tricks;
    enum notice_kind last_kind;
    bool has_failed;
};

/* ---- one message */

static void say(void *arg, struct explained *x, bool is_first)
{
    const struct explain_wishes *w = &((struct explanation *)arg)->wishes;
    const struct notice *n = &x->finding.notice;
    const struct verdict *v = &x->finding.verdict;
    const struct advice *a = &x->finding.advice;
    struct buffer *out = &x->out;
    struct render_wishes render = w->render;
    const struct advise_wishes advise = explain_wishes_advise(w);
    finding_advise(&x->finding, &advise, &x->arena);
    render.file = w->file_count > 1 || !is_first ? buffer_span(&x->file.name) : SPAN_NONE;
    switch (w->form) {
    case EXPLAIN_JSON:
        explain_json(out, buffer_span(&x->file.name), n, v, a);
        buffer_add_char(out, '\n');
        break;
    case EXPLAIN_HTML:
        render_html_notice(out, n, v, a, &render);
        break;
    case EXPLAIN_LETTER:
    case EXPLAIN_TEXT:
        buffer_add_text(out, is_first ? "" : "\n\n");
        (w->form == EXPLAIN_TEXT ? render_text : render_letter)(out, n, v, a, &render);
        buffer_add_char(out, '\n');
        break;
    }
}

static void take(void *arg, const struct explained *x)
{
    struct explanation *all = arg;
    fwrite(x->out.at, 1, x->out.len, stdout);
    all->tricks += x->finding.verdict.class == VERDICT_PHISHING;
    all->last_kind = x->finding.notice.kind;
}

static void say_unreadable(void *arg, const struct error *e)
{
    ((struct explanation *)arg)->has_failed = true;
    complain(0, "%s", e->text);
}

/* ---- the command */

static int status_of(const struct explanation *x)
{
    if (x->has_failed || !x->count)
        return EX_NOINPUT;
    if (x->tricks)
        return SAYS_TRICK;
    bool is_notice = x->last_kind == NOTICE_FAILURE || x->last_kind == NOTICE_DELAY ||
                     x->last_kind == NOTICE_SUCCESS;
    return x->count > 1 || is_notice ? SAYS_NOTICE : SAYS_OTHER + (int)x->last_kind;
}

static int explain_all(struct explanation *x)
{
    static char standard_input[] = "-";
    struct explain_wishes *w = &x->wishes;
    if (!w->file_count)
        w->files[w->file_count++] = standard_input;
    struct buffer frame = BUFFER_EMPTY;
    struct mail_files *files = mail_files_new(w->files, w->file_count);
    const struct explaining each = {files, x->evidence, say, take, say_unreadable, x};
    if (w->form == EXPLAIN_HTML) {
        render_html_head(&frame, &w->render);
        fwrite(frame.at, 1, frame.len, stdout);
        buffer_clear(&frame);
    }
    x->count = explain_each(&each);
    if (w->form == EXPLAIN_HTML) {
        render_html_foot(&frame);
        fwrite(frame.at, 1, frame.len, stdout);
    }
    if (!x->count && !x->has_failed)
        complain(0, "there is no message in what was named");
    buffer_free(&frame);
    mail_files_free(&files);
    return fflush(stdout) == 0 ? status_of(x) : EX_IOERR;
}

int explain_main(const struct invocation *i)
{
    struct explanation x = {.evidence = NULL};
    struct arena a = ARENA_EMPTY;
    struct error e;
    int status = EX_USAGE;
    if (!explain_wishes_parse(&x.wishes, i->argc, i->argv, &a, &e)) {
        complain(0, "%s", e.text);
    } else if (!(x.evidence = evidence_new(&x.wishes, i, &e))) {
        status = complain(EX_NOINPUT, "%s", e.text);
    } else {
        explain_wishes_look(&x.wishes);
        status = explain_all(&x);
    }
    evidence_free(&x.evidence);
    arena_clear(&a);
    return status;
}
