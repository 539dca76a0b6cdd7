#include "deliver/whole_run.h"

bool world_gathers, world_storms, world_floods;

void world_fault(struct world *w, size_t mail, const char *what)
{
    if (!w->fault) {
        w->fault = what;
        w->fault_mail = mail;
    }
}

void world_feed(struct world *w)
{
    struct error e;
    ledger_feed(w->ledger, w->disk, WORLD_JOURNAL, journal_durable(w->journal), &e);
}
