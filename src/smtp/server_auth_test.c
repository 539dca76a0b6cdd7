/* Logins: the driver takes "good", asks for more behind "more" and when nothing was sent, and
 * refuses all else. What it was asked is written between the replies. */
#include "base/test.h"

#include "smtp/server.h"

#include <string.h>

static const struct server_settings usual = {.hostname = SPAN("mx.example.org"),
                                             .max_message_size = 10000,
                                             .max_command_line = 512,
                                             .max_text_line = 1000,
                                             .max_header_size = 2000,
                                             .max_recipients = 100,
                                             .max_errors = 1000,
                                             .max_hops = 10};

static void answer_auth(struct server *s, struct buffer *out)
{
    const struct server_auth *a = server_asked_auth(s);
    buffer_printf(out, "# %.*s%s %s%.*s\n", SPAN_F(a->mechanism), a->is_first ? " first" : "",
                  a->fault.code     ? "ends"
                  : a->has_response ? ""
                                    : "none",
                  SPAN_F(span_first(a->response, 20)));
    if (a->fault.code) {
        server_answer(s, a->fault, out);
    } else if (!a->has_response || span_equal(a->response, SPAN("more"))) {
        server_challenge(s, SPAN("Zm9v"), out);
    } else if (span_equal(a->response, SPAN("good"))) {
        server_answer(s, REPLY(235, 2, 7, 0, "Welcome"), out);
        server_set_login(s, SERVER_LOGIN_DONE, SPAN_NONE);
    } else {
        server_answer(s, REPLY(535, 5, 7, 8, "No"), out);
    }
}

static void feed(struct server *s, struct span piece, struct buffer *out)
{
    enum server_wait wait;
    while ((wait = server_input(s, &piece, out)) != SERVER_WAITS_INPUT &&
           wait != SERVER_WAITS_CLOSE)
        if (wait == SERVER_WAITS_AUTH)
            answer_auth(s, out);
        else
            server_answer(s, REPLY(250, 2, 1, 0, "Taken"), out);
}

static void talk(struct buffer *out, enum server_login login, struct span text, size_t step)
{
    struct server *s = server_new(&usual, false);
    server_set_login(s, login, SPAN("SCRAM-SHA-256 PLAIN"));
    for (; text.len; text = span_skip(text, step)) {
        struct buffer piece = BUFFER_EMPTY;
        buffer_add_span(&piece, span_first(text, step));
        feed(s, buffer_span(&piece), out);
        buffer_free(&piece);
    }
    server_free(&s);
}

/* Its code and status, and what was asked. */
static void add_short(struct buffer *shorter, struct span transcript)
{
    while (transcript.len) {
        struct span line = span_trim(span_cut(&transcript, '\n'));
        if (span_starts(line, SPAN("#")) || span_starts(line, SPAN("250-AUTH")) ||
            span_starts(line, SPAN("334")))
            buffer_printf(shorter, "%.*s;", SPAN_F(line));
        else if (line.len > 3 && line.at[3] == ' ' && ascii_is_digit(line.at[4]))
            buffer_printf(shorter, "%.*s;", SPAN_F(span_first(line, 9)));
    }
}

#define HELLO "EHLO c.example.net\r\n"
#define OFFERED "250-AUTH SCRAM-SHA-256 PLAIN;"

