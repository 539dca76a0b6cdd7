#include "auth/dmarc.h"

#include "auth/dmarc_walk.h"
#include "base/visible.h"
#include "mail/domain.h"
#include "mail/host_name.h"

enum { SHOWN = 260 };

const char *dmarc_result_word(enum dmarc_result r)
{
    static const char *const words[] = {"none", "pass", "fail", "temperror", "permerror"};
    return words[r];
}

struct dmarc_run {
    const struct dmarc_request *request;
    struct lookups *lookups;
    struct arena *arena;
    struct dmarc_verdict *verdict;
};

static struct span shown(struct dmarc_run *run, struct span s)
{
    struct buffer out = BUFFER_EMPTY;
    visible_add(&out, s, SHOWN);
    return arena_keep(run->arena, &out);
}

/* As the DNS has it: in ASCII and lower case, without a dot at its end. */
static struct span plain(struct dmarc_run *run, struct span domain)
{
    struct span ascii;
    if (!domain_to_ascii(domain, &ascii, run->arena))
        ascii = domain;
    if (ascii.len && ascii.at[ascii.len - 1] == '.')
        ascii.len--;
    char *lower = arena_new(run->arena, ascii.len + 1);
    for (size_t i = 0; i < ascii.len; i++)
        lower[i] = ascii_lower(ascii.at[i]);
    return span_make(lower, ascii.len);
}

static bool decide(struct dmarc_run *run, enum dmarc_result result, struct span why,
                   struct span remedy)
{
    run->verdict->result = result;
    run->verdict->why = why;
    run->verdict->remedy = remedy;
    return true;
}

static bool no_answer(struct dmarc_run *run, struct span name, const struct dns_answer *answer)
{
    return decide(run, DMARC_TEMPERROR,
                  arena_printf(run->arena, "the DNS could not be asked about %.*s: %.*s",
                               SPAN_F(shown(run, name)), SPAN_F(shown(run, answer->why))),
                  SPAN("Its name servers have to answer; it may work later."));
}

/* ---- the policy that applies, 4.10.1 */

static const struct dmarc_found *found_at(const struct dmarc_walk *w, struct span domain)
{
    for (size_t i = 0; i < w->count; i++)
        if (span_equal(w->found[i].domain, domain))
            return &w->found[i];
    return NULL;
}

/* The author's, the organization's, the public suffix's: in this order. */
static const struct dmarc_found *applicable(const struct dmarc_walk *w, struct span author)
{
    const struct dmarc_found *f = found_at(w, author);
    if (!f)
        f = found_at(w, w->organization);
    if (!f && w->count && w->found[w->count - 1].record.psd == DMARC_PSD_YES)
        f = &w->found[w->count - 1];
    return f;
}

/* False: whether the author's domain exists is not known yet. That it is not known for now counts
 * as yes: sp= is for most. */
static bool take_policy(struct dmarc_run *run, const struct dmarc_found *f)
{
    struct dmarc_verdict *v = run->verdict;
    v->place = f->domain;
    v->record = f->record;
    v->published = f->record.policy;
    if (!span_equal(f->domain, v->author)) {
        v->published = f->record.below;
        if (f->record.below != f->record.below_missing) {
            const struct dns_answer *answer = lookups_get(run->lookups, v->author, DNS_A);
            if (!answer)
                return false;
            if (answer->result == DNS_NO_NAME)
                v->published = f->record.below_missing;
        }
    }
    v->applied = v->published;
    if (f->record.is_trial && v->published != DMARC_DO_NOTHING)
        v->applied = (enum dmarc_policy)(v->published - 1);
    return true;
}

/* ---- who speaks for the author, 4.10.2 */

enum aligned { ALIGNED_NO, ALIGNED_YES, ALIGNED_OPEN, ALIGNED_FAILED };

/* Whoever has the same organization stands at or below it: nobody else needs a walk. */
static enum aligned is_aligned(struct dmarc_run *run, struct span identity, bool is_strict,
                               size_t *walks)
{
    const struct dmarc_verdict *v = run->verdict;
    struct dmarc_walk w;
    if (span_equal(identity, v->author))
        return ALIGNED_YES;
    if (is_strict || !host_name_is_within(identity, v->organization) ||
        (*walks)++ >= DMARC_MOST_IDENTITIES)
        return ALIGNED_NO;
    if (!dmarc_walk(&w, identity, run->lookups, run->arena))
        return ALIGNED_OPEN;
    if (w.failed)
        return ALIGNED_FAILED;
    return span_equal(w.organization, v->organization) ? ALIGNED_YES : ALIGNED_NO;
}

static bool passes(struct dmarc_run *run)
{
    const struct dmarc_verdict *v = run->verdict;
    struct span author = shown(run, v->author), shown_domain = shown(run, v->passed_domain);
    return decide(run, DMARC_PASS,
                  arena_printf(run->arena,
                               v->dkim_speaks
                                   ? "a DKIM signature of %.*s speaks for %.*s"
                                   : "SPF passes for the sender's domain %.*s, which speaks for "
                                     "%.*s",
                               SPAN_F(shown_domain), SPAN_F(author)),
                  SPAN_NONE);
}

/* What there was, although it did not help. */
static struct span others(struct dmarc_run *run)
{
    const struct dmarc_request *r = run->request;
    struct buffer out = BUFFER_EMPTY;
    if (r->sender.len)
        buffer_printf(&out, "; SPF passes for %.*s only", SPAN_F(shown(run, r->sender)));
    for (size_t i = 0; i < r->signer_count && i < 3; i++)
        buffer_printf(&out, "%s%.*s", i ? ", " : "; DKIM signatures hold of ",
                      SPAN_F(shown(run, r->signers[i])));
    return arena_keep(run->arena, &out);
}

