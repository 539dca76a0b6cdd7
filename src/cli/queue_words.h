/* The command line of "plainpost queue", and the words in which it answers. */
#ifndef CLI_QUEUE_WORDS_H
#define CLI_QUEUE_WORDS_H

#include "control/request.h"

struct queue_words {
    struct buffer text; /* of the request; as control/protocol.h has it */
    struct request request;
    struct arena arena;
    bool is_sure, is_dry, is_json;
};

/* `words`: from the verb on. False: `e` says what was not understood. */
bool queue_words_parse(struct queue_words *w, int count, char **words, struct error *e);
/* The same of the options alone, for a verb that is given: watch. */
bool queue_words_of(struct queue_words *w, const char *verb, int count, char **words,
                    struct error *e);
void queue_words_free(struct queue_words *w);

/* "This removes 3 messages (4 recipients). Nobody is told." */
void queue_words_plan(struct buffer *out, const struct request *r, uint64_t messages,
                      uint64_t recipients);
/* "3 messages are removed." */
void queue_words_done(struct buffer *out, enum verb v, uint64_t messages);

/* A message, a line of JSON of the server's, in one or two lines; false: it can't be read. */
bool queue_words_entry(struct buffer *out, struct span json, int64_t now_ms, int offset_minutes);
/* The same in detail. */
bool queue_words_show(struct buffer *out, struct span json, int64_t now_ms, int offset_minutes);
bool queue_words_suspended(struct buffer *out, struct span json, int64_t now_ms);

#endif
