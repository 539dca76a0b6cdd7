/* Digests of notices that never came, about mail that never was: to look at. */
#include "bounce/fake.h"
#include "bounce/told.h"

enum { MANY = 409, SECONDS_BETWEEN = 211 };

static void add_notices(struct flood_digest *d, const struct fake_wishes *w)
{
    static const struct envelope from[] = {
        {.client_name = SPAN("mx.example.net"),
         .client_address = SPAN("192.0.2.7"),
         .subject = SPAN("Undelivered Mail Returned to Sender")},
        {.client_name = SPAN("mail.shop.example"),
         .client_address = SPAN("198.51.100.25"),
         .subject = SPAN("Mail delivery failed: returning message to sender")},
        {.client_name = SPAN("mx.example.com"),
         .client_address = SPAN("IPv6:2001:db8::25"),
         .subject = SPAN("Undeliverable: Cheap watches")}};
    struct recipient to = {
        .judged = {.is = true, .class = VERDICT_NOT_YOURS, .provenance = PROVENANCE_DISPROVEN}};
    for (size_t i = 0; i < MANY; i++) {
        struct envelope e = from[i % (sizeof from / sizeof *from)];
        e.accepted_ms = w->now_ms - (int64_t)(MANY - i) * SECONDS_BETWEEN * 1000;
        e.id = (message_id)e.accepted_ms * 1000;
        e.recipients = &to;
        e.recipient_count = 1;
        flood_digest_add(d, &e, 0);
    }
}

void fake_digest_show(struct buffer *out, enum digest_of what, const struct fake_wishes *w)
{
    struct arena a = ARENA_EMPTY;
    struct told told;
    struct flood_digest d = flood_digest_start(&a);
    d.what = what;
    d.hostname = SPAN("mx.example.org");
    d.mailbox = w->from;
    d.now_ms = w->now_ms;
    d.id = (message_id)w->now_ms * 1000;
    d.offset_minutes = w->offset_minutes;
    d.language = w->language;
    add_notices(&d, w);
    flood_digest_tell(&told, &d);
    told_as_card_inside(out, &told);
    arena_clear(&a);
}
