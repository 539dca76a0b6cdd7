/* Whether a client would be let in: its points, and what it hears at RCPT. */
#ifndef CLI_CLIENT_TRIAL_H
#define CLI_CLIENT_TRIAL_H

#include "base/error.h"
#include "entry/words.h"

struct client_trial_settings {
    const struct options *options;
    unsigned char address[16];
    struct span hello;  /* what it says its name is; empty: its address, which is no worse for it */
    struct span sender; /* may be empty */
    struct span recipient; /* empty: somebody here */
};

struct client_trial {
    struct entry_client client;
    bool is_trusted, is_let_in; /* then nobody asks */
    bool is_known;              /* its network has come again before */
    struct entry_score score;
    enum entry_verdict verdict;
    struct reply reply; /* of a doubtful or a refused one */
    struct arena arena; /* holds all of it */
};

/* Borrows from the settings. Takes the time of the questions to the DNS. False: there is none. */
bool client_trial_make(struct client_trial *t, const struct client_trial_settings *s,
                       struct error *e);
void client_trial_free(struct client_trial *t);

#endif
