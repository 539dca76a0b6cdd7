/* Notices in free text, in four steps: does it look like a notice (dialect_gate.c); which phrases
 * stand in it (dialect_hits.c), the common ones and those of the systems whose sign is seen; who is
 * it about (dialect_who.c); what was said of them (dialect_said.c). */
#include "bounce/read_inside.h"

#include "bounce/dialect_gate.h"
#include "bounce/dialect_inside.h"
#include "bounce/free_text.h"

static bool sign_is_seen(void *context, const struct dialect_system *system)
{
    const struct reading *r = context;
    const char *sign = system->sign.at;
    switch (system->place) {
    case SIGN_FIELD:
        return survey_has_field(r->survey, sign);
    case SIGN_IN_SUBJECT:
        return text_find_nocase(r->notice->subject, sign) != SPAN_NOT_FOUND;
    case SIGN_IN_FROM:
        return text_find_nocase(r->notice->from, sign) != SPAN_NOT_FOUND;
    case SIGN_IN_TEXT:
        break;
    }
    return false;
}

/* The host that writes names itself. */
static void find_self(struct dialect *d)
{
    struct notice *n = d->reading->notice;
    for (size_t i = 0; i < d->phrases.count && !n->reporting.len; i++)
        if (d->phrases.hits[i].role == PHRASE_SELF)
            n->reporting =
                dialect_host_at(span_first(span_skip(d->text, d->phrases.hits[i].end), 300));
}

static void read_text(struct reading *r, enum notice_action action)
{
    struct dialect *d = arena_new(r->arena, sizeof *d);
    struct spotted *s = &r->spotted;
    *d = (struct dialect){.reading = r, .text = span_first(r->notice->text, s->text.len)};
    s->text = span_first(s->text, d->text.len);
    phrases_take(&d->phrases, s, sign_is_seen, r, r->arena);
    dialect_find_candidates(d);
    dialect_choose(d);
    r->names_as_notice = d->is_sure;
    find_self(d);
    dialect_find_words(d);
    for (size_t i = 0; i < r->notice->recipient_count; i++)
        if (r->notice->recipients[i].action == ACTION_UNKNOWN)
            r->notice->recipients[i].action = action;
    dialect_find_times(d);
    map_free(&d->known);
}

bool read_dialect(struct reading *r)
{
    struct gate gate;
    dialect_look(&gate, r);
    bool is_pasted = r->signs.is_pasted && gate.has_words;
    if (!dialect_is_notice(&gate) && !r->signs.is_return && !is_pasted)
        return false;
    read_text(r, gate.is_success ? ACTION_DELIVERED
                 : gate.is_delay ? ACTION_DELAYED
                                 : ACTION_FAILED);
    return r->notice->recipient_count > 0;
}
