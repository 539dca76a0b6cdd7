/* Is a notice honest, and is it about mail from here? Most mail is none and does not look like one:
 * its header says so at once. A worker judges the others, because to read one takes some tenths of
 * a millisecond, and the ledger is on the disk. He has a copy, of as much as matters: so a session
 * that has waited long enough, or goes, does not need him any more; then the mail is taken without
 * a verdict. */
#include "receive/notices.h"

#include "address/returns.h"
#include "auth/authres.h"
#include "base/memory.h"
#include "bounce/explained.h"
#include "bounce/flood.h"
#include "bounce/notice_like.h"
#include "config/guard_setting.h"
#include "explain/finding.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/tagged.h"
#include "outcome/counts.h"
#include "receive/flooding.h"
#include "receive/notice_thread.h"
#include "receive/notice_verdict.h"
#include "receive/own_evidence.h"
#include "receive/verdict.h"
#include "sys/chance.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/tally.h"
#include "sys/worker.h"

#include <stdlib.h>

enum {
    MOST_READ = 256 * 1024, /* bytes of a message */
    MOST_JUDGED = 10,       /* recipients of one */
    /* Bytes of notices of all sessions; those beyond are not judged. */
    MOST_WAITING = 64 * 1024 * 1024,
    PATIENCE = 5000 /* ms */
};

/* A recipient, and who he is. */
struct reader {
    struct span came_to; /* the address that was named */
    struct span me[2];   /* whose it is, and that of the mailbox */
    size_t me_count;
    struct span message_id; /* of what its return path names; may be empty */
    bool is_asked;          /* the mail for his domain is judged */
    bool is_program;        /* it is a return path for mail in the names of others */
    struct judged judged;
    struct notice_facts facts;
};

struct notice_case {
    struct work work;
    struct timer timer;
    struct session *session; /* NULL: it has gone, or has waited long enough */
    struct receive_house *house;
    struct directory *directory; /* references */
    struct signing *signing;
    struct guard_limits limits;
    struct buffer message; /* the copy */
    int64_t came_ms;
    struct reader readers[MOST_JUDGED];
    size_t count;
    bool is_to_explain;              /* to a mailbox here, if it is true: */
    const struct language *language; /* of whose user, */
    struct buffer boundary;          /* and what parts the two */
    struct buffer reasons;           /* for the first of those judged */
    struct buffer before, behind;    /* what the message gets */
    struct reply refusal;            /* likewise; code 0: he does not refuse it */
    struct arena arena;
};

/* ---- in a worker */

/* Did mail to any of those whom it names go from the plain address? Where nobody is named, or not
 * all are, it may be so. */
static bool may_be_plain(const struct notice_case *c, struct span sender, const struct notice *n)
{
    bool may = !n->recipient_count || n->further_count;
    for (size_t i = 0; i < n->recipient_count && !may; i++) {
        const struct span names[] = {n->recipients[i].address, n->recipients[i].original};
        may = !names[0].len;
        for (size_t k = 0; k < 2 && !may; k++)
            may = names[k].len && returns_may_be_plain(c->directory, sender, names[k]);
    }
    return may;
}

/* Only what goes to the return path by the rules (RFC 5321 6.1): a receipt, a report of a
 * complaint or an automatic reply may go to the author. To have written to the recipient is no
 * proof, but enough not to be kept out; and whose mail does not leave from here has no tag. */
static bool is_untagged(const struct notice_case *c, const struct reader *r,
                        const struct evidence *e, const struct notice *n, struct arena *a)
{
    struct return_tag tag;
    return (n->kind == NOTICE_FAILURE || n->kind == NOTICE_DELAY) &&
           judged_is_unproven(r->judged) && e->wrote_to != ANSWER_YES &&
           returns_check(c->directory, r->came_to, &tag, a) == RETURN_TAG_NONE &&
           !may_be_plain(c, r->came_to, n) && own_evidence_sends(c->house->evidence, r->came_to);
}

/* An address that an alias for the whole domain takes, and nothing else. Where a program may read,
 * it is another's that sends in the name of the domain. */
static bool is_made_up(const struct notice_case *c, const struct reader *r,
                       const struct evidence_wanted *w)
{
    return (w->notice->kind == NOTICE_FAILURE || w->notice->kind == NOTICE_DELAY) &&
           !r->is_program && judged_is_unproven(r->judged) &&
           directory_only_catches(c->directory, r->came_to) &&
           own_evidence_is_made_up(c->house->evidence, w);
}

