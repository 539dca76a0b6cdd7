/* The labels tell by their words which field a line is; a header is at least three such lines one
 * below the other, with a sender among them, and a subject or a recipient. */
#include "mail/pasted.h"

#include "mail/charset.h"
#include "mail/header.h"

enum field { NO_FIELD, FIELD_FROM, FIELD_DATE, FIELD_TO, FIELD_CC, FIELD_SUBJECT, FIELD_OTHER };

enum {
    LONGEST_LABEL = 40,
    MOST_FIELDS = 12,
    MOST_BLANKS = 1,  /* empty lines between two fields, as web pages copy them */
    MOST_LINES = 400, /* of a text that are looked through for its quoting */
    MOST_BEFORE = 15  /* of somebody's own words in front of what they ask about */
};

static const struct {
    struct span label;
    enum field field;
} labels[] = {
    {SPAN("from"), FIELD_FROM},
    {SPAN("von"), FIELD_FROM},
    {SPAN("de"), FIELD_FROM},
    {SPAN("da"), FIELD_FROM},
    {SPAN("van"), FIELD_FROM},
    {SPAN("od"), FIELD_FROM},
    {SPAN("fra"), FIELD_FROM},
    {SPAN("Från"), FIELD_FROM},
    {SPAN("från"), FIELD_FROM},
    {SPAN("De la"), FIELD_FROM},
    {SPAN("Lähettäjä"), FIELD_FROM},
    {SPAN("Feladó"), FIELD_FROM},
    {SPAN("Kimden"), FIELD_FROM},
    {SPAN("Gönderen"), FIELD_FROM},
    {SPAN("Από"), FIELD_FROM},
    {SPAN("От"), FIELD_FROM},
    {SPAN("От кого"), FIELD_FROM},
    {SPAN("Від"), FIELD_FROM},
    {SPAN("差出人"), FIELD_FROM},
    {SPAN("送信者"), FIELD_FROM},
    {SPAN("发件人"), FIELD_FROM},
    {SPAN("寄件者"), FIELD_FROM},
    {SPAN("寄件人"), FIELD_FROM},
    {SPAN("보낸 사람"), FIELD_FROM},
    {SPAN("보낸사람"), FIELD_FROM},
    {SPAN("מאת"), FIELD_FROM},
    {SPAN("من"), FIELD_FROM},
    {SPAN("sent"), FIELD_DATE},
    {SPAN("date"), FIELD_DATE},
    {SPAN("gesendet"), FIELD_DATE},
    {SPAN("datum"), FIELD_DATE},
    {SPAN("Envoyé"), FIELD_DATE},
    {SPAN("Envoyé le"), FIELD_DATE},
    {SPAN("fecha"), FIELD_DATE},
    {SPAN("enviado"), FIELD_DATE},
    {SPAN("enviado el"), FIELD_DATE},
    {SPAN("enviado em"), FIELD_DATE},
    {SPAN("enviada em"), FIELD_DATE},
    {SPAN("enviada"), FIELD_DATE},
    {SPAN("data"), FIELD_DATE},
    {SPAN("inviato"), FIELD_DATE},
    {SPAN("verzonden"), FIELD_DATE},
    {SPAN("Wysłano"), FIELD_DATE},
    {SPAN("skickat"), FIELD_DATE},
    {SPAN("sendt"), FIELD_DATE},
    {SPAN("dato"), FIELD_DATE},
    {SPAN("Odesláno"), FIELD_DATE},
    {SPAN("Lähetetty"), FIELD_DATE},
    {SPAN("Päiväys"), FIELD_DATE},
    {SPAN("Elküldve"), FIELD_DATE},
    {SPAN("Dátum"), FIELD_DATE},
    {SPAN("Trimis"), FIELD_DATE},
    {SPAN("Gönderildi"), FIELD_DATE},
    {SPAN("Tarih"), FIELD_DATE},
    {SPAN("Στάλθηκε"), FIELD_DATE},
    {SPAN("Ημερομηνία"), FIELD_DATE},
    {SPAN("Отправлено"), FIELD_DATE},
    {SPAN("Дата"), FIELD_DATE},
    {SPAN("Надіслано"), FIELD_DATE},
    {SPAN("送信日時"), FIELD_DATE},
    {SPAN("日付"), FIELD_DATE},
    {SPAN("日時"), FIELD_DATE},
    {SPAN("发送时间"), FIELD_DATE},
    {SPAN("傳送時間"), FIELD_DATE},
    {SPAN("寄件日期"), FIELD_DATE},
    {SPAN("日期"), FIELD_DATE},
    {SPAN("보낸 날짜"), FIELD_DATE},
    {SPAN("날짜"), FIELD_DATE},
    {SPAN("נשלח"), FIELD_DATE},
    {SPAN("תאריך"), FIELD_DATE},
    {SPAN("تاريخ الإرسال"), FIELD_DATE},
    {SPAN("التاريخ"), FIELD_DATE},
    {SPAN("to"), FIELD_TO},
    {SPAN("an"), FIELD_TO},
    {SPAN("à"), FIELD_TO},
    {SPAN("À"), FIELD_TO},
    {SPAN("a"), FIELD_TO},
    {SPAN("para"), FIELD_TO},
    {SPAN("aan"), FIELD_TO},
    {SPAN("do"), FIELD_TO},
    {SPAN("till"), FIELD_TO},
    {SPAN("til"), FIELD_TO},
    {SPAN("komu"), FIELD_TO},
    {SPAN("Vastaanottaja"), FIELD_TO},
    {SPAN("Címzett"), FIELD_TO},
    {SPAN("Către"), FIELD_TO},
    {SPAN("Kime"), FIELD_TO},
    {SPAN("Alıcı"), FIELD_TO},
    {SPAN("Προς"), FIELD_TO},
    {SPAN("Кому"), FIELD_TO},
    {SPAN("宛先"), FIELD_TO},
    {SPAN("收件人"), FIELD_TO},
    {SPAN("收件者"), FIELD_TO},
    {SPAN("받는 사람"), FIELD_TO},
    {SPAN("받는사람"), FIELD_TO},
    {SPAN("אל"), FIELD_TO},
    {SPAN("إلى"), FIELD_TO},
    {SPAN("cc"), FIELD_CC},
    {SPAN("kopie"), FIELD_CC},
    {SPAN("kopia"), FIELD_CC},
    {SPAN("kopi"), FIELD_CC},
    {SPAN("dw"), FIELD_CC},
    {SPAN("Копия"), FIELD_CC},
    {SPAN("抄送"), FIELD_CC},
    {SPAN("副本"), FIELD_CC},
    {SPAN("참조"), FIELD_CC},
    {SPAN("subject"), FIELD_SUBJECT},
    {SPAN("betreff"), FIELD_SUBJECT},
    {SPAN("objet"), FIELD_SUBJECT},
    {SPAN("asunto"), FIELD_SUBJECT},
    {SPAN("assunto"), FIELD_SUBJECT},
    {SPAN("oggetto"), FIELD_SUBJECT},
    {SPAN("onderwerp"), FIELD_SUBJECT},
    {SPAN("temat"), FIELD_SUBJECT},
    {SPAN("Ämne"), FIELD_SUBJECT},
    {SPAN("emne"), FIELD_SUBJECT},
    {SPAN("Předmět"), FIELD_SUBJECT},
    {SPAN("aihe"), FIELD_SUBJECT},
    {SPAN("Tárgy"), FIELD_SUBJECT},
    {SPAN("subiect"), FIELD_SUBJECT},
    {SPAN("konu"), FIELD_SUBJECT},
    {SPAN("Θέμα"), FIELD_SUBJECT},
    {SPAN("Тема"), FIELD_SUBJECT},
    {SPAN("件名"), FIELD_SUBJECT},
    {SPAN("主题"), FIELD_SUBJECT},
    {SPAN("主旨"), FIELD_SUBJECT},
    {SPAN("제목"), FIELD_SUBJECT},
    {SPAN("נושא"), FIELD_SUBJECT},
    {SPAN("الموضوع"), FIELD_SUBJECT},
    {SPAN("reply-to"), FIELD_OTHER},
    {SPAN("importance"), FIELD_OTHER},
    {SPAN("priority"), FIELD_OTHER},
    {SPAN("attachments"), FIELD_OTHER},
    {SPAN("antwort an"), FIELD_OTHER},
    {SPAN("wichtigkeit"), FIELD_OTHER},
    {SPAN("Priorität"), FIELD_OTHER},
    {SPAN("anlagen"), FIELD_OTHER},
    {SPAN("Répondre à"), FIELD_OTHER},
    {SPAN("importancia"), FIELD_OTHER},
    {SPAN("responder a"), FIELD_OTHER},
};

