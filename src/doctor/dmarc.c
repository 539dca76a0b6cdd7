/* What is to become of mail in the domain's name that neither SPF nor DKIM proves (DMARC, RFC 9989,
 * which took the place of RFC 7489). */
#include "auth/dmarc_walk.h"
#include "auth/organization.h"
#include "auth/tag_list.h"
#include "doctor/exam.h"
#include "mail/address.h"

enum { MOST_RECEIVERS = 8 };

struct dmarc {
    struct span name, text; /* where it was found, and what stands there */
    bool is_above;          /* at a domain above */
    struct dmarc_record record;
};

static struct span at_domain(struct exam *x, struct span domain)
{
    return arena_printf(x->arena, "_dmarc.%.*s", SPAN_F(domain));
}

/* The value of a tag as it is written, or empty. */
static struct span value_of(const struct dmarc *d, const char *name)
{
    struct tag_list tags;
    struct error e;
    const struct tag *t = tag_list_parse(&tags, d->text, &e) ? tag_list_find(&tags, name) : NULL;
    return t ? t->value : SPAN_NONE;
}

/* ---- finding it */

static void has_several(struct exam *x, struct span name, const struct span *texts, size_t count)
{
    struct doctor_finding *f =
        finding(x, DOCTOR_DMARC, DOCTOR_BROKEN, name,
                "There are %zu DMARC records, and only one is allowed.", count);
    f->found = joined_lines(x, texts, count);
    f->why = SPAN("Others then use none of them (RFC 9989 4.10).");
    f->todo = SPAN("Leave the one that you want, and take the others away.");
}

/* 1: found; 0: there is none; -1: not known, or more than one, which was told. */
static int look_at_name(struct exam *x, struct span name, struct dmarc *d)
{
    struct span texts[MOST_EXAM_TEXTS];
    size_t count = exam_texts(x, DOCTOR_DMARC, name, SPAN("v=DMARC1"), texts);
    if (count == SPAN_NOT_FOUND)
        return -1;
    if (count > 1)
        has_several(x, name, texts, count);
    if (count == 1) {
        d->name = name;
        d->text = texts[0];
    }
    return count > 1 ? -1 : (int)count;
}

/* The domain's own, or that of the organization above it (RFC 9989 4.10.1). */
static int look_for_record(struct exam *x, struct dmarc *d)
{
    struct dmarc_walk w;
    struct span domain = x->request->domain;
    int own = look_at_name(x, at_domain(x, domain), d);
    if (own)
        return own;
    if (!dmarc_walk(&w, domain, x->lookups, x->arena)) {
        x->is_open = true;
        return -1;
    }
    if (w.failed) {
        finding(x, DOCTOR_DMARC, DOCTOR_UNCHECKED, w.failed_name,
                "The DNS gave no answer for a domain above, where a DMARC record may be.")
            ->found = w.failed->why;
        return -1;
    }
    d->is_above = true;
    for (size_t i = 0; i < w.count; i++)
        if (span_equal(w.found[i].domain, w.organization) && !span_equal(w.organization, domain))
            return look_at_name(x, at_domain(x, w.organization), d);
    return 0;
}

static void has_no_record(struct exam *x)
{
    struct span domain = x->request->domain;
    struct doctor_finding *f =
        finding(x, DOCTOR_DMARC, x->takes_no_mail ? DOCTOR_ADVICE : DOCTOR_WARNING, domain,
                "There is no DMARC record.");
    f->why = SPAN("Anybody can write mail in the domain's name; Gmail and Yahoo want a record from "
                  "those who send much.");
    f->todo =
        x->takes_no_mail
            ? SPAN("If the domain sends no mail, have all of it refused:")
            : SPAN("Begin with one that only asks for reports, and read them for some weeks:");
    f->publish = txt_record(
        x, at_domain(x, domain),
        x->takes_no_mail ? SPAN("v=DMARC1; p=reject")
                         : arena_printf(x->arena, "v=DMARC1; p=none; rua=mailto:postmaster@%.*s",
                                        SPAN_F(domain)));
}

/* ---- what stands in it */

static struct doctor_finding *is_wrong(struct exam *x, const struct dmarc *d, struct span says)
{
    struct doctor_finding *f =
        finding(x, DOCTOR_DMARC, DOCTOR_BROKEN, d->name, "%.*s", SPAN_F(says));
    f->found = d->text;
    f->why = SPAN("Others ignore the record, as if there were none.");
    f->todo = SPAN("The shortest one that works:");
    f->publish = txt_record(x, d->name, SPAN("v=DMARC1; p=none"));
    return f;
}

/* Others are lenient where they can be (RFC 9989 4.10.1); who writes it should know. */
static bool is_usable(struct exam *x, struct dmarc *d)
{
    struct tag_list tags;
    struct error e;
    bool is_read = dmarc_record_parse(&d->record, d->text),
         is_list = tag_list_parse(&tags, d->text, &e);
    struct span p = value_of(d, "p");
    if (!is_list || !is_read) {
        is_wrong(x, d,
                 arena_printf(x->arena, "The DMARC record can't be read: %s.",
                              is_list ? "its version is not \"v=DMARC1\"" : e.text));
        return false;
    }
    if (!span_equal_nocase(p, span_of(dmarc_policy_word(d->record.policy)))) {
        is_wrong(x, d,
                 p.len ? arena_printf(x->arena,
                                      "The DMARC record has a policy that nobody knows, p=%.*s.",
                                      SPAN_F(p))
                       : SPAN("The DMARC record has no policy (p=)."));
        return false;
    }
    return true;
}