static void judge_for(struct notice_case *c, struct reader *r, struct finding *f, struct arena *a)
{
    const struct evidence_wanted w = {&f->notice, r->came_to, c->directory,
                                      c->signing, &c->limits, c->came_ms};
    struct evidence e = {
        .now_ms = clock_now_ms(), .me = r->me, .me_count = r->is_program ? 0 : r->me_count};
    struct misused *misused = &r->facts.misused;
    own_evidence_gather(c->house->evidence, &w, &e, misused, a);
    misused->account = arena_copy(&c->arena, misused->account);
    r->message_id = arena_copy(&c->arena, e.tagged_message_id);
    finding_judge(f, &e, a);
    const struct verdict *v = &f->verdict;
    r->judged =
        (struct judged){v->class != VERDICT_NOT_A_BOUNCE, v->class, v->confidence, v->provenance};
    r->facts.is_untagged = is_untagged(c, r, &e, &f->notice, a);
    r->facts.is_made_up = is_made_up(c, r, &w);
    if (!r->judged.is || c->reasons.len)
        return;
    notice_verdict_add_reasons(&c->reasons, v);
    if (notice_verdict_refuses(r->judged))
        c->refusal =
            notice_verdict_reply(v, r->me[0], directory_postmaster(c->directory, a), &c->arena);
}

/* Complaints go to programs, or to operators who know them. */
static bool is_for_people(enum notice_kind k)
{
    return k == NOTICE_FAILURE || k == NOTICE_DELAY || k == NOTICE_SUCCESS;
}

/* It stands with the message that it tells of; and it is explained, where that is wanted. */
static void add_to(struct notice_case *c, const struct finding *f)
{
    struct judged all[MOST_JUDGED];
    struct buffer thread = BUFFER_EMPTY;
    struct span message = buffer_span(&c->message);
    for (size_t i = 0; i < c->count; i++)
        all[i] = c->readers[i].judged;
    struct judged one = notice_verdict_of_all(all, c->count);
    if (!one.is || one.class != VERDICT_GENUINE)
        return;
    if (one.provenance == PROVENANCE_PROVEN)
        notice_thread_add(&thread, span_first(message, header_length(message)),
                          f->notice.original.message_id.len ? f->notice.original.message_id
                                                            : c->readers[0].message_id);
    const struct explained_wishes wishes = {.language = c->language,
                                            .offset_minutes = clock_offset_minutes(clock_now_ms()),
                                            .me = c->readers[0].me[0],
                                            .boundary = buffer_span(&c->boundary),
                                            .thread = buffer_span(&thread)};
    if (c->is_to_explain && is_for_people(f->notice.kind)) {
        explained_add_before(&c->before, &f->notice, &f->survey, &f->verdict, &wishes);
        explained_add_behind(&c->behind, &wishes);
    } else {
        buffer_add_span(&c->before, buffer_span(&thread));
    }
    buffer_free(&thread);
}

static void judge_all(struct work *w)
{
    struct notice_case *c = LIST_ENTRY(w, struct notice_case, work);
    struct arena a = ARENA_EMPTY;
    struct finding *f = arena_new(&a, sizeof *f);
    finding_read(f, buffer_span(&c->message), &a);
    for (size_t i = 0; i < c->count; i++)
        if (c->readers[i].is_asked)
            judge_for(c, &c->readers[i], f, &a);
    add_to(c, f);
    arena_clear(&a);
}

/* ---- coming and going */

static void case_free(struct notice_case *c)
{
    directory_unref(&c->directory);
    signing_unref(&c->signing);
    buffer_free(&c->message);
    buffer_free(&c->boundary);
    buffer_free(&c->reasons);
    buffer_free(&c->before);
    buffer_free(&c->behind);
    arena_clear(&c->arena);
    free(c);
}

/* The worker goes on; nobody waits for what he finds. */
static void let_go(struct notice_case *c)
{
    struct session *s = c->session;
    timer_stop(s->receiver->loop, &c->timer);
    s->notice = NULL;
    c->session = NULL;
}

void notices_forget(struct session *s)
{
    if (s->notice)
        let_go(s->notice);
}

static void note_unjudged(const struct session *s, const char *why)
{
    struct buffer client = BUFFER_EMPTY;
    tally_add(COUNT_NOTICES_UNJUDGED, 1);
    arrival_add_client(&client, s);
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "not-judged");
    log_line_text(line, "client", buffer_span(&client));
    log_line_text(line, "from", server_transaction(s->server)->reverse_path);
    log_line_text(line, "why", span_of(why));
    log_end();
    buffer_free(&client);
}

/* What can't be judged is taken as it is; but in a flood it is asked to come again, as a true one
 * does: or the flood would pass where it is too much to judge. */
