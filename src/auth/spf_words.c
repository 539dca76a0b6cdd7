/* What stands here is read by people who have sent a mail that was refused, and by the operators
 * they ask: it says what was found, where, and what would have to be written. */
#include "auth/spf_words.h"

#include "base/inet.h"
#include "base/visible.h"

enum { SHOWN = 260 };

/* Text from outside, so that it can be shown. */
static struct span shown(struct spf_run *run, struct span s)
{
    struct buffer out = BUFFER_EMPTY;
    visible_add(&out, s, SHOWN);
    return arena_keep(run->arena, &out);
}

static struct span client(struct spf_run *run)
{
    struct buffer out = BUFFER_EMPTY;
    inet_add(&out, run->names.client);
    return arena_keep(run->arena, &out);
}

static const char *family(const struct spf_run *run)
{
    return inet_is_v4(run->names.client) ? "ip4" : "ip6";
}

static enum spf_step decide(struct spf_run *run, enum spf_result result, struct span why,
                            struct span remedy)
{
    run->verdict.result = result;
    run->verdict.why = why;
    run->verdict.remedy = remedy;
    return SPF_DECIDED;
}

/* ---- the record says something of the client */

static struct span term_words(struct spf_run *run, const struct spf_term *t)
{
    struct span written = shown(run, t->written), decider = shown(run, run->decider);
    if (t->mechanism == SPF_INCLUDE)
        return arena_printf(run->arena, "%.*s in the SPF record of %.*s, by %.*s in that of %.*s",
                            SPAN_F(written), SPAN_F(decider), SPAN_F(shown(run, run->inner_term)),
                            SPAN_F(shown(run, run->inner)));
    return arena_printf(run->arena, "%.*s in the SPF record of %.*s", SPAN_F(written),
                        SPAN_F(decider));
}

static struct span add_client(struct spf_run *run)
{
    struct span ip = client(run), domain = shown(run, run->verdict.domain);
    return arena_printf(
        run->arena, "If %.*s sends mail for %.*s, add %s:%.*s to the SPF record (TXT) of %.*s.",
        SPAN_F(ip), SPAN_F(domain), family(run), SPAN_F(ip), SPAN_F(shown(run, run->decider)));
}

static const char *what_it_says(enum spf_result r)
{
    return r == SPF_FAIL       ? "says that nobody else may send for it"
           : r == SPF_SOFTFAIL ? "says that others probably may not send for it"
                               : "says nothing about others";
}

static const char *what_it_says_of_client(enum spf_result r)
{
    return r == SPF_FAIL       ? "says that it may not send for"
           : r == SPF_SOFTFAIL ? "says that it probably may not send for"
                               : "says neither that it may send nor that it may not for";
}

/* The record's last word: whom it has not named. */
static enum spf_step not_named(struct spf_run *run, enum spf_result result, const char *last_word)
{
    struct span why = arena_printf(
        run->arena, "the SPF record of %.*s does not name %.*s, and %s (%s)",
        SPAN_F(shown(run, run->decider)), SPAN_F(client(run)), what_it_says(result), last_word);
    return decide(run, result, why, add_client(run));
}

enum spf_step spf_nothing_matched(struct spf_run *run)
{
    run->verdict.term = SPAN_NONE;
    return not_named(run, SPF_NEUTRAL, "it ends without \"all\"");
}

enum spf_step spf_matched(struct spf_run *run, const struct spf_record *r, const struct spf_term *t)
{
    struct span ip = client(run), domain = shown(run, run->verdict.domain);
    struct arena *a = run->arena;
    run->explanation = r->explanation;
    run->verdict.term = t->written;
    if (t->result == SPF_PASS)
        return decide(run, SPF_PASS,
                      arena_printf(a, "%.*s lets %.*s send for it (%.*s)", SPAN_F(domain),
                                   SPAN_F(ip), SPAN_F(term_words(run, t))),
                      SPAN_NONE);
    if (t->mechanism == SPF_ALL)
        return not_named(run, t->result, arena_text(a, t->written));
    return decide(run, t->result,
                  arena_printf(a, "the SPF record that names %.*s %s %.*s (%.*s)", SPAN_F(ip),
                               what_it_says_of_client(t->result), SPAN_F(domain),
                               SPAN_F(term_words(run, t))),
                  arena_printf(a, "If %.*s sends mail for %.*s, put %s:%.*s before that term.",
                               SPAN_F(ip), SPAN_F(domain), family(run), SPAN_F(ip)));
}

/* ---- there is no record */

enum spf_step spf_no_domain(struct spf_run *run)
{
    struct span name = shown(run, run->verdict.domain);
    struct span why =
        name.len
            ? arena_printf(run->arena, "\"%.*s\" is not the full name of a domain", SPAN_F(name))
            : SPAN("no domain is named");
    return decide(run, SPF_NONE, why,
                  run->verdict.is_helo
                      ? SPAN("The sending server can greet with its full name, such as "
                             "mail.example.org.")
                      : SPAN_NONE);
}

