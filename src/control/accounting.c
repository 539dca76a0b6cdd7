/* Accounts: what is known of them is read from their book by a worker, when all that was counted is
 * in it; what is wanted of one is the scheduler's affair, and is answered when it is on the disk.
 */
#include "control/server_inside.h"

#include "base/json.h"
#include "guard/signals.h"
#include "guard/state.h"
#include "mail/date.h"
#include "queue/operator.h"
#include "store/ledger_reached.h"
#include "sys/clock.h"

enum {
    LISTED_AT_ONCE = 200,
    MOST_LINES = 100,
    MOST_REACHED = 1000,
    YELLOW_LASTS = 6 * 3600 * 1000,  /* ms */
    REACHED_BEFORE = 2 * 3600 * 1000 /* the hold: what stands out has begun before */
};

static const char *level_name(enum guard_level l)
{
    switch (l) {
    case GUARD_GREEN:
        return "green";
    case GUARD_YELLOW:
        return "yellow";
    case GUARD_RED:
        return "red";
    }
    return "";
}

/* ---- what is known */

static enum guard_level level_of(const struct guard_account *a, bool is_held, int64_t now_ms)
{
    if (is_held || guard_is_red(a))
        return GUARD_RED;
    bool is_yellow = a->yellow_since_ms && now_ms - a->yellow_last_ms <= YELLOW_LASTS;
    return is_yellow ? GUARD_YELLOW : GUARD_GREEN;
}

static struct span profile_name(enum guard_profile p)
{
    switch (p) {
    case PROFILE_PERSON:
        return SPAN("person");
    case PROFILE_NEWSLETTER:
        return SPAN("newsletter");
    case PROFILE_SERVICE:
        return SPAN("service");
    }
    return SPAN_NONE;
}

static void add_counters(struct json *j, const struct guard_account *a, int64_t now_ms)
{
    static const char *const names[COUNTER_COUNT] = {
        [COUNTER_NEW_HOUR] = "new_hour",
        [COUNTER_NEW_DAY] = "new_day",
        [COUNTER_RECIPIENTS_HOUR] = "recipients_hour",
        [COUNTER_RECIPIENTS_DAY] = "recipients_day",
        [COUNTER_FAILURES] = "unknown_users",
        [COUNTER_REFUSALS] = "refused_as_spam",
        [COUNTER_REPORTS] = "complaints",
    };
    for (int k = 0; k < COUNTER_COUNT; k++)
        json_number(j, names[k], counter_of(a, (enum guard_counter)k, now_ms));
}

static void add_account(struct json *j, const struct account_row *row)
{
    struct guard_account a;
    int64_t now = clock_now_ms();
    guard_state_read(&a, row->state);
    enum guard_level level = level_of(&a, row->hold.len, now);
    json_text(j, "account", row->name);
    json_text(j, "level", span_of(level_name(level)));
    if (level == GUARD_RED)
        date_json(j, "since", row->hold.len ? row->hold_since_ms : a.red_since_ms);
    else if (level == GUARD_YELLOW)
        date_json(j, "since", a.yellow_since_ms);
    json_bool(j, "held", row->hold.len != 0);
    json_known_text(j, "why", row->hold);
    json_text(j, "profile", profile_name(a.profile));
    if (a.profile != PROFILE_PERSON)
        json_number(j, "declared", a.declared);
    json_number(j, "held_recipients", (int64_t)a.held);
    add_counters(j, &a, now);
}

static void list_one(void *arg, const struct account_row *row)
{
    struct conversation *c = arg;
    struct json j = json_start(&c->answer);
    json_object(&j);
    add_account(&j, row);
    json_end(&j);
    buffer_add_char(&c->answer, '\n');
    buffer_clear(&c->saved);
    buffer_add_span(&c->saved, row->name);
}

static void list_next(struct conversation *c) /* in a worker */
{
    struct buffer after = c->saved;
    c->saved = BUFFER_EMPTY;
    ssize_t count = account_book_list(c->control->settings.account_book, buffer_span(&after),
                                      LISTED_AT_ONCE, list_one, c, &c->error);
    buffer_free(&after);
    c->ok = count >= 0;
    c->is_done = count < LISTED_AT_ONCE;
}

static void add_line(void *arg, const struct account_line *line)
{
    struct json *j = arg;
    json_object(j);
    date_json(j, "time", line->time_ms);
    json_text(j, "what", line->what);
    json_text(j, "by", line->by);
    if (line->is_noted)
        json_bool(j, "noted", true);
    json_text(j, "why", line->why);
    json_end(j);
}

static void add_sample(void *arg, const struct account_sample *s)
{
    struct json *j = arg;
    struct buffer id = BUFFER_EMPTY;
    message_id_add(&id, s->id);
    json_object(j);
    json_text(j, "id", buffer_span(&id));
    json_text(j, "to", s->to);
    json_text(j, "subject", s->subject);
    json_end(j);
    buffer_free(&id);
}

struct removals_of {
    struct json *json;
    struct span account;
    int64_t from_ms, until_ms; /* of the latest */
};

static void add_removal(void *arg, const struct account_removal *r)
{
    struct removals_of *of = arg;
    if (r->is_discarded || !span_equal(r->account, of->account))
        return;
    json_object(of->json);
    date_json(of->json, "accepted_until", r->until_ms);
    date_json(of->json, "discarded_at", r->ends_ms);
    json_end(of->json);
}

static void add_reached(void *arg, const struct envelope *e, size_t recipient)
{
    struct json *j = arg;
    struct buffer id = BUFFER_EMPTY;
    message_id_add(&id, e->id);
    json_object(j);
    json_text(j, "to", e->recipients[recipient].address);
    json_text(j, "id", buffer_span(&id));
    date_json(j, "time", e->accepted_ms);
    json_end(j);
    buffer_free(&id);
}

