/* plainpost explain: what does this notice say, is it honest, and what is to be done?
 *
 * Messages are read one after the other, and explained by as many threads as there are processors;
 * what they say is printed in the order in which the messages came. */
#include "base/memory.h"
#include "bounce/read.h"
#include "cli/commands.h"
#include "cli/evidence.h"
#include "cli/explain_json.h"
#include "cli/mail_files.h"
#include "sys/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

enum { MOST_THREADS = 64, PROGRESS_AFTER = 1000 /* ms */, PROGRESS_EVERY = 200 };

/* Exit statuses, as the manual has them. */
enum { SAYS_NOTICE = 0, SAYS_TRICK = 20, SAYS_OTHER = 10 };

struct explaining {
    struct explain_wishes wishes;
    struct evidence_base *evidence;
    struct mail_files *files;
    pthread_mutex_t lock; /* for all below */
    pthread_cond_t turn;
    uint64_t taken, printed; /* messages */
    uint64_t tricks;
    enum notice_kind last_kind;
    bool has_failed;
    int64_t started, shown; /* of the progress bar */
};

/* ---- one message */

static void say(struct buffer *out, struct span name, const struct notice *n,
                const struct verdict *v, const struct explain_wishes *w, bool is_first,
                struct arena *arena)
{
    struct advice a;
    struct render_wishes render = w->render;
    const struct advise_wishes advise = {.language = render.language,
                                         .audience = render.audience,
                                         .me = w->me_count ? w->me[0] : SPAN_NONE,
                                         .offset_minutes = render.offset_minutes};
    notice_advise(&a, n, v, &advise, arena);
    render.file = w->file_count > 1 || !is_first ? name : SPAN_NONE;
    switch (w->form) {
    case EXPLAIN_JSON:
        explain_json(out, name, n, v, &a);
        buffer_add_char(out, '\n');
        break;
    case EXPLAIN_HTML:
        render_html_notice(out, n, v, &a, &render);
        break;
    case EXPLAIN_LETTER:
    case EXPLAIN_TEXT:
        buffer_add_text(out, is_first ? "" : "\n\n");
        (w->form == EXPLAIN_TEXT ? render_text : render_letter)(out, n, v, &a, &render);
        buffer_add_char(out, '\n');
        break;
    }
}

static void explain(struct explaining *x, const struct mail_file *m, bool is_first,
                    struct buffer *out, struct verdict *v, enum notice_kind *kind)
{
    struct arena a = ARENA_EMPTY;
    struct notice n;
    struct survey s;
    notice_read(&n, &s, buffer_span(&m->message), &a);
    const struct evidence e = evidence_about(x->evidence, &n, &a);
    notice_judge(v, &n, &s, &e, &a);
    notice_settle(&n, v);
    *kind = n.kind;
    say(out, buffer_span(&m->name), &n, v, &x->wishes, is_first, &a);
    arena_clear(&a);
}

/* ---- the threads */

/* A line on a terminal, when it takes long. */
static void show_progress(struct explaining *x, bool is_over)
{
    int64_t now = clock_monotonic_ms();
    if (!isatty(STDERR_FILENO) || now - x->started < PROGRESS_AFTER ||
        (!is_over && now - x->shown < PROGRESS_EVERY))
        return;
    x->shown = now;
    if (is_over)
        fputs("\r\033[K", stderr);
    else
        fprintf(stderr, "\r%3.0f %%, %llu messages", mail_files_progress(x->files) * 100,
                (unsigned long long)x->printed);
    fflush(stderr);
}

/* The next message and its number. False: there are no more. */
static bool take(struct explaining *x, struct mail_file *m, uint64_t *number)
{
    struct error e;
    int got;
    while ((got = mail_files_next(x->files, m, &e)) < 0) {
        complain(0, "%s", e.text);
        x->has_failed = true;
    }
    *number = x->taken;
    x->taken += got > 0;
    return got > 0;
}

