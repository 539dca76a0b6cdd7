/* STARTTLS, RFC 3207. What somebody on the way may have said before the handshake, or have put
 * behind the command, must not count as said by the client that we then know (CVE-2011-0411): what
 * stands behind STARTTLS ends the session, the driver reads nothing before the handshake, and the
 * session begins anew with it. For the same reason it comes before XCLIENT. */
#include "smtp/server_inside.h"

#include <assert.h>

/* RFC 3207 4: TLS not available due to temporary reason. */
const struct reply server_awaits_certificate =
    REPLY(454, 4, 7, 0,
          "The certificate of this server has not come yet; please try again in some minutes");

bool server_offers_tls(const struct server *s)
{
    return s->settings->offers_tls && !s->is_secure && !s->front_end;
}

void server_starttls(struct server *s, struct span rest, struct buffer *out)
{
    if (s->is_secure)
        server_say(s, REPLY(503, 5, 5, 1, "This connection is encrypted already"), out);
    else if (s->settings->awaits_certificate)
        server_say(s, server_awaits_certificate, out);
    else if (!s->settings->offers_tls)
        server_say(
            s,
            REPLY(502, 5, 5, 1,
                  "This server has no TLS here; please send your mail without it, or ask its "
                  "operator for a certificate"),
            out);
    else if (s->front_end)
        server_say(s, REPLY(503, 5, 5, 1, "Please say STARTTLS before XCLIENT"), out);
    else if (s->has_more)
        server_close_with(s, server_spoke_too_early, out);
    else {
        reply_add(out, REPLY(220, 2, 0, 0, "Go ahead with the handshake"));
        s->wait = SERVER_WAITS_TLS;
    }
}

void server_secured(struct server *s)
{
    assert(s->wait == SERVER_WAITS_TLS || s->wait == SERVER_WAITS_INPUT);
    server_forget_hello(s);
    s->is_secure = true;
    s->wait = SERVER_WAITS_INPUT;
}

bool server_is_secure(const struct server *s)
{
    return s->is_secure;
}
