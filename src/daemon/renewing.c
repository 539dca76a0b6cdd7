/* What is known of a certificate is read from its files: so it does not matter who has put them
 * there, or when the server was stopped. A crash between the order and its use costs nothing, for
 * the next start finds the files. */
#include "daemon/renewing.h"

#include "acme/order.h"
#include "base/list.h"
#include "base/memory.h"
#include "mail/date.h"
#include "sys/chance.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/tls_context.h"
#include "sys/worker.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { LOOK_AGAIN_MS = 3600 * 1000 /* at the latest: clocks are set */ };

/* What the thread works on. */
struct job {
    struct work work;
    struct renewing *renewing;
    struct arena arena;
    struct acme_certificate certificate;
    struct acme_files files;
    struct acme_order order;
    struct acme_record record;
    enum acme_result result;
    struct error error;
};

struct renewing {
    struct renewing_settings settings;
    const struct options *options; /* a reference; NULL: not set yet */
    struct workers *thread;
    struct timer timer;
    struct renewal *at;
    size_t count;
    struct job *job; /* under way; NULL: none */
    int interrupt;
    bool has_ended;
    struct renewing_figures figures;
};

/* ---- what is there */

static bool has_all_names(const struct renewal *n)
{
    for (size_t i = 0; i < n->certificate.count; i++)
        if (!tls_certificate_has(&n->facts, n->certificate.names[i]))
            return false;
    return true;
}

static void look_at_files(struct renewal *n)
{
    struct error e;
    const char *file = arena_text(&n->arena, n->files.certificate);
    const struct tls_files files = {n->files.certificate, n->files.key};
    n->is_there =
        tls_certificate_read(&n->facts, file, &n->arena, &e) && tls_files_are_usable(&files, &e);
    acme_record_load(&n->record, &n->files, n->certificate.names[0], &n->arena);
    int64_t renews =
        n->is_there && has_all_names(n) ? plan_renews_ms(n->facts.begins_ms, n->facts.ends_ms) : 0;
    n->due_ms = acme_record_due(&n->record, n->wanted, renews, clock_now_ms());
}

static void copy_names(struct acme_certificate *to, const struct acme_certificate *from,
                       struct arena *a)
{
    to->count = from->count;
    to->names = arena_new(a, from->count * sizeof *to->names);
    for (size_t i = 0; i < from->count; i++)
        to->names[i] = arena_copy(a, from->names[i]);
}

static void renewal_begin(struct renewal *n, const struct options *o, size_t i)
{
    *n = (struct renewal){.arena = ARENA_EMPTY};
    copy_names(&n->certificate, &o->acme_certificates[i], &n->arena);
    n->files = acme_files(o->state, o->acme_directory, n->certificate.names[0], &n->arena);
    n->wanted = acme_wanted(o->acme_directory, &n->certificate, &n->arena);
    look_at_files(n);
}

static struct renewal *find_wanted(const struct renewing *r, struct span wanted)
{
    for (size_t i = 0; i < r->count; i++)
        if (span_equal(r->at[i].wanted, wanted))
            return &r->at[i];
    return NULL;
}

/* ---- the log */

static void add_names(struct buffer *line, const struct acme_certificate *c)
{
    struct buffer names = BUFFER_EMPTY;
    acme_certificate_print(&names, c);
    log_line_text(line, "names", buffer_span(&names));
    buffer_free(&names);
}

static void log_words(enum log_level level, const char *event, const struct renewal *n,
                      const struct buffer *text)
{
    struct buffer *line = log_begin(level, event);
    add_names(line, &n->certificate);
    log_line_text(line, "text", buffer_span(text));
    log_end();
}

static void log_missing(const struct renewal *n)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, "there is no certificate for these names yet; until it has come "
                           "nothing is encrypted with it");
    log_words(LOG_LEVEL_WARNING, "certificate-missing", n, &text);
    buffer_free(&text);
}

