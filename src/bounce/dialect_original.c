/* A line that says that the original follows, in words that many systems share; or else the header
 * itself, which begins with fields that only a header has, one below the other. */
#include "bounce/dialect_original.h"

#include "bounce/free_text.h"
#include "bounce/spotted.h"
#include "mail/header.h"

/* What such lines say. */
/* clang-format off */
static const struct span signs[] = {
    SPAN("original message"), SPAN("original mail"), SPAN("original email"), SPAN("original e-mail"), SPAN("original header"), SPAN("original headers"), SPAN("original text"), SPAN("copy of the message"), SPAN("copy of your message"), SPAN("copy of the original"), SPAN("copy of the first part"), SPAN("copy of part of the message"), SPAN("copy of the mail"), SPAN("copy of your mail"), SPAN("message headers"), SPAN("headers of the message"), SPAN("header of the message"), SPAN("headers of your message"), SPAN("headers from your message"), SPAN("header of the original"), SPAN("unsent message"), SPAN("undelivered message follows"), SPAN("undelivered mail follows"), SPAN("undeliverable message follows"), SPAN("undelivered message"), SPAN("returned message"), SPAN("message follows"), SPAN("mail follows"), SPAN("message text follows"), SPAN("text follows"), SPAN("headers follow"), SPAN("rejected message"), SPAN("bounced message"), SPAN("old message"), SPAN("message contents"), SPAN("returned content"), SPAN("below this line"), SPAN("below the next line"), SPAN("forwarded message"), SPAN("first few lines"), SPAN("first lines of"), SPAN("beginning of the message"), SPAN("beginning of your message"), SPAN("start of message"), SPAN("start of returned message"), SPAN("text of the message"), SPAN("text of your message"), SPAN("message body"), SPAN("original mail info"), SPAN("attached message"), SPAN("included message"), SPAN("message log"),
    SPAN("ursprüngliche nachricht"), SPAN("ursprünglichen nachricht"), SPAN("originalnachricht"), SPAN("originalmail"), SPAN("kopie der nachricht"), SPAN("kopie ihrer nachricht"), SPAN("kopie der mail"), SPAN("kopfzeilen"), SPAN("nachrichtentext"),
    SPAN("message d'origine"), SPAN("message original"), SPAN("message initial"), SPAN("copie du message"), SPAN("copie de votre message"), SPAN("en-têtes"),
    SPAN("mensaje original"), SPAN("copia del mensaje"), SPAN("copia de su mensaje"), SPAN("encabezados"), SPAN("mensagem original"), SPAN("cópia da mensagem"), SPAN("cópia da sua mensagem"), SPAN("cabeçalho"), SPAN("cabeçalhos"), SPAN("messaggio originale"), SPAN("copia del messaggio"), SPAN("intestazioni"), SPAN("intestazione"),
    SPAN("oorspronkelijk bericht"), SPAN("oorspronkelijke bericht"), SPAN("kopie van het bericht"), SPAN("oryginalna wiadomo"), SPAN("oryginalnej wiadomo"), SPAN("kopia wiadomo"), SPAN("nagłówki"), SPAN("ursprungligt meddelande"), SPAN("oprindelig meddelelse"), SPAN("opprinnelig melding"), SPAN("původní zpráva"), SPAN("eredeti üzenet"), SPAN("orijinal ileti"), SPAN("orijinal mesaj"), SPAN("özgün ileti"),
    SPAN("исходное сообщение"), SPAN("Исходное сообщение"), SPAN("исходного сообщения"), SPAN("копия сообщения"), SPAN("Копия сообщения"), SPAN("копия письма"), SPAN("копия вашего"), SPAN("заголовки"), SPAN("Заголовки"), SPAN("текст письма"), SPAN("Текст письма"),
    SPAN("元のメッセージ"), SPAN("元のメール"), SPAN("オリジナルメッセージ"), SPAN("送信されたメール"), SPAN("送信メール"), SPAN("メッセージヘッダ"), SPAN("メールヘッダ"), SPAN("原文"), SPAN("原始邮件"), SPAN("原邮件"), SPAN("原始郵件"), SPAN("邮件原文"), SPAN("邮件头"), SPAN("원본 메"), SPAN("원래 메"), SPAN("메시지 헤더"),
};
/* clang-format on */

enum { LONGEST_SIGN = 120, LONGEST_HEADER = 1 << 16 };

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
    struct header_iterator it = header_start(span_first(text, LONGEST_HEADER));
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

/* ---- announced */

/* From a line that announces it on: blank lines and rules, another line of words, the header. */
static bool find_header(struct span text, size_t from, size_t *message)
{
    struct span rest = span_skip(text, from);
    struct text_line line;
    int words = 0;
    for (int n = 0; n < 6 && words < 2; n++) {
        size_t at = text.len - rest.len;
        if (begins_announced_header(rest)) {
            *message = at;
            return true;
        }
        if (!text_next_line(&rest, &line))
            return false;
        words += !text_is_empty(&line) && !text_is_rule(&line);
    }
    return false;
}

/* The line around `at` says that the original follows, and it does. */
static bool is_announced_at(struct span text, size_t at, size_t *from, size_t *message)
{
    struct text_line line;
    size_t start = at;
    while (start && at - start < LONGEST_SIGN && text.at[start - 1] != '\n')
        start--;
    struct span rest = span_skip(text, start);
    text_next_line(&rest, &line);
    if (line.whole.len >= LONGEST_SIGN)
        return false;
    size_t next = text.len - rest.len;
    if (!find_header(text, next, message)) {
        if (!text_is_rule(&line))
            return false;
        *message = next;
    }
    *from = start;
    return true;
}

/* The first place before `end` where it is announced. */
static bool find_announced(const struct spotted *s, struct span text, size_t *from, size_t *message)
{
    enum { MOST_PLACES = 50 }; /* of one sign */
    bool is_found = false;
    size_t end = text.len;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t at = 0, header;
        for (int n = 0; n < MOST_PLACES; n++, at++) {
            at = spotted_find_before(s, signs[i], at, end);
            if (at == SPAN_NOT_FOUND)
                break;
            size_t start;
            if (!is_announced_at(text, at, &start, &header))
                continue;
            is_found = true;
            *from = start;
            *message = header;
            end = start;
            break;
        }
    }
    return is_found;
}

/* ---- not announced */

/* The first line before `end` with which the header of a message begins. */
static bool find_bare(struct span text, size_t end, size_t *from)
{
    enum { MOST_PLACES = 200 };
    struct span rest = span_first(text, end);
    struct text_line line;
    for (size_t places = 0; rest.len && places < MOST_PLACES;) {
        size_t at = end - rest.len;
        text_next_line(&rest, &line);
        if (!may_be_field(line.whole))
            continue;
        places++;
        if (begins_header(span_skip(text, at))) {
            *from = at;
            return true;
        }
    }
    return false;
}

bool dialect_find_original(const struct spotted *s, struct span text, size_t *from, size_t *message)
{
    size_t bare;
    text = span_first(text, s->text.len);
    bool is_announced = find_announced(s, text, from, message);
    if (find_bare(text, is_announced ? *from : text.len, &bare)) {
        *from = *message = bare;
        return true;
    }
    return is_announced;
}
