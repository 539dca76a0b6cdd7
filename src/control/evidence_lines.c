#include "control/evidence_lines.h"

#include "mail/header.h"

enum {
    LONGEST_NAME = 998,     /* an address, a Message-ID, a subject: as long as a line */
    LONGEST_LIST = 4096,    /* of addresses */
    MOST_WITH_LIST = 20480, /* bytes of a question, with its recipients, */
    MOST_FURTHER = INT32_MAX,
    MOST_WITH_HEADER = EVIDENCE_LONGEST_QUESTION - 32 /* … and with all but `further` */
};

/* ---- asking */

static bool fits(struct span value, size_t longest)
{
    return value.len && value.len <= longest && span_find_char(value, '\n') == SPAN_NOT_FOUND;
}

static void add_line(struct buffer *out, const char *key, struct span value)
{
    buffer_add_text(out, key);
    buffer_add_char(out, ' ');
    buffer_add_span(out, value);
    buffer_add_char(out, '\n');
}

static void add(struct buffer *out, const char *key, struct span value, size_t longest)
{
    if (fits(value, longest))
        add_line(out, key, value);
}

static void add_time(struct buffer *out, const char *key, int64_t ms)
{
    if (ms)
        buffer_printf(out, "%s %lld\n", key, (long long)ms);
}

/* How much was left out. */
static size_t add_text(struct buffer *out, const char *key, struct span text, size_t longest)
{
    struct span told = span_first(text, longest);
    if (!told.len)
        return 0;
    size_t begin = out->len;
    add_line(out, key, told);
    for (size_t i = begin; i < out->len - 1; i++)
        if (out->at[i] == '\n')
            out->at[i] = ' ';
    return text.len - told.len;
}

void evidence_lines_add_me(struct buffer *out, struct span address)
{
    add(out, "me", address, LONGEST_NAME);
}

static void add_delivery(struct buffer *out, const struct own_delivery *d)
{
    if (!fits(d->queue_id, LONGEST_NAME) || !fits(d->mailbox, LONGEST_NAME))
        return;
    buffer_add_text(out, "delivered ");
    buffer_add_span(out, d->queue_id);
    buffer_add_char(out, ' ');
    buffer_add_span(out, d->mailbox);
    buffer_add_char(out, '\n');
}

/* How many were left out. */
static size_t add_recipients(struct buffer *out, const struct notice *n, size_t begin)
{
    size_t told = 0;
    for (size_t i = 0; i < n->recipient_count && told < EVIDENCE_MOST_RECIPIENTS &&
                       out->len - begin < MOST_WITH_LIST;
         i++) {
        const struct notice_recipient *r = &n->recipients[i];
        if (!fits(r->address, LONGEST_NAME))
            continue;
        add_line(out, "recipient", r->address);
        add(out, "original", r->original, LONGEST_NAME);
        told++;
    }
    return n->recipient_count - told;
}

static void add_lines(struct buffer *out, struct span lines)
{
    while (lines.len)
        add_line(out, "header", span_cut(&lines, '\n'));
}

/* A signature is over any field. Without one, those count that tell whether it may be a message of
 * ours (provenance/lately.h, no_tag.h). */
static void add_header(struct buffer *out, const struct notice_original *o)
{
    static const struct span names[] = {SPAN("Received"), SPAN("Cc"), SPAN("Subject")};
    struct header_iterator it = header_start(o->header);
    struct header_field f;
    if (header_count(o->header, "DKIM-Signature")) {
        if (o->is_whole)
            buffer_add_text(out, "whole\n");
        add_lines(out, o->header);
        return;
    }
    while (header_next(&it, &f) > 0)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (span_equal_nocase(f.name, names[i]))
                add_lines(out, f.whole);
}

/* False: it did not fit. */
static bool add_header_that_fits(struct buffer *out, const struct notice_original *o, size_t begin)
{
    size_t without_header = out->len;
    bool does = o->header.len < EVIDENCE_LONGEST_QUESTION;
    if (does)
        add_header(out, o);
    does = does && out->len - begin <= MOST_WITH_HEADER;
    if (!does)
        out->at[out->len = without_header] = 0;
    return does;
}

