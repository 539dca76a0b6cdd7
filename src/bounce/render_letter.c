/* A letter to whoever can put it right: the recipient by another way, the people who run their
 * mail, or those who run one's own. Written so that it can be sent as it is. */
#include "base/visible.h"
#include "bounce/render_inside.h"
#include "bounce/render_wrap.h"

#include <string.h>

enum { COLUMNS = 72, SUBJECT_SHOWN = 150, ADDRESS_SHOWN = 200 };

struct letter {
    struct buffer *out;
    const struct notice *notice;
    const struct advice *advice;
    const struct render_wishes *w;
    const struct notice_recipient *about; /* the recipient whose trouble it is, or NULL */
    size_t about_index;
    struct buffer to, subject, when; /* as they are shown */
};

#define PARAGRAPH(l, english, ...)                                                                 \
    paragraph((l), words((l)->w->language, english), (const struct span[]){__VA_ARGS__},           \
              sizeof((const struct span[]){__VA_ARGS__}) / sizeof(struct span))

static void paragraph(struct letter *l, const char *text, const struct span *with, size_t count)
{
    static const struct wrapping flush = {"", "", COLUMNS};
    struct buffer line = BUFFER_EMPTY;
    words_fill(&line, l->w->language, text, with, count);
    buffer_add_char(l->out, '\n');
    wrap_add(l->out, buffer_span(&line), &flush);
    buffer_free(&line);
}

static void plain(struct letter *l, const char *english)
{
    paragraph(l, words(l->w->language, english), NULL, 0);
}

/* The lines before the letter itself. */
static void head(struct letter *l, const char *label, struct span text)
{
    static const struct wrapping continued = {"", "    ", COLUMNS};
    struct buffer line = BUFFER_EMPTY;
    say_row(&line, l->w->language, words(l->w->language, label), text);
    wrap_add(l->out, buffer_span(&line), &continued);
    buffer_free(&line);
}

/* ---- the details at its end */

static void detail_heading(struct details *d, struct span text)
{
    (void)d;
    (void)text;
}

static void detail_row(struct details *d, const char *label, struct span value)
{
    static const struct wrapping indented = {"  ", "    ", COLUMNS};
    struct buffer line = BUFFER_EMPTY;
    say_row(&line, d->wishes->language, label, value);
    wrap_add(d->to, buffer_span(&line), &indented);
    buffer_free(&line);
}

static void detail_verbatim(struct details *d, const char *label, struct span words)
{
    static const struct wrapping quoted = {"    ", "      ", COLUMNS};
    struct buffer *out = d->to;
    buffer_add_text(out, "  ");
    say_row(out, d->wishes->language, label, SPAN_NONE);
    buffer_add_char(out, '\n');
    while (words.len) {
        struct span line = span_trim(span_cut(&words, '\n'));
        if (line.len)
            wrap_add(d->to, line, &quoted);
    }
}

static void add_details(struct letter *l)
{
    struct details d = {.heading = detail_heading,
                        .row = detail_row,
                        .verbatim = detail_verbatim,
                        .wishes = l->w,
                        .to = l->out};
    plain(l, "The details:");
    if (l->about) {
        detail_row(&d, words(l->w->language, "Recipient"), buffer_span(&l->to));
        details_give_recipient(&d, l->notice, l->about_index);
    }
    details_give_original(&d, l->notice);
    if (l->notice->reporting.len) {
        struct buffer host = BUFFER_EMPTY;
        say_shown(&host, l->notice->reporting);
        detail_row(&d, words(l->w->language, "Reporting server"), buffer_span(&host));
        buffer_free(&host);
    }
    buffer_free(&d.scratch);
}

/* ---- what it says */

static void it_came_back(struct letter *l)
{
    struct span to = buffer_span(&l->to), subject = buffer_span(&l->subject),
                when = buffer_span(&l->when);
    if (!to.len)
        plain(l, "A message from me was not delivered.");
    else if (subject.len && when.len)
        PARAGRAPH(l, "My message to %1 about “%2” of %3 was not delivered.", to, subject, when);
    else if (subject.len)
        PARAGRAPH(l, "My message to %1 about “%2” was not delivered.", to, subject);
    else
        PARAGRAPH(l, "My message to %1 was not delivered.", to);
}

static void reason(struct letter *l)
{
    if (!l->advice->group_count || !l->advice->groups[0].headline.len)
        return;
    struct buffer text = BUFFER_EMPTY;
    say_group(&text, l->w->language, &l->advice->groups[0]);
    PARAGRAPH(l, "The reason, as far as the notice shows: %1", buffer_span(&text));
    buffer_free(&text);
}

static enum cause cause_of(const struct letter *l)
{
    return l->advice->group_count ? l->advice->groups[0].cause.cause : CAUSE_UNKNOWN;
}

