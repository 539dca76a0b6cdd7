#define _GNU_SOURCE
#include "cli/outlook_file.h"

#include "cli/mail_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static const char program[] = "plainpost-outlook";

bool outlook_file_is_one(struct span file)
{
    return span_starts(file, SPAN("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"));
}

/* The path of the program, which stands beside ours. */
static bool find_program(char path[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof program);
    while (n > 0 && path[n - 1] != '/')
        n--;
    if (n <= 0)
        return false;
    memcpy(path + n, program, sizeof program);
    return access(path, X_OK) == 0;
}

/* The file as something that a program can read: it has no name on disk. */
static int make_input(struct span file)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    while (fd >= 0 && file.len) {
        ssize_t n = write(fd, file.at, file.len);
        if (n < 0 && errno != EINTR) {
            close(fd);
            return -1;
        }
        file = span_skip(file, n > 0 ? (size_t)n : 0);
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

static bool read_output(struct buffer *message, int fd)
{
    ssize_t n;
    do {
        n = read(fd, buffer_reserve(message, 65536), 65536);
        message->len += n > 0 ? (size_t)n : 0;
        message->at[message->len] = 0;
    } while ((n > 0 && message->len < 2UL * LARGEST_MAIL_FILE) || (n < 0 && errno == EINTR));
    return n == 0;
}

static bool run(struct buffer *message, const char *path, int input, int *status)
{
    int ends[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;
    char *const arguments[] = {(char *)(uintptr_t)program, NULL};
    char *const environment[] = {NULL};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int failed = posix_spawn(&pid, path, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    bool ok = !failed && read_output(message, ends[0]);
    close(ends[0]);
    if (failed)
        errno = failed;
    else
        while (waitpid(pid, status, 0) < 0 && errno == EINTR)
            ;
    return ok;
}

bool outlook_file_read(struct buffer *message, struct span file, const char *name, struct error *e)
{
    char path[PATH_MAX];
    int status = 0;
    if (!find_program(path))
        return error_set(e, "%s: Outlook's files are read by %s, which is not installed", name,
                         program);
    int input = make_input(file);
    bool ok = input >= 0 && run(message, path, input, &status);
    if (input >= 0)
        close(input);
    if (!ok)
        return error_system(e, errno, "%s: %s", name, program);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return error_set(e, "%s: this is no message of Outlook, or it is damaged", name);
}
