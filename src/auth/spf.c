/* check_host(), RFC 7208 4. A record is looked at from its start each time that an answer has come:
 * it is short, and what it may ask is bounded, so that this costs microseconds. */
#include "auth/spf.h"

#include "auth/spf_match.h"
#include "auth/spf_words.h"
#include "mail/domain.h"

/* ---- whose record */

static bool is_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < ' ' || s.at[i] > '~')
            return false;
    return true;
}

/* The record of a domain. NONE: it is in `*text`; all else is how it ended. */
static enum spf_step find_record(struct spf_run *run, struct span domain, struct span *text)
{
    const struct dns_answer *answer = lookups_get(run->lookups, domain, DNS_TXT);
    size_t count = 0;
    if (!answer)
        return SPF_OPEN;
    if (answer->result == DNS_FAILED)
        return spf_no_answer(run, domain, answer);
    for (size_t i = 0; i < answer->count; i++) {
        struct span each;
        if (!dns_read_txt(answer->records[i], &each, run->arena) || !spf_record_is(each))
            continue;
        *text = each;
        count++;
    }
    if (count == 1)
        return SPF_GOES_ON;
    return count ? spf_several_records(run, domain) : spf_no_record(run, domain, answer->result);
}

/* ---- a record */

static enum spf_step check_domain(struct spf_run *run, struct span domain);

/* RFC 7208 5.2. */
static enum spf_step include(struct spf_run *run, const struct spf_term *t, struct span target)
{
    struct spf_run inner = *run;
    inner.inner = SPAN_NONE;
    enum spf_step step = check_domain(&inner, target);
    run->terms = inner.terms;
    run->voids = inner.voids;
    if (step == SPF_OPEN)
        return SPF_OPEN;
    switch (inner.verdict.result) {
    case SPF_PASS:
        run->inner = inner.inner.len ? inner.inner : inner.decider;
        run->inner_term = inner.inner.len ? inner.inner_term : inner.verdict.term;
        return SPF_MATCHES;
    case SPF_FAIL:
    case SPF_SOFTFAIL:
    case SPF_NEUTRAL:
        return SPF_GOES_ON;
    case SPF_NONE:
        return spf_includes_nothing(run, t, target);
    case SPF_TEMPERROR:
    case SPF_PERMERROR:
        break;
    }
    run->verdict = inner.verdict;
    run->decider = inner.decider;
    return SPF_DECIDED;
}

static enum spf_step match(struct spf_run *run, const struct spf_term *t)
{
    struct span target;
    if (t->mechanism == SPF_ALL)
        return SPF_MATCHES;
    if (t->mechanism == SPF_IP4 || t->mechanism == SPF_IP6)
        return spf_match_network(run, t);
    enum spf_step step = spf_take_term(run, t->written);
    if (step == SPF_GOES_ON)
        step = spf_target(run, t->target, &target);
    if (step != SPF_MATCHES)
        return step; /* also GOES_ON: what it is about can't be said */
    switch (t->mechanism) {
    case SPF_INCLUDE:
        return include(run, t, target);
    case SPF_A:
        return spf_match_a(run, t, target);
    case SPF_MX:
        return spf_match_mx(run, t, target);
    case SPF_PTR:
        return spf_match_ptr(run, target);
    case SPF_EXISTS:
        return spf_match_exists(run, target);
    case SPF_ALL:
    case SPF_IP4:
    case SPF_IP6:
        break;
    }
    return SPF_GOES_ON;
}

static enum spf_step redirect(struct spf_run *run, const struct spf_record *r)
{
    struct span target, from = run->names.domain;
    enum spf_step step = spf_take_term(run, SPAN("redirect="));
    if (step == SPF_GOES_ON)
        step = spf_target(run, r->redirect, &target);
    if (step == SPF_OPEN || step == SPF_DECIDED)
        return step;
    if (step == SPF_MATCHES)
        step = check_domain(run, target);
    else
        target = SPAN("nowhere");
    if (step == SPF_DECIDED && run->verdict.result != SPF_NONE)
        return step;
    return step == SPF_OPEN ? step : spf_redirects_to_nothing(run, from, target);
}

