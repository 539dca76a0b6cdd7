/* Of one domain this is told once a day, and there are few domains: so each letter asks the DNS by
 * itself, and is written when it has answered, or has not for too long. */
#include "daemon/forging.h"

#include "base/list.h"
#include "base/memory.h"
#include "daemon/forged_letter.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/resolve.h"

#include <stdlib.h>

enum { DNS_PATIENCE_MS = 20000 };

struct forging {
    struct own_letter_house house;
    struct resolve *resolve;
    struct list letters; /* that wait for the DNS */
    bool has_ended;
};

struct case_told {
    struct task task;
    struct list link;
    struct forging *forging;
    struct resolving resolving;
    struct forged_case what;
    struct span domain;
    struct lookups lookups;
    struct doctor_report report;
    struct arena arena, found; /* `found`: of the report */
};

struct forging *forging_new(const struct own_letter_house *h, struct dns *dns)
{
    struct forging *f = memory_new(sizeof *f);
    f->house = *h;
    f->resolve = resolve_new(dns, h->loop);
    list_init(&f->letters);
    return f;
}

void forging_set(struct forging *f, const struct options *o, struct directory *d, struct signing *s)
{
    f->house.options = o;
    f->house.directory = d;
    f->house.signing = s;
}

static void case_free(struct case_told *c)
{
    if (list_is_linked(&c->link))
        list_remove(&c->link);
    lookups_free(&c->lookups);
    arena_clear(&c->arena);
    arena_clear(&c->found);
    free(c);
}

/* ---- the letter */

static bool has_key(const struct options *o, struct span domain)
{
    for (size_t i = 0; i < o->signing_key_count; i++)
        if (span_equal_nocase(o->signing_keys[i].domain, domain))
            return true;
    return false;
}

static void sent(void *arg, bool is_durable)
{
    (void)arg;
    if (!is_durable)
        log_message(LOG_LEVEL_WARNING, "letter-lost",
                    "a letter to postmaster about a forged domain could not be stored; the next "
                    "one comes in a day");
}

static void send_letter(struct case_told *c)
{
    const struct own_letter_house *h = &c->forging->house;
    struct buffer text = BUFFER_EMPTY;
    struct own_letter letter = {.writer = SPAN("this server's watch over forged addresses"),
                                .from = SPAN_NONE,
                                .to = directory_postmaster(h->directory, &c->arena),
                                .id = store_new_id(h->store, clock_now_us()),
                                .now_ms = clock_now_ms(),
                                .done = sent};
    const struct forged_letter l = {.hostname = h->options->hostname,
                                    .domain = c->domain,
                                    .to = letter.to,
                                    .name = own_letter_name(h, letter.id, &c->arena),
                                    .now_ms = letter.now_ms,
                                    .offset_minutes = clock_offset_minutes(letter.now_ms),
                                    .what = c->what,
                                    .is_signed = has_key(h->options, c->domain),
                                    .refuses =
                                        h->options->notices.forged.flood != FORGED_FLOOD_DIGEST,
                                    .report = &c->report};
    forged_letter_write(&text, &l);
    letter.text = buffer_span(&text);
    own_letter_send(h, &letter);
    buffer_free(&text);
}

/* ---- what the DNS says */

static void look(struct case_told *c);

static void answered(struct resolving *g)
{
    look(LIST_ENTRY(g, struct case_told, resolving));
}

static void look(struct case_told *c)
{
    struct forging *f = c->forging;
    const struct doctor_request request = {.domain = c->domain,
                                           .is_ours = true,
                                           .hostname = f->house.options->hostname,
                                           .relay = SPAN_NONE,
                                           .reporter = SPAN_NONE,
                                           .now_ms = clock_now_ms()};
    arena_clear(&c->found);
    while (!doctor_examine_forgery(&request, &c->lookups, &c->report, &c->found)) {
        if (!resolve_known(f->resolve, &c->lookups)) {
            c->resolving.lookups = &c->lookups;
            c->resolving.done = answered;
            resolve_start(f->resolve, &c->resolving, loop_now(f->house.loop) + DNS_PATIENCE_MS);
            return;
        }
        arena_clear(&c->found);
    }
    send_letter(c);
    case_free(c);
}

/* ---- one begins */

static void log_case(const struct case_told *c)
{
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "forged-domain");
    log_line_text(line, "domain", c->domain);
    log_line_number(line, "notices", (int64_t)c->what.notices);
    log_line_number(line, "for-nobody", (int64_t)c->what.for_nobody);
    log_line_number(line, "made-up", (int64_t)c->what.made_up);
    log_line_number(line, "servers", c->what.servers);
    log_line_number(line, "addresses", c->what.addresses);
    log_end();
}

static void begin(struct task *t)
{
    struct case_told *c = LIST_ENTRY(t, struct case_told, task);
    log_case(c);
    if (c->forging->has_ended) {
        case_free(c);
        return;
    }
    list_append(&c->forging->letters, &c->link);
    look(c);
}

void forging_tell(struct forging *f, struct span domain, const struct forged_case *what)
{
    struct case_told *c = memory_new(sizeof *c);
    c->forging = f;
    c->what = *what;
    c->domain = arena_copy(&c->arena, domain);
    c->task.run = begin;
    loop_post(f->house.loop, &c->task);
}

/* ---- the end */

void forging_end(struct forging *f)
{
    struct list *node;
    if (!f)
        return;
    f->has_ended = true;
    while ((node = list_take(&f->letters))) {
        struct case_told *c = LIST_ENTRY(node, struct case_told, link);
        resolve_stop(&c->resolving);
        case_free(c);
    }
}

void forging_free(struct forging **f)
{
    if (!*f)
        return;
    resolve_free(&(*f)->resolve);
    free(*f);
    *f = NULL;
}
