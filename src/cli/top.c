/* A look at the server, drawn anew every second. The terminal is put back however it ends. */
#include "cli/commands.h"

#include "cli/top_text.h"
#include "control/client.h"
#include "sys/clock.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
    EVERY = 1000,        /* ms */
    COUNT_PATIENCE = 50, /* so often --once asks until what waits has been counted, */
    COUNT_EVERY = 100    /* ms */
};

#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"

static volatile sig_atomic_t ends, is_resized;

static void note_signal(int number)
{
    if (number == SIGWINCH)
        is_resized = 1;
    else
        ends = 1;
}

/* NULL: it was said why. */
static json_t *look(const struct invocation *i)
{
    struct buffer answer = BUFFER_EMPTY;
    struct error e;
    json_t *found = NULL;
    int got = control_ask(i->options, SPAN("top"), &answer, &e);
    if (got > 0)
        found = json_loadb(answer.at, answer.len, 0, NULL);
    if (got < 0)
        complain(1, "%s", e.text);
    else if (!got)
        complain_no_server(i->options);
    else if (!found)
        complain(1, "the server's answer could not be read; is it of another version?");
    buffer_free(&answer);
    return found;
}

/* ---- once */

static void sleep_ms(int ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&time, NULL);
}

static int show_once(const struct invocation *i, bool as_json)
{
    json_t *now = look(i);
    struct buffer out = BUFFER_EMPTY;
    for (int n = 0; now && !json_is_true(json_object_get(now, "counted")) && n < COUNT_PATIENCE;
         n++) {
        json_decref(now);
        sleep_ms(COUNT_EVERY);
        now = look(i);
    }
    if (!now)
        return 1;
    if (as_json) {
        char *text = json_dumps(now, JSON_COMPACT);
        buffer_add_text(&out, text ? text : "");
        free(text);
    } else {
        const struct top_screen s = {.columns = 100,
                                     .offset_minutes = clock_offset_minutes(clock_now_ms())};
        top_draw(&out, &s, i->options->hostname, now, NULL);
    }
    puts(buffer_text(&out));
    buffer_free(&out);
    json_decref(now);
    return 0;
}

/* ---- the terminal */

static struct termios before;

static void write_out(const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(STDOUT_FILENO, text, len);
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
}

static void enter(void)
{
    struct termios raw = before;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    write_out(ENTER, sizeof ENTER - 1);
}

static void leave(void)
{
    write_out(LEAVE, sizeof LEAVE - 1);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* Ctrl-Z: the shell gets its terminal back as it was. */
static void stop_for_a_while(void)
{
    leave();
    raise(SIGTSTP);
    enter();
}

static void draw(const struct invocation *i, json_t *now, json_t *earlier)
{
    struct buffer out = BUFFER_EMPTY;
    struct winsize size = {0};
    struct top_screen s = {.rows = 24, .columns = 80, .has_looks = true};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
        s.rows = size.ws_row;
        s.columns = size.ws_col;
    }
    s.offset_minutes = clock_offset_minutes(clock_now_ms());
    buffer_add_text(&out, "\033[H");
    top_draw(&out, &s, i->options->hostname, now, earlier);
    buffer_add_text(&out, "\033[J");
    write_out(buffer_text(&out), out.len);
    buffer_free(&out);
}

/* Until the time is over, the window has another size, or a key says that it ends. */
static void wait_for_key(int64_t until)
{
    while (!ends && !is_resized) {
        int64_t left = until - clock_monotonic_ms();
        struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
        char key = 0;
        if (left <= 0)
            return;
        if (poll(&keys, 1, (int)left) <= 0)
            continue;
        if (read(STDIN_FILENO, &key, 1) <= 0 || key == 'q' || key == 'Q' || key == 3 || key == 4)
            ends = 1;
        else if (key == 26)
            stop_for_a_while();
    }
}

static int show_terminal(const struct invocation *i)
{
    const struct sigaction noted = {.sa_handler = note_signal};
    json_t *now = look(i), *earlier = NULL;
    if (!now)
        return 1;
    tcgetattr(STDIN_FILENO, &before);
    for (size_t n = 0; n < 4; n++)
        sigaction((const int[]){SIGINT, SIGTERM, SIGHUP, SIGWINCH}[n], &noted, NULL);
    enter();
    while (now && !ends) {
        int64_t next = clock_monotonic_ms() + EVERY;
        do {
            is_resized = 0;
            draw(i, now, earlier);
            wait_for_key(next);
        } while (is_resized && !ends);
        if (ends)
            break;
        json_decref(earlier);
        earlier = now;
        struct buffer answer = BUFFER_EMPTY;
        struct error e;
        now = control_ask(i->options, SPAN("top"), &answer, &e) > 0
                  ? json_loadb(answer.at, answer.len, 0, NULL)
                  : NULL;
        buffer_free(&answer);
    }
    leave();
    bool is_lost = !now;
    json_decref(now);
    json_decref(earlier);
    return is_lost ? complain(1, "the server does not answer any more") : 0;
}

int top_main(const struct invocation *i)
{
    bool is_once = false, as_json = false;
    for (int n = 1; n < i->argc; n++) {
        if (strcmp(i->argv[n], "--once") == 0)
            is_once = true;
        else if (strcmp(i->argv[n], "--json") == 0)
            is_once = as_json = true;
        else
            return complain(2, "use it as: plainpost top [--once [--json]]");
    }
    if (is_once)
        return show_once(i, as_json);
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return complain(1, "this is no terminal; --once shows one look at the server");
    return show_terminal(i);
}
