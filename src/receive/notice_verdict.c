#include "receive/notice_verdict.h"

#include "auth/authres.h"
#include "base/visible.h"

enum { WIDTH = 76, MOST_REASONS = 8, LONGEST_SHOWN = 100 };

void notice_verdict_add_reasons(struct buffer *out, const struct verdict *v)
{
    for (size_t i = 0, count = 0; i < v->fact_count && count < MOST_REASONS; i++) {
        if (v->facts[i].is_against)
            continue;
        buffer_printf(out, "%s%s", count ? ", " : "", v->facts[i].name);
        count++;
    }
}

/* ---- the field */

/* On this line if it fits, else on the next. */
static void add_word(struct buffer *out, size_t *line, const char *before, struct span word)
{
    buffer_add_text(out, before);
    if (out->len - *line + word.len + 1 > WIDTH) {
        buffer_add_text(out, "\r\n\t");
        *line = out->len;
    } else if (*before) {
        buffer_add_char(out, ' ');
    }
    buffer_add_span(out, word);
}

static void add_part(struct buffer *out, size_t *line, const char *name, const char *value)
{
    struct buffer word = BUFFER_EMPTY;
    buffer_printf(&word, "%s=%s", name, value);
    add_word(out, line, ";", buffer_span(&word));
    buffer_free(&word);
}

void notice_verdict_add_field(struct buffer *out, struct span server, struct judged j,
                              struct span reasons)
{
    size_t line = out->len;
    buffer_add_span(out, NOTICE_VERDICT_FIELD);
    buffer_add_text(out, ": ");
    authres_add_server(out, server);
    add_part(out, &line, "class", verdict_name(j.class));
    add_part(out, &line, "confidence", confidence_name(j.confidence));
    add_part(out, &line, "provenance", provenance_name(j.provenance));
    for (bool is_first = true; reasons.len; is_first = false) {
        struct span reason = span_trim(span_cut(&reasons, ','));
        if (is_first) {
            add_part(out, &line, "because", "");
            buffer_add_span(out, reason);
        } else {
            add_word(out, &line, ",", reason);
        }
    }
    buffer_add_text(out, "\r\n");
}

struct judged notice_verdict_of_all(const struct judged *all, size_t count)
{
    struct judged one = {0};
    for (size_t i = 0; i < count; i++) {
        if (!all[i].is)
            continue;
        if (one.is && !judged_is_same(one, all[i]))
            return (struct judged){true, VERDICT_UNKNOWN, CONFIDENCE_UNKNOWN, PROVENANCE_UNKNOWN};
        one = all[i];
    }
    return one;
}

/* ---- refused */

bool notice_verdict_refuses(struct judged j)
{
    bool is_trick = j.class == VERDICT_PHISHING && j.confidence == CONFIDENCE_CERTAIN;
    bool is_foreign = j.class == VERDICT_NOT_YOURS && j.confidence >= CONFIDENCE_VERY_LIKELY;
    return j.is && (is_trick || is_foreign) && j.provenance != PROVENANCE_PROVEN;
}

static struct span shown(struct span s, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    visible_add(&out, s, LONGEST_SHOWN);
    for (size_t i = 0; i < out.len; i++)
        if (out.at[i] < ' ' || out.at[i] > '~')
            out.at[i] = '?';
    return arena_keep(a, &out);
}

/* By which it was found that it was never sent; empty: there is none to tell. */
static struct span message_id_of(const struct verdict *v)
{
    for (size_t i = 0; i < v->fact_count; i++)
        if (span_equal(span_of(v->facts[i].name), SPAN("not-sent")))
            return v->facts[i].detail;
    return SPAN_NONE;
}

static void say_trick(struct buffer *text, const struct verdict *v)
{
    struct buffer reasons = BUFFER_EMPTY;
    notice_verdict_add_reasons(&reasons, v);
    buffer_printf(text,
                  "This mail imitates a notice of a mail system, to trick its reader:\n"
                  "%s.\n",
                  buffer_text(&reasons));
    buffer_free(&reasons);
}

struct reply notice_verdict_reply(const struct verdict *v, struct span recipient,
                                  struct span postmaster, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY;
    struct span id = message_id_of(v);
    if (v->class == VERDICT_PHISHING)
        say_trick(&text, v);
    else
        buffer_printf(&text,
                      "The message that this notice tells of was never sent from here%s%.*s.\n"
                      "Somebody has forged the address %.*s.\n"
                      "Forged senders are best refused when their mail comes (SPF, DKIM, DMARC).\n",
                      id.len ? ":\n" : "", SPAN_F(shown(id, a)), SPAN_F(shown(recipient, a)));
    buffer_printf(&text, "Is that wrong? Please tell %.*s", SPAN_F(shown(postmaster, a)));
    return (struct reply){550, STATUS(5, 7, 1), arena_keep(a, &text)};
}
