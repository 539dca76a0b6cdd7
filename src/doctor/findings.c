/* What the parts of an examination share: findings, questions, and what is put into words. */
#include "doctor/exam.h"

#include "base/inet.h"
#include "mail/date.h"

#include <stdio.h>

static struct span __attribute__((format(printf, 2, 0)))
formatted(struct arena *a, const char *format, va_list words)
{
    va_list again;
    va_copy(again, words);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *at = arena_new(a, (size_t)len + 1);
    vsnprintf(at, (size_t)len + 1, format, words);
    return span_make(at, (size_t)len);
}

struct doctor_finding *finding(struct exam *x, enum doctor_topic topic, enum doctor_level level,
                               struct span about, const char *says, ...)
{
    struct doctor_report *r = x->report;
    if (r->count == x->room) {
        struct doctor_finding *more = arena_new(x->arena, 2 * (x->room + 16) * sizeof *more);
        if (r->count)
            memcpy(more, r->at, r->count * sizeof *more);
        r->at = more;
        x->room = 2 * (x->room + 16);
    }
    struct doctor_finding *f = &r->at[r->count++];
    r->counts[level]++;
    va_list words;
    va_start(words, says);
    *f = (struct doctor_finding){.topic = topic,
                                 .level = level,
                                 .about = about,
                                 .says = formatted(x->arena, says, words),
                                 .found = SPAN_NONE,
                                 .why = SPAN_NONE,
                                 .todo = SPAN_NONE,
                                 .publish = SPAN_NONE};
    va_end(words);
    return f;
}

/* ---- questions */

const struct dns_answer *exam_ask(struct exam *x, struct span name, enum dns_type type)
{
    const struct dns_answer *answer = lookups_get(x->lookups, name, type);
    x->is_open |= !answer;
    return answer;
}

size_t exam_texts(struct exam *x, enum doctor_topic topic, struct span name, struct span version,
                  struct span *texts)
{
    const struct dns_answer *answer = exam_ask(x, name, DNS_TXT);
    size_t count = 0;
    if (!answer)
        return SPAN_NOT_FOUND;
    if (answer->result == DNS_FAILED) {
        struct doctor_finding *f =
            finding(x, topic, DOCTOR_UNCHECKED, name, "The DNS gave no answer for this name.");
        f->found = answer->why;
        f->todo = SPAN("Look again later; if it stays so, the name servers of the domain need "
                       "their operator.");
        return SPAN_NOT_FOUND;
    }
    for (size_t i = 0; i < answer->count && count < MOST_EXAM_TEXTS; i++)
        if (dns_read_txt(answer->records[i], &texts[count], x->arena) &&
            span_starts_nocase(span_trim(texts[count]), version))
            count++;
    return count;
}

static void take_addresses(struct exam_addresses *to, const struct dns_answer *answer, size_t len)
{
    for (size_t i = 0; i < answer->count && to->count < MOST_EXAM_ADDRESSES; i++) {
        unsigned char *at = to->at[to->count];
        if (answer->records[i].len != len)
            continue;
        memset(at, 0, 16);
        if (len == 4)
            at[10] = at[11] = 0xFF;
        memcpy(at + 16 - len, answer->records[i].at, len);
        to->count++;
    }
}

bool exam_addresses(struct exam *x, struct span name, struct exam_addresses *to)
{
    *to =
        (struct exam_addresses){.v4 = exam_ask(x, name, DNS_A), .v6 = exam_ask(x, name, DNS_AAAA)};
    if (!to->v4 || !to->v6)
        return false;
    take_addresses(to, to->v4, 4);
    take_addresses(to, to->v6, 16);
    return true;
}

struct span exam_failure(const struct exam_addresses *a)
{
    return a->v4->result == DNS_FAILED   ? a->v4->why
           : a->v6->result == DNS_FAILED ? a->v6->why
                                         : SPAN_NONE;
}

/* ---- forms */

struct span address_text(struct exam *x, const unsigned char address[16])
{
    struct buffer b = BUFFER_EMPTY;
    inet_add(&b, address);
    return arena_keep(x->arena, &b);
}

struct span addresses_text(struct exam *x, const unsigned char (*at)[16], size_t count)
{
    struct buffer b = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++) {
        buffer_add_text(&b, i ? ", " : "");
        inet_add(&b, at[i]);
    }
    return arena_keep(x->arena, &b);
}

struct span txt_record(struct exam *x, struct span name, struct span text)
{
    struct buffer b = BUFFER_EMPTY;
    dns_add_txt_line(&b, name, text);
    return arena_keep(x->arena, &b);
}

struct span address_record(struct exam *x, struct span name, const unsigned char address[16])
{
    struct span text = address_text(x, address);
    return arena_printf(x->arena, "%.*s. IN %s %.*s", SPAN_F(name),
                        inet_is_v4(address) ? "A" : "AAAA", SPAN_F(text));
}

struct span reverse_name(struct exam *x, const unsigned char address[16])
{
    struct buffer b = BUFFER_EMPTY;
    inet_add_reversed(&b, address);
    buffer_add_text(&b, inet_is_v4(address) ? "in-addr.arpa" : "ip6.arpa");
    return arena_keep(x->arena, &b);
}

struct span time_text(struct exam *x, int64_t time_ms)
{
    struct buffer b = BUFFER_EMPTY;
    date_add_words(&b, time_ms, 0);
    return arena_keep(x->arena, &b);
}

struct span joined_lines(struct exam *x, const struct span *texts, size_t count)
{
    struct buffer b = BUFFER_EMPTY;
    for (size_t i = 0; i < count; i++) {
        buffer_add_text(&b, i ? "\n" : "");
        buffer_add_span(&b, texts[i]);
    }
    return arena_keep(x->arena, &b);
}

bool addresses_have(const unsigned char (*at)[16], size_t count, const unsigned char address[16])
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(at[i], address, 16) == 0)
            return true;
    return false;
}
