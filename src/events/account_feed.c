#include "events/account_feed.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/visible.h"
#include "events/event.h"
#include "events/place.h"
#include "mail/date.h"

#include <stdlib.h>

enum { LONGEST_NAME = 320 };

struct account_feed {
    const struct event_sink *to;
    struct span state;
    struct buffer path;        /* of its place */
    struct account_book *book; /* NULL: not open */
    bool has_place;
    uint64_t place, next;
    struct buffer *lines; /* that are being filled */
};

struct account_feed *account_feed_new(const struct event_sink *to, struct span state,
                                      struct error *e)
{
    struct account_feed *f = memory_new(sizeof *f);
    f->to = to;
    f->state = state;
    if (!place_path(disk_real(), state, to, &f->path, e))
        account_feed_free(&f);
    else
        buffer_add_text(&f->path, "-accounts");
    return f;
}

void account_feed_free(struct account_feed **feed)
{
    struct account_feed *f = *feed;
    if (!f)
        return;
    account_book_close(&f->book);
    buffer_free(&f->path);
    free(f);
    *feed = NULL;
}

/* ---- writing */

static void add_harmless(struct json *j, const char *name, struct span text, size_t most)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, text, most);
    json_known_text(j, name, buffer_span(&shown));
    buffer_free(&shown);
}

void account_event_write(struct buffer *out, uint64_t number, struct span account,
                         const struct account_line *line)
{
    struct buffer word = BUFFER_EMPTY, id = BUFFER_EMPTY;
    struct json j = json_start(out);
    buffer_printf(&word, "account-%.*s", SPAN_F(line->what));
    buffer_add_text(&id, "account-");
    event_id_add(&id, number);
    json_object(&j);
    json_number(&j, "version", EVENT_VERSION);
    json_text(&j, "id", buffer_span(&id));
    date_json(&j, "time", line->time_ms);
    json_text(&j, "event", buffer_span(&word));
    add_harmless(&j, "account", account, LONGEST_NAME);
    add_harmless(&j, "by", line->by, LONGEST_NAME);
    if (line->is_noted)
        json_bool(&j, "noted", true);
    add_harmless(&j, "words", line->why, EVENT_MOST_WORDS);
    json_end(&j);
    buffer_free(&word);
    buffer_free(&id);
}

/* ---- reading */

static bool is_ready(struct account_feed *f, struct error *e)
{
    if (!f->book) {
        struct buffer path = BUFFER_EMPTY;
        buffer_printf(&path, "%.*s/accounts.sqlite", SPAN_F(f->state));
        f->book = account_book_open(buffer_text(&path), e);
        buffer_free(&path);
    }
    if (!f->book || f->has_place)
        return f->book != NULL;
    int found = place_load(disk_real(), buffer_text(&f->path), &f->place, e);
    if (!found && account_book_end(f->book, &f->place, e) &&
        place_save(disk_real(), buffer_text(&f->path), f->to, f->place, e))
        found = 1;
    f->has_place = found > 0;
    return f->has_place;
}

static void take(void *arg, uint64_t number, struct span account, const struct account_line *line)
{
    struct account_feed *f = arg;
    account_event_write(f->lines, number, account, line);
    buffer_add_char(f->lines, '\n');
    f->next = number + 1;
}

bool account_feed_next(struct account_feed *f, size_t most, struct buffer *lines, struct error *e)
{
    if (!is_ready(f, e))
        return false;
    f->lines = lines;
    f->next = f->place;
    return account_book_lines(f->book, f->place, most, take, f, e);
}

bool account_feed_taken(struct account_feed *f, struct error *e)
{
    if (f->next == f->place)
        return true;
    if (!place_save(disk_real(), buffer_text(&f->path), f->to, f->next, e))
        return false;
    f->place = f->next;
    return true;
}
