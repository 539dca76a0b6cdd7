/* What is asked of ourselves about a sender, and about a message of his that comes back to us. */
#include "receive/inside.h"
#include "receive/verdict.h"

enum judgement judge_sender(struct session *s, struct arena *a, struct reply *reply)
{
    const struct transaction *t = server_transaction(s->server);
    *reply = verdict_sender(t, atomic_load(&s->receiver->house->memory),
                            s->entrance->options->max_memory_in_flight);
    if (reply_is_positive(*reply))
        arrival_may(s, CLIENT_MESSAGE, a, reply);
    if (reply_is_positive(*reply) && s->entrance->at->is_submission)
        *reply = submission_sender(s, t->reverse_path, a);
    return reply_is_positive(*reply) ? JUDGE_TAKES : JUDGE_REFUSES;
}

enum judgement judge_circle(struct session *s, struct arena *a, struct reply *reply)
{
    const struct transaction *t = server_transaction(s->server);
    (void)a;
    if (!verdict_runs_in_circle(s->receiver->directory, t))
        return JUDGE_TAKES;
    s->judging.about = t->recipients[0].address;
    *reply = verdict_circle;
    return JUDGE_REFUSES;
}
