/* Of all notices only those that were judged are asked about here, so the lock is held for few
 * messages, and for the time of a look into a table. */
#include "receive/flooding.h"

#include "base/memory.h"
#include "base/visible.h"
#include "bounce/flood.h"
#include "mail/address.h"
#include "outcome/counts.h"
#include "queue/queue.h"
#include "sys/clock.h"
#include "sys/tally.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_MAILBOXES = 10000, MOST_DOMAINS = 256, LONGEST_SHOWN = 100 };

struct flooding {
    pthread_mutex_t lock;
    struct floods *floods;
    struct forged_domains *domains;
};

struct flooding *flooding_new(uint64_t seed)
{
    struct flooding *f = memory_new(sizeof *f);
    pthread_mutex_init(&f->lock, NULL);
    f->floods = floods_new(MOST_MAILBOXES);
    f->domains = forged_domains_new(MOST_DOMAINS, seed);
    return f;
}

void flooding_free(struct flooding **flooding)
{
    struct flooding *f = *flooding;
    *flooding = NULL;
    if (!f)
        return;
    floods_free(&f->floods);
    forged_domains_free(&f->domains);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

void flooding_recall(struct flooding *f, const struct rate *singly, struct span mailbox,
                     uint64_t count, int64_t latest_ms)
{
    pthread_mutex_lock(&f->lock);
    floods_recall(f->floods, singly, mailbox, count, latest_ms);
    pthread_mutex_unlock(&f->lock);
}

size_t flooding_count(struct flooding *f)
{
    pthread_mutex_lock(&f->lock);
    size_t count = floods_count(f->floods, clock_now_ms());
    pthread_mutex_unlock(&f->lock);
    return count;
}

/* ---- domains */

void flooding_note(struct session *s, struct span address, enum forged_kind kind)
{
    struct receive_house *h = s->receiver->house;
    struct flooding *f = h->flooding;
    struct buffer server = BUFFER_EMPTY;
    struct forged_case found;
    char domain[LONGEST_ADDRESS], whole[LONGEST_ADDRESS];
    arrival_add_client(&server, s);
    const struct forged_notice n = {.domain = directory_fold(address_domain(address), domain),
                                    .address = directory_fold(address, whole),
                                    .server = buffer_span(&server),
                                    .kind = kind};
    pthread_mutex_lock(&f->lock);
    bool is_news = n.domain.len &&
                   forged_domains_count(f->domains, &s->entrance->options->notices.forged.domain,
                                        &n, clock_now_ms(), &found);
    pthread_mutex_unlock(&f->lock);
    if (is_news) {
        tally_add(COUNT_FORGED_DOMAINS_TOLD, 1);
        h->settings.forged(h->settings.arg, n.domain, &found);
    }
    buffer_free(&server);
}

static bool is_forged_domain(const struct session *s, struct span address)
{
    struct flooding *f = s->receiver->house->flooding;
    char domain[LONGEST_ADDRESS];
    struct span name = directory_fold(address_domain(address), domain);
    pthread_mutex_lock(&f->lock);
    bool is = forged_domains_has(f->domains, name, clock_now_ms());
    pthread_mutex_unlock(&f->lock);
    return is;
}

/* ---- mailboxes */

/* Where mail for this address is put; at a domain that is passed on, the address itself. Empty: it
 * goes elsewhere. */
static struct span mailbox_at(const struct session *s, struct span address,
                              char room[LONGEST_ADDRESS])
{
    struct destination d = directory_find(s->receiver->directory, SPAN_NONE, address);
    if (d.kind == DESTINATION_MAILBOX)
        return d.mailbox->name;
    return d.kind == DESTINATION_ROUTE && d.is_ours ? directory_fold(address, room) : SPAN_NONE;
}

static bool is_flooded(const struct session *s, struct span mailbox)
{
    struct flooding *f = s->receiver->house->flooding;
    pthread_mutex_lock(&f->lock);
    bool is = floods_has(f->floods, mailbox, clock_now_ms());
    pthread_mutex_unlock(&f->lock);
    return is;
}

bool flooding_is_on(const struct session *s)
{
    const struct transaction *t = server_transaction(s->server);
    bool is = false;
    for (size_t i = 0; i < t->recipient_count && !is; i++) {
        char room[LONGEST_ADDRESS];
        is = is_flooded(s, mailbox_at(s, t->recipients[i].address, room));
    }
    return is;
}

/* Of a recipient; empty: what comes for him is no notice, too. */
static struct span mailbox_of(const struct session *s, const struct recipient *r,
                              char room[LONGEST_ADDRESS])
{
    bool is_notice = !r->is_expanded && !r->action.len && r->judged.is;
    return is_notice ? mailbox_at(s, r->address, room) : SPAN_NONE;
}

/* For whom the message was named, it was judged: what an alias leads to is behind him. */
static size_t named_for(const struct envelope *e, size_t i)
{
    while (e->recipients[i].parent)
        i = e->recipients[i].parent - 1;
    return i;
}

static const struct notice_facts *facts_of(const struct session *s, const struct envelope *e,
                                           size_t i)
{
    return &s->judging.facts[named_for(e, i)];
}

static bool keeps_out(const struct session *s, const struct envelope *e, size_t i,
                      struct span mailbox)
{
    struct flooding *f = s->receiver->house->flooding;
    const struct rate *singly = &s->entrance->options->notices.forged.notices;
    struct judged j = e->recipients[i].judged;
    pthread_mutex_lock(&f->lock);
    bool is_flood = floods_keep_out(f->floods, singly, mailbox, j, clock_now_ms());
    pthread_mutex_unlock(&f->lock);
    bool is_stray = facts_of(s, e, i)->is_made_up &&
                    is_forged_domain(s, e->recipients[named_for(e, i)].address);
    return is_flood || (singly->count && (is_stray || judged_is_of_misuse(j)));
}

static const char *language_of(const struct session *s, struct span mailbox)
{
    const struct directory_language set = directory_language(s->receiver->directory, mailbox);
    const struct language *of_user = language_known(set.of_user);
    const struct language *of_domain = language_known(set.of_domain);
    return of_user     ? language_tag(of_user)
           : of_domain ? language_tag(of_domain)
                       : notice_languages[s->entrance->options->notice_language];
}

static struct span why_kept_out(const struct session *s, const struct envelope *e, size_t i,
                                struct arena *a)
{
    struct judged j = e->recipients[i].judged;
    const struct misused *m = &facts_of(s, e, i)->misused;
    struct buffer id = BUFFER_EMPTY;
    if (!judged_is_of_misuse(j))
        return arena_printf(a, "one of a flood of notices %s (%s, %s)",
                            judged_is_of_forgery(j)
                                ? "about mail that somebody forged"
                                : "for addresses that somebody made up: nobody ever wrote from "
                                  "here in the name of this one, or to it",
                            verdict_name(j.class), confidence_name(j.confidence));
    message_id_add(&id, m->id);
    struct span why = arena_printf(a,
                                   "kept out of the inbox: it is about mail that somebody else "
                                   "sent through the account %.*s, which was revoked (%s)",
                                   SPAN_F(m->account), buffer_text(&id));
    buffer_free(&id);
    return why;
}

static void keep_out(const struct session *s, struct message *m, size_t i, struct span mailbox,
                     struct commit *c)
{
    struct arena a = ARENA_EMPTY;
    struct outcome o = {.kind = OUTCOME_DISCARDED,
                        .time_ms = m->envelope.accepted_ms,
                        .words = why_kept_out(s, &m->envelope, i, &a),
                        .host = SPAN_NONE,
                        .address = SPAN_NONE,
                        .stage = mailbox,
                        .is_in_digest = true};
    snprintf(o.language, sizeof o.language, "%s", language_of(s, mailbox));
    commit_outcome(c, m->envelope.id, i, 1, 0, &o);
    message_discard(m, i, &o);
    tally_add(COUNT_NOTICES_KEPT_OUT, 1);
    arena_clear(&a);
}

static struct reply refusal(struct judged j, struct span mailbox, struct arena *a)
{
    struct buffer shown = BUFFER_EMPTY, text = BUFFER_EMPTY;
    visible_add(&shown, mailbox, LONGEST_SHOWN);
    for (size_t i = 0; i < shown.len; i++)
        if (shown.at[i] < ' ' || shown.at[i] > '~')
            shown.at[i] = '?';
    if (judged_is_of_forgery(j))
        buffer_printf(&text,
                      "The message that this notice tells of was never sent from here:\n"
                      "somebody forges the address %s. So many such notices come that no more are "
                      "taken.\n"
                      "Forged senders are best refused when the mail comes (SPF, DKIM, DMARC)",
                      buffer_text(&shown));
    else
        buffer_printf(
            &text,
            "Nothing in this notice shows that its message was sent from here, and\n"
            "somebody forges the address %s. Its true mail leaves under a signed return path.\n"
            "Please send notices to the return path of the message (MAIL FROM, RFC 5321 6.1)",
            buffer_text(&shown));
    struct span kept = arena_keep(a, &text);
    buffer_free(&shown);
    return (struct reply){550, STATUS(5, 7, 1), kept};
}

static bool is_untagged(const struct session *s, const struct envelope *e, size_t i)
{
    return !e->reverse_path.len && facts_of(s, e, i)->is_untagged &&
           s->entrance->options->notices.forged.flood == FORGED_FLOOD_REFUSE_UNTAGGED;
}

/* Where it is not one of those that are kept out in any case. */
static bool may_refuse(struct session *s, const struct envelope *e, size_t i, struct span mailbox)
{
    bool is_forged = judged_is_of_forgery(e->recipients[i].judged);
    bool is_bare = is_untagged(s, e, i);
    return mailbox.len && (is_forged || is_bare) &&
           ((is_bare && is_flooded(s, mailbox)) || is_forged_domain(s, mailbox));
}

/* A message has one answer: it is refused when none of its recipients is to get it, and it is about
 * mail that did not leave from here. */
static bool refuses(struct session *s, const struct message *m, const struct span *mailboxes,
                    const bool *is_out)
{
    size_t out = 0;
    if (s->entrance->options->notices.forged.flood == FORGED_FLOOD_DIGEST || s->is_trusted)
        return false;
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        if (m->envelope.recipients[i].is_expanded)
            continue;
        bool is_out_forged = is_out[i] && judged_is_of_forgery(m->envelope.recipients[i].judged);
        if (!is_out_forged && !may_refuse(s, &m->envelope, i, mailboxes[i]))
            return false;
        out++;
    }
    return out > 0;
}

