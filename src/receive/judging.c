/* The first refusal is the answer. Those whose answer is known here come first; then those who must
 * be asked elsewhere: so what is refused anyhow costs nobody else anything. */
#include "receive/checking.h"
#include "receive/link_check.h"
#include "receive/notices.h"
#include "receive/signature.h"

static judge_fn *const of_sender[] = {judge_sender, judge_authentic_sender, judge_filters_sender,
                                      NULL};
static judge_fn *const of_recipient[] = {
    judge_recipient,           judge_account,           judge_client,
    judge_authentic_recipient, judge_filters_recipient, NULL};
static judge_fn *const of_message[] = {
    judge_circle, judge_submission,      judge_sent_links, judge_authentic_message,
    judge_notice, judge_filters_message, judge_signature,  judge_keeping,
    NULL};

static judge_fn *const *judges_for(enum server_wait wait)
{
    switch (wait) {
    case SERVER_WAITS_SENDER:
        return of_sender;
    case SERVER_WAITS_RECIPIENT:
        return of_recipient;
    case SERVER_WAITS_MESSAGE:
        return of_message;
    case SERVER_WAITS_INPUT:
    case SERVER_WAITS_CLIENT:
    case SERVER_WAITS_TLS:
    case SERVER_WAITS_AUTH:
    case SERVER_WAITS_CLOSE:
        break;
    }
    return NULL;
}

bool judging_is_about(enum server_wait wait)
{
    return judges_for(wait) != NULL;
}

bool judging_waits(const struct session *s)
{
    return s->judging.waits;
}

static void clear(struct session *s)
{
    arena_clear(&s->judging.arena);
    s->judging = (struct judging){0};
}

static enum server_wait say(struct session *s, struct reply reply)
{
    if (!reply_is_positive(reply)) {
        struct span about = s->judging.about;
        if (server_waits(s->server) == SERVER_WAITS_RECIPIENT)
            about = server_asked_recipient(s->server)->address;
        session_note_refusal(s, about, reply);
    }
    enum server_wait wait = server_answer(s->server, reply, &s->receiver->out);
    clear(s);
    return wait;
}

enum server_wait judging_step(struct session *s)
{
    static const struct reply taken = REPLY(250, 2, 0, 0, "Accepted");
    struct judging *j = &s->judging;
    enum server_wait wait = server_waits(s->server);
    judge_fn *const *judges = judges_for(wait);
    if (!j->next)
        j->reply = taken;
    while (judges[j->next]) {
        struct reply reply = j->reply;
        switch (judges[j->next++](s, &j->arena, &reply)) {
        case JUDGE_TAKES:
            j->reply = reply;
            break;
        case JUDGE_REFUSES:
            return say(s, reply);
        case JUDGE_ANSWERS_LATER:
            j->waits = true;
            return wait;
        }
    }
    return say(s, j->reply);
}

void judging_answered(struct session *s, struct reply reply)
{
    struct receiver *r = s->receiver;
    struct judging *j = &s->judging;
    j->waits = false;
    if (reply_is_positive(reply)) {
        j->reply = reply;
        j->reply.text = arena_copy(&j->arena, reply.text);
    } else {
        say(s, reply);
    }
    if (!session_process(s, buffer_span(&s->input)))
        return;
    if (r->is_ending)
        session_end(s, REPLY(421, 4, 3, 2, "This server is shutting down"));
    else if (s->has_lost_login)
        session_end_login(s);
}

void judging_forget(struct session *s)
{
    recipient_forget(s);
    client_check_forget(s);
    checking_forget(s);
    notices_forget(s);
    link_check_forget(s);
    filters_forget(s);
    signature_forget(s);
    keeping_forget(s);
    clear(s);
}
