/* What the domain says about who sends for it (SPF, RFC 7208): whether the record can be used, how
 * many questions it makes others ask, and whether our own addresses are in it. */
#include "auth/spf.h"

#include "base/inet.h"
#include "doctor/exam.h"

enum { ENOUGH_TERMS = 40, NEARLY_MOST = 9 };

static struct span own_terms(struct exam *x)
{
    struct buffer b = BUFFER_EMPTY;
    for (size_t i = 0; i < x->source_count; i++) {
        buffer_add_text(&b, inet_is_v4(x->sources[i]) ? " ip4:" : " ip6:");
        inet_add(&b, x->sources[i]);
    }
    return arena_keep(x->arena, &b);
}

/* ---- no record, or several */

static void has_no_record(struct exam *x)
{
    struct span domain = x->request->domain, terms = own_terms(x);
    struct doctor_finding *f =
        finding(x, DOCTOR_SPF, x->takes_no_mail ? DOCTOR_ADVICE : DOCTOR_WARNING, domain,
                "There is no SPF record.");
    f->why = SPAN("With it others can tell mail from this domain's servers from mail that somebody "
                  "forges; Gmail refuses mail that has neither this nor DKIM.");
    f->todo = terms.len          ? SPAN("Name the addresses that send mail for the domain:")
              : x->takes_no_mail ? SPAN("If nobody sends mail for the domain, say so:")
                                 : SPAN("If the servers that take its mail also send it:");
    f->publish = txt_record(x, domain,
                            terms.len ? arena_printf(x->arena, "v=spf1%.*s ~all", SPAN_F(terms))
                            : x->takes_no_mail ? SPAN("v=spf1 -all")
                                               : SPAN("v=spf1 mx ~all"));
}

static bool has_word(struct exam *x, struct span text, struct span word)
{
    struct span padded = arena_printf(x->arena, "%.*s ", SPAN_F(text));
    return span_find(padded, arena_printf(x->arena, " %.*s ", SPAN_F(word))) != SPAN_NOT_FOUND;
}

/* The terms of all, the "all" of the last one behind them. */
static struct span merged(struct exam *x, const struct span *texts, size_t count)
{
    struct buffer b = BUFFER_EMPTY;
    struct span end = SPAN_NONE;
    buffer_add_text(&b, "v=spf1");
    for (size_t i = 0; i < count; i++) {
        struct span rest = texts[i], word;
        span_word(&rest);
        while ((word = span_word(&rest)).len) {
            bool is_end = span_ends_nocase(word, SPAN("all")) && word.len <= 4;
            if (is_end)
                end = word;
            else if (!has_word(x, buffer_span(&b), word))
                buffer_printf(&b, " %.*s", SPAN_F(word));
        }
    }
    if (end.len)
        buffer_printf(&b, " %.*s", SPAN_F(end));
    return arena_keep(x->arena, &b);
}

static void has_several(struct exam *x, const struct span *texts, size_t count)
{
    struct span domain = x->request->domain;
    struct doctor_finding *f =
        finding(x, DOCTOR_SPF, DOCTOR_BROKEN, domain,
                "There are %zu SPF records, and only one is allowed.", count);
    f->found = joined_lines(x, texts, count);
    f->why = SPAN("Others then use none of them (RFC 7208 4.5), as if there were no SPF.");
    f->todo = SPAN("Make one of them, and take the others away:");
    f->publish = txt_record(x, domain, merged(x, texts, count));
}

/* ---- the record and those that it leads to */

struct walk {
    struct exam *exam;
    unsigned terms;
    bool is_open;
    bool has_ptr;
    struct span nothing, nothing_at; /* a term that leads to no record, and whose it is */
    struct span wrong;               /* a domain whose record can't be used, */
    struct error error;              /* and why */
};

static void walk_record(struct walk *w, struct span domain, struct span text);

static void walk_to(struct walk *w, struct span from, struct span target, struct span written)
{
    struct span texts[MOST_EXAM_TEXTS], text = SPAN_NONE;
    if (span_find_char(target, '%') != SPAN_NOT_FOUND) /* depends on the sender */
        return;
    const struct dns_answer *answer = exam_ask(w->exam, target, DNS_TXT);
    w->is_open |= !answer;
    if (!answer || answer->result == DNS_FAILED)
        return;
    for (size_t i = 0; i < answer->count; i++)
        if (dns_read_txt(answer->records[i], &texts[0], w->exam->arena) && spf_record_is(texts[0]))
            text = texts[0];
    if (text.len) {
        walk_record(w, target, text);
    } else {
        w->nothing = written;
        w->nothing_at = from;
    }
}

