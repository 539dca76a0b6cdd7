#define _GNU_SOURCE
/* A line has parts with tabs between. Dovecot delays those who guess by the address that we tell
 * it; we do that ourselves, and ask it not to ("no-penalty"). */
#include "login/dovecot.h"

#include "login/line_talk.h"
#include "mail/encode.h"

#include <unistd.h>

enum { OUR_ID = 1 };

static struct span next_part(struct span *rest)
{
    return span_cut(rest, '\t');
}

void dovecot_request_add(struct buffer *out, const struct login_asked *who, unsigned id)
{
    struct buffer client = BUFFER_EMPTY, response = BUFFER_EMPTY;
    net_address_add(&client, who->client);
    struct span address = buffer_span(&client);
    if (span_starts(address, SPAN("IPv6:")))
        address = span_skip(address, strlen("IPv6:"));
    buffer_reserve(&response, who->name.len + who->secret.len + 2);
    buffer_add_char(&response, 0);
    buffer_add_span(&response, who->name);
    buffer_add_char(&response, 0);
    buffer_add_span(&response, who->secret);
    buffer_reserve(out, response.len * 2 + address.len + 100);
    buffer_printf(out, "AUTH\t%u\tPLAIN\tservice=smtp\trip=%.*s%s\tno-penalty\tresp=", id,
                  SPAN_F(address), who->is_safe ? "\tsecured" : "");
    base64_add(out, buffer_span(&response));
    buffer_add_char(out, '\n');
    buffer_wipe(&response);
    buffer_free(&client);
}

/* ^A and a character stand for one that would end a part. */
static void add_plain(struct buffer *out, struct span s)
{
    static const struct {
        char written, is;
    } escapes[] = {{'0', '\0'}, {'1', '\1'}, {'t', '\t'}, {'r', '\r'}, {'n', '\n'}, {'l', '\n'}};
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == 1 && i + 1 < s.len) {
            c = s.at[++i];
            for (size_t k = 0; k < sizeof escapes / sizeof *escapes; k++)
                if (escapes[k].written == s.at[i])
                    c = escapes[k].is;
        }
        buffer_add_char(out, c);
    }
}

enum dovecot_answer dovecot_read_answer(struct span line, unsigned id, struct buffer *login)
{
    struct span rest = line, verb = next_part(&rest), number = next_part(&rest), part;
    uint64_t answered;
    bool is_ok = span_equal(verb, SPAN("OK")), is_fail = span_equal(verb, SPAN("FAIL"));
    bool is_later = false;
    if (span_equal(verb, SPAN("VERSION")))
        return span_equal(number, SPAN("1")) ? DOVECOT_OTHER : DOVECOT_BAD;
    if (span_equal(verb, SPAN("CONT")))
        return DOVECOT_BAD; /* PLAIN has nothing more to say */
    if ((!is_ok && !is_fail) || !span_to_u64(number, UINT32_MAX, &answered) || answered != id)
        return DOVECOT_OTHER;
    buffer_clear(login);
    while (rest.len) {
        part = next_part(&rest);
        is_later |= span_equal(part, SPAN("temp")) || span_equal(part, SPAN("code=temp_fail"));
        if (is_ok && span_starts(part, SPAN("user=")))
            add_plain(login, span_skip(part, 5));
    }
    if (is_ok)
        return login->len ? DOVECOT_OK : DOVECOT_BAD;
    return is_later ? DOVECOT_LATER : DOVECOT_FAIL;
}

static bool greet_and_ask(struct line_talk *t, const struct login_asked *who, struct error *e)
{
    struct buffer words = BUFFER_EMPTY;
    buffer_printf(&words, "VERSION\t1\t1\nCPID\t%d\n", (int)gettid());
    bool ok = line_talk_send(t, buffer_span(&words), e);
    buffer_clear(&words);
    dovecot_request_add(&words, who, OUR_ID);
    ok = ok && line_talk_send(t, buffer_span(&words), e);
    buffer_wipe(&words);
    return ok;
}

static enum gate_verdict read_verdict(struct line_talk *t, struct buffer *login, struct error *e)
{
    struct span line;
    while (line_talk_next(t, &line, e)) {
        switch (dovecot_read_answer(line, OUR_ID, login)) {
        case DOVECOT_OTHER:
            continue;
        case DOVECOT_OK:
            return GATE_IS_RIGHT;
        case DOVECOT_FAIL:
            return GATE_IS_WRONG;
        case DOVECOT_LATER:
            error_set(e, "it has a problem of its own; its log says which");
            return GATE_CANNOT_SAY;
        case DOVECOT_BAD:
            error_set(e, "it speaks another protocol");
            return GATE_CANNOT_SAY;
        }
    }
    return GATE_CANNOT_SAY;
}

enum gate_verdict dovecot_ask(struct span socket, const struct login_asked *who,
                              struct buffer *login, struct error *e)
{
    struct line_talk t;
    struct error why;
    enum gate_verdict verdict = GATE_CANNOT_SAY;
    if (!line_talk_connect(&t, socket, e))
        return verdict;
    if (greet_and_ask(&t, who, &why))
        verdict = read_verdict(&t, login, &why);
    if (verdict == GATE_CANNOT_SAY)
        error_set(e, "Dovecot can't be asked at %.*s: %s", SPAN_F(socket), why.text);
    line_talk_end(&t);
    return verdict;
}
