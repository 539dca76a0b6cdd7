#include "milter/dialogue_inside.h"

enum { MOST_MACROS = 64 };

const struct step_kind dialogue_steps[] = {
    [STEP_NEGOTIATE] = {"the negotiation", MILTER_NEGOTIATE, MILTER_STAGES, 0, 0},
    [STEP_CONNECT] = {"the connection", MILTER_CONNECT, MILTER_AT_CONNECT, MILTER_NO_CONNECT,
                      MILTER_SILENT_CONNECT},
    [STEP_HELO] = {"HELO", MILTER_HELO, MILTER_AT_HELO, MILTER_NO_HELO, MILTER_SILENT_HELO},
    [STEP_MAIL] = {"MAIL", MILTER_MAIL, MILTER_AT_MAIL, MILTER_NO_MAIL, MILTER_SILENT_MAIL},
    [STEP_RCPT] = {"RCPT", MILTER_RCPT, MILTER_AT_RCPT, MILTER_NO_RCPT, MILTER_SILENT_RCPT},
    [STEP_DATA] = {"DATA", MILTER_DATA, MILTER_AT_DATA, MILTER_NO_DATA, MILTER_SILENT_DATA},
    [STEP_HEADER] = {"a header field", MILTER_HEADER, MILTER_STAGES, MILTER_NO_HEADER,
                     MILTER_SILENT_HEADER},
    [STEP_END_OF_HEADER] = {"the end of the header", MILTER_END_OF_HEADER, MILTER_AT_END_OF_HEADER,
                            MILTER_NO_END_OF_HEADER, MILTER_SILENT_END_OF_HEADER},
    [STEP_BODY] = {"the body", MILTER_BODY, MILTER_STAGES, MILTER_NO_BODY, MILTER_SILENT_BODY},
    [STEP_END] = {"the end of the message", MILTER_END, MILTER_AT_END, 0, 0},
};

/* For a filter that does not ask for others. */
static const char *const usual_macros[MILTER_STAGES] = {
    [MILTER_AT_CONNECT] = "j {daemon_name} {daemon_addr} v _",
    [MILTER_AT_HELO] = "{tls_version} {cipher} {cert_subject} {cert_issuer}",
    [MILTER_AT_MAIL] = ("i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} "
                        "{mail_mailer}"),
    [MILTER_AT_RCPT] = "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
    [MILTER_AT_DATA] = "i",
    [MILTER_AT_END] = "i",
    [MILTER_AT_END_OF_HEADER] = "i",
};

static struct span value_of(const struct milter_facts *f, struct span name)
{
    bool is_braced = name.len == 3 && name.at[0] == '{' && name.at[2] == '}'; /* {j} is j */
    struct span wanted = is_braced ? span_make(name.at + 1, 1) : name;
    for (size_t i = 0; i < f->macro_count; i++)
        if (span_equal(span_of(f->macros[i].name), wanted))
            return f->macros[i].value;
    return SPAN_NONE;
}

/* A macro without a value is not named. */
void dialogue_say_macros(const struct dialogue *c, struct buffer *out)
{
    const struct step_kind *kind = &dialogue_steps[c->step];
    if (kind->stage == MILTER_STAGES)
        return;
    struct span names =
        c->has_macros[kind->stage] ? c->macros[kind->stage] : span_of(usual_macros[kind->stage]);
    struct span name;
    size_t begin = packet_begin(out, MILTER_MACRO);
    buffer_add_char(out, kind->command);
    for (size_t i = 0; i < MOST_MACROS && (name = span_word(&names)).len; i++) {
        struct span value = value_of(c->facts, name);
        if (!value.len)
            continue;
        packet_add_text(out, name);
        packet_add_text(out, value);
    }
    packet_end(out, begin);
}

void dialogue_say_client(const struct milter_facts *f, struct buffer *out)
{
    struct span address = f->client_address;
    if (f->client_name.len) {
        packet_add_text(out, f->client_name);
    } else { /* as Sendmail names a host of which it knows the address alone */
        buffer_printf(out, "[%.*s]", SPAN_F(address));
        buffer_add_char(out, 0);
    }
    buffer_add_char(out, f->family);
    if (f->family == 'U')
        return;
    buffer_add_char(out, (char)(f->port >> 8));
    buffer_add_char(out, (char)(f->port & 0xff));
    packet_add_text(out, address);
}

static void say_path(struct span address, struct span parameters, struct buffer *out)
{
    struct span word;
    buffer_add_char(out, '<');
    buffer_add_span(out, address);
    packet_add_text(out, SPAN(">"));
    while ((word = span_word(&parameters)).len)
        packet_add_text(out, word);
}

/* Lines of a folded value end in LF alone. */
static void say_field(const struct dialogue *c, const struct header_field *f, struct buffer *out)
{
    struct span value = f->value;
    packet_add_text(out, f->name);
    if (!(c->steps & MILTER_LEADING_SPACE) && value.len && value.at[0] == ' ')
        value = span_skip(value, 1);
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] && !(value.at[i] == '\r' && i + 1 < value.len && value.at[i + 1] == '\n'))
            buffer_add_char(out, value.at[i]);
    buffer_add_char(out, 0);
}

void dialogue_say_negotiation(struct buffer *out)
{
    size_t begin = packet_begin(out, MILTER_NEGOTIATE);
    packet_add_u32(out, MILTER_VERSION);
    packet_add_u32(out, MILTER_ALL_ACTIONS);
    packet_add_u32(out, MILTER_ALL_STEPS);
    packet_end(out, begin);
}

void dialogue_say_step(struct dialogue *c, const struct header_field *field, struct buffer *out)
{
    const struct milter_facts *f = c->facts;
    size_t begin = packet_begin(out, dialogue_steps[c->step].command);
    size_t piece = c->body.len < MILTER_LARGEST_PIECE ? c->body.len : MILTER_LARGEST_PIECE;
    switch (c->step) {
    case STEP_CONNECT:
        dialogue_say_client(f, out);
        break;
    case STEP_HELO:
        packet_add_text(out, f->helo);
        break;
    case STEP_MAIL:
        say_path(f->reverse_path, f->mail_parameters, out);
        break;
    case STEP_RCPT:
        say_path(f->recipient, f->rcpt_parameters, out);
        break;
    case STEP_HEADER:
        say_field(c, field, out);
        break;
    case STEP_BODY:
        buffer_add_span(out, span_first(c->body, piece));
        c->body = span_skip(c->body, piece);
        break;
    case STEP_NEGOTIATE:
    case STEP_DATA:
    case STEP_END_OF_HEADER:
    case STEP_END:
    case STEP_NONE:
        break;
    }
    packet_end(out, begin);
}
