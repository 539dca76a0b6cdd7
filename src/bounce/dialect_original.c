/* A line that says that the original follows, in words that many systems share; or else the header
 * itself, which begins with fields that only a header has, one below the other. */
#include "bounce/dialect_original.h"

#include "bounce/free_text.h"
#include "mail/header.h"

/* What such lines say. Each list is one alternative: all of its words must be there. */
static const char *const signs[][3] = {
    {"original message", NULL},
    {"original mail", NULL},
    {"original header", NULL},
    {"copy of the message", NULL},
    {"copy of your message", NULL},
    {"copy of the original", NULL},
    {"copy of the first part", NULL},
    {"copy of part of the message", NULL},
    {"copy of the mail", NULL},
    {"message header", "follow"},
    {"message headers", NULL},
    {"headers of the message", NULL},
    {"header of the message", NULL},
    {"headers from your message", NULL},
    {"header of the original", NULL},
    {"unsent message", NULL},
    {"returned message", NULL},
    {"message follows", NULL},
    {"message text follows", NULL},
    {"rejected message", NULL},
    {"undelivered message", NULL},
    {"undelivered mail", "follow"},
    {"bounced message", NULL},
    {"failed message", NULL},
    {"message contents", NULL},
    {"returned content", NULL},
    {"below this line", NULL},
    {"forwarded message", NULL},
    {"first few lines", NULL},
    {"first lines of", NULL},
    {"beginning of the message", NULL},
    {"text of the message", NULL},
    {"your original", "follow"},
    {"your message follows", NULL},
    {"urspr\u00fcngliche nachricht", NULL},
    {"originalnachricht", NULL},
    {"kopie der nachricht", NULL},
    {"kopie ihrer nachricht", NULL},
    {"kopfzeilen", NULL},
    {"message d'origine", NULL},
    {"message original", NULL},
    {"copie du message", NULL},
    {"copie de votre message", NULL},
    {"mensaje original", NULL},
    {"copia del mensaje", NULL},
    {"mensagem original", NULL},
    {"messaggio originale", NULL},
    {"copia del messaggio", NULL},
    {"oorspronkelijk bericht", NULL},
    {"oryginalna wiadomo", NULL},
    {"\u0438\u0441\u0445\u043e\u0434\u043d\u043e\u0435 "
     "\u0441\u043e\u043e\u0431\u0449\u0435\u043d\u0438\u0435",
     NULL},
    {"\u0418\u0441\u0445\u043e\u0434\u043d\u043e\u0435 "
     "\u0441\u043e\u043e\u0431\u0449\u0435\u043d\u0438\u0435",
     NULL},
    {"\u5143\u306e\u30e1\u30c3\u30bb\u30fc\u30b8", NULL},
    {"\u539f\u59cb\u90ae\u4ef6", NULL},
    {"\u539f\u59cb\u90f5\u4ef6", NULL},
    {"\uc6d0\ubcf8 \uba54", NULL},
    {"orijinal ileti", NULL},
    {"orijinal mesaj", NULL},
};

static bool has_sign(struct span line)
{
    enum { SHORTEST_SIGN = 10 };
    if (line.len < SHORTEST_SIGN)
        return false;
    struct text_look look = text_look_at(line);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        bool is_there = true;
        for (size_t n = 0; is_there && signs[i][n]; n++)
            is_there = text_look_has(&look, signs[i][n]);
        if (is_there)
            return true;
    }
    return false;
}