static void walk_record(struct walk *w, struct span domain, struct span text)
{
    struct spf_record r;
    struct error e;
    bool has_all = false;
    if (!spf_record_parse(&r, text, w->exam->arena, &e)) {
        w->wrong = domain;
        w->error = e;
        return;
    }
    for (size_t i = 0; i < r.count && w->terms < ENOUGH_TERMS; i++) {
        const struct spf_term *t = &r.terms[i];
        has_all |= t->mechanism == SPF_ALL;
        if (has_all || t->mechanism == SPF_IP4 || t->mechanism == SPF_IP6)
            continue;
        w->terms++;
        w->has_ptr |= t->mechanism == SPF_PTR;
        if (t->mechanism == SPF_INCLUDE)
            walk_to(w, domain, t->target, t->written);
    }
    if (has_all || !r.redirect.len || w->terms >= ENOUGH_TERMS)
        return;
    w->terms++;
    walk_to(w, domain, r.redirect,
            arena_printf(w->exam->arena, "redirect=%.*s", SPAN_F(r.redirect)));
}

static bool has_faults(struct exam *x, const struct walk *w, struct span text)
{
    struct span domain = x->request->domain;
    struct doctor_finding *f = NULL;
    if (w->wrong.len) {
        f = finding(x, DOCTOR_SPF, DOCTOR_BROKEN, w->wrong,
                    "The SPF record of %.*s can't be used: %s.", SPAN_F(w->wrong), w->error.text);
        f->todo = span_equal_nocase(w->wrong, domain)
                      ? SPAN("Put that right in the record.")
                      : SPAN("Its operator must put that right, or leave it out of your record.");
    } else if (w->nothing.len) {
        f = finding(x, DOCTOR_SPF, DOCTOR_BROKEN, w->nothing_at,
                    "%.*s leads to a domain that has no SPF record.", SPAN_F(w->nothing));
        f->todo = SPAN("Take it out, or see how the name is spelled.");
    } else if (w->terms > SPF_MOST_TERMS) {
        f = finding(x, DOCTOR_SPF, DOCTOR_BROKEN, domain,
                    "To follow the SPF record takes %s%u look-ups, and %d are allowed.",
                    w->terms >= ENOUGH_TERMS ? "more than " : "", w->terms, SPF_MOST_TERMS);
        f->todo = SPAN("Take out what is not used any more, and write addresses (ip4:, ip6:) in "
                       "place of names where they stay the same.");
    }
    if (!f)
        return false;
    f->found = text;
    f->why = SPAN("Others give up on the record (RFC 7208 calls it permerror), and some refuse the "
                  "mail.");
    return true;
}

static void look_at_size(struct exam *x, const struct walk *w, struct span text)
{
    struct span domain = x->request->domain;
    if (w->terms >= NEARLY_MOST) {
        struct doctor_finding *f = finding(x, DOCTOR_SPF, DOCTOR_ADVICE, domain,
                                           "To follow the SPF record takes %u of the %d look-ups "
                                           "that are allowed.",
                                           w->terms, SPF_MOST_TERMS);
        f->why = SPAN("If one of those that it names adds more, it stops working.");
        f->todo = SPAN("Take out what is not used any more.");
        return;
    }
    finding(x, DOCTOR_SPF, DOCTOR_FINE, domain,
            "The SPF record can be used; it takes %u of %d look-ups.", w->terms, SPF_MOST_TERMS)
        ->found = text;
}

/* ---- how it ends */

static void lets_everybody(struct exam *x, struct span text)
{
    struct doctor_finding *f = finding(x, DOCTOR_SPF, DOCTOR_BROKEN, x->request->domain,
                                       "The SPF record lets everybody send mail for the domain.");
    f->found = text;
    f->why = SPAN("Forged mail passes as yours, also where DMARC is asked.");
    f->todo = SPAN("End it with \"~all\" (others are doubtful) or \"-all\" (others are refused).");
}

