#include "acme/order.h"

#include "acme/challenge.h"
#include "sys/child.h"
#include "sys/directory.h"
#include "sys/file.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CALLS = 3, MOST_WORDS = 40, LONGEST_FILE = 4096, PATIENCE_MS = 10 * 60 * 1000 };

#define HAS_AN_ACCOUNT SPAN("Account already exists")
#define LOST_NONCE SPAN("urn:ietf:params:acme:error:badNonce")
#define HAS_NO_ACCOUNT SPAN("no account associated with")

/* What is common to all calls of one order. */
struct calling {
    const struct acme_order *order;
    struct arena arena;
    struct acme_files files;
    const char *folder, *hook, *place;
    struct buffer said;
    int status;
};

const char *acme_challenges(struct span state, struct arena *a)
{
    return arena_printf(a, "%.*s/acme/challenges", SPAN_F(state)).at;
}

struct span acme_wanted(struct span directory, const struct acme_certificate *c, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_printf(&text, "%.*s ", SPAN_F(directory));
    acme_certificate_print(&text, c);
    struct span wanted = arena_copy(a, buffer_span(&text));
    buffer_free(&text);
    return wanted;
}

/* ---- small files */

static bool save(const char *path, struct span text, struct error *e)
{
    struct disk *d = disk_real();
    struct buffer fresh = BUFFER_EMPTY;
    buffer_printf(&fresh, "%s.new", path);
    const struct iovec piece = {(void *)(uintptr_t)text.at, text.len};
    int file = d->ops->open(d, buffer_text(&fresh), O_RDWR | O_CREAT | O_TRUNC, 0600);
    int result = file < 0 ? file : d->ops->write(d, file, &piece, 1, 0);
    if (file >= 0 && !result)
        result = d->ops->sync(d, file);
    if (file >= 0)
        d->ops->close(d, file);
    if (!result)
        result = d->ops->rename(d, buffer_text(&fresh), path);
    buffer_free(&fresh);
    return !result || error_system(e, -result, "cannot write %s", path);
}

static const char *record_path(const struct acme_files *f, struct span name, struct arena *a)
{
    return arena_printf(a, "%.*s/%.*s.tried", SPAN_F(f->folder), SPAN_F(name)).at;
}

void acme_record_load(struct acme_record *r, const struct acme_files *f, struct span name,
                      struct arena *a)
{
    struct buffer text = BUFFER_EMPTY;
    *r = (struct acme_record){.wanted = SPAN_NONE, .why = SPAN_NONE};
    if (whole_file_read(record_path(f, name, a), 0, LONGEST_FILE, &text) &&
        !acme_record_parse(r, arena_copy(a, buffer_span(&text))))
        *r = (struct acme_record){.wanted = SPAN_NONE, .why = SPAN_NONE};
    buffer_free(&text);
}

bool acme_record_save(const struct acme_record *r, const struct acme_files *f, struct span name,
                      struct error *e)
{
    struct arena a = ARENA_EMPTY;
    struct buffer text = BUFFER_EMPTY;
    acme_record_print(&text, r);
    bool ok = save(record_path(f, name, &a), buffer_span(&text), e);
    buffer_free(&text);
    arena_clear(&a);
    return ok;
}

/* ---- uacme */

static enum acme_result failed(const struct calling *c, enum child_result result, struct error *e)
{
    struct buffer words = BUFFER_EMPTY;
    switch (result) {
    case CHILD_STOPPED:
        return ACME_STOPPED;
    case CHILD_ENDED:
        acme_explain(&words, buffer_span(&c->said));
        error_set(e, "%s", buffer_text(&words));
        break;
    case CHILD_CRASHED:
        error_set(e, "uacme was ended by signal %d", c->status);
        break;
    case CHILD_TOO_SLOW:
        error_set(e, "uacme took longer than 10 minutes, and was ended");
        break;
    case CHILD_NOT_FOUND:
        error_set(e, "the program uacme, which speaks with authorities, is not there; please "
                     "install it: apt-get install uacme");
        break;
    case CHILD_NOT_RUN:
        error_system(e, c->status, "the program uacme can't be started");
        break;
    }
    buffer_free(&words);
    return ACME_FAILED;
}

/* The authority did not know its own nonce, three times in a row, as when it has many servers: that
 * is to be tried again at once (RFC 8555 6.5). */
static bool has_lost_nonce(const struct calling *c, enum child_result result)
{
    return result == CHILD_ENDED && c->status &&
           span_find(buffer_span(&c->said), LOST_NONCE) != SPAN_NOT_FOUND;
}