static const char *ask_recipient(enum cause c)
{
    switch (c) {
    case CAUSE_ADDRESS_NOT_FOUND:
    case CAUSE_DOMAIN_NOT_FOUND:
        return WORDS("Is the address right? Please tell me the one that I should use.");
    case CAUSE_INBOX_FULL:
        return WORDS("Could you make room in your mailbox, and tell me when I may send it again?");
    case CAUSE_ACCOUNT_DISABLED:
        return WORDS("Do you still use this address, or is there another one for me?");
    case CAUSE_MESSAGE_TOO_LARGE:
        return WORDS("In which way may I send you large files?");
    case CAUSE_BLOCKED_CONTENT:
    case CAUSE_BLOCKED_POLICY:
        return WORDS("Could you have mail from me allowed, or ask the people who run your mail to "
                     "do so?");
    case CAUSE_UNKNOWN:
    case CAUSE_BLOCKED_REPUTATION:
    case CAUSE_SENDER_AUTH_FAILED:
    case CAUSE_TOO_MANY:
    case CAUSE_COULD_NOT_REACH:
    case CAUSE_SERVER_PROBLEM:
    case CAUSE_RELAY_DENIED:
    case CAUSE_LOOP:
        break;
    }
    return WORDS("Could you tell me another way to reach you, and let the people who run your mail "
                 "know?");
}

static const char *ask_their_operator(enum cause c)
{
    if (c == CAUSE_COULD_NOT_REACH)
        return WORDS("Please check whether your server can be reached from outside, and what the "
                     "DNS says of it.");
    if (c == CAUSE_SERVER_PROBLEM)
        return WORDS("Please look into the problem at your server.");
    if (c == CAUSE_LOOP)
        return WORDS("Please check where the forwarding of this address leads: it seems to point "
                     "back.");
    return WORDS("Please tell us what the reason is, and what we can change, or allow mail from "
                 "us.");
}

static const char *ask_your_operator(enum cause c)
{
    if (c == CAUSE_BLOCKED_REPUTATION)
        return WORDS("Please find out why our server is on that list, and have it taken off.");
    if (c == CAUSE_SENDER_AUTH_FAILED)
        return WORDS(
            "Please check SPF, DKIM and DMARC of our domain, and whether this message left "
            "by the right server.");
    if (c == CAUSE_RELAY_DENIED || c == CAUSE_LOOP)
        return WORDS("Please check where mail for this domain is sent, and which server my mail "
                     "program should use.");
    return WORDS("Please look into it. I attach the notice as it came.");
}

static void greet(struct letter *l, const char *to, const char *subject)
{
    head(l, WORDS("To"), span_of(words(l->w->language, to)));
    head(l, WORDS("Subject"), span_of(words(l->w->language, subject)));
    plain(l, "Hello,");
}

static void end(struct letter *l)
{
    plain(l, "Thank you, and kind regards");
}

static void to_recipient(struct letter *l)
{
    greet(l, WORDS("the recipient, by another way: telephone, another address"),
          WORDS("My mail to you does not arrive"));
    it_came_back(l);
    reason(l);
    plain(l, ask_recipient(cause_of(l)));
    end(l);
    add_details(l);
}

static void to_their_operator(struct letter *l)
{
    struct buffer to = BUFFER_EMPTY;
    size_t at = l->to.len;
    while (at && l->to.at[at - 1] != '@')
        at--;
    buffer_printf(&to, "postmaster@%s", at ? l->to.at + at : "");
    const struct span with[] = {buffer_span(&to)};
    struct buffer line = BUFFER_EMPTY;
    words_fill(&line, l->w->language,
               words(l->w->language, at ? WORDS("%1 (the people who run the recipient's mail), or "
                                                "the recipient, who can pass it on")
                                        : WORDS("the people who run the recipient's mail, or the "
                                                "recipient, who can pass it on")),
               with, 1);
    head(l, WORDS("To"), buffer_span(&line));
    head(l, WORDS("Subject"),
         span_of(words(l->w->language, "Mail to one of your addresses does not arrive")));
    plain(l, "Hello,");
    it_came_back(l);
    reason(l);
    plain(l, ask_their_operator(cause_of(l)));
    end(l);
    add_details(l);
    buffer_free(&to);
    buffer_free(&line);
}

static void to_your_operator(struct letter *l)
{
    greet(l, WORDS("the people who run your mail"), WORDS("My mail was not delivered"));
    it_came_back(l);
    reason(l);
    plain(l, ask_your_operator(cause_of(l)));
    end(l);
    add_details(l);
}

static void add_notice_details(struct letter *l)
{
    struct details d = {.wishes = l->w, .to = l->out};
    struct buffer shown = BUFFER_EMPTY;
    plain(l, "The details:");
    say_shown(&shown, l->notice->from);
    detail_row(&d, words(l->w->language, "From"), buffer_span(&shown));
    buffer_clear(&shown);
    say_shown(&shown, l->notice->subject);
    detail_row(&d, words(l->w->language, "Subject"), buffer_span(&shown));
    buffer_clear(&shown);
    if (l->notice->date_ms) {
        words_add_time(&shown, l->w->language, l->notice->date_ms, l->w->offset_minutes);
        detail_row(&d, words(l->w->language, "Date"), buffer_span(&shown));
    }
    buffer_free(&shown);
}