static void log_failure(const struct renewal *n)
{
    struct buffer text = BUFFER_EMPTY;
    bool is_urgent = !n->is_there || plan_urgency(n->facts.begins_ms, n->facts.ends_ms,
                                                  clock_now_ms()) >= PLAN_VERY_SOON;
    buffer_add_span(&text, n->record.why);
    buffer_add_text(&text, "; it is tried again on ");
    date_add_words(&text, n->record.again_ms, clock_offset_minutes(n->record.again_ms));
    buffer_add_text(&text, ", or at once by: plainpost certificate renew");
    log_words(is_urgent ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "certificate-not-renewed", n, &text);
    buffer_free(&text);
}

static void log_success(const struct renewal *n)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, "this certificate is in use now; it is valid until ");
    date_add_words(&text, n->facts.ends_ms, clock_offset_minutes(n->facts.ends_ms));
    log_words(LOG_LEVEL_INFO, "certificate-renewed", n, &text);
    buffer_free(&text);
}

/* ---- one after the other */

static void look(struct renewing *r);

static void job_free(struct job **job)
{
    struct job *j = *job;
    *job = NULL;
    arena_clear(&j->arena);
    free(j);
}

static void order(struct work *w) /* in the thread */
{
    struct job *j = LIST_ENTRY(w, struct job, work);
    struct error e;
    j->result = acme_order(&j->order, &j->error);
    if (j->result == ACME_STOPPED)
        return;
    if (j->result == ACME_ISSUED)
        j->record.failures = 0;
    else
        acme_record_failure(&j->record, span_of(j->error.text), clock_now_ms(),
                            (uint32_t)random_number());
    if (!acme_record_save(&j->record, &j->files, j->certificate.names[0], &e))
        log_message(LOG_LEVEL_WARNING, "certificate-record", "%s", e.text);
    log_flush();
}

static void take(struct renewing *r, struct renewal *n)
{
    struct error e;
    if (r->settings.take(r->settings.arg, &e))
        log_success(n);
    else
        log_message(LOG_LEVEL_ERROR, "certificate-unusable", "%s", e.text);
}

static void ordered(struct task *t)
{
    struct job *j = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct job, work);
    struct renewing *r = j->renewing;
    struct renewal *n = find_wanted(r, j->record.wanted);
    r->job = NULL;
    r->figures.issued += j->result == ACME_ISSUED;
    r->figures.failed += j->result == ACME_FAILED;
    if (n && !r->has_ended) {
        n->is_asked = n->is_under_way = false;
        look_at_files(n);
        if (j->result == ACME_FAILED) { /* also where there is no disk to remember it on */
            n->record = j->record;
            n->record.wanted = n->wanted;
            n->record.why = arena_copy(&n->arena, j->record.why);
            n->due_ms = n->due_ms > n->record.again_ms ? n->due_ms : n->record.again_ms;
            log_failure(n);
        } else if (j->result == ACME_ISSUED) {
            take(r, n);
        }
    }
    job_free(&j);
    look(r);
}

static void begin(struct renewing *r, struct renewal *n)
{
    const struct options *o = r->options;
    struct job *j = memory_new(sizeof *j);
    j->renewing = r;
    copy_names(&j->certificate, &n->certificate, &j->arena);
    j->files = acme_files(o->state, o->acme_directory, j->certificate.names[0], &j->arena);
    j->record = (struct acme_record){
        .wanted = arena_copy(&j->arena, n->wanted),
        .failures = span_equal(n->record.wanted, n->wanted) ? n->record.failures : 0,
        .tried_ms = clock_now_ms(),
        .why = SPAN_NONE};
    j->order = (struct acme_order){.state = arena_copy(&j->arena, o->state),
                                   .directory = arena_copy(&j->arena, o->acme_directory),
                                   .account = arena_copy(&j->arena, o->acme_account),
                                   .certificate = &j->certificate,
                                   .interrupt = r->interrupt};
    j->work = (struct work){.task = {.run = ordered}, .loop = r->settings.loop, .call = order};
    n->is_under_way = true;
    r->job = j;
    if (!r->thread)
        r->thread = workers_new(1);
    workers_submit(r->thread, &j->work);
}

