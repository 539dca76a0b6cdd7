/* plainpost-explain: what does a notice about undelivered mail mean, is it honest, what is to be
 * done? The engine of plainpost-explain(1), for other programs. doc/library.md shows it at work.
 *
 * Pure: no socket, file, clock, thread, locale or environment is touched, and there is no global
 * state. (One exception: for rare character sets iconv(3) may load its own tables.)
 *
 * Threads: different messages may be used at the same time. One message belongs to one thread at a
 * time, also where a function looks as if it only read.
 *
 * Ownership: all that is returned belongs to its message, and nothing of it is to be freed. What
 * plainpost_message_original() gave lives as long as the message; all else ends with the next
 * plainpost_message_set_…() or plainpost_message_add_…(), so call those first.
 *
 * Texts are UTF-8 and end with a NUL. What is not known is NULL, a time or a code that is not known
 * is 0: nothing is made up. Times are milliseconds since 1970 in UTC. What comes from the mail may
 * hold anything, also what steers a terminal: show it by plainpost_message_harmless(), escape it
 * for where it goes. What this library words itself is harmless, and so are its forms for people
 * (text, HTML, letter).
 *
 * Limits: a message has at most PLAINPOST_LARGEST_MESSAGE octets. At most 10,000 recipients of it
 * are listed, further ones are counted; at most 1,000 parts and 2,000 header fields are looked at.
 * Time is linear in its size. Memory is at most about six times its size and 10 MB (some thousand
 * recipients; a usual notice takes 0.2 MB), and a form takes what it is long.
 *
 * Errors: a message always has an answer, whatever it holds; only its size can be wrong. A NULL
 * where a message is wanted is a bug, and ends the process. So does memory that runs out: by
 * abort(), with a line on standard error. Where that must not be, explain in a process of its own.
 *
 * Numbers of enums never change their meaning, and new ones may come: treat those that you do not
 * know as unknown. New members come at the end of a struct: never copy one, nor put it into an
 * array. C99 and C++. */
#ifndef PLAINPOST_EXPLAIN_H
#define PLAINPOST_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

#define PLAINPOST_EXPLAIN_VERSION 100 /* 10000 × major + 100 × minor + patch: 0.1.0 */
#define PLAINPOST_LARGEST_MESSAGE ((size_t)256 << 20)

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

unsigned plainpost_explain_version(void); /* of the library that is linked */

enum plainpost_result {
    PLAINPOST_OK = 0,
    PLAINPOST_TOO_LARGE = 1,   /* more than PLAINPOST_LARGEST_MESSAGE octets */
    PLAINPOST_BAD_ARGUMENT = 2 /* out of its bounds; nothing has changed */
};

/* ---- a message */

struct plainpost_message;

/* Reads the `size` octets of a message: header and body as they came, line ends CRLF or LF. They
 * are copied. `*m` is NULL unless the result is OK; end it by plainpost_message_free(). */
enum plainpost_result plainpost_message_read(struct plainpost_message **m, const void *octets,
                                             size_t size);
void plainpost_message_free(struct plainpost_message **m); /* `*m` becomes NULL, or is NULL */

/* ---- what you wish, and what you know; all of it is optional */

/* An address of whoever got the notice. A notice about a message that another address sent is not
 * theirs. BAD_ARGUMENT: it is no address. */
enum plainpost_result plainpost_message_add_me(struct plainpost_message *m, const char *address);

/* "de", "pt-BR", or a list as in Accept-Language: the first that is known is taken, else English.
 * NULL: English. */
void plainpost_message_set_language(struct plainpost_message *m, const char *tags);

enum plainpost_audience { PLAINPOST_PERSON = 0, PLAINPOST_OPERATOR = 1 };
void plainpost_message_set_audience(struct plainpost_message *m, enum plainpost_audience audience);

/* The clock of whoever reads, for times in texts: minutes east of UTC, −1440 to 1440. */
enum plainpost_result plainpost_message_set_time_zone(struct plainpost_message *m, int minutes);
/* Columns of the text form, 20 to 1000; 0: 80. Lines are never wider than 100. */
enum plainpost_result plainpost_message_set_width(struct plainpost_message *m, unsigned columns);
/* What the message is called in the JSON, as its member "file"; NULL: "-". */
void plainpost_message_set_name(struct plainpost_message *m, const char *name);
/* When the notice is judged. Today no judgement depends on it. */
void plainpost_message_set_now(struct plainpost_message *m, int64_t now_ms);