bool flooding_refuses(struct session *s, struct message *m, struct commit *c, struct reply *reply,
                      struct arena *a)
{
    const struct envelope *e = &m->envelope;
    struct arena here = ARENA_EMPTY;
    char room[LONGEST_ADDRESS];
    size_t first = e->recipient_count;
    if (!s->judging.judged)
        return false;
    struct span *mailboxes = arena_new(&here, e->recipient_count * sizeof *mailboxes);
    bool *is_out = arena_new(&here, e->recipient_count * sizeof *is_out);
    for (size_t i = e->recipient_count; i-- > 0;) {
        mailboxes[i] = arena_copy(&here, mailbox_of(s, &e->recipients[i], room));
        is_out[i] = mailboxes[i].len && keeps_out(s, e, i, mailboxes[i]);
        first = mailboxes[i].len ? i : first;
    }
    bool is_refused = refuses(s, m, mailboxes, is_out);
    if (is_refused) {
        *reply = refusal(e->recipients[first].judged, mailboxes[first], a);
        tally_add(COUNT_NOTICES_REFUSED_IN_FLOOD, 1);
    }
    for (size_t i = 0; i < e->recipient_count && !is_refused; i++)
        if (is_out[i])
            keep_out(s, m, i, mailboxes[i], c);
    arena_clear(&here);
    return is_refused;
}