static const struct {
    enum server_login login;
    const char *text, *want;
} cases[] = {
    {SERVER_LOGIN_OFFERED, HELLO "AUTH PLAIN good\r\n" HELLO "MAIL FROM:<a@b.test> AUTH=<>\r\n",
     OFFERED "# PLAIN first good;235 2.7.0;250 2.1.0;"},
    {SERVER_LOGIN_OFFERED, HELLO "auth plain\r\ngood\r\nMAIL FROM:<a@b.test> AUTH=x=y\r\n",
     OFFERED "# plain first none;334 Zm9v;# plain good;235 2.7.0;501 5.5.4;"},
    {SERVER_LOGIN_OFFERED, HELLO "AUTH SCRAM-SHA-256 more\r\nmore\r\n\r\nAUTH PLAIN =\r\n",
     OFFERED "# SCRAM-SHA-256 first more;334 Zm9v;# SCRAM-SHA-256 more;334 Zm9v;# SCRAM-SHA-256;"
             "535 5.7.8;# PLAIN first;535 5.7.8;"},
    {SERVER_LOGIN_OFFERED, HELLO "AUTH PLAIN\r\n*\r\nNOOP\r\n",
     OFFERED "# PLAIN first none;334 Zm9v;# PLAIN ends*;501 5.7.0;250 2.0.0;"},
    {SERVER_LOGIN_OFFERED, HELLO "AUTH PLAIN\r\nx\ty\nNOOP\r\n",
     OFFERED "# PLAIN first none;334 Zm9v;# PLAIN ends;500 5.5.2;250 2.0.0;"},
    {SERVER_LOGIN_OFFERED, HELLO "AUTH PLAIN\r\nQUIT\r\nQUIT\r\n",
     OFFERED "# PLAIN first none;334 Zm9v;# PLAIN QUIT;535 5.7.8;221 2.0.0;"},
    {SERVER_LOGIN_OFFERED, HELLO "AUTH\r\nAUTH PLAIN a b\r\nAUTH GSSAPI\r\nAUTH SCRAM\r\n",
     OFFERED "501 5.5.4;501 5.5.4;504 5.5.4;504 5.5.4;"},
    {SERVER_LOGIN_OFFERED, "AUTH PLAIN good\r\n", "503 5.5.1;"},
    {SERVER_LOGIN_OFFERED, HELLO "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n",
     OFFERED "530 5.7.0;503 5.5.1;"},
    {SERVER_LOGIN_OFFERED, HELLO "AUTH PLAIN good\r\nAUTH PLAIN good\r\n",
     OFFERED "# PLAIN first good;235 2.7.0;503 5.5.1;"},
    {SERVER_LOGIN_DONE, HELLO "MAIL FROM:<a@b.test>\r\nAUTH PLAIN good\r\n",
     "250 2.1.0;503 5.5.1;"},
    {SERVER_LOGIN_NEEDS_TLS, HELLO "AUTH PLAIN good\r\nMAIL FROM:<a@b.test>\r\n",
     "538 5.7.1;530 5.7.0;"},
    {SERVER_LOGIN_NONE, HELLO "AUTH PLAIN good\r\nMAIL FROM:<a@b.test> AUTH=<>\r\n",
     "502 5.5.1;555 5.5.4;"},
};

static void logins(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t step = 1; step <= 1000; step += 999) {
            struct buffer out = BUFFER_EMPTY, shorter = BUFFER_EMPTY;
            talk(&out, cases[i].login, span_of(cases[i].text), step);
            add_short(&shorter, buffer_span(&out));
            if (strcmp(buffer_text(&shorter), cases[i].want))
                fail_msg("row %zu: %s\nis not\n%s", i, buffer_text(&shorter), cases[i].want);
            buffer_free(&out);
            buffer_free(&shorter);
        }
}

/* A line of a login may be longer than others. */
static void lines_have_a_length(void **state)
{
    static const struct {
        size_t len; /* of the response */
        const char *want;
    } lengths[] = {
        {SERVER_LONGEST_AUTH - 2,
         OFFERED "# PLAIN first none;334 Zm9v;# PLAIN xxxxxxxxxxxxxxxxxxxx;"
                 "535 5.7.8;250 2.0.0;"},
        {SERVER_LONGEST_AUTH - 1,
         OFFERED "# PLAIN first none;334 Zm9v;# PLAIN ends;500 5.5.6;250 2.0.0;"},
        {3 * SERVER_LONGEST_AUTH,
         OFFERED "# PLAIN first none;334 Zm9v;# PLAIN ends;500 5.5.6;250 2.0.0;"},
    };
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        for (size_t step = 100; step <= 100100; step += 100000) {
            struct buffer text = BUFFER_EMPTY, out = BUFFER_EMPTY, shorter = BUFFER_EMPTY;
            buffer_add_text(&text, HELLO "AUTH PLAIN\r\n");
            for (size_t k = 0; k < lengths[i].len; k++)
                buffer_add_char(&text, 'x');
            buffer_add_text(&text, "\r\nNOOP\r\n");
            talk(&out, SERVER_LOGIN_OFFERED, buffer_span(&text), step);
            add_short(&shorter, buffer_span(&out));
            assert_string_equal(buffer_text(&shorter), lengths[i].want);
            buffer_free(&text);
            buffer_free(&out);
            buffer_free(&shorter);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(logins),
                                       cmocka_unit_test(lines_have_a_length)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
