/* Domains that ask for it are told, once a day, what was counted of them (store/day_counts.h). This
 * is what all kinds of such reports have in common: a round looks at each day and domain that is
 * over, one after the other; a kind of reports tells it, by letters or otherwise; then what was
 * counted is forgotten. In the scheduler's loop; what blocks is done by a thread of its own. */
#ifndef DAEMON_REPORTING_H
#define DAEMON_REPORTING_H

#include "daemon/own_letter.h"
#include "store/day_counts.h"
#include "sys/dns.h"
#include "sys/worker.h"

enum { DAY_S = 86400, DAY_MS = DAY_S * 1000 };

struct reporting_settings {
    struct loop *loop;
    struct dns *dns;
    struct store *store;
    struct day_counts *counts;
    /* A report is durable: in the store's thread. */
    void (*accepted)(void *arg, struct message *m);
    void *arg;
};

struct reporting;

/* ---- what the daemon does with reports of any kind */

/* How it is from now on. All live longer than the reports, or until the next call. */
void reporting_set(struct reporting *r, const struct options *o, struct directory *d,
                   struct signing *s);
/* Nothing is begun any more; waits for the thread, and brings what was counted to the disk. */
void reporting_end(struct reporting *r);
void reporting_free(struct reporting **r); /* after the store and the DNS were closed */

/* ---- what a kind of reports does */

struct reporting_kind {
    struct span writer;                           /* of its letters (own_letter.h) */
    const char *told, *trouble;                   /* lines of the log */
    struct span (*from)(const struct options *o); /* empty: nobody is to be told */
    void (*begin)(struct reporting *r);           /* ends in reporting_settle */
    void (*letters_are_through)(struct reporting *r);
    void (*clear)(struct reporting *r); /* what belongs to the day and domain at hand */
    void (*stop)(struct reporting *r);  /* no answer may come any more; NULL: it may */
    void (*free)(struct reporting *r);  /* `r` itself, and what only this kind has */
};

/* Part of what a kind has; all zeros. A kind reads it, and nothing but `is_sent` does it set. */
struct reporting {
    const struct reporting_kind *kind;
    struct reporting_settings settings;
    const struct options *options;
    /* The day and domain at hand, and what was counted of it, those of one group together. */
    struct counted_day at;
    struct arena arena; /* cleared when it is settled; for the kind, too */
    struct day_count *rows;
    size_t row_count;
    bool is_sent; /* a letter was, or whatever else tells it */
    /* reporting.c's: */
    struct directory *directory;
    struct signing *signing;
    struct workers *thread;
    struct timer timer;
    unsigned flushes;
    int64_t delay_ms;
    bool is_busy, has_ended;
    struct arena at_arena; /* of the domain at hand, which is where the next is looked for */
    size_t letters;
    struct work work;
    bool (*call)(struct reporting *r);
    void (*then)(struct reporting *r);
    bool is_found, is_done;
    struct error error;
};

void reporting_start(struct reporting *r, const struct reporting_kind *kind,
                     const struct reporting_settings *s);

/* `call` in the thread (false: `r->error`, which is logged), and `then` in the loop. */
void reporting_submit(struct reporting *r, bool (*call)(struct reporting *r),
                      void (*then)(struct reporting *r));

/* "2026-11-24.DOMAIN@HOSTNAME": the report's own, the same when it is sent again. `part`: of
 * several, from 1. In the arena. */
struct span reporting_id(struct reporting *r, unsigned part);

/* Letters: first begin, then any number to send, then end. When all are on the disk, or could not
 * be, the kind's letters_are_through is called: at the earliest by the end. */
void reporting_letters_begin(struct reporting *r);
void reporting_letters_end(struct reporting *r);
/* One without its text; `name`: its Message-ID, in the arena. */
struct own_letter reporting_letter(struct reporting *r, struct span to, struct span *name);
void reporting_send(struct reporting *r, const struct own_letter *l); /* copies what it needs */

void reporting_log(const struct reporting *r, struct span to, const char *result);

/* Told, or wanted by nobody, and goes on with the next. What failed is tried again in the next
 * round, but not for ever. */
void reporting_settle(struct reporting *r, bool is_done);

#endif
