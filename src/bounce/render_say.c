#include "base/visible.h"
#include "bounce/render_inside.h"

enum { SHOWN = 320 };

#define FILL(out, l, english, ...)                                                                 \
    words_fill((out), (l), words((l), english), (const struct span[]){__VA_ARGS__},                \
               sizeof((const struct span[]){__VA_ARGS__}) / sizeof(struct span))

void say_shown(struct buffer *out, struct span text)
{
    visible_add_field(out, text, SHOWN);
}

void say_row(struct buffer *out, const struct language *l, const char *label, struct span value)
{
    FILL(out, l, "%1: %2", span_of(label), value);
    while (!value.len && out->len && out->at[out->len - 1] == ' ')
        out->at[--out->len] = '\0';
}

void say_recipient(struct buffer *out, const struct notice_recipient *r)
{
    say_shown(out, r->original.len ? r->original : r->address);
}

static const char *action_words(enum notice_action a)
{
    if (a == ACTION_DELIVERED)
        return WORDS("This recipient has got it.");
    return a == ACTION_EXPANDED ? WORDS("It was passed on to the members of a list.")
                                : WORDS("It was passed on to a server that does not confirm what "
                                        "becomes of it.");
}

void say_group(struct buffer *out, const struct language *l, const struct advice_group *g)
{
    if (!g->headline.len) {
        buffer_add_text(out, words(l, action_words(g->action)));
        return;
    }
    /* TRANSLATORS: %1 is a heading such as "Inbox full", %2 a sentence that says more. */
    FILL(out, l, "%1. %2", g->headline, g->sentence);
}

void say_who(struct buffer *out, const struct language *l, const struct advice_group *g)
{
    /* TRANSLATORS: %1 is "You", "The recipient", "The people who run your mail" and so on. */
    FILL(out, l, "Who must act: %1.", g->who);
}

static const char *confidence_words(enum confidence c)
{
    switch (c) {
    case CONFIDENCE_UNKNOWN:
        break;
    case CONFIDENCE_LIKELY:
        return WORDS("likely");
    case CONFIDENCE_VERY_LIKELY:
        return WORDS("very likely");
    case CONFIDENCE_CERTAIN:
        return WORDS("certain");
    }
    return NULL;
}

static const char *verdict_words(enum verdict_class c)
{
    switch (c) {
    case VERDICT_GENUINE:
        return WORDS("a true notice");
    case VERDICT_NOT_YOURS:
        return WORDS("a notice about mail that you did not send");
    case VERDICT_ACCOUNT_ABUSED:
        return WORDS("somebody else uses your account");
    case VERDICT_PHISHING:
        return WORDS("a trick");
    case VERDICT_SPAM_IN_BOUNCE:
        return WORDS("a true notice that carries spam");
    case VERDICT_AUTO_REPLY:
        return WORDS("an automatic reply");
    case VERDICT_UNKNOWN:
        return WORDS("it can't be told");
    case VERDICT_NOT_A_BOUNCE:
        return WORDS("an ordinary mail");
    }
    return "";
}

void say_verdict(struct buffer *out, const struct language *l, const struct verdict *v)
{
    if (v->class == VERDICT_UNKNOWN && !v->fact_count)
        return;
    struct span what = span_of(words(l, verdict_words(v->class)));
    const char *sure = confidence_words(v->confidence);
    if (!sure)
        FILL(out, l, "Our judgement: %1.", what);
    else
        /* TRANSLATORS: %1 is what a mail is, as "a true notice", %2 is "likely", "very likely" or
           "certain". */
        FILL(out, l, "Our judgement: %1 (%2).", what, span_of(words(l, sure)));
}

void say_reason(struct buffer *out, const struct language *l, const struct advice_reason *r)
{
    if (!r->detail.len)
        buffer_add_span(out, r->text);
    else
        /* TRANSLATORS: %1 is a sentence such as "It asks for a password.", %2 what it was seen in:
           a piece of text, an address, a link. */
        FILL(out, l, "%1 (%2)", r->text, r->detail);
}
