#include "control/evidence_lines.h"

#include "mail/header.h"

enum {
    LONGEST_NAME = 998,    /* an address, a Message-ID: as long as a line */
    LONGEST_LIST = 4096,   /* of addresses */
    MOST_WITH_LIST = 12288 /* bytes of a question, with its recipients */
};

/* ---- asking */

static void add(struct buffer *out, const char *key, struct span value, size_t longest)
{
    if (!value.len || value.len > longest || span_find_char(value, '\n') != SPAN_NOT_FOUND)
        return;
    buffer_add_text(out, key);
    buffer_add_char(out, ' ');
    buffer_add_span(out, value);
    buffer_add_char(out, '\n');
}

void evidence_lines_add_me(struct buffer *out, struct span address)
{
    add(out, "me", address, LONGEST_NAME);
}

static void add_header(struct buffer *out, const struct notice_original *o)
{
    struct span rest = o->header;
    if (o->is_whole)
        buffer_add_text(out, "whole\n");
    while (rest.len) {
        buffer_add_text(out, "header ");
        buffer_add_span(out, span_cut(&rest, '\n'));
        buffer_add_char(out, '\n');
    }
}

void evidence_lines_add_question(struct buffer *out, const struct notice *n, struct span came_to)
{
    const struct notice_original *o = &n->original;
    size_t begin = out->len;
    buffer_add_text(out, "notice\n");
    add(out, "message-id", o->message_id, LONGEST_NAME);
    if (o->date_ms)
        buffer_printf(out, "written %lld\n", (long long)o->date_ms);
    add(out, "from", o->from, LONGEST_LIST);
    add(out, "to", n->to, LONGEST_LIST);
    add(out, "came-to", came_to, LONGEST_NAME);
    for (size_t i = 0; i < n->recipient_count && i < EVIDENCE_MOST_RECIPIENTS &&
                       out->len - begin < MOST_WITH_LIST;
         i++) {
        add(out, "recipient", n->recipients[i].address, LONGEST_NAME);
        add(out, "original", n->recipients[i].original, LONGEST_NAME);
    }
    size_t without_header = out->len;
    if (o->header.len < EVIDENCE_LONGEST_QUESTION && header_count(o->header, "DKIM-Signature"))
        add_header(out, o);
    if (out->len - begin > EVIDENCE_LONGEST_QUESTION)
        out->at[out->len = without_header] = 0;
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

static bool read_written(struct reading *r, struct span value)
{
    uint64_t ms;
    bool ok = span_to_u64(value, INT64_MAX, &ms);
    r->question->notice.original.date_ms = ok ? (int64_t)ms : 0;
    return ok || error_set(r->error, "\"written\" wants milliseconds since 1970");
}

static bool read_from(struct reading *r, struct span value)
{
    r->question->notice.original.from = value;
    return true;
}

static bool read_to(struct reading *r, struct span value)
{
    r->question->notice.to = value;
    return true;
}

static bool read_came_to(struct reading *r, struct span value)
{
    r->question->came_to = value;
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

static const struct {
    const char *name;
    bool (*read)(struct reading *r, struct span value);
} keys[] = {
    {"me", read_me},
    {"notice", read_notice}, /* from here on: of a notice */
    {"message-id", read_message_id},
    {"written", read_written},
    {"from", read_from},
    {"to", read_to},
    {"came-to", read_came_to},
    {"whole", read_whole},
    {"recipient", read_recipient},
    {"original", read_original},
    {"header", read_header},
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
