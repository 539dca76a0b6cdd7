/* The words by which subjects and senders tell what a message is: data, in many languages. For this
 * room. All of it is folded (folded.h). */
#ifndef BOUNCE_SIGN_WORDS_H
#define BOUNCE_SIGN_WORDS_H

#include "bounce/folded.h"
#include "bounce/notice.h"

/* Lists that end with NULL. */
extern const char *const delay_subjects[], *const success_subjects[], *const failure_subjects[];
extern const char *const notice_subjects[];     /* of which kind, other words tell */
extern const char *const auto_reply_subjects[]; /* at its start, or before ":" or its end */
extern const char *const auto_reply_hints[];    /* a person may write them as well */
extern const char *const challenge_subjects[];
extern const char *const receipt_starts[];                  /* "read:": at the very start */
extern const char *const answer_starts[];                   /* "re:", "fwd:" */
extern const char *const daemon_names[];                    /* the local part of a mail system */
extern const char *const daemon_calls[];                    /* what a mail system calls itself */
extern const char *const still_trying[], *const given_up[]; /* in the text of a notice */
extern const char *const your_message[]; /* it is about mail, not about a parcel */
extern const char *const failure_texts[];                   /* that hardly anybody else writes */
extern const char *const challenge_texts[], *const auto_reply_texts[];

#endif
