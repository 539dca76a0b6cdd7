#include "base/test.h"

#include "base/buffer.h"
#include "sys/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char directory[] = "/tmp/plainpost-log-XXXXXX";
static struct sockaddr_un place = {.sun_family = AF_UNIX};

/* In place of syslogd: gives up after ten seconds. */
static int listen_here(void)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {10, 0};
    assert_true(fd >= 0);
    unlink(place.sun_path);
    assert_int_equal(bind(fd, (const struct sockaddr *)&place, sizeof place), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static const char *receive(int fd)
{
    static char text[4096];
    ssize_t n = recv(fd, text, sizeof text - 1, 0);
    if (n < 0)
        fail_msg("no line has come: %s", strerror(errno));
    text[n] = '\0';
    return text;
}

static void open_log(enum log_form form)
{
    struct error e;
    assert_true(log_open(form, span_of(place.sun_path), &e));
}

static void lines_arrive(void **state)
{
    int fd = listen_here();
    char end[60];
    open_log(LOG_SYSLOG);
    log_message(LOG_LEVEL_WARNING, "test", "one\ntwo");
    const char *line = receive(fd);
    snprintf(end, sizeof end, " plainpost[%d]: test text=\"one<U+000A>two\"", (int)getpid());
    assert_memory_equal(line, "<20>", 4);
    assert_int_equal(strlen(line), 4 + strlen("Nov 24 12:44:03") + strlen(end));
    assert_string_equal(line + 4 + 15, end);
    log_shut();
    open_log(LOG_JOURNAL);
    log_message(LOG_LEVEL_ERROR, "test", "one");
    assert_memory_equal(receive(fd), "MESSAGE=test text=one\nPRIORITY=3\n", 33);
    log_shut();
    close(fd);
}

static void who_comes_back_gets_what_waited(void **state)
{
    open_log(LOG_SYSLOG); /* nobody is there yet */
    log_message(LOG_LEVEL_INFO, "test", "early");
    int fd = listen_here();
    assert_non_null(strstr(receive(fd), "text=early"));
    close(fd); /* and again: the socket stays, with nobody behind it */
    log_message(LOG_LEVEL_INFO, "test", "meanwhile");
    fd = listen_here();
    assert_non_null(strstr(receive(fd), "text=meanwhile"));
    log_shut();
    close(fd);
}

/* Nobody reads: logging goes on at once, and each line that is lost is counted. */
static void what_is_lost_is_counted(void **state)
{
    enum { SENT = 60000 };
    int fd = listen_here();
    size_t received = 0;
    long long lost = 0;
    open_log(LOG_SYSLOG);
    for (int i = 0; i < SENT; i++)
        log_message(LOG_LEVEL_INFO, "test", "a line that is neither long nor short, number %d", i);
    while (!lost) {
        const char *line = receive(fd), *count = strstr(line, "log-lost count=");
        if (count)
            lost = atoll(count + strlen("log-lost count="));
        else
            received++;
    }
    assert_true(received > 1000);
    assert_int_equal(received + (size_t)lost, SENT);
    log_message(LOG_LEVEL_INFO, "test", "after");
    assert_non_null(strstr(receive(fd), "text=after"));
    log_shut();
    close(fd);
}

static void the_end_comes_without_a_reader(void **state)
{
    open_log(LOG_SYSLOG);
    unlink(place.sun_path);
    log_message(LOG_LEVEL_INFO, "test", "for nobody");
    log_shut(); /* after a second */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_arrive),
        cmocka_unit_test(who_comes_back_gets_what_waited),
        cmocka_unit_test(what_is_lost_is_counted),
        cmocka_unit_test(the_end_comes_without_a_reader),
    };
    if (!mkdtemp(directory))
        return 1;
    snprintf(place.sun_path, sizeof place.sun_path, "%s/log", directory);
    int status = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(place.sun_path);
    rmdir(directory);
    return status;
}
