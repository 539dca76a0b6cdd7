#include "daemon/user_letters.h"

#include "bounce/own_texts.h"
#include "daemon/house.h"
#include "daemon/own_letter.h"
#include "receive/notice_language.h"
#include "sys/clock.h"
#include "sys/log.h"

#define WRITER "letters to users"

/* Of each kind; how many there may be for an account. */
static const struct account_limit shown_a_day = {.rates = {{1, 24 * 3600 * 1000}}, .rate_count = 1},
                                  held_an_hour = {.rates = {{3, 3600 * 1000}}, .rate_count = 1};

static bool may_tell(struct house *h, const struct user_notice *n, int64_t now_ms)
{
    bool is_held = n->letter.kind == LETTER_HELD_LINK;
    struct account_refusal why;
    return account_rates_take(is_held ? h->told_held : h->told_shown, n->account,
                              is_held ? &held_an_hour : &shown_a_day, 1, now_ms, &why);
}

static void log_told(const struct user_notice *n)
{
    struct buffer id = BUFFER_EMPTY;
    message_id_add(&id, n->letter.about);
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "user-told");
    log_line_text(line, "id", buffer_span(&id));
    log_line_text(line, "account", n->account);
    log_line_text(line, "to", n->letter.to);
    log_line_text(line, "kind",
                  n->letter.kind == LETTER_HELD_LINK ? SPAN("held-link") : SPAN("shown-addresses"));
    log_end();
    buffer_free(&id);
}

static void done(void *arg, bool is_durable)
{
    (void)arg;
    (void)is_durable; /* the store tells of its own trouble, and no mail hangs on this one */
}

/* Whoever answers is to find somebody. */
static struct span postmaster(const struct house *h, struct arena *a)
{
    struct span found = directory_postmaster(h->directory, a);
    if (span_find_char(found, '@') != SPAN_NOT_FOUND)
        return found;
    return arena_printf(a, "postmaster@%.*s", SPAN_F(h->options->hostname));
}

static void send_letter(struct house *h, struct user_notice *n)
{
    struct buffer text = BUFFER_EMPTY;
    struct user_letter *l = &n->letter;
    struct report choosing = {.to = l->to, .message = n->header};
    const struct own_letter_house house = {.loop = h->loop,
                                           .store = h->store,
                                           .accepted = house_accepted,
                                           .arg = h,
                                           .options = h->options,
                                           .directory = h->directory,
                                           .signing = h->signing};
    notice_choose(&choosing, h->options, h->directory, h->texts);
    l->language = choosing.language;
    l->id = store_new_id(h->store, clock_now_us());
    l->now_ms = clock_now_ms();
    l->offset_minutes = clock_offset_minutes(l->now_ms);
    l->hostname = h->options->hostname;
    l->from = postmaster(h, &n->arena);
    user_letter_write(&text, l);
    const struct own_letter letter = {.writer = SPAN(WRITER),
                                      .from = l->from,
                                      .to = l->to,
                                      .id = l->id,
                                      .now_ms = l->now_ms,
                                      .text = buffer_span(&text),
                                      .done = done};
    own_letter_send(&house, &letter);
    log_told(n);
    buffer_free(&text);
}

static void tell(struct task *t)
{
    struct user_notice *n = LIST_ENTRY(t, struct user_notice, task);
    struct house *h = n->carrier;
    if (may_tell(h, n, clock_now_ms()))
        send_letter(h, n);
    user_notice_free(&n);
}

void house_tell_user(void *house, struct user_notice *n)
{
    struct house *h = house;
    n->carrier = h;
    n->task.run = tell;
    loop_post(h->loop, &n->task);
}
