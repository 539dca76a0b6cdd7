/* What sessions note of clients, who has come again (greylisting) and what was refused, is in
 * memory at once and on the disk a second later: no session waits for it. To how many our accounts
 * have written is a small file, written anew each ten seconds: a crash forgets these. */
#include "daemon/noting.h"

#include "base/memory.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/whole_file.h"

#include <errno.h>

#include <stdlib.h>

enum {
    WRITE_EACH = 1000,       /* ms */
    COMPLAIN_EACH = 60000,   /* ms */
    MOST_GREYLISTED = 100000 /* attempts, and as many networks: 10 MB */
};
enum { MOST_OF_CLIENT = 100 };
enum { ROUNDS_PER_RATES = 10, LARGEST_RATES = 256 * 1024 * 1024 };
static const char rates_file[] = "account-rates";

struct noting {
    struct house *house;
    struct timer timer;
    struct work work;
    struct error error;
    bool ok, is_over;
    unsigned round;
    int64_t complained_ms; /* monotonic; 0: never yet */
};

static struct greylist_settings settings_of_greylist(const struct options *o)
{
    return (struct greylist_settings){.wait_ms = o->entry.greylist_wait,
                                      .retry_ms = o->entry.greylist_retry,
                                      .keep_ms = o->entry.greylist_keep,
                                      .most_waiting = MOST_GREYLISTED,
                                      .most_known = MOST_GREYLISTED,
                                      .most_of_client = MOST_OF_CLIENT};
}

static bool open_greylist(struct house *h, struct error *e)
{
    const struct greylist_settings s = settings_of_greylist(h->options);
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/greylist.sqlite", SPAN_F(h->options->state));
    h->greylist = greylist_file_open(buffer_text(&path), &s, e);
    buffer_free(&path);
    return h->greylist != NULL;
}

static bool open_refusals(struct house *h, struct error *e)
{
    const struct refusal_book_settings s = {.most = h->options->entry.keep_refusals,
                                            .keep_ms = h->options->keep_story};
    struct buffer path = BUFFER_EMPTY;
    if (!s.most)
        return true;
    buffer_printf(&path, "%.*s/refusals.sqlite", SPAN_F(h->options->state));
    h->refusals = refusal_book_open(buffer_text(&path), &s, e);
    buffer_free(&path);
    return h->refusals != NULL;
}

static bool open_rates(struct house *h, struct error *e)
{
    struct buffer path = BUFFER_EMPTY, text = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/%s", SPAN_F(h->options->state), rates_file);
    h->account_rates = account_rates_new();
    h->told_shown = account_rates_new();
    h->told_held = account_rates_new();
    bool ok = whole_file_read(buffer_text(&path), 0, LARGEST_RATES, &text) || errno == ENOENT;
    if (ok)
        account_rates_take_text(h->account_rates, buffer_span(&text), clock_now_ms());
    else
        error_system(e, errno, "cannot read to how many accounts have written from %s",
                     buffer_text(&path));
    buffer_free(&path);
    buffer_free(&text);
    return ok;
}

static bool write_rates(struct house *h, struct error *e)
{
    struct buffer directory = BUFFER_EMPTY, text = BUFFER_EMPTY;
    if (!account_rates_changed(h->account_rates))
        return true;
    buffer_add_span(&directory, h->options->state);
    account_rates_add_text(&text, h->account_rates, clock_now_ms());
    bool ok = whole_file_replace(buffer_text(&directory), rates_file, buffer_span(&text)) ||
              error_system(e, errno, "cannot write to how many accounts have written to %s/%s",
                           buffer_text(&directory), rates_file);
    buffer_free(&directory);
    buffer_free(&text);
    return ok;
}

bool house_open_notes(struct house *h, struct error *e)
{
    return open_greylist(h, e) && open_refusals(h, e) && open_rates(h, e);
}

bool house_write_notes(void *house, struct error *e)
{
    struct house *h = house;
    bool ok = greylist_file_flush(h->greylist, e);
    return (!h->refusals || refusal_book_flush(h->refusals, clock_now_ms(), e)) && ok;
}

static void write_here(struct work *w) /* in a worker */
{
    struct noting *n = LIST_ENTRY(w, struct noting, work);
    n->ok = house_write_notes(n->house, &n->error);
    if (++n->round % ROUNDS_PER_RATES == 0)
        n->ok = write_rates(n->house, &n->error) && n->ok;
}

static void complain(struct noting *n)
{
    int64_t now = clock_monotonic_ms();
    if (n->complained_ms && now - n->complained_ms < COMPLAIN_EACH)
        return;
    n->complained_ms = now;
    log_message(LOG_LEVEL_WARNING, "notes-not-written", "%s", n->error.text);
}

static void written(struct task *t)
{
    struct noting *n = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct noting, work);
    if (!n->ok)
        complain(n);
    if (!n->is_over)
        timer_set(n->house->loop, &n->timer, loop_now(n->house->loop) + WRITE_EACH);
}

static void is_time(struct timer *t)
{
    struct noting *n = LIST_ENTRY(t, struct noting, timer);
    workers_submit(n->house->askers, &n->work);
}

void noting_start(struct house *h)
{
    struct noting *n = memory_new(sizeof *n);
    n->house = h;
    n->timer.due = is_time;
    n->work = (struct work){.task = {.run = written}, .loop = h->loop, .call = write_here};
    h->noting = n;
    timer_set(h->loop, &n->timer, loop_now(h->loop) + WRITE_EACH);
}

void noting_set(struct house *h)
{
    const struct greylist_settings s = settings_of_greylist(h->options);
    greylist_file_set(h->greylist, &s);
}

void noting_end(struct house *h)
{
    struct error e;
    if (h->noting) { /* what it has submitted comes back later */
        timer_stop(h->loop, &h->noting->timer);
        h->noting->is_over = true;
    }
    if (h->greylist && !house_write_notes(h, &e))
        log_message(LOG_LEVEL_WARNING, "notes-not-written", "%s", e.text);
    if (h->account_rates && !write_rates(h, &e))
        log_message(LOG_LEVEL_WARNING, "notes-not-written", "%s", e.text);
}

void noting_free(struct house *h)
{
    greylist_file_close(&h->greylist);
    refusal_book_close(&h->refusals);
    account_rates_free(&h->account_rates);
    account_rates_free(&h->told_shown);
    account_rates_free(&h->told_held);
    free(h->noting);
    h->noting = NULL;
}