static void find_latest(void *arg, const struct account_removal *r)
{
    struct removals_of *of = arg;
    if (span_equal(r->account, of->account)) {
        of->from_ms = r->from_ms;
        of->until_ms = r->until_ms;
    }
}

/* Who has got what somebody else may have sent: of what was revoked last, or of what is held. */
static bool add_all_reached(struct conversation *c, struct json *j, struct span name,
                            const struct account_row *row)
{
    struct removals_of of = {.json = j, .account = name};
    struct buffer path = BUFFER_EMPTY;
    bool ok = account_book_removals(c->control->settings.account_book, find_latest, &of, &c->error);
    if (row->hold.len) {
        of.from_ms = row->hold_since_ms - REACHED_BEFORE;
        of.until_ms = clock_now_ms();
    }
    json_member_array(j, "reached");
    if (ok && of.until_ms) {
        buffer_printf(&path, "%s/ledger.sqlite", buffer_text(&c->control->directory));
        struct ledger *l = store_catch_up(c->control->settings.store, &c->error)
                               ? ledger_open_read(buffer_text(&path), &c->error)
                               : NULL;
        ok = l && ledger_reached(l, name, of.from_ms, of.until_ms, MOST_REACHED, add_reached, j,
                                 &c->error) >= 0;
        ledger_close(&l);
    }
    json_end(j);
    buffer_free(&path);
    return ok;
}

static bool add_story(struct conversation *c, struct json *j, struct span name)
{
    struct account_book *b = c->control->settings.account_book;
    struct removals_of of = {.json = j, .account = name};
    json_member_array(j, "samples");
    bool ok = account_book_samples(b, name, add_sample, j, &c->error);
    json_end(j);
    json_member_array(j, "history");
    ok = ok && account_book_history(b, name, MOST_LINES, add_line, j, &c->error);
    json_end(j);
    json_member_array(j, "removed");
    ok = ok && account_book_removals(b, add_removal, &of, &c->error);
    json_end(j);
    return ok;
}

static struct span folded(struct span name, struct arena *a)
{
    char *to = arena_new(a, name.len + 1);
    for (size_t i = 0; i < name.len; i++)
        to[i] = ascii_lower(name.at[i]);
    return span_make(to, name.len);
}

static void show(struct conversation *c) /* in a worker */
{
    struct arena a = ARENA_EMPTY;
    struct account_row row;
    struct span name = folded(c->request.name, &a);
    int found = account_book_find(c->control->settings.account_book, name, &a, &row, &c->error);
    c->is_done = true;
    c->ok = found > 0;
    if (!found)
        error_set(&c->error,
                  "nothing is known of an account %.*s; \"plainpost account ls\" shows those that "
                  "have sent",
                  SPAN_F(name));
    if (found > 0) {
        struct json j = json_start(&c->answer);
        json_object(&j);
        add_account(&j, &row);
        json_number(&j, "held_messages", (int64_t)c->held);
        c->ok = add_story(c, &j, name) && add_all_reached(c, &j, name, &row);
        json_end(&j);
        buffer_add_char(&c->answer, '\n');
    }
    arena_clear(&a);
}

static void is_settled(struct task *t)
{
    struct conversation *c = LIST_ENTRY(t, struct conversation, settled);
    c->is_busy = false;
    if (c->is_gone)
        conversation_free(c);
    else
        conversation_work(c, c->request.verb == VERB_ACCOUNTS ? list_next : show);
}

/* ---- what is wanted */

static void is_done(struct account_order *o, const char *problem)
{
    struct conversation *c = LIST_ENTRY(o, struct conversation, order);
    c->is_busy = false;
    if (c->is_gone)
        conversation_free(c);
    else if (problem)
        conversation_fail(c, "%s", problem);
    else
        conversation_end(c);
}

static enum account_part part_of(struct span what)
{
    return span_equal(what, SPAN("forwarding")) ? PART_FORWARDING
           : span_equal(what, SPAN("filter"))   ? PART_FILTERS
                                                : PART_PASSWORD;
}

static enum account_act act_of(enum verb v)
{
    return v == VERB_ACCOUNT_HOLD      ? ACT_HOLD
           : v == VERB_ACCOUNT_RELEASE ? ACT_RELEASE
           : v == VERB_ACCOUNT_REVOKE  ? ACT_REVOKE
           : v == VERB_ACCOUNT_RESTORE ? ACT_RESTORE
                                       : ACT_PROFILE;
}

void accounting_start(struct conversation *c)
{
    struct accounts *accounts = c->control->settings.accounts;
    enum verb v = c->request.verb;
    c->is_busy = true;
    c->state = CONVERSATION_SAVES;
    watch_change(c->control->loop, &c->watch, 0);
    if (v == VERB_ACCOUNTS || v == VERB_ACCOUNT) {
        c->held = queue_count_held(c->control->settings.queue, c->request.name);
        c->settled.run = is_settled;
        accounts_settle(accounts, &c->settled);
        return;
    }
    c->order = (struct account_order){
        .act = act_of(v),
        .account = c->request.name,
        .by = arena_printf(&c->arena, "operator (uid %u)", (unsigned)c->peer.uid),
        .why = c->request.why,
        .profile = c->request.profile,
        .declared = (uint32_t)c->request.declared,
        .done = is_done};
    if (v == VERB_ACCOUNT_CHANGED)
        accounts_order_change(accounts, &c->order, part_of(c->request.what));
    else
        accounts_order(accounts, &c->order);
}