/* What you know of the message that the notice is about: did it leave from here? */
enum plainpost_known {
    PLAINPOST_IS_SENT = 0,       /* is its Message-ID among all that you sent? */
    PLAINPOST_OWN_SIGNATURE = 1, /* a DKIM signature of a domain of yours over the returned header:
                                    YES: it holds; NO: it is broken, although the header is whole */
    PLAINPOST_OWN_TAG = 2,       /* did the notice come to a signed return path of yours? */
    PLAINPOST_SUSPECT = 3        /* YES: the account sends as spammers do */
};
enum plainpost_answer { PLAINPOST_NOT_KNOWN = 0, PLAINPOST_YES = 1, PLAINPOST_NO = 2 };
enum plainpost_result plainpost_message_set_known(struct plainpost_message *m,
                                                  enum plainpost_known what,
                                                  enum plainpost_answer answer);

/* ---- the notice */

enum plainpost_kind {
    PLAINPOST_KIND_NOT_A_BOUNCE = 0, /* ordinary mail, or a trick */
    PLAINPOST_KIND_FAILURE = 1,
    PLAINPOST_KIND_DELAY = 2,
    PLAINPOST_KIND_SUCCESS = 3,         /* delivered, relayed, expanded */
    PLAINPOST_KIND_AUTO_REPLY = 4,      /* out of office and the like */
    PLAINPOST_KIND_FEEDBACK_REPORT = 5, /* somebody pressed "this is spam" */
    PLAINPOST_KIND_CHALLENGE = 6,       /* prove that you are a person */
    PLAINPOST_KIND_DMARC_REPORT = 7,    /* of a day's mail in a domain's name */
    PLAINPOST_KIND_TLS_REPORT = 8       /* of a day's mail to a domain, encrypted or not */
};

struct plainpost_notice {
    enum plainpost_kind kind;
    const char *agent;                            /* the system that wrote it: "Postfix" */
    const char *reporting;                        /* the host that reports */
    const char *from, *to, *subject, *message_id; /* of the notice itself */
    int64_t date_ms, arrival_ms; /* of the notice; of the message, at the reporting host */
    size_t recipients, further_recipients; /* how many are listed; how many more were named */
};
const struct plainpost_notice *plainpost_message_notice(struct plainpost_message *m);

/* The message that the notice is about, as far as it was returned or told of. */
struct plainpost_original {
    const char *message_id; /* without "<>" */
    const char *subject, *date, *from, *to;
    int64_t date_ms;
    const char *meeting; /* of an invitation: its name */
    int64_t meeting_ms;
    const char *header; /* as it was returned: look for your signature here */
    size_t header_size; /* it may hold NUL, and what is no UTF-8 */
};
const struct plainpost_original *plainpost_message_original(struct plainpost_message *m);

/* ---- recipients */

enum plainpost_action {
    PLAINPOST_ACTION_UNKNOWN = 0,
    PLAINPOST_ACTION_FAILED = 1,
    PLAINPOST_ACTION_DELAYED = 2,
    PLAINPOST_ACTION_DELIVERED = 3,
    PLAINPOST_ACTION_RELAYED = 4,
    PLAINPOST_ACTION_EXPANDED = 5
};

enum plainpost_cause {
    PLAINPOST_CAUSE_NONE = 0, /* nothing went wrong: delivered, relayed, expanded */
    PLAINPOST_CAUSE_UNKNOWN = 1,
    PLAINPOST_CAUSE_ADDRESS_NOT_FOUND = 2,
    PLAINPOST_CAUSE_DOMAIN_NOT_FOUND = 3,
    PLAINPOST_CAUSE_INBOX_FULL = 4,
    PLAINPOST_CAUSE_ACCOUNT_DISABLED = 5,
    PLAINPOST_CAUSE_MESSAGE_TOO_LARGE = 6,
    PLAINPOST_CAUSE_BLOCKED_CONTENT = 7,
    PLAINPOST_CAUSE_BLOCKED_REPUTATION = 8,
    PLAINPOST_CAUSE_BLOCKED_POLICY = 9,
    PLAINPOST_CAUSE_SENDER_AUTH_FAILED = 10,
    PLAINPOST_CAUSE_TOO_MANY = 11,
    PLAINPOST_CAUSE_COULD_NOT_REACH = 12,
    PLAINPOST_CAUSE_SERVER_PROBLEM = 13,
    PLAINPOST_CAUSE_RELAY_DENIED = 14,
    PLAINPOST_CAUSE_LOOP = 15
};

enum plainpost_who { /* can act */
                     PLAINPOST_WHO_UNKNOWN = 0,
                     PLAINPOST_WHO_YOU = 1,
                     PLAINPOST_WHO_RECIPIENT = 2,
                     PLAINPOST_WHO_THEIR_OPERATOR = 3,
                     PLAINPOST_WHO_YOUR_OPERATOR = 4,
                     PLAINPOST_WHO_NOBODY = 5 /* it takes time */
};

