#include "daemon/house.h"

static bool open_policies(struct house *h, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/policies.sqlite", SPAN_F(h->options->state));
    const struct sts_settings s = {.loop = h->loop,
                                   .dns = h->dns,
                                   .path = buffer_text(&path),
                                   .authorities = h->options->tls_authorities};
    h->sts = sts_new(&s, e);
    buffer_free(&path);
    return h->sts != NULL;
}

static struct day_counts *open_counts(const struct house *h, const char *file,
                                      struct day_counts_settings s, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/%s", SPAN_F(h->options->state), file);
    s.path = buffer_text(&path);
    struct day_counts *counts = day_counts_open(&s, e);
    buffer_free(&path);
    return counts;
}

static bool open_all_counts(struct house *h, struct error *e)
{
    static const struct day_counts_settings sessions = {.reports = "TLSRPT", .most_rows = 1000},
                                            judged = {.reports = "DMARC", .most_rows = 20000};
    h->sessions = open_counts(h, "sessions.sqlite", sessions, e);
    h->judged = h->sessions ? open_counts(h, "judged.sqlite", judged, e) : NULL;
    return h->judged != NULL;
}

bool transport_start(struct house *h, void (*accepted)(void *house, struct message *m),
                     struct error *e)
{
    if (!open_policies(h, e) || !open_all_counts(h, e))
        return false;
    struct reporting_settings s = {.loop = h->loop,
                                   .dns = h->dns,
                                   .store = h->store,
                                   .counts = h->sessions,
                                   .accepted = accepted,
                                   .arg = h};
    h->tls_reports = tls_reports_new(&s);
    s.counts = h->judged;
    h->dmarc_reports = dmarc_reports_new(&s);
    const struct own_letter_house letters = {
        .loop = h->loop, .store = h->store, .accepted = accepted, .arg = h};
    h->forging = forging_new(&letters, h->dns);
    transport_set(h);
    return true;
}

void transport_set(struct house *h)
{
    sts_trust(h->sts, h->options->tls_authorities);
    reporting_set(h->tls_reports, h->options, h->directory, h->signing);
    reporting_set(h->dmarc_reports, h->options, h->directory, h->signing);
    forging_set(h->forging, h->options, h->directory, h->signing);
}

void transport_end(struct house *h)
{
    sts_end(h->sts);
    reporting_end(h->tls_reports);
    reporting_end(h->dmarc_reports);
    forging_end(h->forging);
}

void transport_free(struct house *h)
{
    sts_free(&h->sts);
    reporting_free(&h->tls_reports);
    day_counts_close(&h->sessions);
    reporting_free(&h->dmarc_reports);
    forging_free(&h->forging);
    day_counts_close(&h->judged);
}