/* ---- lines */

/* The next line without its end and the quoting before it. */
static struct span next_line(struct span *rest, unsigned *depth)
{
    struct span line = span_trim(span_cut(rest, '\n'));
    for (*depth = 0; line.len && line.at[0] == '>'; (*depth)++)
        line = span_trim(span_skip(line, 1));
    return line;
}

/* "*From:* …", "From : …", "差出人：…": which field; its value is what follows. */
static enum field field_of(struct span line, struct span *value)
{
    static const struct span wide_colon = {"\xEF\xBC\x9A", 3};
    struct span head = span_first(line, LONGEST_LABEL);
    size_t colon = span_find_char(head, ':'), wide = span_find(head, wide_colon);
    size_t end = colon < wide ? colon : wide;
    if (end == SPAN_NOT_FOUND)
        return NO_FIELD;
    struct span label = span_trim(span_first(head, end));
    *value = span_skip(line, end + (colon < wide ? 1 : wide_colon.len));
    while (label.len && (label.at[0] == '*' || label.at[0] == '_'))
        label = span_skip(label, 1);
    while (label.len && (label.at[label.len - 1] == '*' || label.at[label.len - 1] == '_' ||
                         label.at[label.len - 1] == ' '))
        label.len--;
    if (span_starts(label, SPAN("\xC2\xA0")))
        label = span_skip(label, 2);
    if (label.len > 2 && span_equal(span_skip(label, label.len - 2), SPAN("\xC2\xA0")))
        label.len -= 2;
    while (value->len && (value->at[0] == '*' || value->at[0] == '_' || value->at[0] == ' '))
        *value = span_skip(*value, 1);
    *value = span_trim(*value);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (span_equal_nocase(label, labels[i].label))
            return labels[i].field;
    return NO_FIELD;
}

