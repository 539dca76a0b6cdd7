/* Is it honest? A verdict is a function of a notice and of the evidence that its caller has
 * gathered. Pure. The table that decides is in judge.c; the notice's own text is always judged
 * first. */
#ifndef BOUNCE_JUDGE_H
#define BOUNCE_JUDGE_H

#include "bounce/notice.h"
#include "bounce/survey.h"
#include "outcome/judged.h"

enum answer { ANSWER_UNKNOWN, ANSWER_YES, ANSWER_NO };

/* What the caller knows besides the notice. All zeros: nothing. */
struct evidence {
    int64_t now_ms;        /* 0: not known */
    const struct span *me; /* addresses of whoever got the notice; empty: not told */
    size_t me_count;
    enum answer is_sent;  /* is the original's Message-ID among what they sent? NO: all that they
                             sent was looked through */
    enum answer sent_to;  /* … and did it go to a recipient whom the notice names? */
    enum answer wrote_to; /* did they ever write to one? For notices that return no Message-ID */
    enum answer own_signature;     /* the DKIM signature of one of their domains over the returned
                                      header: YES holds, NO was made for another message
                                      (provenance/own_signature.h) */
    struct span own_domain;        /* that signed it */
    enum answer own_tag;           /* a signed return path of ours: it is in the notice's recipient
                                      (provenance/own_tag.h) */
    struct span tagged;            /* the queue id of the message that it names; may be empty, */
    struct span tagged_message_id; /* and its Message-ID, without "<>"; likewise */
    bool account_is_suspect;       /* it sends like a spammer (room account) */
};

/* A reason for or against. */
struct verdict_fact {
    const char *name;   /* for machines: "asks-to-sign-in" */
    bool is_against;    /* it speaks against the verdict */
    struct span detail; /* what it was seen in: a link, an address; may be empty */
};

enum { MOST_FACTS = 24 };

struct verdict {
    enum verdict_class class;
    enum confidence confidence;
    enum provenance provenance;
    struct verdict_fact facts[MOST_FACTS];
    size_t fact_count;
};

/* Spans of `*v` borrow from the notice and the survey, or live in `a`. */
void notice_judge(struct verdict *v, const struct notice *n, const struct survey *s,
                  const struct evidence *e, struct arena *a);

/* A trick is no notice, whatever it looks like: its kind and recipients are taken back. */
void notice_settle(struct notice *n, const struct verdict *v);

#endif
