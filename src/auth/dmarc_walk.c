/* All names of a walk are asked about at once: they are eight at most, usually three, and what
 * stands at the top of the tree is in every cache. */
#include "auth/dmarc_walk.h"

struct step {
    struct span domain, name; /* the domain, and where its record stands */
    const struct dns_answer *answer;
};

static size_t labels_of(struct span domain)
{
    size_t count = domain.len ? 1 : 0;
    for (size_t i = 0; i < domain.len; i++)
        count += domain.at[i] == '.';
    return count;
}

static struct span parent_of(struct span domain)
{
    span_cut(&domain, '.');
    return domain;
}

/* RFC 9989 4.10, steps 3 and 4. */
static struct span next_target(struct span domain)
{
    do
        domain = parent_of(domain);
    while (labels_of(domain) >= DMARC_MOST_QUERIES);
    return domain;
}

/* The one record; several are none. */
static bool take_record(const struct dns_answer *answer, struct dmarc_record *record,
                        struct arena *a)
{
    size_t count = 0;
    for (size_t i = 0; i < answer->count; i++) {
        struct span text;
        struct dmarc_record each;
        if (!dns_read_txt(answer->records[i], &text, a) || !dmarc_record_parse(&each, text))
            continue;
        *record = each;
        count++;
    }
    return count == 1;
}

/* 4.10.2, steps 1 to 3. Where the walk started at psd=y itself, this is `start`, as it should be.
 */
static struct span organization(const struct dmarc_walk *w, struct span start)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct dmarc_found *f = &w->found[i];
        if (f->record.psd == DMARC_PSD_NO)
            return f->domain;
        if (f->record.psd != DMARC_PSD_YES)
            continue;
        struct span below = start;
        while (labels_of(below) > labels_of(f->domain) + 1)
            below = parent_of(below);
        return below;
    }
    return w->count ? w->found[w->count - 1].domain : start;
}

/* A top-level domain whose servers fail must not stop the mail of those below it that have said
 * what they want: nothing stands there but psd=y, which only says once more where they begin. */
static bool matters(const struct dmarc_walk *w, const struct step *s)
{
    return !w->count || labels_of(s->domain) > 1;
}

static bool stops(const struct dmarc_walk *w)
{
    return w->count && w->found[w->count - 1].record.psd != DMARC_PSD_UNKNOWN;
}

bool dmarc_walk(struct dmarc_walk *w, struct span domain, struct lookups *l, struct arena *a)
{
    struct step steps[DMARC_MOST_QUERIES];
    size_t count = 0;
    bool is_open = false;
    *w = (struct dmarc_walk){.organization = domain};
    for (struct span at = domain; at.len; at = next_target(at)) {
        struct step *s = &steps[count++];
        *s = (struct step){at, arena_printf(a, "_dmarc.%.*s", SPAN_F(at)), NULL};
        s->answer = lookups_get(l, s->name, DNS_TXT);
        is_open |= !s->answer;
    }
    if (is_open)
        return false;
    for (size_t i = 0; i < count && !stops(w); i++) {
        struct dmarc_found *f = &w->found[w->count];
        f->domain = steps[i].domain;
        if (steps[i].answer->result == DNS_FAILED && matters(w, &steps[i])) {
            w->failed = steps[i].answer;
            w->failed_name = steps[i].name;
            return true;
        }
        w->count += take_record(steps[i].answer, &f->record, a);
    }
    w->organization = organization(w, domain);
    return true;
}
