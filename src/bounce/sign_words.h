/* The words by which subjects, senders and texts tell what a message is, and who wrote it: data, in
 * many languages (data/signs, data/agents). For this room. All of it is folded (folded.h). */
#ifndef BOUNCE_SIGN_WORDS_H
#define BOUNCE_SIGN_WORDS_H

#include "base/phrase_set.h"

/* The lists of data/signs: TEXT_GIVEN_UP is [text-given-up], and belongs to phrase_set_text. Those
 * called …_AGENT are the rows of data/agents. */
enum sign_words {
    SUBJECT_DELAY,
    SUBJECT_SUCCESS,
    SUBJECT_FAILURE,
    SUBJECT_NOTICE,          /* of which kind, other words tell */
    SUBJECT_AUTO_REPLY,      /* at its start, or before ":" or its end */
    SUBJECT_AUTO_REPLY_HINT, /* a person may write them as well */
    SUBJECT_CHALLENGE,
    SUBJECT_AGENT,
    FROM_DAEMON_CALL, /* what a mail system calls itself */
    FROM_DAEMON,      /* a notice in free text comes from one of these */
    FROM_AGENT,
    TEXT_NOTICE,  /* a notice in free text is known by these */
    TEXT_DELAYED, /* in free text: it is still tried */
    TEXT_OVER,    /* in free text: it is not */
    TEXT_STILL_TRYING,
    TEXT_GIVEN_UP,
    TEXT_YOUR_MESSAGE, /* it is about mail, not about a parcel */
    TEXT_FAILURE,      /* that hardly anybody else writes */
    TEXT_CHALLENGE,
    TEXT_AUTO_REPLY,
    TEXT_ASKS_TO_SIGN_IN, /* what those write who imitate notices: up to TEXT_URGES */
    TEXT_ASKS_TO_VERIFY,
    TEXT_ASKS_TO_RELEASE,
    TEXT_ASKS_TO_PAY,
    TEXT_ASKS_FOR_PASSWORD, /* about one that runs out, or is to be kept */
    TEXT_URGES,
    TEXT_REPORTING_HOST, /* behind it stands the host that reports */
    TEXT_REMOTE_HOST,    /* … that it talked to */
    TEXT_AGENT,
    HEAD_ABOUT_MAILBOX,  /* what a mail system may call itself or its subject, so that one takes it
                            for a notice */
    HEAD_CLAIMS_TROUBLE, /* the same where it can hardly be anything else: a mailbox in trouble, */
    HEAD_CLAIMS_FAILURE, /* … mail that was not delivered (or a parcel, if the text names no mail)
                          */
    LETTER_NAMES_MAIL,
    LETTER_OF_MAILBOX, /* as HEAD_CLAIMS_TROUBLE, in a text whose head claims nothing */
    BUTTON_ASKS,       /* what links say that ask for something, */
    BUTTON_ENTERS,     /* … those to sign in, */
    BUTTON_FAREWELL,   /* … those by which one leaves a list */
    REPORTING_AGENT,
    FIELDS_AGENT,
    MAILER_AGENT,
    RECEIVED_AGENT,
    ID_AGENT,
    HOST_SAID, /* before it stands the host that spoke */
    HOST_NAMED /* … behind it */
};
#define SIGN_WORDS_COUNT (HOST_NAMED + 1)

extern const struct phrase_set phrase_set_subject, phrase_set_from, phrase_set_text;
extern const struct phrase_set phrase_set_head; /* of a sender and a subject */
/* Of a text that may only look like a notice; of what one clicks on. */
extern const struct phrase_set phrase_set_letter, phrase_set_button;
extern const struct phrase_set phrase_set_host; /* of the words of whoever refused */
extern const struct phrase_set phrase_set_reporting, phrase_set_fields, phrase_set_mailer,
    phrase_set_received, phrase_set_id; /* of what data/agents tells */

/* Lists that end with NULL, of what is compared, not looked for. */
extern const char *const receipt_starts[]; /* "read:": at the very start */
extern const char *const answer_starts[];  /* "re:", "fwd:" */
extern const char *const daemon_names[];   /* the local part of a mail system */

#endif
