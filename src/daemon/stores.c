/* What lies in the directory of state. */
#include "daemon/house.h"
#include "store/feedback_book.h"

enum { LAZY_MS = 20 };

static void add_waiting(void *arg, message_id id, int64_t due_ms, size_t open)
{
    queue_add_sleeping(((struct house *)arg)->queue, id, due_ms, open);
}

bool house_open_store(struct house *h, struct error *e)
{
    struct buffer directory = BUFFER_EMPTY;
    buffer_add_span(&directory, h->options->state);
    const struct store_settings s = {.disk = disk_real(),
                                     .directory = buffer_text(&directory),
                                     .segment_size = h->options->segment_size,
                                     .lazy_ms = LAZY_MS,
                                     .keep_story = h->options->keep_story,
                                     .keep_sent = h->options->keep_sent};
    h->store = store_open(&s, add_waiting, h, e);
    buffer_add_text(&directory, "/ledger.sqlite");
    struct error why;
    h->ledger = h->store ? ledger_open_read(buffer_text(&directory), &why) : NULL;
    buffer_free(&directory);
    return h->store != NULL;
}

bool house_open_feedback(struct house *h, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/feedback.sqlite", SPAN_F(h->options->state));
    h->feedback = feedback_book_open(buffer_text(&path), e);
    buffer_free(&path);
    return h->feedback != NULL;
}

bool house_open_suppressions(struct house *h, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/suppressions.sqlite", SPAN_F(h->options->state));
    h->suppressions = h->routing.suppressions = suppressions_open(buffer_text(&path), e);
    buffer_free(&path);
    return h->suppressions != NULL;
}