static void *work(void *arg)
{
    struct explaining *x = arg;
    struct mail_file m = {0};
    struct buffer out = BUFFER_EMPTY;
    struct verdict v;
    enum notice_kind kind;
    uint64_t number;
    pthread_mutex_lock(&x->lock);
    while (take(x, &m, &number)) {
        pthread_mutex_unlock(&x->lock);
        buffer_clear(&out);
        explain(x, &m, number == 0, &out, &v, &kind);
        pthread_mutex_lock(&x->lock);
        while (x->printed != number)
            pthread_cond_wait(&x->turn, &x->lock);
        fwrite(out.at, 1, out.len, stdout);
        x->printed++;
        x->tricks += v.class == VERDICT_PHISHING;
        x->last_kind = kind;
        show_progress(x, false);
        pthread_cond_broadcast(&x->turn);
    }
    pthread_mutex_unlock(&x->lock);
    mail_file_free(&m);
    buffer_free(&out);
    return NULL;
}

static void work_all(struct explaining *x)
{
    pthread_t threads[MOST_THREADS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = processors < 1              ? 1
                    : processors > MOST_THREADS ? MOST_THREADS
                                                : (size_t)processors;
    size_t count = 0;
    while (count + 1 < wanted && pthread_create(&threads[count], NULL, work, x) == 0)
        count++;
    work(x);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

/* ---- the command */

static void look_at_terminal(struct explain_wishes *w)
{
    struct winsize size;
    bool is_terminal = isatty(STDOUT_FILENO);
    w->render.is_coloured = w->colour == COLOUR_ALWAYS || (w->colour == COLOUR_AUTO && is_terminal);
    if (!w->render.width && is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        w->render.width = size.ws_col;
    w->render.offset_minutes = clock_offset_minutes(clock_now_ms());
}

static int status_of(const struct explaining *x)
{
    if (x->has_failed || !x->printed)
        return EX_NOINPUT;
    if (x->tricks)
        return SAYS_TRICK;
    bool is_notice = x->last_kind == NOTICE_FAILURE || x->last_kind == NOTICE_DELAY ||
                     x->last_kind == NOTICE_SUCCESS;
    return x->printed > 1 || is_notice ? SAYS_NOTICE : SAYS_OTHER + (int)x->last_kind;
}

static int explain_all(struct explaining *x)
{
    static char standard_input[] = "-";
    struct explain_wishes *w = &x->wishes;
    if (!w->file_count)
        w->files[w->file_count++] = standard_input;
    struct buffer frame = BUFFER_EMPTY;
    x->files = mail_files_new(w->files, w->file_count);
    x->started = clock_monotonic_ms();
    if (w->form == EXPLAIN_HTML) {
        render_html_head(&frame, &w->render);
        fwrite(frame.at, 1, frame.len, stdout);
        buffer_clear(&frame);
    }
    work_all(x);
    if (w->form == EXPLAIN_HTML) {
        render_html_foot(&frame);
        fwrite(frame.at, 1, frame.len, stdout);
    }
    show_progress(x, true);
    if (!x->printed && !x->has_failed)
        complain(0, "there is no message in what was named");
    buffer_free(&frame);
    mail_files_free(&x->files);
    return fflush(stdout) == 0 ? status_of(x) : EX_IOERR;
}

int explain_main(const struct invocation *i)
{
    struct explaining x = {.lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER};
    struct arena a = ARENA_EMPTY;
    struct error e;
    int status = EX_USAGE;
    if (!explain_wishes_parse(&x.wishes, i->argc, i->argv, &a, &e)) {
        complain(0, "%s", e.text);
    } else if (!(x.evidence = evidence_new(&x.wishes, &e))) {
        status = complain(EX_NOINPUT, "%s", e.text);
    } else {
        look_at_terminal(&x.wishes);
        status = explain_all(&x);
    }
    evidence_free(&x.evidence);
    arena_clear(&a);
    return status;
}
