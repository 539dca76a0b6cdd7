/* What those write who imitate notices, in many languages; folded (folded.h). For this room only.
 */
#ifndef BOUNCE_JUDGE_WORDS_H
#define BOUNCE_JUDGE_WORDS_H

/* Lists end with NULL. */
extern const char *const asks_to_sign_in[];
extern const char *const asks_to_verify[];
extern const char *const asks_to_release[];
extern const char *const asks_to_pay[];
extern const char *const asks_for_password[]; /* about a password that runs out, or is to be kept */
extern const char *const urges[];
/* What a mail system may call itself or its subject, so that one takes it for a notice. */
extern const char *const about_mailbox[];
/* The same where it can hardly be anything else: a mailbox in trouble; and mail that was not
 * delivered (or a parcel, unless the text names mail). */
extern const char *const claims_trouble[];
extern const char *const claims_failure[];
extern const char *const names_mail[];
extern const char *const says_farewell[]; /* links by which one leaves a list */
/* The same in the text of one that calls itself nothing of the kind. */
extern const char *const of_mailbox[];
/* What links say that ask for something, and those to sign in. */
extern const char *const on_buttons[];
extern const char *const on_entrances[];
extern const char *const active_files[]; /* ends of names: ".html" */

#endif