static void look_at_end(struct exam *x, struct span text)
{
    struct spf_record r;
    struct error e;
    const struct spf_term *all = NULL;
    if (!spf_record_parse(&r, text, x->arena, &e))
        return;
    for (size_t i = 0; i < r.count && !all; i++)
        all = r.terms[i].mechanism == SPF_ALL ? &r.terms[i] : NULL;
    if (all && all->result == SPF_PASS) {
        lets_everybody(x, text);
    } else if ((all && all->result == SPF_NEUTRAL) || (!all && !r.redirect.len)) {
        struct doctor_finding *f =
            finding(x, DOCTOR_SPF, DOCTOR_WARNING, x->request->domain,
                    "The SPF record says nothing about servers that it does not name.");
        f->found = text;
        f->why = SPAN("Forged mail is treated no worse than yours.");
        f->todo =
            SPAN("End it with \"~all\" (others are doubtful) or \"-all\" (others are refused).");
    }
}

/* ---- our own addresses */

static void is_not_allowed(struct exam *x, struct span text, struct span terms, struct span who,
                           const struct spf_verdict *v)
{
    bool is_refused = v->result == SPF_FAIL;
    struct doctor_finding *f =
        finding(x, DOCTOR_SPF, is_refused ? DOCTOR_BROKEN : DOCTOR_WARNING, who,
                "The SPF record does not let %.*s send mail for the domain.", SPAN_F(who));
    f->found = text;
    f->why = is_refused ? SPAN("It tells others to refuse that mail, and they do.")
                        : SPAN("Others take that mail for doubtful, and may put it into the folder "
                               "for spam.");
    f->todo = SPAN("If mail is to come from there, publish this in place of the record:");
    f->publish = txt_record(x, x->request->domain,
                            arena_printf(x->arena, "v=spf1%.*s%.*s", SPAN_F(terms),
                                         SPAN_F(span_skip(text, sizeof "v=spf1" - 1))));
}

static void look_at_sources(struct exam *x, struct span text)
{
    struct buffer terms = BUFFER_EMPTY, who = BUFFER_EMPTY, good = BUFFER_EMPTY;
    struct spf_verdict worst = {.result = SPF_PASS};
    struct span sender = arena_printf(x->arena, "postmaster@%.*s", SPAN_F(x->request->domain));
    for (size_t i = 0; i < x->source_count; i++) {
        struct spf_request r = {.sender = sender,
                                .helo = x->request->hostname,
                                .receiver = SPAN("doctor.invalid"),
                                .now = (uint64_t)(x->request->now_ms / 1000)};
        struct spf_verdict v;
        memcpy(r.client, x->sources[i], 16);
        if (!spf_check(&r, x->lookups, &v, x->arena)) {
            x->is_open = true;
            continue;
        }
        if (v.result == SPF_TEMPERROR || v.result == SPF_PERMERROR) /* has been told */
            continue;
        bool is_good = v.result == SPF_PASS;
        struct buffer *list = is_good ? &good : &who;
        buffer_add_text(list, list->len ? ", " : "");
        inet_add(list, x->sources[i]);
        if (is_good)
            continue;
        buffer_add_text(&terms, inet_is_v4(x->sources[i]) ? " ip4:" : " ip6:");
        inet_add(&terms, x->sources[i]);
        if (worst.result != SPF_FAIL)
            worst = v;
    }
    struct span bad = arena_keep(x->arena, &who), passes = arena_keep(x->arena, &good);
    struct span missing = arena_keep(x->arena, &terms);
    if (bad.len)
        is_not_allowed(x, text, missing, bad, &worst);
    if (passes.len)
        finding(x, DOCTOR_SPF, DOCTOR_FINE, passes, "%.*s may send mail for the domain.",
                SPAN_F(passes));
}

/* Nobody sends from this address, so that all of the record is gone through: what can't be seen by
 * reading it (terms that lead to nothing, too many servers in an MX term), and whom it lets send
 * without a name for it ("ip4:0.0.0.0/0"). False: it can't be used, or it is not known
 * yet. */
