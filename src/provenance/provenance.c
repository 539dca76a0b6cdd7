#include "provenance/provenance.h"

#include "mail/address_list.h"
#include "mail/header.h"
#include "provenance/own_signature.h"

enum {
    MOST_SIGNATURES = 30, /* of a message, */
    MOST_CHECKED = 8,     /* and of ours; the rest is passed over */
    MOST_ASKED = 50,      /* recipients of a notice */
    WRITTEN_BEFORE = 3600 /* s: clocks go wrong by so much */
};

/* ---- our own signatures */

/* One that holds says all; a broken one beside it says nothing. */
static void weigh(struct evidence *e, enum answer answer, struct span domain)
{
    if (answer == ANSWER_UNKNOWN || e->own_signature == ANSWER_YES)
        return;
    e->own_signature = answer;
    e->own_domain = domain;
}

void provenance_by_signature(struct evidence *e, const struct own_keys *keys,
                             const struct notice_original *o, struct arena *a)
{
    struct header_iterator it = header_start(o->header);
    struct header_field f;
    struct dkim_signature s;
    struct error why;
    size_t seen = 0, checked = 0;
    bool is_from_me = own_signature_is_for(e, o);
    while (header_next(&it, &f) > 0 && seen < MOST_SIGNATURES && checked < MOST_CHECKED &&
           e->own_signature != ANSWER_YES) {
        if (!span_equal_nocase(f.name, SPAN("DKIM-Signature")))
            continue;
        seen++;
        const struct dkim_key *key =
            dkim_signature_parse(&s, &f, a, &why) ? keys->find(keys->arg, &s, is_from_me) : NULL;
        if (!key)
            continue;
        checked++;
        weigh(e, own_signature_answer(o, &s, key), s.domain);
    }
}

/* ---- what was sent */

static bool came_to_us(const struct sent_record *r, const struct notice *n,
                       const struct evidence *e)
{
    struct arena a = ARENA_EMPTY;
    struct address_list list = address_list_start(n->to);
    struct listed_address one;
    bool is = false;
    for (size_t i = 0; i < e->me_count && !is; i++)
        is = r->sends(r->arg, e->me[i]);
    while (!is && !e->me_count && address_list_next(&list, &one, &a) > 0)
        is = one.has_domain && r->sends(r->arg, one.address);
    arena_clear(&a);
    return is;
}

static int64_t came_ms(const struct evidence *e, const struct notice *n)
{
    return e->now_ms ? e->now_ms : n->date_ms;
}

/* When it was written, at the earliest; 0: nobody knows. */
static int64_t begin_ms(const struct evidence *e, const struct notice *n)
{
    int64_t written_ms = n->original.date_ms, told_ms = came_ms(e, n);
    return written_ms ? written_ms - WRITTEN_BEFORE * 1000 : told_ms ? notice_begin_ms(told_ms) : 0;
}

static bool goes_back_to(const struct sent_told *t, int64_t time_ms)
{
    return t->is_whole && time_ms && t->since_ms <= time_ms;
}

/* Did it go to any recipient whom the notice names? */
static enum answer went_to(const struct sent_record *r, struct span id, const struct notice *n,
                           const struct evidence *e)
{
    enum answer answer = n->recipient_count ? ANSWER_NO : ANSWER_UNKNOWN;
    struct sent_told t;
    for (size_t i = 0; i < n->recipient_count && i < MOST_ASKED && answer == ANSWER_NO; i++) {
        const struct span names[] = {n->recipients[i].address, n->recipients[i].original};
        for (size_t k = 0; k < 2 && answer == ANSWER_NO; k++) {
            if (!names[k].len)
                continue;
            if (!r->ask(r->arg, id, names[k], e, &t))
                return ANSWER_UNKNOWN;
            if (t.is_by_me)
                answer = ANSWER_YES;
        }
    }
    return answer;
}

bool provenance_may_miss(struct span message_id)
{
    struct span rest = message_id;
    return span_word(&rest).len && !span_trim(rest).len;
}

/* That somebody else has written to an address says nothing. */
static void note_written_to(const struct sent_record *r, const struct notice *n, struct evidence *e)
{
    if (e->wrote_to != ANSWER_YES && (e->me_count || r->is_of_one) &&
        went_to(r, SPAN_NONE, n, e) == ANSWER_YES)
        e->wrote_to = ANSWER_YES;
}

/* A subject is what tells it from others; whom it names need not be to whom it was written. What
 * stands in words only may be another's subject, and what is told of complaints made unknowable. */
static void compare_with_sent(const struct sent_record *r, const struct notice *n,
                              struct evidence *e)
{
    bool is_notice = n->kind == NOTICE_FAILURE || n->kind == NOTICE_DELAY;
    bool has_subject = n->original.header.len && span_trim(n->original.subject).len;
    if (!is_notice || !has_subject || !came_ms(e, n) || e->is_sent != ANSWER_UNKNOWN ||
        e->wrote_to == ANSWER_YES || !came_to_us(r, n, e))
        return;
    if (lately_is_none(&r->lately, &(struct lately_question){n, e, came_ms(e, n), false}))
        e->is_sent = ANSWER_NO;
}

void provenance_by_record(struct evidence *e, const struct sent_record *r, const struct notice *n)
{
    struct span id = n->original.message_id;
    struct sent_told t;
    if (!id.len) {
        note_written_to(r, n, e);
        compare_with_sent(r, n, e);
        return;
    }
    if (e->is_sent == ANSWER_YES || !r->ask(r->arg, id, SPAN_NONE, e, &t))
        return;
    if (t.is_by_me) {
        e->is_sent = ANSWER_YES;
        e->sent_to = went_to(r, id, n, e);
    } else if (!t.count && !t.has_passed && provenance_may_miss(id) &&
               goes_back_to(&t, begin_ms(e, n)) && came_to_us(r, n, e)) {
        e->is_sent = ANSWER_NO;
        note_written_to(r, n, e);
    }
}

/* ---- what somebody else has gathered */

static void add_answer(enum answer *a, enum answer told)
{
    if (told == ANSWER_YES || *a == ANSWER_UNKNOWN)
        *a = told;
}

void provenance_add(struct evidence *e, const struct evidence *told)
{
    weigh(e, told->own_signature, told->own_domain);
    if (told->own_tag == ANSWER_YES) {
        e->tagged = told->tagged;
        e->tagged_message_id = told->tagged_message_id;
    }
    e->account_is_suspect |= told->account_is_suspect;
    add_answer(&e->own_tag, told->own_tag);
    add_answer(&e->is_sent, told->is_sent);
    add_answer(&e->sent_to, told->sent_to);
    add_answer(&e->wrote_to, told->wrote_to);
}
