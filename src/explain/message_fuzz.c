/* Whatever a message holds: all that the public header shows is UTF-8 and ends, and the same
 * question has the same answer. */
#include "base/fuzz.h"

#include "base/visible.h"

#include <plainpost/explain.h>

static void check(const char *text)
{
    assert(!text || (*text && utf8_is_valid(span_of(text))));
}

static void check_recipients(struct plainpost_message *m)
{
    size_t count = 0;
    for (const struct plainpost_recipient *r = NULL; (r = plainpost_recipient_next(m, r));
         count++) {
        check(r->address);
        check(r->original);
        check(r->status);
        check(r->variant);
        check(r->remote);
        check(r->diagnostic);
        check(r->headline);
        check(r->sentence);
        assert(!r->cause == !r->who_acts);
        assert(utf8_is_valid(span_of(plainpost_message_harmless(m, r->diagnostic))));
    }
    assert(count == plainpost_message_notice(m)->recipients);
}

static void check_words(struct plainpost_message *m)
{
    const struct plainpost_advice *a = plainpost_message_advice(m);
    assert(a->headline && a->summary);
    check(a->headline);
    check(a->summary);
    check(a->arrived);
    check(a->sent);
    check(a->who);
    check(a->would_settle);
    for (const struct plainpost_evidence *e = NULL; (e = plainpost_evidence_next(m, e));) {
        assert(e->fact && e->text);
        check(e->detail);
        check(e->text);
    }
    for (const struct plainpost_step *s = NULL; (s = plainpost_step_next(m, s));) {
        assert(s->text);
        check(s->link);
    }
}

static void check_original(struct plainpost_message *m)
{
    const struct plainpost_original *o = plainpost_message_original(m);
    check(o->message_id);
    check(o->subject);
    check(o->date);
    check(o->from);
    check(o->to);
    check(o->meeting);
    assert(!o->header == !o->header_size);
}

static void check_forms(struct plainpost_message *m)
{
    for (int form = PLAINPOST_TEXT; form <= PLAINPOST_LETTER; form++) {
        size_t size;
        const char *text = plainpost_message_form(m, (enum plainpost_form)form, &size);
        assert(text && size == strlen(text));
        check(text);
    }
}

enum { KNOWN = PLAINPOST_SUSPECT + 1 };

struct wishes {
    enum plainpost_answer known[KNOWN];
    const char *language;
    enum plainpost_audience audience;
    bool has_me;
};

static struct wishes take_wishes(struct fuzz_input *in)
{
    static const char *const languages[] = {NULL, "de", "fr", "ja, en"};
    struct wishes w = {.language = languages[fuzz_number(in, COUNT_OF(languages) - 1)],
                       .audience = fuzz_bool(in) ? PLAINPOST_OPERATOR : PLAINPOST_PERSON,
                       .has_me = fuzz_bool(in)};
    for (size_t i = 0; i < KNOWN; i++)
        w.known[i] = (enum plainpost_answer)fuzz_number(in, PLAINPOST_NO);
    return w;
}

static void wish(struct plainpost_message *m, const struct wishes *w)
{
    for (size_t i = 0; i < KNOWN; i++)
        plainpost_message_set_known(m, (enum plainpost_known)i, w->known[i]);
    plainpost_message_set_language(m, w->language);
    plainpost_message_set_audience(m, w->audience);
    if (w->has_me)
        plainpost_message_add_me(m, "alice@example.org");
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const struct wishes none;
    enum { TAIL = 7 }; /* says what is wished, too: the whole is a message, as with other seeds */
    struct fuzz_input tail =
        fuzz_start(at + (len > TAIL ? len - TAIL : 0), len > TAIL ? TAIL : len);
    const struct wishes wishes = take_wishes(&tail);
    struct plainpost_message *m;
    assert(plainpost_message_read(&m, at, len) == PLAINPOST_OK);
    check_original(m);
    enum plainpost_class before = plainpost_message_verdict(m)->is;
    wish(m, &wishes);
    check_words(m);
    check_recipients(m);
    check_forms(m);
    wish(m, &none);
    assert(wishes.has_me || plainpost_message_verdict(m)->is == before);
    plainpost_message_free(&m);
    return 0;
}
