#include "cli/ledger_access.h"

#include "control/client.h"
#include "daemon/lock.h"

#include <errno.h>
#include <unistd.h>

/* No daemon runs: take its place for a moment, so that none starts meanwhile. */
static bool feed_ourselves(const struct options *o, const char *ledger_path, const char *journal,
                           struct error *e)
{
    int lock = state_lock(o->state, e);
    if (lock < 0)
        return false;
    struct ledger *l = ledger_open(ledger_path, e);
    bool ok = l && journal_make_durable(disk_real(), journal, e) &&
              ledger_feed(l, disk_real(), journal, JOURNAL_END, e);
    ledger_close(&l);
    close(lock);
    return ok;
}

/* 0, or why not. */
static int open_as(const struct options *o, int how)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/ledger.sqlite", SPAN_F(o->state));
    int why = access(buffer_text(&path), how) == 0 ? 0 : errno;
    buffer_free(&path);
    return why;
}

bool ledger_is_there(const struct options *o)
{
    return open_as(o, F_OK) == 0;
}

bool ledger_is_for_others(const struct options *o)
{
    return open_as(o, R_OK | W_OK) == EACCES;
}

struct ledger *ledger_of_now(const struct options *o, struct buffer *journal_directory,
                             struct error *e)
{
    struct buffer path = BUFFER_EMPTY, journal = BUFFER_EMPTY;
    struct ledger *l = NULL;
    buffer_printf(&path, "%.*s/ledger.sqlite", SPAN_F(o->state));
    buffer_printf(&journal, "%.*s/journal", SPAN_F(o->state));
    if (access(buffer_text(&path), F_OK) != 0) {
        error_set(e, "there is no mail in %.*s yet; is this the right configuration? (-c FILE)",
                  SPAN_F(o->state));
    } else {
        int daemon = control_catch_up(o, e);
        if (daemon > 0 ||
            (daemon == 0 && feed_ourselves(o, buffer_text(&path), buffer_text(&journal), e)))
            l = ledger_open_read(buffer_text(&path), e);
    }
    if (journal_directory)
        buffer_add_span(journal_directory, buffer_span(&journal));
    buffer_free(&path);
    buffer_free(&journal);
    return l;
}