void evidence_lines_add_question(struct buffer *out, const struct notice *n, struct span came_to,
                                 const struct own_delivery *delivered)
{
    const struct notice_original *o = &n->original;
    size_t begin = out->len, further = n->further_count;
    buffer_add_text(out, "notice\n");
    add(out, "message-id", o->message_id, LONGEST_NAME);
    add_time(out, "written", o->date_ms);
    add(out, "from", o->from, LONGEST_LIST);
    further += add_text(out, "addressed", o->to, LONGEST_LIST) != 0;
    further += add_text(out, "about", o->subject, LONGEST_NAME) != 0;
    if (n->kind != NOTICE_NOT_A_BOUNCE)
        add_line(out, "kind", span_of(notice_kind_name(n->kind)));
    add_time(out, "dated", n->date_ms);
    add(out, "to", n->to, LONGEST_LIST);
    further += add_text(out, "subject", n->subject, LONGEST_NAME) != 0;
    add(out, "came-to", came_to, LONGEST_NAME);
    add_delivery(out, delivered);
    further += add_recipients(out, n, begin);
    further += !add_header_that_fits(out, o, begin);
    if (further)
        buffer_printf(out, "further %zu\n", further < MOST_FURTHER ? further : MOST_FURTHER);
}

/* ---- being asked */

struct reading {
    struct evidence_request *request;
    struct evidence_question *question; /* NULL: none has begun */
    struct buffer header;               /* of its message */
    struct arena *arena;
    struct error *error;
    size_t recipient_room;
};

static void end_question(struct reading *r)
{
    if (r->question)
        r->question->notice.original.header = arena_keep(r->arena, &r->header);
}

static bool read_me(struct reading *r, struct span value)
{
    struct evidence_request *q = r->request;
    if (q->me_count == EVIDENCE_MOST_ME)
        return error_set(r->error, "at most %d addresses can be told", EVIDENCE_MOST_ME);
    q->me[q->me_count++] = value;
    return true;
}

static bool read_notice(struct reading *r, struct span value)
{
    (void)value;
    end_question(r);
    if (r->request->count == EVIDENCE_MOST_NOTICES)
        return error_set(r->error, "at most %d notices can be asked about at once",
                         EVIDENCE_MOST_NOTICES);
    r->question = &r->request->questions[r->request->count++];
    *r->question = (struct evidence_question){0};
    r->recipient_room = 0;
    return true;
}

static bool read_message_id(struct reading *r, struct span value)
{
    r->question->notice.original.message_id = value;
    return true;
}

static bool read_time(struct reading *r, struct span value, int64_t *ms)
{
    uint64_t found = 0;
    bool ok = span_to_u64(value, INT64_MAX, &found);
    *ms = (int64_t)found;
    return ok || error_set(r->error, "times are milliseconds since 1970");
}

static bool read_written(struct reading *r, struct span value)
{
    return read_time(r, value, &r->question->notice.original.date_ms);
}

static bool read_dated(struct reading *r, struct span value)
{
    return read_time(r, value, &r->question->notice.date_ms);
}

static bool read_kind(struct reading *r, struct span value)
{
    enum notice_kind k = NOTICE_NOT_A_BOUNCE;
    while (k < NOTICE_LAST_KIND && !span_equal(value, span_of(notice_kind_name(k))))
        k++;
    r->question->notice.kind = k;
    return span_equal(value, span_of(notice_kind_name(k))) ||
           error_set(r->error, "there is no such kind of notice");
}

static bool read_from(struct reading *r, struct span value)
{
    r->question->notice.original.from = value;
    return true;
}

static bool read_addressed(struct reading *r, struct span value)
{
    r->question->notice.original.to = value;
    return true;
}

static bool read_about(struct reading *r, struct span value)
{
    r->question->notice.original.subject = value;
    return true;
}

static bool read_to(struct reading *r, struct span value)
{
    r->question->notice.to = value;
    return true;
}

static bool read_subject(struct reading *r, struct span value)
{
    r->question->notice.subject = value;
    return true;
}

static bool read_came_to(struct reading *r, struct span value)
{
    r->question->came_to = value;
    return true;
}

static bool read_delivered(struct reading *r, struct span value)
{
    struct own_delivery *d = &r->question->delivered;
    d->queue_id = span_cut(&value, ' ');
    d->mailbox = value;
    return true;
}

static bool read_whole(struct reading *r, struct span value)
{
    (void)value;
    r->question->notice.original.is_whole = true;
    return true;
}

static bool read_recipient(struct reading *r, struct span value)
{
    struct notice *n = &r->question->notice;
    if (n->recipient_count == EVIDENCE_MOST_RECIPIENTS)
        return error_set(r->error, "a notice can name %d recipients at most",
                         EVIDENCE_MOST_RECIPIENTS);
    if (n->recipient_count == r->recipient_room) {
        struct notice_recipient *before = n->recipients;
        r->recipient_room = r->recipient_room ? EVIDENCE_MOST_RECIPIENTS : 2;
        n->recipients = arena_new(r->arena, r->recipient_room * sizeof *before);
        if (n->recipient_count)
            memcpy(n->recipients, before, n->recipient_count * sizeof *before);
    }
    n->recipients[n->recipient_count++].address = value;
    return true;
}