enum spf_step spf_no_record(struct spf_run *run, struct span domain, enum dns_result result)
{
    struct span name = shown(run, domain), ip = client(run);
    struct span why = arena_printf(
        run->arena, result == DNS_NO_NAME ? "%.*s does not exist" : "%.*s has no SPF record",
        SPAN_F(name));
    return decide(run, SPF_NONE, why,
                  arena_printf(run->arena,
                               "Publish a TXT record at %.*s that names all who send for it: "
                               "v=spf1 %s:%.*s -all",
                               SPAN_F(name), family(run), SPAN_F(ip)));
}

enum spf_step spf_no_answer(struct spf_run *run, struct span name, const struct dns_answer *answer)
{
    return decide(run, SPF_TEMPERROR,
                  arena_printf(run->arena, "the DNS could not be asked about %.*s: %.*s",
                               SPAN_F(shown(run, name)), SPAN_F(shown(run, answer->why))),
                  answer->is_bogus
                      ? SPAN("The DNSSEC signatures of that zone have to be put right.")
                      : SPAN("Its name servers have to answer; it may work later."));
}

/* ---- the record can't be used */

static enum spf_step unusable(struct spf_run *run, struct span why, struct span remedy)
{
    return decide(run, SPF_PERMERROR, why, remedy);
}

enum spf_step spf_several_records(struct spf_run *run, struct span domain)
{
    struct span name = shown(run, domain);
    run->decider = domain;
    return unusable(run,
                    arena_printf(run->arena, "%.*s has more than one SPF record", SPAN_F(name)),
                    SPAN("Leave one TXT record that begins with v=spf1, and put all into it."));
}

enum spf_step spf_wrong_record(struct spf_run *run, const char *what)
{
    return unusable(run,
                    arena_printf(run->arena, "the SPF record of %.*s is wrong at %.*s",
                                 SPAN_F(shown(run, run->decider)),
                                 SPAN_F(shown(run, span_of(what)))),
                    SPAN("Correct the record; until then it protects nobody."));
}

enum spf_step spf_includes_nothing(struct spf_run *run, const struct spf_term *t,
                                   struct span target)
{
    run->verdict.term = t->written;
    return unusable(run,
                    arena_printf(run->arena,
                                 "the SPF record of %.*s includes that of %.*s, which has none",
                                 SPAN_F(shown(run, run->decider)), SPAN_F(shown(run, target))),
                    arena_printf(run->arena, "Take %.*s out of the record, or correct it.",
                                 SPAN_F(shown(run, t->written))));
}

enum spf_step spf_redirects_to_nothing(struct spf_run *run, struct span from, struct span target)
{
    run->decider = from;
    return unusable(run,
                    arena_printf(run->arena,
                                 "the SPF record of %.*s is redirected to %.*s, which has none",
                                 SPAN_F(shown(run, from)), SPAN_F(shown(run, target))),
                    SPAN("Take \"redirect=\" out of the record, or correct it."));
}

enum spf_step spf_too_many_terms(struct spf_run *run, struct span written)
{
    run->verdict.term = written;
    return unusable(
        run,
        arena_printf(run->arena,
                     "the SPF record of %.*s needs more than %d questions to the DNS (%.*s in that "
                     "of %.*s is one too many)",
                     SPAN_F(shown(run, run->verdict.domain)), SPF_MOST_TERMS,
                     SPAN_F(shown(run, written)), SPAN_F(shown(run, run->decider))),
        SPAN("Name networks (ip4:, ip6:) in place of include:, a, mx, ptr, exists: and redirect=; "
             "at most ten of those may be needed, with those inside of them."));
}

enum spf_step spf_too_many_voids(struct spf_run *run, struct span name)
{
    return unusable(run,
                    arena_printf(run->arena,
                                 "the SPF record of %.*s names more than %d things that the DNS "
                                 "does not have (%.*s is the last)",
                                 SPAN_F(shown(run, run->verdict.domain)), SPF_MOST_VOIDS,
                                 SPAN_F(shown(run, name))),
                    SPAN("Take out of the record what is no longer there."));
}

enum spf_step spf_too_many_hosts(struct spf_run *run, struct span name, size_t count)
{
    return unusable(run,
                    arena_printf(run->arena,
                                 "the SPF record of %.*s names the mail servers of %.*s, which are "
                                 "%zu: more than %d are not looked at",
                                 SPAN_F(shown(run, run->decider)), SPAN_F(shown(run, name)), count,
                                 SPF_MOST_HOSTS),
                    SPAN("Name their networks (ip4:, ip6:) in place of mx."));
}