/* `words`: NULL at the end; behind what stands before every command. */
static enum child_result call(struct calling *c, const char *const *words)
{
    const char *const environment[] = {c->place, NULL};
    const char *all[MOST_WORDS + 1] = {
        "uacme", "-c", c->folder, "-a", arena_text(&c->arena, c->order->directory), "-y"};
    size_t count = 6;
    for (size_t i = 0; words[i] && count < MOST_WORDS; i++)
        all[count++] = words[i];
    const struct child child = {all, environment, PATIENCE_MS, c->order->interrupt};
    enum child_result result = CHILD_ENDED;
    for (int i = 0; i < MOST_CALLS && (!i || has_lost_nonce(c, result)); i++) {
        buffer_clear(&c->said);
        result = child_run(&child, &c->said, &c->status);
    }
    return result;
}

/* The address with which the authority knows the account is remembered. */
static enum acme_result have_account(struct calling *c, struct error *e)
{
    struct span account = c->order->account;
    const char *file = arena_printf(&c->arena, "%s/account", c->folder).at;
    const char *address = account.len ? arena_text(&c->arena, account) : NULL;
    const char *const create[] = {"new", address, NULL}, *const update[] = {"update", address,
                                                                            NULL};
    struct buffer known = BUFFER_EMPTY;
    bool is_known =
        whole_file_read(file, 0, LONGEST_FILE, &known) && span_equal(buffer_span(&known), account);
    buffer_free(&known);
    if (is_known)
        return ACME_ISSUED;
    enum child_result result = call(c, create);
    if (result == CHILD_ENDED && c->status &&
        span_find(buffer_span(&c->said), HAS_AN_ACCOUNT) != SPAN_NOT_FOUND) {
        result = call(c, update);
        c->status = c->status == 1 ? 0 : c->status; /* 1: it is so already */
    }
    if (result != CHILD_ENDED || c->status)
        return failed(c, result, e);
    return save(file, account, e) ? ACME_ISSUED : ACME_FAILED;
}

static enum acme_result issue(struct calling *c, struct error *e)
{
    const struct acme_certificate *wanted = c->order->certificate;
    const char *words[MOST_WORDS] = {"-f", "-o", "-t", "EC", "-h", c->hook, "issue"};
    size_t count = 7;
    for (size_t i = 0; i < wanted->count; i++)
        words[count++] = arena_text(&c->arena, wanted->names[i]);
    words[count] = NULL;
    enum child_result result = call(c, words);
    if (result == CHILD_ENDED && !c->status)
        return ACME_ISSUED;
    if (span_find(buffer_span(&c->said), HAS_NO_ACCOUNT) != SPAN_NOT_FOUND)
        unlink(arena_printf(&c->arena, "%s/account", c->folder).at); /* made anew the next time */
    return failed(c, result, e);
}

/* ---- what it needs */

/* The hook is this very program by another name; where an update has replaced it, the new one. */
static bool make_hook(const char *hook, struct error *e)
{
    char program[PATH_MAX];
    static const char gone[] = " (deleted)";
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len <= 0)
        return error_system(e, errno, "cannot find out which program this is");
    program[len] = 0;
    size_t end = (size_t)len - (sizeof gone - 1);
    if ((size_t)len > sizeof gone && strcmp(program + end, gone) == 0)
        program[end] = 0;
    if (unlink(hook) < 0 && errno != ENOENT)
        return error_system(e, errno, "cannot replace %s", hook);
    return symlink(program, hook) == 0 || error_system(e, errno, "cannot make %s", hook);
}

static bool make_folders(struct calling *c, struct error *e)
{
    struct disk *d = disk_real();
    struct span state = c->order->state;
    const char *all[] = {arena_printf(&c->arena, "%.*s/acme", SPAN_F(state)).at, c->folder};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int result = directory_make(d, all[i]);
        if (result < 0)
            return error_system(e, -result, "cannot make the directory %s", all[i]);
    }
    return challenge_clear(acme_challenges(state, &c->arena), e) && make_hook(c->hook, e);
}

enum acme_result acme_order(const struct acme_order *o, struct error *e)
{
    struct calling c = {.order = o};
    c.files = acme_files(o->state, o->directory, o->certificate->names[0], &c.arena);
    c.folder = arena_text(&c.arena, c.files.folder);
    c.hook = arena_printf(&c.arena, "%.*s/acme/%s", SPAN_F(o->state), CHALLENGE_HOOK).at;
    c.place =
        arena_printf(&c.arena, "%s%s", CHALLENGE_PLACE, acme_challenges(o->state, &c.arena)).at;
    enum acme_result result = make_folders(&c, e) ? have_account(&c, e) : ACME_FAILED;
    if (result == ACME_ISSUED)
        result = issue(&c, e);
    buffer_free(&c.said);
    arena_clear(&c.arena);
    return result;
}
