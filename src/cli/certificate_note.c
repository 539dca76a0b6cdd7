#include "cli/certificate_note.h"

#include "acme/plan.h"
#include "mail/date.h"
#include "sys/clock.h"
#include "sys/tls_certificate.h"

#include <stdio.h>

static void tell(const struct tls_certificate *c, enum plan_urgency urgency, bool is_acme)
{
    struct buffer line = BUFFER_EMPTY;
    int64_t left = c->ends_ms - clock_now_ms();
    buffer_printf(&line, "\nNote: the certificate of this server in %s ", c->file);
    buffer_add_text(&line, urgency == PLAN_OVER ? "is over since " : "ends in ");
    if (urgency != PLAN_OVER) {
        duration_add_words(&line, left);
        buffer_add_text(&line, ", on ");
    }
    date_add_words(&line, c->ends_ms, clock_offset_minutes(c->ends_ms));
    buffer_add_text(&line, urgency == PLAN_OVER
                               ? ". Servers and mail programs that check it bring us no mail. "
                               : ". From then on servers and mail programs that check it bring us "
                                 "no mail. ");
    buffer_add_text(&line, is_acme ? "It should have been renewed by itself; \"plainpost "
                                     "certificate ls\" says why it was not.\n"
                                   : "Please renew it, and then tell the server: plainpost "
                                     "reload\n");
    fflush(stdout);
    fputs(buffer_text(&line), stderr);
    buffer_free(&line);
}

static void look_at(struct span file, bool is_acme, struct arena *a)
{
    struct tls_certificate c;
    struct error e;
    if (!tls_certificate_read(&c, arena_text(a, file), a, &e))
        return;
    enum plan_urgency urgency = plan_urgency(c.begins_ms, c.ends_ms, clock_now_ms());
    if (urgency != PLAN_FINE)
        tell(&c, urgency, is_acme);
}

void certificate_notes(const struct options *o)
{
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < o->tls_certificate_count; i++)
        look_at(o->tls_certificates[i].file, false, &a);
    for (size_t i = 0; i < o->acme_certificate_count; i++)
        look_at(acme_files(o->state, o->acme_directory, o->acme_certificates[i].names[0], &a)
                    .certificate,
                true, &a);
    arena_clear(&a);
}
