#include "cli/commands.h"

#include "daemon/daemon.h"

int serve_main(const struct invocation *i)
{
    struct error e;
    if (i->argc > 1)
        return complain(2, "serve takes no arguments; use it as: plainpost [-c FILE] serve");
    return daemon_run(i->options, i->file, &e) ? 0 : complain(1, "%s", e.text);
}