static bool fails(struct dmarc_run *run)
{
    const struct dmarc_verdict *v = run->verdict;
    struct span author = shown(run, v->author);
    const char *trial = v->applied != v->published ? " as a trial (t=y)" : "";
    return decide(
        run, DMARC_FAIL,
        arena_printf(run->arena,
                     "neither SPF nor DKIM speaks for %.*s%.*s; the policy of %.*s is %s%s",
                     SPAN_F(author), SPAN_F(others(run)), SPAN_F(shown(run, v->place)),
                     dmarc_policy_word(v->published), trial),
        arena_printf(run->arena,
                     "Sign the mail by DKIM as %.*s (d=), or send it with a return path of that "
                     "domain, whose SPF record names the sending server.",
                     SPAN_F(author)));
}

/* What was found of one identity, and of all so far. */
struct judged {
    bool is_open, has_failed;
    size_t walks;
};

static bool speaks(struct dmarc_run *run, struct span domain, bool is_spf, struct judged *j)
{
    struct dmarc_verdict *v = run->verdict;
    struct span identity = plain(run, domain);
    if (!identity.len)
        return false;
    enum aligned answer = is_aligned(
        run, identity, is_spf ? v->record.is_strict_spf : v->record.is_strict_dkim, &j->walks);
    j->is_open |= answer == ALIGNED_OPEN;
    j->has_failed |= answer == ALIGNED_FAILED;
    if (answer == ALIGNED_YES && !v->passed_by.len) {
        v->passed_by = is_spf ? SPAN("spf") : SPAN("dkim");
        v->passed_domain = identity;
    }
    return answer == ALIGNED_YES;
}

/* One signature is enough, and then SPF need not be asked about; nor signatures where SPF speaks.
 * Only who wants reports is told of both. */
static bool judge(struct dmarc_run *run)
{
    const struct dmarc_request *r = run->request;
    struct dmarc_verdict *v = run->verdict;
    const bool wants_both = v->record.reports.len;
    struct judged j = {.has_failed = r->has_temporary};
    for (size_t i = 0; i < r->signer_count && !v->dkim_speaks; i++)
        v->dkim_speaks = speaks(run, r->signers[i], false, &j);
    if (v->dkim_speaks)
        j.is_open = false; /* whatever the others are */
    if (wants_both || !v->dkim_speaks)
        v->spf_speaks = speaks(run, r->sender, true, &j);
    if (j.is_open && (wants_both || !v->spf_speaks))
        return false;
    if (v->dkim_speaks || v->spf_speaks)
        return passes(run);
    return j.has_failed ? decide(run, DMARC_TEMPERROR,
                                 SPAN("SPF or DKIM could not be checked, because the DNS did not "
                                      "answer"),
                                 SPAN("It may work later."))
                        : fails(run);
}

/* ---- one author */

static bool check_author(struct dmarc_run *run, struct span domain)
{
    struct dmarc_walk w;
    struct dmarc_verdict *v = run->verdict;
    *v = (struct dmarc_verdict){.author = plain(run, domain)};
    if (!dmarc_walk(&w, v->author, run->lookups, run->arena))
        return false;
    if (w.failed)
        return no_answer(run, w.failed_name, w.failed);
    v->organization = w.organization;
    const struct dmarc_found *f = applicable(&w, v->author);
    struct span author = shown(run, v->author);
    if (!f)
        return decide(
            run, DMARC_NONE,
            arena_printf(run->arena, "%.*s has no DMARC record, nor has a domain above it",
                         SPAN_F(author)),
            arena_printf(run->arena, "Publish a TXT record at _dmarc.%.*s: v=DMARC1; p=none",
                         SPAN_F(author)));
    if (!f->record.is_usable)
        return decide(run, DMARC_NONE,
                      arena_printf(run->arena,
                                   "the DMARC record of %.*s says no policy that can be used",
                                   SPAN_F(shown(run, f->domain))),
                      SPAN("Correct its p=, sp= and np=: each is none, quarantine or reject."));
    return take_policy(run, f) && judge(run);
}

/* ---- all of them */

static bool is_stricter(const struct dmarc_verdict *a, const struct dmarc_verdict *b)
{
    static const int rank[] = {[DMARC_PASS] = 0,
                               [DMARC_NONE] = 1,
                               [DMARC_PERMERROR] = 2,
                               [DMARC_TEMPERROR] = 3,
                               [DMARC_FAIL] = 4};
    return rank[a->result] > rank[b->result] ||
           (a->result == DMARC_FAIL && b->result == DMARC_FAIL && a->applied > b->applied);
}

bool dmarc_check(const struct dmarc_request *r, struct lookups *l, struct dmarc_verdict *v,
                 struct arena *a)
{
    struct dmarc_verdict each;
    struct dmarc_run run = {r, l, a, &each};
    bool is_open = false;
    *v = (struct dmarc_verdict){.author = SPAN_NONE};
    run.verdict = v;
    if (!r->author_count)
        return decide(&run, DMARC_PERMERROR, SPAN("no author's domain stands in From"),
                      SPAN("The message needs one From field, with an address in it."));
    if (r->author_count > DMARC_MOST_AUTHORS)
        return decide(&run, DMARC_PERMERROR, SPAN("From names too many authors"), SPAN_NONE);
    run.verdict = &each;
    for (size_t i = 0; i < r->author_count; i++) {
        if (!check_author(&run, r->authors[i]))
            is_open = true;
        else if (!i || is_stricter(&each, v))
            *v = each;
    }
    return !is_open;
}
