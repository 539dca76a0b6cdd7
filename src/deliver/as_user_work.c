#define _GNU_SOURCE
#include "deliver/as_user_work.h"

#include "address/forward.h"
#include "deliver/maildir_outcome.h"
#include "deliver/mbox_file.h"
#include "deliver/run_command.h"
#include "mail/address.h"
#include "mail/line_ends.h"
#include "mail/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 65536, MOST_GROUPS = 256, MBOX_PATIENCE = 10000, PASSWD_ROOM = 16384 };

struct work {
    const struct as_world *world;
    const struct as_request *request;
    const struct system_domain *domain; /* NULL: a command of an alias */
    int message;
    struct arena *arena;
    struct passwd user;
    char passwd_room[PASSWD_ROOM];
    struct as_result result;
};

/* Not now: `words` for the sender, `log` for the operator. False, for whoever returns it. */
static bool delay(struct work *w, const char *words, struct span log)
{
    w->result.outcome = (struct outcome){.kind = OUTCOME_DELAYED,
                                         .status = STATUS(4, 3, 0),
                                         .cause = {CAUSE_SERVER_PROBLEM, VARIANT_NONE},
                                         .words = span_of(words),
                                         .host = SPAN_NONE,
                                         .address = SPAN_NONE,
                                         .stage = SPAN_NONE};
    w->result.log = log;
    return false;
}

static const char not_stored[] = "The recipient's mail server could not deliver the message. Its "
                                 "operator finds the reason in the server's log.";

/* ---- the user */

static bool find_user(struct work *w)
{
    struct passwd *found = NULL;
    struct span name = w->request->user;
    if (w->request->kind == AS_COMMAND)
        name = w->world->options->command_user;
    int error = getpwnam_r(arena_text(w->arena, name), &w->user, w->passwd_room,
                           sizeof w->passwd_room, &found);
    if (found)
        return true;
    if (error)
        return delay(w, not_stored,
                     arena_printf(w->arena, "cannot look up the user %.*s: %s", SPAN_F(name),
                                  strerror(error)));
    return delay(w, not_stored,
                 arena_printf(w->arena, "the system has no user %.*s", SPAN_F(name)));
}

/* Never root, and nobody whom the configuration does not name. */
static bool may_be_user(struct work *w)
{
    const struct options *o = w->world->options;
    if (w->request->kind != AS_COMMAND)
        w->domain = directory_system(w->world->directory, address_domain(w->request->recipient));
    bool is_named = w->request->kind == AS_COMMAND
                        ? o->command_user.len > 0
                        : w->domain && w->user.pw_uid >= w->domain->least_uid;
    if (!is_named || w->user.pw_uid == 0 || w->user.pw_gid == 0 || o->deliver_as != DELIVER_AS_YES)
        return delay(w, not_stored,
                     arena_printf(w->arena,
                                  "the configuration as it was when the server started does not "
                                  "allow to deliver as the user %s; restart it if it has changed",
                                  w->user.pw_name));
    return true;
}

/* A spool like Debian's /var/mail belongs to a group, in which its files are made: the process gets
 * it beside the user's groups, where it writes there, and no command is run by it. */
static void add_spool_group(struct work *w, const char *path)
{
    struct stat st;
    gid_t groups[MOST_GROUPS + 1];
    const char *end = strrchr(path, '/');
    if (w->request->kind == AS_ENTRY || !end || end == path)
        return;
    const char *directory = arena_text(w->arena, span_make(path, (size_t)(end - path)));
    int count = getgroups(MOST_GROUPS, groups);
    if (count < 0 || stat(directory, &st) || st.st_uid != 0 || !(st.st_mode & S_IWGRP) ||
        st.st_gid == 0)
        return;
    groups[count] = st.st_gid;
    setgroups((size_t)count + 1, groups);
}

static bool has_become(const struct work *w)
{
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;
    if (getresuid(&real, &effective, &saved) ||
        getresgid(&real_group, &effective_group, &saved_group))
        return false;
    return real == w->user.pw_uid && effective == real && saved == real &&
           real_group == w->user.pw_gid && effective_group == real_group &&
           saved_group == real_group && setuid(0) != 0 && seteuid(0) != 0;
}

