/* The public header's message. Nothing is judged before somebody asks for what depends on it; a new
 * wish takes the answer back, and the next question makes another. */
#include "explain/message_inside.h"

#include "base/memory.h"
#include "base/visible.h"
#include "bounce/explain_json.h"
#include "mail/address.h"

#include <assert.h>
#include <stdlib.h>

enum { MOST_MINUTES = 24 * 60, LEAST_WIDTH = 20, MOST_WIDTH = 1000 };

unsigned plainpost_explain_version(void)
{
    return PLAINPOST_EXPLAIN_VERSION;
}

enum plainpost_result plainpost_message_read(struct plainpost_message **m, const void *octets,
                                             size_t size)
{
    assert(m);
    *m = NULL;
    if (!octets && size)
        return PLAINPOST_BAD_ARGUMENT;
    if (size > PLAINPOST_LARGEST_MESSAGE)
        return PLAINPOST_TOO_LARGE;
    struct plainpost_message *new = memory_new(sizeof *new);
    char *copy = memory_new(size);
    if (size)
        memcpy(copy, octets, size);
    new->octets = span_make(copy, size);
    new->name = SPAN("-");
    finding_read(&new->finding, new->octets, &new->kept);
    *m = new;
    return PLAINPOST_OK;
}

/* What was settled holds no more. */
static void unsettle(struct plainpost_message *m)
{
    assert(m);
    m->is_settled = false;
    arena_clear(&m->settled);
    for (size_t i = 0; i < FORMS; i++)
        buffer_free(&m->forms[i]);
}

void plainpost_message_free(struct plainpost_message **m)
{
    assert(m);
    if (!*m)
        return;
    unsettle(*m);
    arena_clear(&(*m)->kept);
    free((*m)->me);
    free((char *)(uintptr_t)(*m)->octets.at);
    free(*m);
    *m = NULL;
}

/* ---- wishes */

enum plainpost_result plainpost_message_add_me(struct plainpost_message *m, const char *address)
{
    if (address_check(span_of(address), true) != ADDRESS_OK)
        return PLAINPOST_BAD_ARGUMENT;
    unsettle(m);
    if (m->me_count == m->me_room) {
        m->me_room = m->me_room ? m->me_room * 2 : 4;
        m->me = memory_resize(m->me, m->me_room * sizeof *m->me);
    }
    m->me[m->me_count++] = arena_copy(&m->kept, span_of(address));
    return PLAINPOST_OK;
}

void plainpost_message_set_language(struct plainpost_message *m, const char *tags)
{
    unsettle(m);
    m->wishes.language = language_find(span_of(tags));
}

void plainpost_message_set_audience(struct plainpost_message *m, enum plainpost_audience audience)
{
    unsettle(m);
    m->wishes.audience = audience == PLAINPOST_OPERATOR ? AUDIENCE_OPERATOR : AUDIENCE_PERSON;
}

enum plainpost_result plainpost_message_set_time_zone(struct plainpost_message *m, int minutes)
{
    if (minutes < -MOST_MINUTES || minutes > MOST_MINUTES)
        return PLAINPOST_BAD_ARGUMENT;
    unsettle(m);
    m->wishes.offset_minutes = minutes;
    return PLAINPOST_OK;
}

enum plainpost_result plainpost_message_set_width(struct plainpost_message *m, unsigned columns)
{
    if (columns && (columns < LEAST_WIDTH || columns > MOST_WIDTH))
        return PLAINPOST_BAD_ARGUMENT;
    unsettle(m);
    m->wishes.width = columns;
    return PLAINPOST_OK;
}

void plainpost_message_set_name(struct plainpost_message *m, const char *name)
{
    unsettle(m);
    m->name = name ? arena_copy(&m->kept, span_of(name)) : SPAN("-");
}

void plainpost_message_set_now(struct plainpost_message *m, int64_t now_ms)
{
    unsettle(m);
    m->evidence.now_ms = now_ms;
}

static bool set_known(struct evidence *e, enum plainpost_known what, enum answer answer)
{
    switch (what) {
    case PLAINPOST_IS_SENT:
        e->is_sent = answer;
        return true;
    case PLAINPOST_OWN_SIGNATURE:
        e->own_signature = answer;
        return true;
    case PLAINPOST_OWN_TAG:
        e->own_tag = answer;
        return true;
    case PLAINPOST_SUSPECT:
        e->account_is_suspect = answer == ANSWER_YES;
        return true;
    }
    return false;
}

