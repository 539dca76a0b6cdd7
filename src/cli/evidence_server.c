#include "cli/evidence_server.h"

#include "base/memory.h"
#include "cli/ledger_access.h"
#include "control/client.h"
#include "control/evidence_lines.h"
#include "control/server.h"
#include "daemon/configuration.h"
#include "evidence/own_evidence.h"
#include "provenance/own_tag.h"
#include "provenance/provenance.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { LONGEST_REQUEST = 60 * 1024 };

struct evidence_server {
    const struct options *options; /* a reference */
    struct own_evidence *records;  /* NULL: the server is asked */
    struct directory *directory;   /* of these: has the secrets of return paths; NULL: not known */
    struct signing *signing;       /* likewise, our keys */
    pthread_mutex_t lock;          /* one question at a time: the server has others to answer */
    bool has_failed;               /* … and it was said: no more is asked */
};

/* ---- the records */

static void complain_of_records(const struct error *e)
{
    complain(0, "what was sent from here can't be looked through: %s", e->text);
}

static bool open_records(struct evidence_server *s, struct error *e)
{
    struct file_marks marks = {0};
    struct error why;
    struct ledger *l = ledger_of_now(s->options, NULL, e);
    if (!l)
        return false;
    ledger_close(&l);
    const struct own_evidence_settings records = {.state = s->options->state,
                                                  .complain = complain_of_records};
    s->records = own_evidence_new(&records);
    s->directory = directory_load(s->options, &marks, &why);
    file_marks_free(&marks);
    s->signing = signing_new(s->options, &why);
    if (!s->signing)
        complain(0, "our own signatures are not looked at: %s", why.text);
    return true;
}

static void look_there(const struct evidence_server *s, struct evidence_asked *x)
{
    const struct evidence_wanted w = {.notice = x->notice,
                                      .came = {.address = own_tag_address(x->message, x->arena)},
                                      .delivered = own_delivery_of(x->message, x->arena),
                                      .directory = s->directory,
                                      .signing = s->signing,
                                      .who = EVIDENCE_FOR_OPERATOR};
    own_evidence_gather(s->records, &w, &x->evidence, NULL, x->arena);
}

/* ---- the server */

static bool has_socket(const struct options *o)
{
    struct buffer path = BUFFER_EMPTY;
    control_socket_path(&path, o);
    bool has = access(buffer_text(&path), W_OK) == 0;
    buffer_free(&path);
    return has;
}

/* Its answers stand in the order of the questions. */
static bool take_answers(struct span lines, struct evidence_asked *const *each, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct evidence told;
        struct span line = arena_copy(each[i]->arena, span_cut(&lines, '\n'));
        if (!evidence_lines_parse_answer(&told, line))
            return false;
        provenance_add(&each[i]->evidence, &told);
    }
    return true;
}

static void ask(struct evidence_server *s, struct span request, struct evidence_asked *const *each,
                size_t count)
{
    struct buffer answer = BUFFER_EMPTY;
    struct error e;
    pthread_mutex_lock(&s->lock);
    int got = s->has_failed ? 0 : control_ask(s->options, request, &answer, &e);
    if (got > 0 && !take_answers(buffer_span(&answer), each, count)) {
        got = -1;
        error_set(&e, "its answer could not be read; is it of another version?");
    }
    if (got < 0)
        complain(0, "the server could not be asked what was sent from here: %s", e.text);
    s->has_failed |= got <= 0;
    pthread_mutex_unlock(&s->lock);
    buffer_free(&answer);
}

static void begin_request(struct buffer *request, const struct evidence *e)
{
    buffer_clear(request);
    buffer_add_text(request, "evidence\n");
    for (size_t i = 0; i < e->me_count && i < EVIDENCE_MOST_ME; i++)
        evidence_lines_add_me(request, e->me[i]);
}

static void ask_server(struct evidence_server *s, struct evidence_asked *const *each, size_t count)
{
    struct buffer request = BUFFER_EMPTY, one = BUFFER_EMPTY;
    size_t first = 0;
    begin_request(&request, &each[0]->evidence);
    for (size_t i = 0; i < count; i++) {
        struct evidence_asked *x = each[i];
        struct own_delivery delivered = own_delivery_of(x->message, x->arena);
        buffer_clear(&one);
        evidence_lines_add_question(&one, x->notice, own_tag_address(x->message, x->arena),
                                    &delivered);
        if (i - first == EVIDENCE_MOST_NOTICES ||
            (i > first && request.len + one.len > LONGEST_REQUEST)) {
            ask(s, buffer_span(&request), each + first, i - first);
            begin_request(&request, &each[0]->evidence);
            first = i;
        }
        buffer_add_span(&request, buffer_span(&one));
    }
    ask(s, buffer_span(&request), each + first, count - first);
    buffer_free(&request);
    buffer_free(&one);
}

/* ---- either */

/* Is there any that may be asked? The running server knows most. */
static bool find(struct evidence_server *s)
{
    struct error e;
    int runs = has_socket(s->options) ? control_catch_up(s->options, &e) : 0;
    if (runs > 0)
        return true;
    if (!runs && (ledger_is_for_others(s->options) || !ledger_is_there(s->options)))
        return false;
    if (runs < 0 || !open_records(s, &e))
        return complain(0, "what was sent from here is not looked through: %s", e.text);
    return true;
}

/* A file that can't be read is for operators to mend. */
static const struct options *options_of(const struct invocation *i)
{
    const char *standard = i->file ? NULL : standard_configuration();
    struct error e;
    return standard ? configuration_read(standard, &e) : options_ref(i->options);
}

struct evidence_server *evidence_server_new(const struct invocation *i)
{
    struct evidence_server *s = memory_new(sizeof *s);
    s->options = options_of(i);
    pthread_mutex_init(&s->lock, NULL);
    if (!s->options || !find(s))
        evidence_server_free(&s);
    return s;
}

void evidence_server_free(struct evidence_server **server)
{
    struct evidence_server *s = *server;
    *server = NULL;
    if (!s)
        return;
    own_evidence_free(&s->records);
    directory_unref(&s->directory);
    signing_unref(&s->signing);
    options_unref(&s->options);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void evidence_server_ask(struct evidence_server *s, struct evidence_asked *const *each,
                         size_t count)
{
    if (!s->records) {
        ask_server(s, each, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        look_there(s, each[i]);
}
