/* Is the time right? Certificates, signatures and the dates of mail go by it. */
#include "doctor/exam.h"

#include "mail/date.h"

enum { MOST_APART_MS = 60 * 1000 };

static void clocks_differ(struct exam *x, const struct doctor_policy *p, int64_t apart_ms)
{
    bool is_kept = x->request->probes->clock == CLOCK_KEPT;
    struct buffer b = BUFFER_EMPTY;
    duration_add_words(&b, apart_ms < 0 ? -apart_ms : apart_ms);
    struct span apart = arena_keep(x->arena, &b);
    struct doctor_finding *f = finding(x, DOCTOR_CLOCK, DOCTOR_WARNING, x->report->policy_host,
                                       "The clock of the domain's web server is %.*s %s this one.",
                                       SPAN_F(apart), apart_ms > 0 ? "ahead of" : "behind");
    f->found = arena_printf(x->arena, "there %.*s, here %.*s", SPAN_F(time_text(x, p->date_ms)),
                            SPAN_F(time_text(x, p->our_date_ms)));
    f->why =
        SPAN("Signatures and certificates are not valid yet, or not any more, where a clock is "
             "wrong.");
    f->todo = is_kept
                  ? SPAN("This machine's clock is kept right, so it is likely the other one: run "
                         "a program there that sets it, such as chrony.")
                  : SPAN("See which is right, and run a program that sets the clock, such as "
                         "chrony.");
}

void exam_clock(struct exam *x)
{
    const struct doctor_probes *probes = x->request->probes;
    struct span here = SPAN("this machine");
    if (!probes)
        return;
    const struct doctor_policy *p = &probes->policy;
    int64_t apart_ms = p->date_ms ? p->date_ms - p->our_date_ms : 0;
    if (apart_ms > MOST_APART_MS || apart_ms < -MOST_APART_MS)
        clocks_differ(x, p, apart_ms);
    if (!x->request->is_ours)
        return;
    switch (probes->clock) {
    case CLOCK_KEPT:
        finding(x, DOCTOR_CLOCK, DOCTOR_FINE, here, "The clock of this machine is kept right.");
        break;
    case CLOCK_ALONE: {
        struct doctor_finding *f = finding(x, DOCTOR_CLOCK, DOCTOR_ADVICE, here,
                                           "Nothing keeps the clock of this machine right.");
        f->why = SPAN("Where it goes wrong, mail has wrong dates, and signatures and certificates "
                      "fail.");
        f->todo = SPAN("Run a program that sets it: chrony, or systemd-timesyncd.");
        break;
    }
    case CLOCK_UNKNOWN:
        finding(x, DOCTOR_CLOCK, DOCTOR_UNCHECKED, here,
                "Whether the clock of this machine is kept right can't be seen from here.");
        break;
    }
}