static void about_trick(struct letter *l)
{
    greet(l, WORDS("the people who run your mail"), WORDS("A mail that pretends to be a notice"));
    plain(l, "I got a mail that looks like a notice about undelivered mail, but seems to be a "
             "trick. I attach it as it came.");
    plain(l, "Please check whether others have got it too, and block it.");
    end(l);
    add_notice_details(l);
}

static void about_abuse(struct letter *l)
{
    greet(l, WORDS("the people who run your mail"),
          WORDS("Somebody else seems to send mail through my account"));
    plain(l, "A notice about undelivered mail came to me, for a message that left through my "
             "account and that I did not write. I attach it as it came.");
    plain(l, "Please stop what still waits to be sent from my account, end its sessions, and tell "
             "me from where somebody logged in. I am changing my password now.");
    end(l);
    add_details(l);
}

static void about_forgery(struct letter *l)
{
    greet(l, WORDS("the people who run your mail"), WORDS("Somebody forges our address"));
    plain(l, "Notices come to me about mail that I did not send: somebody uses our address as the "
             "sender. I attach one as it came.");
    plain(l, "Please check that our domain has SPF, DKIM and DMARC records, and whether signed "
             "return paths can be used, so that such notices are refused.");
    end(l);
    add_details(l);
}

static void to_nobody(struct letter *l)
{
    static const struct wrapping flush = {"", "", COLUMNS};
    wrap_add(l->out,
             span_of(words(l->w->language, "There is nobody to write to: nobody needs to do "
                                           "anything about this.")),
             &flush);
}

/* ---- to whom */

typedef void (*writing)(struct letter *);

static writing by_actor(const struct letter *l, bool is_delay)
{
    switch (l->advice->group_count ? l->advice->groups[0].actor : ACTOR_YOU) {
    case ACTOR_YOU:
        return is_delay ? to_nobody : to_recipient;
    case ACTOR_RECIPIENT:
        return to_recipient;
    case ACTOR_THEIR_OPERATOR:
        return is_delay ? to_nobody : to_their_operator;
    case ACTOR_YOUR_OPERATOR:
        return to_your_operator;
    case ACTOR_NOBODY:
        break;
    }
    return to_nobody;
}

static writing by_kind(const struct letter *l)
{
    switch (l->notice->kind) {
    case NOTICE_FAILURE:
        return by_actor(l, false);
    case NOTICE_DELAY:
        return by_actor(l, true);
    case NOTICE_CHALLENGE:
        return to_recipient;
    case NOTICE_NOT_A_BOUNCE:
    case NOTICE_SUCCESS:
    case NOTICE_AUTO_REPLY:
    case NOTICE_FEEDBACK_REPORT:
    case NOTICE_DMARC_REPORT:
    case NOTICE_TLS_REPORT:
        break;
    }
    return to_nobody;
}

static writing choose(const struct letter *l, const struct verdict *v)
{
    switch (v->class) {
    case VERDICT_PHISHING:
        return about_trick;
    case VERDICT_ACCOUNT_ABUSED:
        return about_abuse;
    case VERDICT_NOT_YOURS:
        return about_forgery;
    case VERDICT_SPAM_IN_BOUNCE:
    case VERDICT_AUTO_REPLY:
    case VERDICT_NOT_A_BOUNCE:
        return to_nobody;
    case VERDICT_GENUINE:
    case VERDICT_UNKNOWN:
        break;
    }
    return by_kind(l);
}

static void take_subject_matter(struct letter *l)
{
    for (size_t i = 0; i < l->notice->recipient_count && !l->about; i++)
        if (l->advice->group_of && l->advice->group_of[i] == 0) {
            l->about = &l->notice->recipients[i];
            l->about_index = i;
        }
    if (l->about)
        visible_add_field(&l->to, l->about->original.len ? l->about->original : l->about->address,
                          ADDRESS_SHOWN);
    visible_add_field(&l->subject, span_trim(l->notice->original.subject), SUBJECT_SHOWN);
    if (l->notice->original.date_ms)
        words_add_time(&l->when, l->w->language, l->notice->original.date_ms, l->w->offset_minutes);
}

void render_letter(struct buffer *out, const struct notice *n, const struct verdict *v,
                   const struct advice *a, const struct render_wishes *w)
{
    struct letter l = {.out = out, .notice = n, .advice = a, .w = w};
    take_subject_matter(&l);
    choose(&l, v)(&l);
    buffer_free(&l.to);
    buffer_free(&l.subject);
    buffer_free(&l.when);
}
