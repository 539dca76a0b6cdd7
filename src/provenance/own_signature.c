#include "provenance/own_signature.h"

#include "auth/dkim_verify.h"
#include "bounce/judge_inside.h"

bool own_signature_is_for(const struct evidence *e, const struct notice_original *o)
{
    return judge_my_address(e, o->from).len > 0;
}

/* ---- YES */

/* Else somebody could put another subject above ours, and it would count as signed. */
static bool is_unambiguous(const struct notice_original *o, const struct dkim_signature *s)
{
    static const char *const shown[] = {"From", "To", "Subject", "Date", "Message-ID"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        size_t count = header_count(o->header, shown[i]);
        if (count > 1 && count > dkim_signature_covers(s, span_of(shown[i])))
            return false;
    }
    return true;
}

/* A signature over the sender alone would hold over any header that names the same one. */
static bool covers_message(const struct dkim_signature *s)
{
    return dkim_signature_covers(s, SPAN("Date")) || dkim_signature_covers(s, SPAN("Message-ID"));
}

/* ---- NO */

static bool has_all_signed(const struct notice_original *o, const struct dkim_signature *s)
{
    struct span value;
    for (size_t i = 0; i < s->name_count; i++) {
        struct buffer name = BUFFER_EMPTY;
        buffer_add_span(&name, s->names[i]);
        bool has = header_find(o->header, buffer_text(&name), &value);
        buffer_free(&name);
        if (!has)
            return false;
    }
    return true;
}

static bool has_once_and_signed(const struct notice_original *o, const struct dkim_signature *s,
                                const char *name)
{
    return header_count(o->header, name) == 1 && dkim_signature_covers(s, span_of(name));
}

/* No queue keeps a message for a week, nor is a clock wrong by so much. A signature that does not
 * tell when it was made was made before it expired. */
static bool is_older_than_message(const struct dkim_signature *s, const struct notice_original *o)
{
    const uint64_t week = 7 * 24 * 3600;
    uint64_t made = s->made_s ? s->made_s : s->expires_s;
    return made && o->date_ms > 0 && (uint64_t)o->date_ms / 1000 > made + week;
}

static bool is_of_another(const struct notice_original *o, const struct dkim_signature *s)
{
    return o->is_whole && s->has_relaxed_header && has_once_and_signed(o, s, "From") &&
           has_once_and_signed(o, s, "Date") && has_once_and_signed(o, s, "Message-ID") &&
           is_older_than_message(s, o) && has_all_signed(o, s);
}

enum answer own_signature_answer(const struct notice_original *o, const struct dkim_signature *s,
                                 const struct dkim_key *k)
{
    struct error why;
    switch (dkim_verify_header(s, k, o->header, &why)) {
    case DKIM_HOLDS:
        return covers_message(s) && is_unambiguous(o, s) ? ANSWER_YES : ANSWER_UNKNOWN;
    case DKIM_OTHER_HEADER:
        return is_of_another(o, s) ? ANSWER_NO : ANSWER_UNKNOWN;
    case DKIM_BROKEN:
    case DKIM_UNFIT:
        break;
    }
    return ANSWER_UNKNOWN;
}