/* The one that has waited longest; who was asked for by a person comes first. */
static struct renewal *next(const struct renewing *r)
{
    struct renewal *found = NULL;
    for (size_t i = 0; i < r->count; i++) {
        struct renewal *n = &r->at[i];
        if (!found || (n->is_asked && !found->is_asked) ||
            (n->is_asked == found->is_asked && n->due_ms < found->due_ms))
            found = n;
    }
    return found;
}

static void look(struct renewing *r)
{
    struct renewal *n = next(r);
    if (r->has_ended || r->job || !n)
        return;
    int64_t wait = n->is_asked ? 0 : n->due_ms - clock_now_ms();
    if (wait <= 0)
        begin(r, n);
    else
        timer_set(r->settings.loop, &r->timer,
                  loop_now(r->settings.loop) + (wait < LOOK_AGAIN_MS ? wait : LOOK_AGAIN_MS));
}

static void timer_due(struct timer *t)
{
    look(LIST_ENTRY(t, struct renewing, timer));
}

/* ---- made, changed, and gone */

struct renewing *renewing_new(const struct renewing_settings *s)
{
    struct renewing *r = memory_new(sizeof *r);
    r->settings = *s;
    r->timer.due = timer_due;
    r->interrupt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return r;
}

static void forget_all(struct renewing *r)
{
    for (size_t i = 0; i < r->count; i++)
        arena_clear(&r->at[i].arena);
    free(r->at);
    r->at = NULL;
    r->count = 0;
    options_unref(&r->options);
}

void renewing_set(struct renewing *r, const struct options *o)
{
    forget_all(r);
    timer_stop(r->settings.loop, &r->timer);
    r->options = options_ref(o);
    r->at = memory_new((o->acme_certificate_count + 1) * sizeof *r->at);
    for (; r->count < o->acme_certificate_count; r->count++) {
        struct renewal *n = &r->at[r->count];
        renewal_begin(n, o, r->count);
        n->is_under_way = r->job && span_equal(r->job->record.wanted, n->wanted);
        if (!n->is_there)
            log_missing(n);
    }
    look(r);
}

void renewing_end(struct renewing *r)
{
    static const uint64_t one = 1;
    if (!r)
        return;
    r->has_ended = true;
    timer_stop(r->settings.loop, &r->timer);
    if (r->interrupt >= 0 && write(r->interrupt, &one, sizeof one) < 0)
        r->has_ended = true; /* it can be read already */
    workers_free(&r->thread);
}

void renewing_free(struct renewing **renewing)
{
    struct renewing *r = *renewing;
    *renewing = NULL;
    if (!r)
        return;
    forget_all(r);
    if (r->interrupt >= 0)
        close(r->interrupt);
    free(r);
}

/* ---- asked from outside */

size_t renewing_count(const struct renewing *r)
{
    return r->count;
}

const struct renewal *renewing_at(const struct renewing *r, size_t i)
{
    return &r->at[i];
}

const struct renewal *renewing_find(const struct renewing *r, struct span file)
{
    for (size_t i = 0; i < r->count; i++)
        if (span_equal(r->at[i].files.certificate, file))
            return &r->at[i];
    return NULL;
}

static bool has_name(const struct renewal *n, struct span name)
{
    for (size_t i = 0; i < n->certificate.count; i++)
        if (span_equal_nocase(n->certificate.names[i], name))
            return true;
    return false;
}

bool renewing_ask(struct renewing *r, struct span name, struct error *e)
{
    size_t asked = 0;
    for (size_t i = 0; i < r->count; i++)
        if (!name.len || has_name(&r->at[i], name)) {
            r->at[i].is_asked = !r->at[i].is_under_way;
            asked++;
        }
    if (!r->count)
        return error_set(e, "no certificate comes by ACME here; the option acme-certificate says "
                            "which one should");
    if (!asked)
        return error_set(e, "no acme-certificate has the name %.*s", SPAN_F(name));
    look(r);
    return true;
}

struct renewing_figures renewing_figures(const struct renewing *r)
{
    return r->figures;
}
