#include "sys/log.h"

#include "base/log_format.h"
#include "sys/clock.h"
#include "sys/log_sender.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ENOUGH = 64 * 1024, TIME_ROOM = 40 };

static enum log_form form = LOG_PLAIN; /* set before there are threads */

static _Thread_local struct buffer line;  /* the one that is being written */
static _Thread_local struct buffer lines; /* for standard error */

static void put_milliseconds(char *to, int n)
{
    to[0] = (char)('0' + n / 100);
    to[1] = (char)('0' + n / 10 % 10);
    to[2] = (char)('0' + n % 10);
}

struct buffer *log_begin(enum log_level level, const char *event)
{
    static _Thread_local time_t last_second;
    static _Thread_local char text[TIME_ROOM];
    int64_t now = clock_now_ms();
    time_t second = (time_t)(now / 1000);
    if (second != last_second) {
        struct tm utc;
        gmtime_r(&second, &utc);
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.mmmZ", &utc);
        last_second = second;
    }
    put_milliseconds(text + strlen("2026-11-24T12:44:03."), (int)(now % 1000));
    buffer_clear(&line);
    log_line_start(&line, text, level, event);
    return &line;
}

/* As syslogd wants it: "Nov 24 12:44:03". */
static void format_syslog(struct buffer *out)
{
    char when[TIME_ROOM];
    time_t now = (time_t)(clock_now_ms() / 1000);
    struct tm local;
    localtime_r(&now, &local);
    strftime(when, sizeof when, "%b %e %H:%M:%S", &local);
    log_format_syslog(out, buffer_span(&line), when, (long)getpid());
}

/* The line that has been written, in the form in which it leaves. */
static void format_line(struct buffer *out)
{
    switch (form) {
    case LOG_PLAIN:
        buffer_add_span(out, buffer_span(&line));
        buffer_add_char(out, '\n');
        break;
    case LOG_JSON:
        log_format_json(out, buffer_span(&line));
        buffer_add_char(out, '\n');
        break;
    case LOG_SYSLOG:
        format_syslog(out);
        break;
    case LOG_JOURNAL:
        log_format_journal(out, buffer_span(&line));
        break;
    }
}

void log_end(void)
{
    format_line(&lines);
    if (form == LOG_SYSLOG || form == LOG_JOURNAL) {
        log_sender_add(buffer_span(&lines));
        buffer_clear(&lines);
    }
    if (lines.len >= ENOUGH)
        log_flush();
}

void log_flush(void)
{
    size_t done = 0;
    while (done < lines.len) {
        ssize_t n = write(STDERR_FILENO, lines.at + done, lines.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break; /* nobody can be told that the log can't be written */
        done += (size_t)n;
    }
    buffer_clear(&lines);
}

void log_close(void)
{
    log_flush();
    buffer_free(&lines);
    buffer_free(&line);
}

void log_message(enum log_level level, const char *event, const char *format, ...)
{
    struct error words;
    va_list args;
    va_start(args, format);
    vsnprintf(words.text, sizeof words.text, format, args);
    va_end(args);
    log_line_text(log_begin(level, event), "text", span_of(words.text));
    log_end();
    log_flush();
}

/* ---- where it goes */

uint64_t log_lines_lost(void)
{
    return log_sender_lost();
}

static void tell_lost(uint64_t count, struct buffer *told)
{
    struct buffer *l = log_begin(LOG_LEVEL_WARNING, "log-lost");
    log_line_number(l, "count", (int64_t)count);
    log_line_text(l, "text",
                  SPAN("so many lines were lost before this one: nobody took them, and "
                       "there were too many to keep"));
    buffer_clear(told);
    format_line(told);
    log_close(); /* the sender's thread logs nothing else */
}

bool log_open(enum log_form wanted, struct span path, struct error *e)
{
    static const char *const usual[] = {
        [LOG_SYSLOG] = "/dev/log", [LOG_JOURNAL] = "/run/systemd/journal/socket"};
    form = wanted;
    if (wanted == LOG_PLAIN || wanted == LOG_JSON)
        return true;
    struct buffer name = BUFFER_EMPTY;
    buffer_add_span(&name, path.len ? path : span_of(usual[wanted]));
    bool ok = log_sender_start(buffer_text(&name), tell_lost, e);
    form = ok ? wanted : LOG_PLAIN;
    buffer_free(&name);
    return ok;
}

void log_shut(void)
{
    if (form == LOG_SYSLOG || form == LOG_JOURNAL)
        log_sender_stop();
    form = LOG_PLAIN;
    log_close();
}
