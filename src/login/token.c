/* The token is never on a command line, where others could read it. */
#define _GNU_SOURCE
#include "login/token.h"

#include "base/json.h"
#include "login/line_talk.h"
#include "sys/clock.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

void token_question_add(struct buffer *out, const struct login_asked *who)
{
    struct buffer client = BUFFER_EMPTY;
    net_address_add(&client, who->client);
    buffer_reserve(out, who->secret.len * 2 + who->name.len * 6 + 500);
    struct json j = json_start(out);
    json_object(&j);
    json_text(&j, "token", who->secret);
    json_known_text(&j, "user", who->name);
    json_text(&j, "mechanism", who->mechanism);
    json_text(&j, "client", buffer_span(&client));
    json_end(&j);
    buffer_add_char(out, '\n');
    buffer_free(&client);
}

/* ---- a command */

/* Both of its ends are one socket, so that it is as if it had been connected to. */
static pid_t start(struct span command, struct line_talk *t, struct error *e)
{
    static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char *environment[] = {path, NULL};
    struct buffer text = BUFFER_EMPTY;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int ends[2];
    pid_t child = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        error_system(e, errno, "cannot run the token checker");
        return -1;
    }
    buffer_add_span(&text, command);
    char *words[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c", text.at, NULL};
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    int failed = posix_spawn(&child, "/bin/sh", &actions, &attributes, words, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    buffer_free(&text);
    close(ends[1]);
    if (failed)
        error_system(e, failed, "cannot run the token checker");
    *t = (struct line_talk){.fd = ends[0], .until = clock_monotonic_ms() + LINE_TALK_PATIENCE};
    return failed ? -1 : child;
}

/* With its answer it has done all; what else it does is ended. */
static void finish(pid_t child)
{
    if (child <= 0)
        return;
    kill(-child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* ---- asking */

static enum gate_verdict talk(struct line_talk *t, const struct login_asked *who,
                              struct buffer *login, struct error *e)
{
    struct buffer question = BUFFER_EMPTY;
    struct span line;
    struct error why;
    token_question_add(&question, who);
    bool ok = line_talk_send(t, buffer_span(&question), &why);
    shutdown(t->fd, SHUT_WR);
    ok = ok && line_talk_next(t, &line, &why);
    buffer_wipe(&question);
    if (ok)
        return token_read_answer(line, login, e);
    error_set(e, "the token checker can't be asked: %s", why.text);
    return GATE_CANNOT_SAY;
}

enum gate_verdict token_ask(struct span checker, const struct login_asked *who,
                            struct buffer *login, struct error *e)
{
    bool is_command = span_starts(checker, SPAN("|"));
    struct line_talk t = {.fd = -1};
    pid_t child = is_command ? start(span_skip(checker, 1), &t, e) : 0;
    bool is_there = is_command ? child > 0 : line_talk_connect(&t, checker, e);
    enum gate_verdict verdict = is_there ? talk(&t, who, login, e) : GATE_CANNOT_SAY;
    line_talk_end(&t);
    finish(child);
    return verdict;
}