static bool look_at_nobody(struct exam *x, struct span text)
{
    struct spf_request r = {
        .sender = arena_printf(x->arena, "postmaster@%.*s", SPAN_F(x->request->domain)),
        .helo = SPAN("doctor.invalid"),
        .receiver = SPAN("doctor.invalid"),
        .now = (uint64_t)(x->request->now_ms / 1000)};
    struct spf_verdict v;
    inet_parse(SPAN("0.0.0.1"), r.client);
    if (!spf_check(&r, x->lookups, &v, x->arena)) {
        x->is_open = true;
        return false;
    }
    if (v.result == SPF_PASS && !span_ends_nocase(v.term, SPAN("all"))) {
        lets_everybody(x, text);
    } else if (v.result == SPF_PERMERROR) {
        struct doctor_finding *f = finding(x, DOCTOR_SPF, DOCTOR_BROKEN, x->request->domain,
                                           "The SPF record can't be used.");
        f->found = v.why;
        f->why = SPAN("Others give up on the record (RFC 7208 calls it permerror), and some refuse "
                      "the mail.");
        f->todo = v.remedy;
    } else if (v.result == SPF_TEMPERROR) {
        finding(x, DOCTOR_SPF, DOCTOR_UNCHECKED, x->request->domain,
                "Whether the SPF record can be used could not be found out.")
            ->found = v.why;
    }
    return v.result != SPF_PERMERROR && v.result != SPF_TEMPERROR;
}

/* Notices have no sender: of them the name in HELO is checked (RFC 7208 2.4). */
static void look_at_helo(struct exam *x)
{
    const struct doctor_request *q = x->request;
    struct spf_request r = {.sender = SPAN_NONE,
                            .helo = q->hostname,
                            .receiver = SPAN("doctor.invalid"),
                            .now = (uint64_t)(q->now_ms / 1000)};
    struct spf_verdict v;
    if (!q->is_ours || !x->source_count)
        return;
    memcpy(r.client, x->sources[0], 16);
    if (!spf_check(&r, x->lookups, &v, x->arena)) {
        x->is_open = true;
        return;
    }
    if (v.result == SPF_PASS) {
        finding(x, DOCTOR_SPF, DOCTOR_FINE, q->hostname,
                "Notices from this server, which have no sender, pass by its own name.");
    } else if (v.result == SPF_NONE) {
        struct doctor_finding *f = finding(x, DOCTOR_SPF, DOCTOR_ADVICE, q->hostname,
                                           "The name of the server itself has no SPF record.");
        f->why = SPAN("Notices have no sender, so others check that name instead; and nobody else "
                      "can use it.");
        f->todo = SPAN("Publish:");
        f->publish = txt_record(x, q->hostname, SPAN("v=spf1 a -all"));
    } else if (v.result != SPF_TEMPERROR) {
        struct doctor_finding *f =
            finding(x, DOCTOR_SPF, DOCTOR_WARNING, q->hostname,
                    "Notices from this server do not pass the SPF record of its name, %.*s.",
                    SPAN_F(q->hostname));
        f->why = v.why;
        f->todo = v.remedy;
    }
}

void exam_spf(struct exam *x)
{
    struct span texts[MOST_EXAM_TEXTS], domain = x->request->domain;
    size_t all = exam_texts(x, DOCTOR_SPF, domain, SPAN("v=spf1"), texts), count = 0;
    if (all == SPAN_NOT_FOUND)
        return;
    for (size_t i = 0; i < all; i++)
        if (spf_record_is(texts[i]))
            texts[count++] = texts[i];
    if (!count)
        has_no_record(x);
    if (count > 1)
        has_several(x, texts, count);
    if (count == 1) {
        struct walk w = {.exam = x};
        walk_record(&w, domain, texts[0]);
        if (!w.is_open && !has_faults(x, &w, texts[0]) && look_at_nobody(x, texts[0]))
            look_at_size(x, &w, texts[0]);
        if (w.has_ptr) {
            struct doctor_finding *f = finding(x, DOCTOR_SPF, DOCTOR_ADVICE, domain,
                                               "The SPF record goes by reverse names (ptr).");
            f->why = SPAN("That is slow, fails often, and RFC 7208 5.5 asks not to use it.");
            f->todo = SPAN("Name the addresses themselves (ip4:, ip6:), or the servers (a:).");
        }
        look_at_end(x, texts[0]);
        look_at_sources(x, texts[0]);
    }
    look_at_helo(x);
}