static struct reply reply_unjudged(const struct session *s, const char *why)
{
    note_unjudged(s, why);
    return server_transaction(s->server)->reverse_path.len || !flooding_is_on(s)
               ? s->judging.reply
               : REPLY(
                     451, 4, 7, 1,
                     "So many notices about forged mail come for this mailbox that this one could "
                     "not be looked at in time. Please try again in some minutes");
}

static void took_too_long(struct timer *t)
{
    struct notice_case *c = LIST_ENTRY(t, struct notice_case, timer);
    struct session *s = c->session;
    let_go(c);
    judging_answered(s, reply_unjudged(s, "it took too long"));
}

/* ---- what is found */

static struct span own_name(const struct session *s)
{
    const struct options *o = s->entrance->options;
    return o->authserv_id.len ? o->authserv_id : o->hostname;
}

/* What others have written in our name. */
static void remove_forged(const struct session *s)
{
    struct buffer *message = &server_transaction(s->server)->message;
    struct span all = buffer_span(message), header = span_first(all, header_length(all));
    struct buffer rest = BUFFER_EMPTY;
    if (!header_count(header, NOTICE_VERDICT_FIELD.at))
        return;
    authres_remove_named(&rest, header, NOTICE_VERDICT_FIELD, own_name(s));
    buffer_add_span(&rest, span_skip(all, header.len));
    buffer_free(message);
    *message = rest;
}

static enum domain_policy_word policy_for(const struct session *s, struct span recipient)
{
    const struct options *o = s->entrance->options;
    struct span domain = address_domain(recipient);
    return domain_policy_of(o->notices.judge, o->notices.judge_count,
                            domain.len ? domain : o->hostname);
}

/* A message has one answer: all want it refused, and may. Whoever is trusted has been told that it
 * was taken, or would be; it is no stranger's notice. */
static bool is_refused(const struct session *s, const struct notice_case *c)
{
    const struct transaction *t = server_transaction(s->server);
    bool all = !s->is_trusted && c->refusal.code && t->recipient_count == c->count;
    for (size_t i = 0; i < c->count && all; i++)
        all = notice_verdict_refuses(c->readers[i].judged) &&
              policy_for(s, c->readers[i].me[0]) == POLICY_REFUSE;
    return all;
}

static void keep(struct session *s, const struct notice_case *c)
{
    struct transaction *t = server_transaction(s->server);
    struct judging *j = &s->judging;
    struct buffer field = BUFFER_EMPTY;
    j->judged = arena_new(&j->arena, t->recipient_count * sizeof *j->judged);
    j->facts = arena_new(&j->arena, t->recipient_count * sizeof *j->facts);
    for (size_t i = 0; i < c->count; i++) {
        j->judged[i] = c->readers[i].judged;
        j->facts[i] = c->readers[i].facts;
        j->facts[i].misused.account = arena_copy(&j->arena, j->facts[i].misused.account);
        if (j->judged[i].is)
            tally_add(COUNT_NOTICES_JUDGED + (unsigned)j->judged[i].class, 1);
    }
    struct judged all = notice_verdict_of_all(j->judged, c->count);
    bool is_one = all.is && all.confidence != CONFIDENCE_UNKNOWN;
    j->judged_by = arena_copy(&j->arena, buffer_span(&c->reasons));
    if (all.is)
        notice_verdict_add_field(&field, own_name(s), all, is_one ? j->judged_by : SPAN_NONE);
    buffer_add_span(&field, buffer_span(&c->before));
    buffer_put_first(&t->message, buffer_span(&field));
    buffer_add_span(&t->message, buffer_span(&c->behind));
    t->is_8bit |= c->behind.len > 0;
    buffer_free(&field);
}

/* Whatever becomes of them. */
static void note_forged(struct session *s, const struct notice_case *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct reader *r = &c->readers[i];
        if (judged_is_of_forgery(r->judged))
            flooding_note(s, r->me[0], FORGED_ADDRESS);
        else if (r->facts.is_made_up)
            flooding_note(s, r->me[0], FORGED_MADE_UP);
    }
}

static void answered(struct task *task)
{
    struct notice_case *c = LIST_ENTRY(task, struct notice_case, work.task);
    struct session *s = c->session;
    atomic_fetch_sub(&c->house->notice_bytes, c->message.len);
    if (s) {
        let_go(c);
        note_forged(s, c);
        if (is_refused(s, c)) {
            tally_add(COUNT_NOTICES_REFUSED, 1);
            s->judging.about = c->readers[0].me[0];
            judging_answered(s, c->refusal);
        } else {
            keep(s, c);
            judging_answered(s, s->judging.reply);
        }
    }
    case_free(c);
}

/* ---- who is judged */

