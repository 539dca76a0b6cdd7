#include "sys/log.h"

#include "base/error.h"
#include "sys/clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { ENOUGH = 64 * 1024 };

static _Thread_local struct buffer lines;

struct buffer *log_begin(enum log_level level, const char *event)
{
    static _Thread_local time_t last_second;
    static _Thread_local char second_text[24];
    char text[40];
    int64_t now = clock_now_ms();
    time_t second = (time_t)(now / 1000);
    if (second != last_second) {
        struct tm utc;
        gmtime_r(&second, &utc);
        strftime(second_text, sizeof second_text, "%Y-%m-%dT%H:%M:%S", &utc);
        last_second = second;
    }
    snprintf(text, sizeof text, "%s.%03dZ", second_text, (int)(now % 1000));
    log_line_start(&lines, text, level, event);
    return &lines;
}

void log_end(void)
{
    buffer_add_char(&lines, '\n');
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
