/* Any message: what is found on top of it has the form of a signed return path, and stands there;
 * and whatever comes to it, only what is true and was sent counts. */
#include "base/fuzz.h"

#include "provenance/own_tag.h"

static const struct span secret[] = {SPAN("one")};
static const struct signing_secrets secrets = {secret, 1};

static enum return_tag_answer check(void *arg, struct span address, struct return_tag *t,
                                    struct arena *a)
{
    (void)arg;
    return return_tag_check(&secrets, address, 20819LL * 86400, t, a);
}

static bool is_for(void *arg, const struct return_tag *t, struct span domain)
{
    (void)arg;
    return return_tag_is_for(&secrets, t, domain);
}

static bool ask(void *arg, const struct tag_question *q, struct tag_told *told, struct arena *a)
{
    (void)a;
    assert(q->queue_id.len || q->to.len);
    *told = (struct tag_told){*(const size_t *)arg, SPAN("<1@home.test>")};
    return true;
}

static bool count_uses(void *arg, struct span address, size_t *uses)
{
    (void)arg;
    (void)address;
    *uses = 1;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct arena a = ARENA_EMPTY;
    size_t recipients = fuzz_number(&in, 2);
    struct span message = fuzz_piece(in.rest);
    const struct tag_record record = {check, is_for, ask, count_uses, &recipients};
    struct notice_recipient bob = {.address = SPAN("bob@b.test")};
    const struct notice n = {.recipients = &bob, .recipient_count = 1};
    struct evidence e = {0};
    struct return_tag tag;
    struct span address = own_tag_address(message, &a);
    if (address.len) {
        assert(span_find(message, address) != SPAN_NOT_FOUND);
        assert(return_tag_parse(&tag, address, &a));
    }
    struct own_delivery d = own_delivery_of(message, &a);
    assert(!d.mailbox.len || span_find(message, d.mailbox) != SPAN_NOT_FOUND);
    assert(d.queue_id.len <= message.len);
    enum tag_verdict v = provenance_by_tag(&e, &record, &n, address, &a);
    assert((v == TAG_COUNTS) == (e.own_tag == ANSWER_YES));
    assert(v != TAG_COUNTS || (recipients && check(NULL, address, &tag, &a) == RETURN_TAG_TRUE));
    fuzz_piece_free(message);
    arena_clear(&a);
    return 0;
}
