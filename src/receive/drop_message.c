/* Recipients are not judged here: who hands in mail on this machine may send wherever a trusted
 * client may, and where that is, the queue knows. It fails those that lead nowhere, and tells the
 * sender. */
#include "receive/drop_message.h"

#include "address/expand.h"

#include "bounce/notification.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/line_ends.h"
#include "receive/drop_file.h"
#include "receive/incoming.h"
#include "receive/links_said.h"
#include "receive/notice_language.h"
#include "receive/signature.h"
#include "receive/verdict.h"

#include <string.h>

enum { LARGEST_RETURNED = 64 * 1024, LINKS_PATIENCE = 3000 /* ms */ };

/* What is noted of the links in a message that is taken. */
struct checked_links {
    struct span words; /* empty: nothing */
    struct link_finding found;
    bool holds;
};

struct fault {
    struct status status; /* class 0: none */
    struct span words;
};

static struct fault fault_of(const struct transaction *t, const struct drop_origin *from,
                             struct arena *a)
{
    const struct options *o = from->options;
    struct span message = buffer_span(&t->message);
    if (message.len > o->max_message_size)
        return (struct fault){STATUS(5, 3, 4),
                              arena_printf(a,
                                           "this message is too large: this server takes at most "
                                           "%llu bytes",
                                           (unsigned long long)o->max_message_size)};
    if (header_length(message) > o->max_header_size)
        return (struct fault){STATUS(5, 3, 4),
                              arena_printf(a,
                                           "the header of this message is too large: this server "
                                           "takes at most %llu bytes",
                                           (unsigned long long)o->max_header_size)};
    if (t->recipient_count > o->max_recipients)
        return (struct fault){STATUS(5, 5, 3),
                              arena_printf(a,
                                           "this message has too many recipients: at most %llu "
                                           "are taken at once",
                                           (unsigned long long)o->max_recipients)};
    if (header_count(message, "Received") > o->max_hops)
        return (struct fault){STATUS(5, 4, 6),
                              SPAN("this message has passed through too many servers; it probably "
                                   "runs in a circle between two that forward to each other")};
    if (verdict_runs_in_circle(from->directory, t))
        return (struct fault){verdict_circle.status, verdict_circle.text};
    return (struct fault){STATUS_NONE, SPAN_NONE};
}

/* It can't be asked to come again: who has handed it in has gone. */
static struct fault fault_of_account(const struct transaction *t, const struct drop_origin *from,
                                     struct arena *a)
{
    const struct options *o = from->options;
    struct account_refusal why;
    const struct account_limit *l =
        account_limit_for(o->sending.limits, o->sending.limit_count, from->owner);
    struct reply reply = {.code = 0};
    if (l && l->message && t->recipient_count > l->message) {
        reply = verdict_account_message(l, from->owner, o->hostname, a);
    } else if (l && !account_rates_take(from->rates, from->owner, l, t->recipient_count,
                                        from->now_ms, &why)) {
        reply = verdict_account_rate(&why, from->owner, o->hostname, a);
        reply.status.class = 5;
    }
    return reply.code ? (struct fault){reply.status, reply.text}
                      : (struct fault){STATUS_NONE, SPAN_NONE};
}

/* The thread serves nobody but those who hand in, so it may wait a little for the DNS. */
static struct link_finding find_links(const struct transaction *t, const struct drop_origin *from,
                                      struct arena *a)
{
    const struct sending_options *o = &from->options->sending;
    const struct sent_links_known known = links_known(from->directory, from->options, a);
    struct sent_links seen;
    struct sent_links_unknown unknown = {SPAN_NONE, SPAN_NONE};
    struct lookups lookups = {0};
    sent_links_see(buffer_span(&t->message), &known, &seen, a);
    while (from->waiting && !sent_links_ask(o, &lookups, &seen, &unknown, a))
        resolve_wait_answer(from->waiting, &lookups, LINKS_PATIENCE);
    lookups_free(&lookups);
    if (unknown.list.len)
        links_note_unknown(&unknown, true);
    return seen.found;
}