/* ---- the header */

struct shown {
    struct span values[FIELD_OTHER + 1]; /* of each field the first */
    unsigned found;                      /* a bit for each */
    size_t count;
    size_t to; /* where it ends */
};

static bool has(const struct shown *s, enum field f)
{
    return s->found >> f & 1;
}

static bool is_header(const struct shown *s)
{
    return s->count >= 3 && has(s, FIELD_FROM) &&
           (has(s, FIELD_SUBJECT) || (has(s, FIELD_TO) && has(s, FIELD_DATE)));
}

/* The fields from `at` on, one below the other. */
static struct shown read_shown(struct span text, size_t at)
{
    struct shown s = {.to = at};
    struct span rest = span_skip(text, at);
    size_t blanks = 0;
    while (rest.len && s.count < MOST_FIELDS) {
        unsigned depth;
        struct span value, line = next_line(&rest, &depth);
        enum field f = field_of(line, &value);
        if (!line.len && s.count && ++blanks <= MOST_BLANKS && !is_header(&s))
            continue;
        if (f == NO_FIELD || has(&s, f))
            break;
        s.values[f] = value;
        s.found |= 1U << f;
        s.count++;
        s.to = text.len - rest.len;
    }
    return s;
}

static bool is_one_of(struct span name, const struct span *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_equal_nocase(name, names[i]))
            return true;
    return false;
}

/* Fields that mail programs do not show. */
static bool is_hidden_field(struct span name)
{
    static const struct span names[] = {
        SPAN("Return-Path"),    SPAN("Received"),     SPAN("Delivered-To"),
        SPAN("Message-ID"),     SPAN("MIME-Version"), SPAN("Content-Type"),
        SPAN("Auto-Submitted"), SPAN("Envelope-To"),  SPAN("DKIM-Signature"),
        SPAN("References"),     SPAN("In-Reply-To"),  SPAN("Content-Transfer-Encoding")};
    return is_one_of(name, names, sizeof names / sizeof *names) ||
           span_starts_nocase(name, SPAN("X-")) || span_starts_nocase(name, SPAN("ARC-"));
}

static bool is_hidden_line(struct span text)
{
    struct header_iterator it = header_start(text);
    struct header_field f;
    return header_next(&it, &f) > 0 && is_hidden_field(f.name);
}

/* Behind a field that programs do not show stands the header of a message that a notice returns. */
static bool find_shown(struct span text, struct pasted_header *h, struct shown *s)
{
    struct span rest = text;
    for (size_t before = 0; before < MOST_BEFORE && rest.len;) {
        struct span value;
        size_t at = text.len - rest.len;
        if (is_hidden_line(rest))
            return false;
        struct span line = next_line(&rest, &h->depth);
        before += line.len > 0;
        enum field f = field_of(line, &value);
        if (f == NO_FIELD || f == FIELD_OTHER)
            continue;
        *s = read_shown(text, at);
        if (is_header(s)) {
            h->from = at;
            h->to = s->to;
            return true;
        }
    }
    return false;
}

bool pasted_find_header(struct span text, struct pasted_header *h)
{
    struct shown s;
    return find_shown(text, h, &s);
}

/* ---- a message */

static bool is_shown_field(struct span name)
{
    static const struct span names[] = {SPAN("From"),    SPAN("To"),   SPAN("Cc"),
                                        SPAN("Subject"), SPAN("Date"), SPAN("Sender"),
                                        SPAN("Reply-To")};
    return is_one_of(name, names, sizeof names / sizeof *names);
}

