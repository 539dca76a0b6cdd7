/* At which step a session stands: for time-outs, and in words. */
#include "smtp/client_inside.h"

enum client_stage client_stage_of(const struct client *c)
{
    switch (c->phase) {
    case PHASE_GREETING:
        return STAGE_GREETING;
    case PHASE_EHLO:
    case PHASE_HELO:
        return STAGE_HELLO;
    case PHASE_STARTTLS:
    case PHASE_TLS:
        return STAGE_TLS;
    case PHASE_LOGIN:
    case PHASE_AUTH:
        return STAGE_LOGIN;
    case PHASE_ENVELOPE:
        return c->replies_seen == 0                             ? STAGE_MAIL
               : c->replies_seen <= c->message->recipient_count ? STAGE_RCPT
                                                                : STAGE_DATA;
    case PHASE_READY:
    case PHASE_FORM:
    case PHASE_RESET:
        return STAGE_MAIL;
    case PHASE_BODY:
    case PHASE_FINAL:
    case PHASE_CLOSED:
        break;
    }
    return STAGE_MESSAGE;
}

const char *client_stage_words(enum client_stage s)
{
    switch (s) {
    case STAGE_LOOKUP:
        return "when looking for its servers";
    case STAGE_CONNECT:
        return "when connecting";
    case STAGE_GREETING:
        return "as its greeting";
    case STAGE_HELLO:
        return "in reply to EHLO";
    case STAGE_TLS:
        return "in reply to STARTTLS";
    case STAGE_LOGIN:
        return "in reply to AUTH";
    case STAGE_MAIL:
        return "in reply to MAIL FROM";
    case STAGE_RCPT:
        return "in reply to RCPT TO";
    case STAGE_DATA:
        return "in reply to DATA";
    case STAGE_MESSAGE:
        return "in reply to the message";
    }
    return "";
}

bool client_is_secure(const struct client *c)
{
    return c->tls == CLIENT_TLS_IS_ON;
}
