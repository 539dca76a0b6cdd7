/* STARTTLS, RFC 3207, of who calls. What came in plain text is forgotten with the handshake: what
 * the server offers is asked again, and whatever stands behind its reply to STARTTLS can only be
 * from somebody on the way (CVE-2021-38371 and its kin): it ends the connection. */
#include "smtp/client_inside.h"

#include <assert.h>

void client_set_tls(struct client *c, enum client_tls tls)
{
    assert(c->phase == PHASE_GREETING);
    c->tls = tls;
}

void client_tls_is_for(struct client *c, struct span who)
{
    buffer_clear(&c->tls_is_for);
    buffer_add_span(&c->tls_is_for, who);
}

void client_demands_requiretls(struct client *c)
{
    assert(c->phase == PHASE_GREETING);
    c->demands_requiretls = true;
}

bool client_lacks_requiretls(const struct client *c)
{
    return c->demands_requiretls && !(client_is_secure(c) && c->has_requiretls);
}

enum client_wait client_leaves(struct client *c, struct buffer *out)
{
    buffer_add_text(out, "QUIT\r\n");
    return client_give_up(
        c,
        REPLY(0, 5, 7, 30,
              "the server does not promise to keep the message encrypted on the rest of its way "
              "(REQUIRETLS), which its sender demands; nothing was sent"),
        STAGE_HELLO);
}

static struct span who_demands_tls(const struct client *c)
{
    return c->tls_is_for.len ? buffer_span(&c->tls_is_for) : SPAN("this route");
}

static enum client_wait give_up(struct client *c, struct span words)
{
    struct status status = c->demands_requiretls ? STATUS(5, 7, 10) : STATUS(4, 7, 4);
    return client_give_up(c, (struct reply){0, status, words}, STAGE_TLS);
}

/* Its greeting was in plain text: how we know it is told behind these words anyway. */
enum client_wait client_begin_tls(struct client *c, struct buffer *out)
{
    if (c->has_starttls) {
        c->phase = PHASE_STARTTLS;
        buffer_add_text(out, "STARTTLS\r\n");
        return CLIENT_WAITS_INPUT;
    }
    return give_up(c, arena_printf(c->arena,
                                   "the server offers no TLS, which %.*s demands; nothing was sent",
                                   SPAN_F(who_demands_tls(c))));
}

bool client_wants_tls(const struct client *c)
{
    return c->tls == CLIENT_TLS_ALWAYS || (c->tls == CLIENT_TLS_IF_OFFERED && c->has_starttls);
}

enum client_wait client_tls_reply(struct client *c, struct reply r)
{
    if (r.code == 220) {
        c->phase = PHASE_TLS;
        return CLIENT_WAITS_TLS;
    }
    return give_up(c, arena_printf(c->arena,
                                   "the server offers TLS, which %.*s demands, but does not begin "
                                   "it: %d %.*s",
                                   SPAN_F(who_demands_tls(c)), r.code,
                                   SPAN_F(span_first(r.text, 200))));
}

enum client_wait client_said_too_much(struct client *c)
{
    return give_up(c, SPAN("more than the reply to STARTTLS came before the encryption had begun, "
                           "as if somebody on the way had put it there; nothing was sent"));
}