struct plainpost_recipient {
    const char *address;  /* where it failed in the end, as far as known */
    const char *original; /* as the sender wrote it, where that differs */
    enum plainpost_action action;
    const char *status; /* enhanced status code, "5.1.1": as it was told, never guessed */
    int code;           /* of the SMTP reply: 550 */
    enum plainpost_cause cause;
    const char *variant; /* what kind of it: "greylisted"; the words of the JSON */
    int permanent;       /* 1: it will stay so */
    enum plainpost_who who_acts;
    const char *remote;     /* the host that said it */
    const char *diagnostic; /* its words, verbatim */
    int64_t last_attempt_ms, retry_until_ms;
    const char *headline, *sentence; /* the cause in the language: "Inbox full", and what that is;
                                        NULL where nothing went wrong, or the notice is not true */
};
/* One after the other: `after` is NULL, then what was returned last. NULL: there are no more. */
const struct plainpost_recipient *plainpost_recipient_next(struct plainpost_message *m,
                                                           const struct plainpost_recipient *after);

/* ---- the verdict: is it honest? */

enum plainpost_class {
    PLAINPOST_CLASS_UNKNOWN = 0,        /* can't tell */
    PLAINPOST_CLASS_GENUINE = 1,        /* a true notice about your mail */
    PLAINPOST_CLASS_NOT_YOURS = 2,      /* about mail that you never sent: your address is forged */
    PLAINPOST_CLASS_ACCOUNT_ABUSED = 3, /* it left through your account, and not by you */
    PLAINPOST_CLASS_PHISHING = 4,       /* it only looks like a notice, and wants something */
    PLAINPOST_CLASS_SPAM_IN_BOUNCE = 5, /* a true notice that carries somebody's spam to you */
    PLAINPOST_CLASS_AUTO_REPLY = 6,     /* the mail arrived; a machine answers */
    PLAINPOST_CLASS_NOT_A_BOUNCE = 7
};

enum plainpost_confidence {
    PLAINPOST_CONFIDENCE_UNKNOWN = 0,
    PLAINPOST_CONFIDENCE_LIKELY = 1,
    PLAINPOST_CONFIDENCE_VERY_LIKELY = 2,
    PLAINPOST_CONFIDENCE_CERTAIN = 3
};

struct plainpost_verdict {
    enum plainpost_class is;
    enum plainpost_confidence confidence;
    enum plainpost_answer is_from_here; /* did the message that it is about leave from here? "Not
                                           known" never means "not yours" */
};
const struct plainpost_verdict *plainpost_message_verdict(struct plainpost_message *m);

struct plainpost_evidence {
    const char *fact;   /* a word of the JSON: "names-recipient" */
    int against;        /* 1: it speaks against the verdict */
    const char *detail; /* what it was seen in */
    const char *text;   /* the fact as a sentence in the language */
};
const struct plainpost_evidence *plainpost_evidence_next(struct plainpost_message *m,
                                                         const struct plainpost_evidence *after);

/* ---- in words, in the language and for the audience */

struct plainpost_advice {
    const char *headline;             /* "Inbox full: bob@example.com" */
    const char *summary;              /* what happened, and why: a sentence or two */
    const char *arrived, *sent, *who; /* did it arrive, did you send it, who must act? NULL: the
                                         question does not arise */
    enum plainpost_who who_acts;
    const char *would_settle; /* what would make the verdict certain */
};
const struct plainpost_advice *plainpost_message_advice(struct plainpost_message *m);

struct plainpost_step {
    const char *text;
    const char *link; /* "https://…", a page of the recipient's provider that helps */
};
const struct plainpost_step *plainpost_step_next(struct plainpost_message *m,
                                                 const struct plainpost_step *after);

/* ---- all of it at once */

enum plainpost_form {
    PLAINPOST_TEXT = 0,  /* for a terminal; lines end with LF */
    PLAINPOST_JSON = 1,  /* one line, without its end: doc/explain-json.md */
    PLAINPOST_HTML = 2,  /* a whole page: no script, nothing that is fetched */
    PLAINPOST_LETTER = 3 /* to whoever can put it right */
};
/* `size` may be NULL. NULL: there is no such form. */
const char *plainpost_message_form(struct plainpost_message *m, enum plainpost_form form,
                                   size_t *size);

/* `text` in one line, as a person may see it: what steers, hides, or turns the reading order is
 * written out. NULL gives "". */
const char *plainpost_message_harmless(struct plainpost_message *m, const char *text);

/* ---- names of numbers, as the JSON has them; never NULL; "" for a number without one */

const char *plainpost_kind_name(enum plainpost_kind kind);             /* "failure" */
const char *plainpost_action_name(enum plainpost_action action);       /* "failed" */
const char *plainpost_cause_name(enum plainpost_cause cause);          /* "inbox-full" */
const char *plainpost_who_name(enum plainpost_who who);                /* "their-operator" */
const char *plainpost_class_name(enum plainpost_class verdict);        /* "not-yours" */
const char *plainpost_confidence_name(enum plainpost_confidence sure); /* "very-likely" */

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