static void read_recipient(const struct session *s, struct notice_case *c, struct span address)
{
    struct directory *d = s->receiver->directory;
    struct reader *r = &c->readers[c->count++];
    r->came_to = arena_copy(&c->arena, address);
    struct span meant = arena_copy(&c->arena, verdict_meant(d, r->came_to, &c->arena));
    struct destination to = directory_find(d, SPAN_NONE, meant);
    struct span sender; /* of what was sent on from here in our name: he has written it, not we */
    bool is_ours = to.is_ours || directory_has_domain(d, address_domain(address));
    r->me[r->me_count++] = meant;
    if (to.kind == DESTINATION_MAILBOX && !span_equal_nocase(to.mailbox->name, meant))
        r->me[r->me_count++] = arena_copy(&c->arena, to.mailbox->name);
    r->is_program = address_is_tagged(meant) || span_starts_nocase(meant, SPAN("owner-"));
    r->is_asked = is_ours && policy_for(s, address) != POLICY_OFF &&
                  returns_find(d, address, &sender, &c->arena) != SRS_IS_TRUE;
}

/* Mail of our own is no notice that comes from elsewhere, unless it has a notice's sender. */
static bool may_be_notice(const struct session *s)
{
    const struct transaction *t = server_transaction(s->server);
    struct span message = buffer_span(&t->message);
    bool is_own = s->is_trusted || login_of(s).len;
    return !t->reverse_path.len ||
           (!is_own && notice_is_like(span_first(message, header_length(message))));
}

/* A copy for one person, in a mailbox of ours: what goes on to others stays as it came, and so does
 * what a program reads. */
static void see_who_reads(const struct session *s, struct notice_case *c)
{
    const struct options *o = s->entrance->options;
    const struct transaction *t = server_transaction(s->server);
    struct span address = c->readers[0].me[0];
    struct destination to = directory_find(s->receiver->directory, SPAN_NONE, address);
    struct directory_language set = directory_language(s->receiver->directory, address);
    c->is_to_explain = o->notices.explain && t->recipient_count == 1 && !t->is_binary &&
                       to.kind == DESTINATION_MAILBOX && !to.mailbox->system &&
                       !c->readers[0].is_program;
    if (!c->is_to_explain)
        return;
    struct span tag = set.of_user.len     ? set.of_user
                      : set.of_domain.len ? set.of_domain
                                          : span_of(notice_languages[o->notice_language]);
    c->language = language_find(tag);
    buffer_printf(&c->boundary, "explained-%016llx", (unsigned long long)random_number());
}

static struct notice_case *case_new(struct session *s)
{
    const struct transaction *t = server_transaction(s->server);
    struct notice_case *c = memory_new(sizeof *c);
    bool is_asked = false;
    for (size_t i = 0; i < t->recipient_count && i < MOST_JUDGED; i++) {
        read_recipient(s, c, t->recipients[i].address);
        is_asked |= c->readers[i].is_asked;
    }
    if (!is_asked) {
        case_free(c);
        return NULL;
    }
    c->session = s;
    c->house = s->receiver->house;
    c->directory = directory_ref(s->receiver->directory);
    c->signing = s->entrance->signing ? signing_ref(s->entrance->signing) : NULL;
    c->came_ms = clock_monotonic_ms();
    const struct options *o = s->entrance->options;
    c->limits = guard_settings_limits(o->guard_limits, o->guard_limit_count);
    see_who_reads(s, c);
    if (!t->reverse_path.len) /* as it stands in a mailbox: those who read notices look there */
        buffer_add_text(&c->message, "Return-Path: <>\r\n");
    buffer_add_span(&c->message, span_first(buffer_span(&t->message), MOST_READ));
    return c;
}

enum judgement judge_notice(struct session *s, struct arena *a, struct reply *reply)
{
    struct receiver *r = s->receiver;
    if (!s->is_trusted) /* who is trusted may have judged it in our name */
        remove_forged(s);
    struct notice_case *c = may_be_notice(s) ? case_new(s) : NULL;
    if (!c)
        return JUDGE_TAKES;
    if (atomic_fetch_add(&r->house->notice_bytes, c->message.len) >= MOST_WAITING) {
        atomic_fetch_sub(&r->house->notice_bytes, c->message.len);
        case_free(c);
        *reply = reply_unjudged(s, "too many are waiting");
        return reply_is_positive(*reply) ? JUDGE_TAKES : JUDGE_REFUSES;
    }
    c->work = (struct work){.task.run = answered, .loop = r->loop, .call = judge_all};
    c->timer.due = took_too_long;
    timer_set(r->loop, &c->timer, loop_now(r->loop) + PATIENCE);
    s->notice = c;
    workers_submit(r->house->settings.judges, &c->work);
    return JUDGE_ANSWERS_LATER;
}
