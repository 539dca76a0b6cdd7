/* What the writers of fake notices share; for this room only. */
#ifndef BOUNCE_FAKE_INSIDE_H
#define BOUNCE_FAKE_INSIDE_H

#include "bounce/fake.h"
#include "outcome/envelope.h"

/* What the receiving server answered: to MAIL FROM, to RCPT TO, behind the message. With
 * FAKE_NO_SERVER none spoke, and the words are the reporting system's own. */
enum fake_stage { FAKE_NO_SERVER, FAKE_AT_SENDER, FAKE_AT_RECIPIENT, FAKE_AT_END };

/* Why it failed, as it is said to one system. Names in braces stand for what is filled in. */
struct fake_reply {
    unsigned systems; /* a bit for each that gets, or says, this */
    struct cause_found cause;
    enum fake_stage stage;
    int code; /* of the reply; 0 where no server spoke */
    struct status status;
    const char *words;
};

/* What single systems say by themselves. */
extern const struct fake_reply fake_own_replies[];
extern const size_t fake_own_reply_count;

/* The row for this system and cause; NULL: it never says that. */
const struct fake_reply *fake_reply_find(enum fake_system s, struct cause_found cause);
/* What is said when all went well. */
const struct fake_reply *fake_reply_success(void);

struct fake {
    const struct fake_wishes *wishes;
    struct arena *arena;
    struct cause_found cause; /* with its variant */
    enum fake_stage stage;
    int code;
    struct status status;
    struct span words;    /* filled in */
    struct span host;     /* that reports */
    struct span remote;   /* the receiving server */
    message_id id;        /* of the notice */
    int64_t accepted_ms;  /* the message, by the host that reports */
    int64_t give_up_ms;   /* until when it tries */
    bool has_expired;     /* a failure for a reason that might have passed */
    struct span original; /* the message: its header, an empty line, its body */
};

/* Append a template: "{to}" and its kin (the table `places` in fake_fill.c) are filled in, "{&to}"
 * as text of HTML. */
void fake_fill(struct buffer *out, const struct fake *f, const char *template);
/* The same as a paragraph in lines of at most 78 columns, those behind the first indented. */
void fake_fill_wrapped(struct buffer *out, const struct fake *f, const char *indent,
                       const char *template);
struct span fake_filled(const struct fake *f, const char *template); /* in its arena */

/* The message that never was, or its header alone. */
void fake_add_original(struct buffer *out, const struct fake *f);
void fake_add_original_header(struct buffer *out, const struct fake *f);

void fake_write_plainpost(struct buffer *out, const struct fake *f);
void fake_show_plainpost(struct buffer *out, const struct fake *f, enum fake_form form);
void fake_write_postfix(struct buffer *out, const struct fake *f);
void fake_write_gmail(struct buffer *out, const struct fake *f);
void fake_write_exchange(struct buffer *out, const struct fake *f);
void fake_write_exim(struct buffer *out, const struct fake *f);
void fake_write_qmail(struct buffer *out, const struct fake *f);

#endif
