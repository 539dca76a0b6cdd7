#include "cli/commands.h"

#include "daemon/daemon.h"
#include "sys/log.h"

/* The option log; it has been checked. */
static bool open_log(struct span where, struct error *e)
{
    struct span path = where, form = span_cut(&path, ':');
    return log_open(span_equal(form, SPAN("json"))       ? LOG_JSON
                    : span_equal(form, SPAN("syslog"))   ? LOG_SYSLOG
                    : span_equal(form, SPAN("journald")) ? LOG_JOURNAL
                                                         : LOG_PLAIN,
                    path, e);
}

int serve_main(const struct invocation *i)
{
    struct error e;
    if (i->argc > 1)
        return complain(2, "serve takes no arguments; use it as: plainpost [-c FILE] serve");
    bool ok = open_log(i->options->log, &e);
    if (ok) {
        ok = daemon_run(i->options, i->file, &e);
        log_shut();
    }
    return ok ? 0 : complain(1, "%s", e.text);
}
