#include "web/challenges.h"

#include "acme/challenge.h"
#include "acme/order.h"
#include "base/memory.h"
#include "sys/log.h"
#include "web/http_page.h"

#include <stdlib.h>

struct challenges {
    struct http_pages pages;
    struct arena arena;
    const char *folder;
    struct MHD_Daemon **daemons;
    size_t count;
};

static void log_question(struct span token)
{
    struct buffer *line = log_begin(LOG_LEVEL_INFO, "acme-question");
    log_line_text(line, "token", token);
    log_end();
    log_close(); /* the thread is the library's, and ends without a word to us */
}

static enum MHD_Result answer(void *arg, struct MHD_Connection *c, const char *path,
                              const char *method)
{
    const struct challenges *all = arg;
    struct span token = span_of(path), prefix = SPAN(CHALLENGE_PATH);
    struct buffer text = BUFFER_EMPTY;
    enum MHD_Result result;
    if (!http_may_read(c, method, &result))
        return result;
    token = span_starts(token, prefix) ? span_skip(token, prefix.len) : SPAN_NONE;
    if (challenge_answer(all->folder, token, &text)) {
        log_question(token);
        result = http_reply(c, MHD_HTTP_OK, "application/octet-stream", &text);
    } else {
        result = http_reply_words(c, MHD_HTTP_NOT_FOUND,
                                  "There is nothing here. This is a mail server, which answers at "
                                  "this port only what an authority for certificates asks.\n");
    }
    buffer_free(&text);
    return result;
}

struct challenges *challenges_new(const struct options *o, struct error *e)
{
    struct challenges *c = memory_new(sizeof *c);
    size_t wanted = o->acme_certificate_count ? o->acme_listen_count : 0;
    c->pages = (struct http_pages){"answers for an authority", answer, c};
    c->folder = acme_challenges(o->state, &c->arena);
    c->daemons = memory_new((wanted + 1) * sizeof(struct MHD_Daemon *));
    for (; c->count < wanted; c->count++) {
        c->daemons[c->count] = http_pages_listen(&c->pages, &o->acme_listen[c->count], e);
        if (!c->daemons[c->count]) {
            challenges_free(&c);
            return NULL;
        }
    }
    return c;
}

void challenges_free(struct challenges **challenges)
{
    struct challenges *c = *challenges;
    *challenges = NULL;
    if (!c)
        return;
    for (size_t i = 0; i < c->count; i++)
        MHD_stop_daemon(c->daemons[i]);
    arena_clear(&c->arena);
    free(c->daemons);
    free(c);
}