/* The record with another policy; its value borrows from the text. */
static struct span with_policy(struct exam *x, const struct dmarc *d, const char *policy)
{
    struct span p = value_of(d, "p");
    size_t before = (size_t)(p.at - d->text.at);
    return arena_printf(x->arena, "%.*s%s%.*s", (int)before, d->text.at, policy,
                        SPAN_F(span_skip(d->text, before + p.len)));
}

static void asks_for_nothing(struct exam *x, const struct dmarc *d)
{
    struct doctor_finding *f =
        finding(x, DOCTOR_DMARC, DOCTOR_ADVICE, d->name,
                "The DMARC record asks for nothing to be done with forged mail (%s=none).",
                d->is_above && value_of(d, "sp").len ? "sp" : "p");
    f->found = d->text;
    f->why = SPAN("That is right while you watch the reports; it protects nobody.");
    f->todo = SPAN("When the reports show that your own mail passes, have forged mail put aside:");
    if (!d->is_above)
        f->publish = txt_record(x, d->name, with_policy(x, d, "quarantine"));
}

static void look_at_policy(struct exam *x, const struct dmarc *d)
{
    enum dmarc_policy policy = d->is_above ? d->record.below : d->record.policy;
    struct doctor_finding *f;
    switch (policy) {
    case DMARC_DO_NOTHING:
        asks_for_nothing(x, d);
        return;
    case DMARC_QUARANTINE:
        f = finding(x, DOCTOR_DMARC, DOCTOR_FINE, d->name,
                    "Forged mail is to go into the folder for spam (quarantine).");
        f->found = d->text;
        break;
    case DMARC_REJECT:
        f = finding(x, DOCTOR_DMARC, DOCTOR_FINE, d->name,
                    "Forged mail is to be refused (reject).");
        f->found = d->text;
        break;
    }
    if (!d->record.is_trial)
        return;
    f = finding(x, DOCTOR_DMARC, DOCTOR_ADVICE, d->name,
                "The DMARC record says that it is only being tried out (t=y).");
    f->found = d->text;
    f->why = SPAN("Others then do less with forged mail than it asks for.");
    f->todo = SPAN("When all works, publish it without t=y.");
}

/* ---- reports */

/* Whoever gets reports about others must have agreed to it (RFC 9990 4). */
static void look_at_receiver(struct exam *x, const struct dmarc *d, struct span address)
{
    struct span texts[MOST_EXAM_TEXTS], whose = span_skip(d->name, sizeof "_dmarc." - 1);
    struct span domain = address_domain(address);
    struct span theirs = organization_of(domain, x->arena), ours = organization_of(whose, x->arena);
    if (span_equal_nocase(domain, whose) || (theirs.len && span_equal(theirs, ours)))
        return;
    struct span name =
        arena_printf(x->arena, "%.*s._report._dmarc.%.*s", SPAN_F(whose), SPAN_F(domain));
    if (exam_texts(x, DOCTOR_DMARC, name, SPAN("v=DMARC1"), texts))
        return;
    struct doctor_finding *f =
        finding(x, DOCTOR_DMARC, DOCTOR_WARNING, d->name,
                "Reports are to go to %.*s, but %.*s does not say that it wants them.",
                SPAN_F(address), SPAN_F(domain));
    f->why = SPAN("They are not sent then, so that nobody can be flooded with them.");
    f->todo = SPAN("Name an address in your own domain, or have the operator of that one publish:");
    f->publish = txt_record(x, name, SPAN("v=DMARC1"));
}

static void look_at_reports(struct exam *x, const struct dmarc *d)
{
    struct span rest = d->record.reports, uri;
    size_t count = 0;
    while (count < MOST_RECEIVERS && dmarc_next_uri(&rest, &uri)) {
        bool is_mail = span_starts_nocase(uri, SPAN("mailto:"));
        struct span address = is_mail ? span_skip(uri, sizeof "mailto:" - 1) : SPAN_NONE;
        count++;
        if (address_domain(address).len)
            look_at_receiver(x, d, address);
    }
    if (count || d->is_above || x->takes_no_mail)
        return;
    bool has_end = d->text.len && span_trim(d->text).at[span_trim(d->text).len - 1] == ';';
    struct doctor_finding *f = finding(x, DOCTOR_DMARC, DOCTOR_ADVICE, d->name,
                                       "Nobody is told how the domain's mail does.");
    f->why = SPAN("Large providers send daily reports about it: they show who forges you, and what "
                  "of your own mail fails.");
    f->todo = SPAN("Name an address for them:");
    if (!value_of(d, "rua").len)
        f->publish = txt_record(x, d->name,
                                arena_printf(x->arena, "%.*s%s rua=mailto:postmaster@%.*s",
                                             SPAN_F(span_trim(d->text)), has_end ? "" : ";",
                                             SPAN_F(x->request->domain)));
}

void exam_dmarc(struct exam *x)
{
    struct dmarc d = {.name = SPAN_NONE, .text = SPAN_NONE};
    int found = look_for_record(x, &d);
    if (!found)
        has_no_record(x);
    if (found < 1 || !is_usable(x, &d))
        return;
    look_at_policy(x, &d);
    look_at_reports(x, &d);
}