static enum spf_step check_record(struct spf_run *run, const struct spf_record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        enum spf_step step = match(run, &r->terms[i]);
        if (step == SPF_MATCHES)
            return spf_matched(run, r, &r->terms[i]);
        if (step != SPF_GOES_ON)
            return step;
    }
    return r->redirect.len ? redirect(run, r) : spf_nothing_matched(run);
}

/* Decided, or open. */
static enum spf_step check_domain(struct spf_run *run, struct span domain)
{
    struct span text;
    struct spf_record record;
    struct error e;
    run->names.domain = domain;
    enum spf_step step = find_record(run, domain, &text);
    if (step != SPF_GOES_ON)
        return step;
    run->decider = domain;
    if (!spf_record_parse(&record, text, run->arena, &e))
        return spf_wrong_record(run, e.text);
    return check_record(run, &record);
}

/* ---- what the domain wants to be said, RFC 7208 6.2: any trouble means that it says nothing */

static bool find_explanation(struct spf_run *run, struct span *said)
{
    struct span name, text;
    struct error e;
    *said = SPAN_NONE;
    if (run->verdict.result != SPF_FAIL || !run->explanation.len)
        return true;
    enum spf_step step = spf_target(run, run->explanation, &name);
    if (step != SPF_MATCHES)
        return step != SPF_OPEN;
    const struct dns_answer *answer = lookups_get(run->lookups, name, DNS_TXT);
    if (!answer)
        return false;
    if (answer->count != 1 || !dns_read_txt(answer->records[0], &text, run->arena) ||
        !is_printable(text) || !spf_macro_check(text, true, &e))
        return true;
    if (spf_macro_has(text, "p") && !spf_client_name(run))
        return false;
    *said = spf_macro_text(text, &run->names, run->arena);
    if (!is_printable(*said))
        *said = SPAN_NONE;
    return true;
}

/* ---- who is asked about */

/* RFC 7208 4.3: it has to be the full name of a domain. */
static bool is_domain(struct span name)
{
    size_t label = 0, dots = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool is_dot = name.at[i] == '.';
        if (!name.at[i] || (is_dot && !label) || (!is_dot && label == 63))
            return false;
        label = is_dot ? 0 : label + 1;
        dots += is_dot;
    }
    return dots && label && name.len <= 253 && name.at[0] != '[';
}

static struct span in_ascii(struct span domain, struct arena *a)
{
    struct span ascii;
    return is_printable(domain) || !domain_to_ascii(domain, &ascii, a) ? domain : ascii;
}

static void start(struct spf_run *run, const struct spf_request *r)
{
    struct span sender = r->sender, local = SPAN("postmaster"), domain = r->helo;
    size_t at = sender.len;
    while (at && sender.at[at - 1] != '@')
        at--;
    if (at > 1) /* else RFC 7208 4.3: postmaster */
        local = span_first(sender, at - 1);
    if (sender.len)
        domain = span_skip(sender, at);
    if (domain.len && domain.at[domain.len - 1] == '.')
        domain.len--;
    run->verdict.is_helo = !sender.len;
    run->verdict.domain = in_ascii(domain, run->arena);
    run->names = (struct spf_names){.local = local,
                                    .sender_domain = run->verdict.domain,
                                    .domain = run->verdict.domain,
                                    .helo = r->helo,
                                    .client_name = SPAN("unknown"),
                                    .client = r->client,
                                    .receiver = r->receiver,
                                    .now = r->now};
}

bool spf_check(const struct spf_request *r, struct lookups *l, struct spf_verdict *v,
               struct arena *a)
{
    struct spf_run run = {.lookups = l, .arena = a};
    struct span said;
    start(&run, r);
    if (!is_domain(run.verdict.domain))
        spf_no_domain(&run);
    else if (check_domain(&run, run.verdict.domain) == SPF_OPEN)
        return false;
    if (!find_explanation(&run, &said))
        return false;
    *v = run.verdict;
    v->said = said;
    v->decider = run.decider;
    v->terms = run.terms;
    return true;
}