/* All rights of the user, and none besides. */
static bool become_user(struct work *w, const char *mailbox)
{
    umask(077);
    if (geteuid() != 0) {
        if (geteuid() == w->user.pw_uid)
            return true;
        return delay(w, not_stored,
                     arena_printf(w->arena,
                                  "cannot deliver as the user %s: the server was not started as "
                                  "root",
                                  w->user.pw_name));
    }
    bool ok = initgroups(w->user.pw_name, w->user.pw_gid) == 0;
    if (ok && mailbox)
        add_spool_group(w, mailbox);
    ok = ok && setresgid(w->user.pw_gid, w->user.pw_gid, w->user.pw_gid) == 0 &&
         setresuid(w->user.pw_uid, w->user.pw_uid, w->user.pw_uid) == 0 && has_become(w);
    return ok || delay(w, not_stored,
                       arena_printf(w->arena, "cannot become the user %s: %s", w->user.pw_name,
                                    strerror(errno)));
}

/* ---- the mailbox */

static ssize_t read_message(void *arg, uint64_t offset, void *at, size_t len)
{
    const struct work *w = arg;
    ssize_t got = pread(w->message, at, len, (off_t)offset);
    return got < 0 ? -errno : got;
}

/* "/var/mail/%u", "~/Maildir" */
static const char *mailbox_path(struct work *w)
{
    struct buffer path = BUFFER_EMPTY;
    struct span pattern = w->domain->pattern;
    if (span_starts(pattern, SPAN("~/"))) {
        buffer_add_text(&path, w->user.pw_dir);
        pattern = span_skip(pattern, 1);
    }
    for (size_t at; (at = span_find(pattern, SPAN("%u"))) != SPAN_NOT_FOUND;) {
        buffer_add_span(&path, span_first(pattern, at));
        buffer_add_text(&path, w->user.pw_name);
        pattern = span_skip(pattern, at + 2);
    }
    buffer_add_span(&path, pattern);
    const char *kept = arena_text(w->arena, buffer_span(&path));
    buffer_free(&path);
    return kept;
}

static bool is_in_home(const struct work *w, const char *path)
{
    size_t len = strlen(w->user.pw_dir);
    return len > 1 && strncmp(path, w->user.pw_dir, len) == 0 && path[len] == '/';
}

