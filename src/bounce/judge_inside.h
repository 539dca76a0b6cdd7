/* What the files of the judge share; not for others. */
#ifndef BOUNCE_JUDGE_INSIDE_H
#define BOUNCE_JUDGE_INSIDE_H

#include "bounce/judge.h"

/* What a fact tells; whether it speaks for or against the verdict comes of it. */
enum leaning {
    LEANS_TRUE,   /* a mail system wrote it */
    LEANS_TRICK,  /* somebody imitates one */
    LEANS_MINE,   /* the message that it is about left from here */
    LEANS_FOREIGN /* … or did not, or not as the notice says */
};

struct judging {
    struct verdict *verdict;
    const struct notice *notice;
    const struct survey *survey;
    const struct evidence *evidence;
    struct arena *arena;
    enum leaning leanings[MOST_FACTS]; /* of the verdict's facts */
    /* Of the notice itself, not of what it returns. */
    unsigned words, places; /* kinds of words that ask; of places that lure */
    bool has_read_words;
    bool demands;        /* to sign in, to verify, a password: no true notice does */
    unsigned away;       /* links to somewhere that has nothing to do with the notice */
    bool has_button;     /* … behind words to click on */
    bool has_far_button; /* … to somewhere that is not the sender's either */
    bool has_farewell;   /* a link by which one leaves a list */
    bool leads_home;     /* a link to somewhere that has */
    bool is_fitting;     /* of what is proven: it went to whom the notice names, and lately */
};

/* judge_facts.c: once each. `name` is one of those that advise_reasons.c has words for. */
void judge_fact(struct judging *j, const char *name, enum leaning leaning, struct span detail);
bool judge_has_fact(const struct judging *j, const char *name);
/* A place that lures; words that ask, `is_demand`: for what is somebody's own. */
void judge_place(struct judging *j, const char *name, struct span detail);
void judge_words(struct judging *j, const char *name, bool is_demand, struct span detail);

/* judge_whose.c: whose message was it? Notes what tells. */
enum provenance judge_whose(struct judging *j);
/* The first address in a field that is one of theirs, also with a tag ("ann+shop@…"), or empty. */
struct span judge_my_address(const struct evidence *e, struct span field);
/* The first host of that domain's site that a Received line of the returned message names as the
 * one that has taken it, or empty. */
struct span judge_passed_host(const struct notice *n, struct span domain);
/* Does a field, or a text, name any recipient of the notice? */
bool judge_names_recipient(struct span field, const struct notice *n);

/* judge_returned.c: does it return mass mail, or what does something when it is opened? Notes
 * which. */
bool judge_returns_spam(struct judging *j);

/* judge_tricks.c: signs of somebody who imitates a notice. `by_words`: words alone may be some. */
void judge_tricks(struct judging *j, bool by_words);
bool judge_is_active_file(
    struct span name); /* "invoice.html": it does something when it is opened */

/* judge_words.c: words that ask; once, and what comes later may rely on them. */
void judge_read_words(struct judging *j);
/* Are the notice's own words of something else than mail and recipients? Few words, or none, are
 * not. */
bool judge_speaks_of_else(const struct judging *j);
/* What is declared to be text may be none. */
bool judge_reads_binary(const struct judging *j);

/* judge_links.c: where its links lead. */
void judge_links(struct judging *j);
struct span judge_first_address(struct span field);

#endif