/* What is found, and what is said of it in the story of the message. */
static struct fault fault_of_links(const struct transaction *t, const struct drop_origin *from,
                                   struct checked_links *links, struct arena *a)
{
    const struct options *o = from->options;
    if (o->sending.check_links == CHECK_LINKS_OFF ||
        links_are_reported(t->recipients, t->recipient_count))
        return (struct fault){STATUS_NONE, SPAN_NONE};
    struct link_finding found = find_links(t, from, a);
    if (!found.fault)
        return (struct fault){STATUS_NONE, SPAN_NONE};
    links_note(&found, from->owner, t->reverse_path);
    links->found = found;
    links->words = links_words(&found, a);
    links->holds = o->sending.check_links == CHECK_LINKS_HOLD;
    if (o->sending.check_links != CHECK_LINKS_REFUSE)
        return (struct fault){STATUS_NONE, SPAN_NONE};
    struct reply reply = links_refusal(&found, o->hostname, a);
    return (struct fault){reply.status, reply.text};
}

static bool is_plain_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alnum(name.at[i]) && !strchr("._-$", name.at[i]))
            return false;
    return name.len > 0;
}

/* Goes into a comment of the Received field. */
static struct span client_name(const struct drop_origin *from, struct arena *a)
{
    if (is_plain_name(from->owner))
        return arena_printf(a, "local user %.*s (uid %u)", SPAN_F(from->owner), from->uid);
    return arena_printf(a, "local user (uid %u)", from->uid);
}

static bool has_8bit(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] & 0x80)
            return true;
    return false;
}

/* RFC 6758: a program has no other way to say it. Behind the number a comment may stand. */
static void take_priority(struct transaction *t, const struct options *o)
{
    struct span value = SPAN_NONE;
    struct buffer text = BUFFER_EMPTY;
    struct mail_parameters *p = &t->parameters;
    if (header_find(buffer_span(&t->message), "MT-Priority", &value))
        header_unfold(&text, value);
    struct span rest = buffer_span(&text), number = span_word(&rest);
    p->has_priority = priority_parse(number, &p->priority) &&
                      (!span_trim(rest).len || span_starts(span_trim(rest), SPAN("(")));
    if (!p->has_priority)
        p->priority = 0;
    else if (p->priority > (int)o->highest_priority)
        p->priority = (int)o->highest_priority;
    buffer_free(&text);
}

/* The file as a transaction of a session would have it. */
static bool fill_transaction(struct transaction *t, struct span text,
                             const struct drop_origin *from, struct arena *a, struct error *why)
{
    struct drop_file f;
    if (!from->owner.len)
        return error_set(why, "its owner (uid %u) has no account on this machine", from->uid);
    if (!drop_file_parse(&f, text, a, why))
        return false;
    if (!f.has_sender)
        f.reverse_path =
            arena_printf(a, "%.*s@%.*s", SPAN_F(from->owner), SPAN_F(from->options->hostname));
    if (f.reverse_path.len && address_check(f.reverse_path, true) != ADDRESS_OK)
        return error_set(why, "no address can be made of its owner's name (uid %u)", from->uid);
    *t = (struct transaction){.reverse_path = f.reverse_path,
                              .parameters = f.parameters,
                              .recipients = f.recipients,
                              .recipient_count = f.recipient_count,
                              .is_8bit = has_8bit(f.message)};
    t->parameters.smtputf8 = !address_is_ascii(f.reverse_path);
    for (size_t i = 0; i < f.recipient_count; i++)
        t->parameters.smtputf8 |= !address_is_ascii(f.recipients[i].address);
    if (t->is_8bit)
        t->parameters.body = BODY_8BITMIME;
    line_ends_to_crlf(&t->message, f.message);
    take_priority(t, from->options);
    return true;
}

/* In this thread: it serves nobody but those who hand in. */
static void sign(struct transaction *t, const struct drop_origin *from)
{
    struct signers who = {0};
    struct buffer names = BUFFER_EMPTY;
    struct error why; /* what can't be signed goes without */
    if (from->signing && signers_choose(&who, from->signing, buffer_span(&t->message))) {
        bool is_done = signers_sign(&who, &t->message, from->now_ms, &names, &why);
        signature_count(is_done, buffer_span(&names));
    }
    signers_free(&who);
    buffer_free(&names);
}

/* What the queue can't hold is given back: the transaction has its message again. */
static struct fault accept_message(struct transaction *t, const struct drop_origin *from,
                                   const struct checked_links *links, struct commit *commit,
                                   struct message **m, struct arena *a)
{
    const struct incoming_origin origin = {
        .hostname = from->options->hostname,
        .client_name = client_name(from, a),
        .authentication = links->words,
        .is_own = true,
        .has_owner = true,
        .owner = from->uid,
        .id = from->id,
        .now_ms = from->now_ms,
        .offset_minutes = from->offset_minutes,
    };
    sign(t, from);
    *m = incoming_prepare(t, &origin, from->directory, commit);
    (*m)->is_held = links->holds;
    if (links->holds)
        commit_hold(commit, from->id, from->now_ms, links->words);
    if (commit_fits(commit, from->options->segment_size)) {
        *from->notice =
            user_notice_new(from->options, from->owner, &(*m)->envelope,
                            buffer_span(&commit->message), links->holds ? &links->found : NULL);
        return (struct fault){STATUS_NONE, SPAN_NONE};
    }
    struct reply why = verdict_too_many_members(&(*m)->envelope, from->options, a);
    t->message = commit->message;
    commit->message = BUFFER_EMPTY;
    commit_free(commit);
    message_free(m);
    return (struct fault){why.status, why.text};
}

