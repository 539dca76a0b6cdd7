/* Accounts with a real book and worker, and a queue whose outside does nothing. */
#ifndef ACCOUNT_ACCOUNTS_TRIAL_H
#define ACCOUNT_ACCOUNTS_TRIAL_H

#include "account/accounts.h"

enum { MOST = 200 };

struct world {
    char directory[40], path[64];
    struct loop *loop;
    struct queue *queue;
    struct account_book *book;
    struct accounts *accounts;
    struct delivery *left[MOST];
    size_t left_count;
    message_id last_id;
    struct buffer told, history;
    struct list commits;
    struct timer stop;
};

extern struct world w;

/* Before and behind a test. The accounts are there between `start` and `stop`. */
int begin(void **state);
int end(void **state);
void start(enum accounts_mode mode);
void stop(void);
void settle(void); /* what the worker does is awaited */

/* One message to so many strangers, with a text that repeats. */
void send_to(const char *login, const char *name, size_t count);
void spam(const char *name, size_t count); /* messages of alice to one stranger each */
size_t left_outside(void);
uint64_t held(void); /* accounts */

/* "": it is done. */
const char *order(enum account_act act, const char *account);
const char *order_change(enum account_part part, const char *account, const char *why);
const char *history_of(const char *account); /* newest first */

#endif
