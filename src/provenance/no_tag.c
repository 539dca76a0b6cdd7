#include "provenance/no_tag.h"

#include "bounce/free_text.h"
#include "bounce/judge_inside.h"
#include "mail/address.h"

enum { MOST_ASKED = 50 /* recipients of a notice */ };

/* Some who send mail on hand on its notices, too: mail that left from elsewhere. They leave alone
 * to whom it was written. */
static bool is_written_to(const struct notice *n, struct span address)
{
    struct span field = n->to, one;
    size_t end;
    bool is = false;
    while (!is && text_find_address(field, &one, &end)) {
        is = span_equal_nocase(one, address);
        field = span_skip(field, end);
    }
    return is;
}

static bool names_all(const struct notice *n)
{
    return n->recipient_count && !n->further_count && n->recipient_count <= MOST_ASKED;
}

/* Where nobody is named, or not all are, it may have gone to whomever. */
static bool may_be_plain(const struct plain_record *p, const struct notice *n,
                         const struct plain_arrival *came)
{
    int64_t begin_ms = notice_begin_ms(came->time_ms);
    bool may = !names_all(n) && p->signed_since_ms(p->arg, came->address, SPAN_NONE) > begin_ms;
    for (size_t i = 0; i < n->recipient_count && i < MOST_ASKED && !may; i++) {
        const struct span names[] = {n->recipients[i].address, n->recipients[i].original};
        may = !names[0].len;
        for (size_t k = 0; k < 2 && !may; k++)
            may = names[k].len && p->signed_since_ms(p->arg, came->address, names[k]) > begin_ms;
    }
    return may;
}

/* To have written to the recipient is no proof, but enough not to speak of another's. */
static bool is_told(const struct evidence *e)
{
    return e->is_sent != ANSWER_UNKNOWN || e->own_signature != ANSWER_UNKNOWN ||
           e->own_tag != ANSWER_UNKNOWN || e->wrote_to == ANSWER_YES;
}

/* Only what goes to the return path by the rules: a receipt, a report of a complaint or an
 * automatic reply may go to the author. */
bool no_tag_may_tell(const struct evidence *e, const struct notice *n)
{
    return (n->kind == NOTICE_FAILURE || n->kind == NOTICE_DELAY) && e->me_count && !is_told(e);
}

/* Whose mail does not leave from here has no tag. */
static bool is_missing(const struct evidence *e, const struct plain_record *p,
                       const struct sent_record *r, const struct notice *n,
                       const struct plain_arrival *came)
{
    return no_tag_may_tell(e, n) && came->is_from_stranger &&
           judge_my_address(e, came->address).len && !may_be_plain(p, n, came) &&
           r->sends(r->arg, came->address);
}

/* What costs most is asked last. */
static bool can_only_be_anothers(const struct evidence *e, const struct sent_record *r,
                                 const struct notice *n, const struct plain_arrival *came)
{
    if (!is_written_to(n, came->address) || judge_passed_host(n, address_domain(came->address)).len)
        return false;
    return lately_is_none(&r->lately, &(struct lately_question){n, e, came->time_ms, true});
}

enum no_tag provenance_by_no_tag(struct evidence *e, const struct plain_record *p,
                                 const struct sent_record *r, const struct notice *n,
                                 const struct plain_arrival *came)
{
    if (!is_missing(e, p, r, n, came))
        return NO_TAG_SAYS_NOTHING;
    if (!can_only_be_anothers(e, r, n, came)) /* it may have gone to somebody here */
        return names_all(n) ? NO_TAG_IS_MISSING : NO_TAG_SAYS_NOTHING;
    e->own_tag = ANSWER_NO;
    return NO_TAG_DISPROVES;
}
