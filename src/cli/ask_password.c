#include "cli/ask_password.h"

#include <errno.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

enum { LONGEST = 1024 };

/* Byte by byte, so that what follows stays where it is, and no library keeps a copy. */
static bool read_line(struct buffer *line, struct error *e)
{
    buffer_reserve(line, LONGEST + 1);
    for (char c;;) {
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_system(e, errno, "cannot read the password");
        if (n == 0 || c == '\n')
            break;
        if (line->len == LONGEST)
            return error_set(e, "that is longer than a password can be (%d bytes)", LONGEST);
        buffer_add_char(line, c);
    }
    if (line->len && line->at[line->len - 1] == '\r')
        line->at[--line->len] = 0;
    return line->len > 0 || error_set(e, "no password was given");
}

static bool ask_once(const char *prompt, struct buffer *line, struct error *e)
{
    fputs(prompt, stderr);
    fflush(stderr);
    bool ok = read_line(line, e);
    fputc('\n', stderr);
    return ok;
}

static bool ask_twice(struct buffer *password, struct error *e)
{
    struct buffer again = BUFFER_EMPTY;
    bool ok = ask_once("New password: ", password, e) && ask_once("Once more: ", &again, e);
    if (ok && !span_equal(buffer_span(password), buffer_span(&again)))
        ok = error_set(e, "the two differ; nothing has changed");
    buffer_wipe(&again);
    return ok;
}

bool ask_password(struct buffer *password, struct error *e)
{
    struct termios before, silent;
    if (!isatty(STDIN_FILENO))
        return read_line(password, e);
    if (tcgetattr(STDIN_FILENO, &before))
        return error_system(e, errno, "cannot ask at this terminal");
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    bool ok = ask_twice(password, e);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    return ok;
}