/* Fields with which a message begins. */
static bool is_field_of_message(struct span name)
{
    static const struct span names[] = {SPAN("Received"),
                                        SPAN("Return-Path"),
                                        SPAN("From"),
                                        SPAN("To"),
                                        SPAN("Subject"),
                                        SPAN("Date"),
                                        SPAN("Message-ID"),
                                        SPAN("MIME-Version"),
                                        SPAN("Content-Type"),
                                        SPAN("Delivered-To"),
                                        SPAN("DKIM-Signature"),
                                        SPAN("X-Received"),
                                        SPAN("Sender"),
                                        SPAN("Reply-To"),
                                        SPAN("X-Mailer"),
                                        SPAN("User-Agent"),
                                        SPAN("X-Originating-IP"),
                                        SPAN("ARC-Seal"),
                                        SPAN("Envelope-To"),
                                        SPAN("X-Envelope-From"),
                                        SPAN("References"),
                                        SPAN("In-Reply-To"),
                                        SPAN("Cc"),
                                        SPAN("Importance"),
                                        SPAN("X-Priority"),
                                        SPAN("Content-Transfer-Encoding"),
                                        SPAN("Errors-To"),
                                        SPAN("Authentication-Results"),
                                        SPAN("X-Google-Smtp-Source"),
                                        SPAN("X-Apparently-To"),
                                        SPAN("X-Google-DKIM-Signature")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal_nocase(name, names[i]))
            return true;
    return false;
}

/* Most lines are no fields: seen without looking at what follows. */
static bool may_be_field(struct span text)
{
    for (size_t i = 0; i < text.len && i < 40; i++) {
        if (text.at[i] == ':')
            return i > 1 && is_field_of_message(span_first(text, i));
        if (!ascii_is_alnum(text.at[i]) && text.at[i] != '-')
            return false;
    }
    return false;
}

/* How many fields of a message stand here one below the other, and does one of them say by whom or
 * how it came? */
static size_t count_fields(struct span text, bool *is_header)
{
    struct header_iterator it = header_start(text);
    struct header_field f;
    size_t known = 0, all = 0;
    *is_header = false;
    while (all < 40 && header_next(&it, &f) > 0) {
        all++;
        known += is_field_of_message(f.name);
        *is_header |= span_equal_nocase(f.name, SPAN("Received")) ||
                      span_equal_nocase(f.name, SPAN("Message-ID")) ||
                      span_equal_nocase(f.name, SPAN("Return-Path")) ||
                      span_equal_nocase(f.name, SPAN("MIME-Version"));
    }
    return known * 2 >= all ? known : 0;
}

static bool begins_header(struct span text)
{
    bool is_header;
    size_t count = count_fields(text, &is_header);
    return count >= 3 && is_header;
}

/* Behind a line that announces it: fewer fields will do. */
static bool begins_announced_header(struct span text)
{
    bool is_header;
    return may_be_field(text) && count_fields(text, &is_header) >= 1;
}

/* From a line that announces it on: blank lines and rules, then the header. */
static bool find_header(struct span text, size_t from, size_t *message)
{
    struct span rest = span_skip(text, from);
    struct text_line line;
    for (int n = 0; n < 6; n++) {
        size_t at = text.len - rest.len;
        if (begins_announced_header(rest)) {
            *message = at;
            return true;
        }
        if (!text_next_line(&rest, &line))
            return false;
        if (!text_is_empty(&line) && !text_is_rule(&line) && n > 2)
            return false;
    }
    return false;
}

bool dialect_find_original(struct span text, size_t *from, size_t *message)
{
    struct span rest = text;
    struct text_line line;
    size_t candidates = 0;
    *message = 0;
    enum { MOST_CANDIDATES = 200 };
    while (rest.len && candidates < MOST_CANDIDATES) {
        size_t at = text.len - rest.len;
        struct span here = rest;
        text_next_line(&rest, &line);
        size_t next = text.len - rest.len;
        bool is_field = !line.indent && may_be_field(here);
        candidates += is_field;
        if (is_field && begins_header(here)) {
            *from = *message = at;
            return true;
        }
        bool may_announce = !text_is_empty(&line) && line.content.len < 120 &&
                            (text_is_rule(&line) || find_header(text, next, message));
        if (may_announce && has_sign(line.content)) {
            *from = at;
            if (*message < next)
                *message = next;
            return true;
        }
    }
    return false;
}