static void sign_notice(struct envelope *e, struct buffer *text, const struct drop_origin *from)
{
    struct buffer whole = BUFFER_EMPTY;
    if (from->signing)
        signing_add(from->signing, &whole, from->options->hostname, buffer_span(text),
                    from->now_ms);
    buffer_add_span(&whole, buffer_span(text));
    buffer_free(text);
    *text = whole;
    e->size = whole.len;
}

/* The notice to the sender. False: none is wanted. */
static bool accept_notice(const struct transaction *t, const struct fault *fault,
                          const struct drop_origin *from, struct commit *commit, struct message **m,
                          struct arena *a)
{
    const struct outcome outcome = {.kind = OUTCOME_FAILED,
                                    .time_ms = from->now_ms,
                                    .status = fault->status,
                                    .cause = cause_find(0, fault->status, fault->words),
                                    .words = fault->words,
                                    .is_reported = true};
    struct span message = buffer_span(&t->message);
    struct envelope original = {.id = from->refused,
                                .accepted_ms = from->now_ms,
                                .origin = ORIGIN_SMTP,
                                .reverse_path = t->reverse_path,
                                .parameters = t->parameters,
                                .client_name = client_name(from, a),
                                .client_address = SPAN_NONE,
                                .has_owner = true,
                                .owner = from->uid,
                                .size = message.len,
                                .recipient_count = t->recipient_count};
    struct report_recipient *failed = arena_new(a, t->recipient_count * sizeof *failed);
    struct report report = {.hostname = from->options->hostname,
                            .id = from->id,
                            .now_ms = from->now_ms,
                            .offset_minutes = from->offset_minutes,
                            .original = &original,
                            .to = original.reverse_path,
                            .message = span_first(message, LARGEST_RETURNED),
                            .recipients = failed};
    incoming_describe(&original, message, a);
    original.recipients = arena_new(a, t->recipient_count * sizeof *original.recipients);
    for (size_t i = 0; i < t->recipient_count; i++) {
        original.recipients[i] = (struct recipient){.address = t->recipients[i].address,
                                                    .parameters = t->recipients[i].parameters};
        if (envelope_wants(&original, i, NOTIFY_FAILURE))
            failed[report.recipient_count++] =
                (struct report_recipient){.recipient = i, .outcome = &outcome, .attempts = 1};
    }
    if (!report.recipient_count)
        return false;
    struct envelope notice;
    notice_choose(&report, from->options, from->directory, from->texts);
    notification_write(&notice, &commit->message, &report, a);
    sign_notice(&notice, &commit->message, from);
    notice.has_owner = true;
    notice.owner = from->uid;
    expand_notice(from->directory, &notice, a);
    commit_accept(commit, &notice);
    *m = message_new(&notice);
    return true;
}

enum drop_verdict drop_message_prepare(struct span text, const struct drop_origin *from,
                                       struct commit *commit, struct message **m, struct error *why)
{
    struct arena a = ARENA_EMPTY;
    struct transaction t = {0};
    enum drop_verdict verdict = DROP_REFUSED;
    if (fill_transaction(&t, text, from, &a, why)) {
        struct fault fault = fault_of(&t, from, &a);
        if (!fault.status.class)
            fault = fault_of_account(&t, from, &a);
        struct checked_links links = {.words = SPAN_NONE};
        if (!fault.status.class)
            fault = fault_of_links(&t, from, &links, &a);
        if (!fault.status.class)
            fault = accept_message(&t, from, &links, commit, m, &a);
        if (!fault.status.class) {
            verdict = DROP_ACCEPTED;
        } else {
            error_set(why, "%.*s", SPAN_F(fault.words));
            if (accept_notice(&t, &fault, from, commit, m, &a))
                verdict = DROP_RETURNED;
        }
    }
    buffer_free(&t.message);
    arena_clear(&a);
    return verdict;
}