/* Blank lines, a byte order mark, the line with which mbox parts messages. */
static struct span skip_to_header(struct span text)
{
    text = span_skip(text, span_starts(text, SPAN("\xEF\xBB\xBF")) ? 3 : 0);
    while (text.len) {
        struct span rest = text, line = span_cut(&rest, '\n');
        bool is_from = (span_starts(line, SPAN("From ")) && !span_starts(line, SPAN("From :"))) ||
                       span_starts(line, SPAN(">From "));
        if (span_trim(line).len && !is_from)
            break;
        text = rest;
    }
    return text;
}

/* Lines that are no fields may stand before or between those of a header that is broken. */
static bool has_hidden_field(struct span text)
{
    enum { FIRST_LINES = 5 };
    for (int i = 0; i < FIRST_LINES && text.len; i++) {
        if (is_hidden_line(text))
            return true;
        span_cut(&text, '\n');
    }
    return false;
}

/* A header that has no field that is not shown must be whole; "Sent:" stands for "Date:" where a
 * program shows it. */
bool pasted_is_message(struct span text)
{
    struct header_field f;
    text = skip_to_header(text);
    struct header_iterator it = header_start(text);
    size_t shown = 0;
    int got;
    while ((got = header_next(&it, &f)) > 0) {
        if (is_hidden_field(f.name))
            return true;
        if (span_equal_nocase(f.name, SPAN("Sent")))
            return false;
        shown += is_shown_field(f.name);
    }
    return (shown && got == 0) || has_hidden_field(text);
}

static void add_field(struct buffer *out, const char *name, struct span value)
{
    if (!value.len)
        return;
    buffer_add_text(out, name);
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] != '\r' && value.at[i] != '\n')
            buffer_add_char(out, value.at[i]);
    buffer_add_char(out, '\n');
}

/* "Mail Delivery [mailto:daemon@example.org]" as Outlook shows it. */
static void add_sender(struct buffer *out, struct span value)
{
    size_t at = span_find(value, SPAN("[mailto:"));
    if (at == SPAN_NOT_FOUND) {
        add_field(out, "From: ", value);
        return;
    }
    struct span rest = span_skip(value, at + 8), address = span_cut(&rest, ']');
    buffer_add_text(out, "From: ");
    buffer_add_span(out, span_first(value, at));
    buffer_printf(out, "<%.*s>\n", SPAN_F(address));
}

/* Without `depth` of the ">" before its lines. */
static void add_body(struct buffer *out, struct span text, unsigned depth)
{
    while (depth && text.len) {
        size_t lf = span_find_char(text, '\n');
        struct span line = span_first(text, lf == SPAN_NOT_FOUND ? text.len : lf + 1);
        text = span_skip(text, line.len);
        for (unsigned i = 0; i < depth && line.len && line.at[0] == '>'; i++) {
            line = span_skip(line, 1);
            if (line.len && line.at[0] == ' ')
                line = span_skip(line, 1);
        }
        buffer_add_span(out, line);
    }
    buffer_add_span(out, text);
}

/* How many ">" most of the lines begin with. */
static unsigned quoting_of(struct span text)
{
    size_t lines = 0, quoted = 0;
    for (struct span rest = text; rest.len && lines < MOST_LINES;) {
        unsigned depth;
        struct span line = next_line(&rest, &depth);
        lines += line.len > 0;
        quoted += line.len > 0 && depth > 0;
    }
    return lines && quoted * 5 >= lines * 4;
}

static void add_as_message(struct buffer *out, struct span text)
{
    struct pasted_header h;
    struct shown s = {0};
    bool is_shown = find_shown(text, &h, &s);
    if (is_shown) {
        add_sender(out, s.values[FIELD_FROM]);
        add_field(out, "To: ", s.values[FIELD_TO]);
        add_field(out, "Cc: ", s.values[FIELD_CC]);
        add_field(out, "Date: ", s.values[FIELD_DATE]);
        add_field(out, "Subject: ", s.values[FIELD_SUBJECT]);
    }
    buffer_add_text(out, "Content-Type: text/plain; charset=utf-8\n\n");
    if (is_shown)
        add_body(out, span_skip(text, h.to), h.depth);
    else
        add_body(out, text, quoting_of(text));
}

void pasted_to_message(struct buffer *out, struct span text)
{
    struct buffer utf8 = BUFFER_EMPTY;
    bool is_utf16 = span_starts(text, SPAN("\xFF\xFE")) || span_starts(text, SPAN("\xFE\xFF"));
    if (span_starts(text, SPAN("\xEF\xBB\xBF")))
        text = span_skip(text, 3);
    charset_to_utf8(&utf8, text, is_utf16 ? SPAN("utf-16") : SPAN_NONE);
    add_as_message(out, buffer_span(&utf8));
    buffer_free(&utf8);
}