/* A home on a file system that is not mounted now must not be taken for one without mail. */
static bool has_home(struct work *w)
{
    struct stat st;
    if (stat(w->user.pw_dir, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    return delay(w, not_stored,
                 arena_printf(w->arena, "the home of the user %s, %s, is not there: %s",
                              w->user.pw_name, w->user.pw_dir, strerror(errno)));
}

static void deliver_into(struct work *w, const char *path, struct span folder, bool is_mbox)
{
    struct mailbox box = {.form = is_mbox ? MAILBOX_MBOX : MAILBOX_MAILDIR, .path = span_of(path)};
    struct maildir_job job = {.mailbox = &box,
                              .folder = folder,
                              .id = w->request->id,
                              .recipient = w->request->index,
                              .reverse_path = w->request->sender,
                              .address = w->request->recipient,
                              .now_ms = w->request->now_ms,
                              .read = read_message,
                              .arg = w,
                              .size = w->request->size,
                              .is_binary = w->request->is_binary,
                              .arena = w->arena};
    if (is_in_home(w, path) && !has_home(w))
        return;
    if (is_mbox) {
        mbox_file_deliver(disk_real(), &job, MBOX_PATIENCE);
    } else {
        struct maildir *m = maildir_new(disk_real(), w->world->options->hostname);
        maildir_deliver(m, &job, 1);
        maildir_free(&m);
    }
    w->result.outcome = job.outcome;
    if (job.log.text[0])
        w->result.log = arena_printf(w->arena, "%s", job.log.text);
}

/* What a notice was found to be when it came has one, or not. */
static struct span folder_of(const struct work *w)
{
    const struct notice_options *o = &w->world->options->notices;
    const struct judged *j = &w->request->judged;
    return j->is ? notice_folder_of(o->folders, o->folder_count, span_of(verdict_name(j->class)))
                 : SPAN_NONE;
}

static void deliver_to_mailbox(struct work *w)
{
    deliver_into(w, mailbox_path(w), folder_of(w), w->domain->is_mbox);
}

/* ---- .forward */

enum found { FOUND_NONE, FOUND, FOUND_TROUBLE };

static enum found distrust(struct work *w, const char *why)
{
    delay(w, not_stored,
          arena_printf(w->arena, "%s/.forward of the user %s is not followed: %s", w->user.pw_dir,
                       w->user.pw_name, why));
    return FOUND_TROUBLE;
}

/* It is read with the user's rights, so what it leads to does no harm; but whoever else can write
 * it would run commands as this user. */
static enum found read_checked(struct work *w, int file, struct buffer *text)
{
    struct stat st;
    if (fstat(file, &st))
        return distrust(w, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return distrust(w, "it is no regular file");
    if (st.st_uid != w->user.pw_uid && st.st_uid != 0)
        return distrust(w, "it belongs to another user");
    if (st.st_mode & (S_IWGRP | S_IWOTH))
        return distrust(w, "others than its owner can write it (chmod go-w)");
    if (st.st_size > LARGEST_FORWARD)
        return distrust(w, "it is larger than 64 KB");
    char *room = buffer_reserve(text, LARGEST_FORWARD);
    ssize_t got = pread(file, room, LARGEST_FORWARD, 0);
    if (got < 0)
        return distrust(w, strerror(errno));
    text->len = (size_t)got;
    return FOUND;
}

static enum found read_forward(struct work *w, struct buffer *text)
{
    struct stat st;
    if (w->world->options->forward_files == FORWARD_FILES_NO ||
        strcmp(w->user.pw_dir, "/nonexistent") == 0)
        return FOUND_NONE;
    if (!has_home(w))
        return FOUND_TROUBLE;
    int home = open(w->user.pw_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (home < 0)
        return distrust(w, strerror(errno));
    int file = openat(home, ".forward", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    int error = errno;
    enum found found = FOUND_NONE;
    if (file >= 0 && fstat(home, &st) == 0 && st.st_mode & S_IWOTH)
        found = distrust(w, "everybody can write to the home (chmod o-w)");
    else if (file >= 0)
        found = read_checked(w, file, text);
    else if (error != ENOENT)
        found = distrust(w, error == ELOOP ? "it is a symbolic link" : strerror(error));
    if (file >= 0)
        close(file);
    close(home);
    return found;
}

static struct span own_address(const struct work *w)
{
    return arena_printf(w->arena, "%s@%.*s", w->user.pw_name, SPAN_F(w->domain->name));
}

/* Others stand in its place: what a .forward says. */
static void send_on(struct work *w, struct span forward)
{
    w->result.outcome = (struct outcome){.kind = OUTCOME_EXPANDED,
                                         .words = SPAN_NONE,
                                         .host = SPAN_NONE,
                                         .address = SPAN_NONE,
                                         .stage = SPAN_NONE};
    w->result.forward = arena_copy(w->arena, forward);
}

static void deliver_to_user(struct work *w)
{
    struct buffer text = BUFFER_EMPTY;
    struct forward f;
    struct error e;
    enum found found = read_forward(w, &text);
    if (found == FOUND && !forward_parse(buffer_span(&text), own_address(w), &f, w->arena, &e))
        found = distrust(w, e.text);
    if (found == FOUND && f.count && (f.count > 1 || f.entries[0].kind != FORWARD_MAILBOX)) {
        send_on(w, buffer_span(&text));
    } else if (found != FOUND_TROUBLE) {
        deliver_to_mailbox(w);
    }
    buffer_free(&text);
}

/* ---- commands */

static char *variable(struct work *w, const char *name, struct span value)
{
    return (char *)(uintptr_t)arena_printf(w->arena, "%s=%.*s", name, SPAN_F(value)).at;
}

/* "alice+tag@example.org" "tag" */
static struct span extension_of(struct span address)
{
    struct span local = address_local(address);
    size_t plus = span_find_char(local, '+');
    return plus == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(local, plus + 1);
}

/* As a program reads it: "From " line, our fields, LF. */
static int input_of(struct work *w)
{
    int file = memfd_create("message", MFD_CLOEXEC);
    struct buffer out = BUFFER_EMPTY;
    struct line_ends ends = {0};
    char *piece = arena_new(w->arena, PIECE);
    const struct as_request *r = w->request;
    struct maildir_job fields = {.reverse_path = r->sender, .address = r->recipient};
    bool ok = file >= 0;
    mbox_add_from_line(&out, r->sender, r->now_ms);
    maildir_add_fields(&out, &fields);
    for (uint64_t offset = 0; ok && offset < r->size;) {
        ssize_t got = pread(w->message, piece, PIECE, (off_t)offset);
        ok = got > 0;
        struct span came = span_make(piece, ok ? (size_t)got : 0);
        if (r->is_binary)
            buffer_add_span(&out, came);
        else
            line_ends_to_lf(&ends, came, &out);
        ok = ok && write(file, out.at, out.len) == (ssize_t)out.len;
        buffer_clear(&out);
        offset += ok ? (uint64_t)got : 0;
    }
    line_ends_finish(&ends, &out);
    ok = ok && (!out.len || write(file, out.at, out.len) == (ssize_t)out.len) &&
         lseek(file, 0, SEEK_SET) == 0;
    buffer_free(&out);
    if (!ok && file >= 0)
        close(file);
    return ok ? file : -1;
}

static void run(struct work *w)
{
    const struct as_request *r = w->request;
    char *const environment[] = {
        variable(w, "PATH", SPAN("/usr/local/bin:/usr/bin:/bin")),
        variable(w, "HOME", span_of(w->user.pw_dir)),
        variable(w, "USER", span_of(w->user.pw_name)),
        variable(w, "LOGNAME", span_of(w->user.pw_name)),
        variable(w, "SHELL", SPAN("/bin/sh")),
        variable(w, "SENDER", r->sender),
        variable(w, "RECIPIENT", r->recipient),
        variable(w, "LOCAL", address_local(r->recipient)),
        variable(w, "DOMAIN", address_domain(r->recipient)),
        variable(w, "EXTENSION", extension_of(r->recipient)),
        NULL,
    };
    struct command c = {.line = arena_text(w->arena, span_skip(r->text, 1)),
                        .input = input_of(w),
                        .environment = environment,
                        .most_ms = w->world->options->command_time};
    if (c.input < 0) {
        delay(w, not_stored,
              arena_printf(w->arena, "cannot hand the message to a command: %s", strerror(errno)));
        return;
    }
    if (chdir(w->user.pw_dir) && chdir("/"))
        delay(w, not_stored, SPAN("cannot change to the root directory"));
    else
        w->result.outcome = run_command(&c, w->arena);
    close(c.input);
}

/* It was in the .forward when the message came. If it is there no more, the mailbox is the place
 * that is never wrong; and what the server asks for is never run only because it asks. */
static void deliver_entry(struct work *w)
{
    struct buffer text = BUFFER_EMPTY;
    struct forward f = {0};
    struct error e;
    enum found found = read_forward(w, &text);
    bool is_there = false, may = w->world->options->forward_files == FORWARD_FILES_COMMANDS;
    if (found == FOUND && !forward_parse(buffer_span(&text), own_address(w), &f, w->arena, &e))
        found = distrust(w, e.text);
    for (size_t i = 0; found == FOUND && i < f.count; i++)
        is_there |=
            f.entries[i].kind >= FORWARD_COMMAND && span_equal(f.entries[i].text, w->request->text);
    if (found == FOUND_TROUBLE)
        ;
    else if (!is_there || !may)
        send_on(w, own_address(w));
    else if (w->request->text.at[0] == '|')
        run(w);
    else
        deliver_into(w, arena_text(w->arena, w->request->text), SPAN_NONE, true);
    buffer_free(&text);
}

struct as_result as_user_work(const struct as_world *world, const struct as_request *r, int message,
                              struct arena *a)
{
    struct work *w = arena_new(a, sizeof *w);
    *w = (struct work){.world = world, .request = r, .message = message, .arena = a};
    w->result = (struct as_result){.log = SPAN_NONE, .forward = SPAN_NONE};
    if (!find_user(w) || !may_be_user(w) || !become_user(w, w->domain ? mailbox_path(w) : NULL))
        return w->result;
    switch (r->kind) {
    case AS_USER:
        deliver_to_user(w);
        break;
    case AS_MAILBOX:
        deliver_to_mailbox(w);
        break;
    case AS_ENTRY:
        deliver_entry(w);
        break;
    case AS_COMMAND:
        run(w);
        break;
    }
    return w->result;
}
