#include "acme/challenge.h"

#include "sys/file.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_TOKEN = 200, LONGEST_ANSWER = 1000, NOT_TAKEN = 1 };

bool challenge_is_token(struct span token)
{
    for (size_t i = 0; i < token.len; i++)
        if (!ascii_is_alnum(token.at[i]) && token.at[i] != '-' && token.at[i] != '_')
            return false;
    return token.len && token.len <= LONGEST_TOKEN;
}

static void path_of(struct buffer *path, const char *folder, struct span token)
{
    buffer_printf(path, "%s/%.*s", folder, SPAN_F(token));
}

static bool remove_one(void *arg, const char *name)
{
    struct buffer path = BUFFER_EMPTY;
    path_of(&path, arg, span_of(name));
    unlink(buffer_text(&path));
    buffer_free(&path);
    return true;
}

bool challenge_clear(const char *folder, struct error *e)
{
    struct disk *d = disk_real();
    int result = d->ops->mkdir(d, folder, 0700);
    if (result == -EEXIST)
        result = d->ops->list(d, folder, remove_one, (void *)(uintptr_t)folder);
    return result >= 0 || error_system(e, -result, "cannot use the directory %s", folder);
}

bool challenge_answer(const char *folder, struct span token, struct buffer *out)
{
    struct buffer path = BUFFER_EMPTY;
    if (!challenge_is_token(token))
        return false;
    path_of(&path, folder, token);
    bool is_there = whole_file_read(buffer_text(&path), O_NOFOLLOW, LONGEST_ANSWER, out);
    buffer_free(&path);
    return is_there;
}

/* ---- the hook */

bool challenge_is_hook(const char *argv0)
{
    const char *slash = strrchr(argv0, '/');
    return strcmp(slash ? slash + 1 : argv0, CHALLENGE_HOOK) == 0;
}

static bool put(const char *path, struct span answer)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, answer.at, answer.len) == (ssize_t)answer.len;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    if (!ok)
        fprintf(stderr, "the answer for the authority can't be written to %s: %s\n", path,
                strerror(errno));
    return ok;
}

int challenge_hook(int argc, char **argv)
{
    const char *folder = getenv("PLAINPOST_ACME_CHALLENGES");
    struct buffer path = BUFFER_EMPTY;
    if (argc != 6 || !folder || strcmp(argv[2], "http-01") != 0 ||
        !challenge_is_token(span_of(argv[4])))
        return NOT_TAKEN;
    path_of(&path, folder, span_of(argv[4]));
    bool begins = strcmp(argv[1], "begin") == 0;
    bool ok = begins ? put(buffer_text(&path), span_of(argv[5])) : unlink(buffer_text(&path)) == 0;
    buffer_free(&path);
    return ok ? 0 : NOT_TAKEN;
}