enum plainpost_result plainpost_message_set_known(struct plainpost_message *m,
                                                  enum plainpost_known what,
                                                  enum plainpost_answer answer)
{
    static const enum answer answers[] = {[PLAINPOST_NOT_KNOWN] = ANSWER_UNKNOWN,
                                          [PLAINPOST_YES] = ANSWER_YES,
                                          [PLAINPOST_NO] = ANSWER_NO};
    struct evidence e = m->evidence;
    if ((unsigned)answer > PLAINPOST_NO || !set_known(&e, what, answers[answer]))
        return PLAINPOST_BAD_ARGUMENT;
    unsettle(m);
    m->evidence = e;
    return PLAINPOST_OK;
}

/* ---- answers */

static const struct shown *settle(struct plainpost_message *m)
{
    assert(m);
    if (m->is_settled)
        return &m->shown;
    struct evidence e = m->evidence;
    const struct advise_wishes w = {.language = m->wishes.language,
                                    .audience = m->wishes.audience,
                                    .me = m->me_count ? m->me[0] : SPAN_NONE,
                                    .offset_minutes = m->wishes.offset_minutes};
    e.me = m->me;
    e.me_count = m->me_count;
    finding_judge(&m->finding, &e, &m->settled);
    finding_advise(&m->finding, &w, &m->settled);
    shown_fill(&m->shown, &m->finding, &m->settled);
    m->is_settled = true;
    return &m->shown;
}

const struct plainpost_original *plainpost_message_original(struct plainpost_message *m)
{
    assert(m);
    if (!m->has_original)
        shown_fill_original(&m->original, &m->finding.notice.original, &m->kept);
    m->has_original = true;
    return &m->original;
}

const struct plainpost_notice *plainpost_message_notice(struct plainpost_message *m)
{
    return &settle(m)->notice;
}

const struct plainpost_verdict *plainpost_message_verdict(struct plainpost_message *m)
{
    return &settle(m)->verdict;
}

const struct plainpost_advice *plainpost_message_advice(struct plainpost_message *m)
{
    return &settle(m)->advice;
}

const struct plainpost_recipient *plainpost_recipient_next(struct plainpost_message *m,
                                                           const struct plainpost_recipient *after)
{
    const struct shown *s = settle(m);
    size_t next = after ? (size_t)(after - s->recipients) + 1 : 0;
    return next < s->recipient_count ? &s->recipients[next] : NULL;
}

const struct plainpost_evidence *plainpost_evidence_next(struct plainpost_message *m,
                                                         const struct plainpost_evidence *after)
{
    const struct shown *s = settle(m);
    size_t next = after ? (size_t)(after - s->evidence) + 1 : 0;
    return next < s->evidence_count ? &s->evidence[next] : NULL;
}

const struct plainpost_step *plainpost_step_next(struct plainpost_message *m,
                                                 const struct plainpost_step *after)
{
    const struct shown *s = settle(m);
    size_t next = after ? (size_t)(after - s->steps) + 1 : 0;
    return next < s->step_count ? &s->steps[next] : NULL;
}

/* ---- forms */

static bool make_form(struct plainpost_message *m, enum plainpost_form form, struct buffer *out)
{
    const struct finding *f = &m->finding;
    switch (form) {
    case PLAINPOST_TEXT:
        render_text(out, &f->notice, &f->verdict, &f->advice, &m->wishes);
        return true;
    case PLAINPOST_JSON:
        explain_json(out, m->name, &f->notice, &f->verdict, &f->advice);
        return true;
    case PLAINPOST_HTML:
        render_html(out, &f->notice, &f->verdict, &f->advice, &m->wishes);
        return true;
    case PLAINPOST_LETTER:
        render_letter(out, &f->notice, &f->verdict, &f->advice, &m->wishes);
        return true;
    }
    return false;
}

const char *plainpost_message_form(struct plainpost_message *m, enum plainpost_form form,
                                   size_t *size)
{
    struct buffer made = BUFFER_EMPTY;
    settle(m);
    if (size)
        *size = 0;
    if ((unsigned)form >= FORMS)
        return NULL;
    if (!m->forms[form].len && make_form(m, form, &made))
        m->forms[form] = made;
    if (size)
        *size = m->forms[form].len;
    return m->forms[form].at;
}

const char *plainpost_message_harmless(struct plainpost_message *m, const char *text)
{
    struct buffer made = BUFFER_EMPTY;
    struct span s = span_of(text);
    assert(m);
    visible_add(&made, s, s.len);
    const char *harmless = made.len ? arena_text(&m->settled, buffer_span(&made)) : "";
    buffer_free(&made);
    return harmless;
}