static bool read_original(struct reading *r, struct span value)
{
    struct notice *n = &r->question->notice;
    if (!n->recipient_count)
        return error_set(r->error, "\"original\" stands behind its recipient");
    n->recipients[n->recipient_count - 1].original = value;
    return true;
}

static bool read_header(struct reading *r, struct span value)
{
    buffer_add_span(&r->header, value);
    buffer_add_char(&r->header, '\n');
    return true;
}

static bool read_further(struct reading *r, struct span value)
{
    uint64_t count = 0;
    bool ok = span_to_u64(value, MOST_FURTHER, &count);
    r->question->notice.further_count = (size_t)count;
    return ok || error_set(r->error, "\"further\" wants a number");
}

static const struct {
    const char *name;
    bool (*read)(struct reading *r, struct span value);
} keys[] = {
    {"me", read_me},
    {"notice", read_notice}, /* from here on: of a notice */
    {"message-id", read_message_id},
    {"written", read_written},
    {"from", read_from},
    {"addressed", read_addressed},
    {"about", read_about},
    {"kind", read_kind},
    {"dated", read_dated},
    {"to", read_to},
    {"subject", read_subject},
    {"came-to", read_came_to},
    {"delivered", read_delivered},
    {"recipient", read_recipient},
    {"original", read_original},
    {"whole", read_whole},
    {"header", read_header},
    {"further", read_further},
};

enum { KEYS = sizeof keys / sizeof *keys };

static bool read_line(struct reading *r, struct span line)
{
    struct span value = line, key = span_cut(&value, ' ');
    size_t i = 0;
    while (i < KEYS && !span_equal(key, span_of(keys[i].name)))
        i++;
    if (i == KEYS)
        return error_set(r->error, "the server does not know what is told of a notice; is it of "
                                   "another version?");
    if (!r->question && keys[i].read != read_me && keys[i].read != read_notice)
        return error_set(r->error, "\"%s\" is told of no notice", keys[i].name);
    return keys[i].read(r, value);
}

bool evidence_lines_parse(struct evidence_request *request, struct span lines, struct arena *a,
                          struct error *e)
{
    struct reading r = {.request = request, .arena = a, .error = e};
    bool ok = true;
    request->me_count = 0;
    request->count = 0;
    while (ok && lines.len)
        ok = read_line(&r, span_cut(&lines, '\n'));
    end_question(&r);
    buffer_free(&r.header);
    return ok;
}

/* ---- the answer */

static const char *const words[] = {
    [ANSWER_UNKNOWN] = "-", [ANSWER_YES] = "yes", [ANSWER_NO] = "no"};

void evidence_lines_add_answer(struct buffer *out, const struct evidence *e)
{
    const enum answer answers[] = {
        e->is_sent,       e->sent_to, e->wrote_to,
        e->own_signature, e->own_tag, e->account_is_suspect ? ANSWER_YES : ANSWER_UNKNOWN};
    const struct span names[] = {e->own_domain, e->tagged};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        buffer_printf(out, "%s ", words[answers[i]]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        buffer_add_span(out, names[i].len ? names[i] : SPAN("-"));
        buffer_add_char(out, ' ');
    }
    if (span_find_char(e->tagged_message_id, '\n') == SPAN_NOT_FOUND)
        buffer_add_span(out, e->tagged_message_id);
    buffer_add_char(out, '\n');
}

static bool read_answer(struct span word, enum answer *a)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_equal(word, span_of(words[i]))) {
            *a = (enum answer)i;
            return true;
        }
    return false;
}

static struct span read_name(struct span *line)
{
    struct span name = span_cut(line, ' ');
    return span_equal(name, SPAN("-")) ? SPAN_NONE : name;
}

bool evidence_lines_parse_answer(struct evidence *e, struct span line)
{
    *e = (struct evidence){0};
    enum answer suspect = ANSWER_UNKNOWN;
    enum answer *const answers[] = {&e->is_sent,       &e->sent_to, &e->wrote_to,
                                    &e->own_signature, &e->own_tag, &suspect};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (!read_answer(span_cut(&line, ' '), answers[i]))
            return false;
    e->account_is_suspect = suspect == ANSWER_YES;
    e->own_domain = read_name(&line);
    e->tagged = read_name(&line);
    e->tagged_message_id = line;
    return true;
}
