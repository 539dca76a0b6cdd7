/* A message is moved by one rename(2), which keeps the file and its flags and can't be half done.
 * Before the first one it is on disk what is to be moved where. So whatever ends the move, each
 * message is in one place, and that place is known.
 *
 * Other programs give files other flags meanwhile, that is, other names: what is not found by its
 * name stays; and to put it back it is looked for by the part of its name that stays the same. */
#define _GNU_SOURCE
#include "cli/moving_inside.h"

#include "base/map.h"
#include "cli/subscriptions.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const subdirectories[] = {"cur", "new"};

char *maildir_folder(const struct box *b, enum folder f)
{
    struct buffer name = BUFFER_EMPTY;
    buffer_printf(&name, "%.*s%s", SPAN_F(b->prefix), folder_name(f));
    char *path = path_of(b->root, name.at);
    buffer_free(&name);
    return path;
}

/* "cur/1.host:2,S" → "1.host": a file keeps it while its flags change. */
static struct span unique_part(struct span name)
{
    struct span file = span_skip(name, 4);
    return span_first(
        file, span_find_char(file, ':') == SPAN_NOT_FOUND ? file.len : span_find_char(file, ':'));
}

/* One that sorts at a time. The lock goes when the handle is closed. */
static int lock_box(const struct box *b, struct error *e)
{
    int fd = open(b->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        error_system(e, errno, "%s", b->name);
    } else if (syscall(SYS_flock, fd, LOCK_EX | LOCK_NB) != 0) { /* <sys/file.h> is ours */
        close(fd);
        fd = -1;
        error_set(e, "%s: it is being sorted by somebody else just now", b->name);
    }
    return fd;
}

/* ---- folders */

static bool make_directory(const char *path, const struct stat *like)
{
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST;
    return chmod(path, like->st_mode & 0777) == 0 &&
           (geteuid() != 0 || chown(path, like->st_uid, like->st_gid) == 0);
}

/* As Maildir++ has them: the file says that it is a folder. */
static bool make_mark(const char *folder, const struct stat *like)
{
    char *path = path_of(folder, "maildirfolder");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && fchmod(fd, like->st_mode & 0666) == 0 &&
              (geteuid() != 0 || fchown(fd, like->st_uid, like->st_gid) == 0);
    if (fd >= 0)
        close(fd);
    free(path);
    return ok;
}

static bool make_folder(const struct box *b, enum folder f, struct error *e)
{
    static const char *const parts[] = {"cur", "new", "tmp"};
    char *folder = maildir_folder(b, f);
    bool ok = make_directory(folder, &b->before);
    for (size_t i = 0; ok && i < 3; i++) {
        char *path = path_of(folder, parts[i]);
        ok = make_directory(path, &b->before);
        free(path);
    }
    ok = (ok && make_mark(folder, &b->before)) || error_system(e, errno, "%s", folder);
    ok = ok && directory_sync(folder, e);
    free(folder);
    return ok;
}

static bool make_folders(const struct box *b, const struct triage_record *r, struct error *e)
{
    bool ok = true;
    for (int f = 0; ok && f < FOLDER_COUNT; f++)
        if (r->folders[f].is_used && r->folders[f].is_new)
            ok = make_folder(b, (enum folder)f, e);
    return ok && directory_sync(b->root, e);
}

/* `may_lack`: whoever was killed had not made it yet, or had removed it. */
static bool sync_messages(const char *path, bool may_lack, struct error *e)
{
    bool ok = true;
    for (size_t i = 0; ok && i < 2; i++) {
        char *sub = path_of(path, subdirectories[i]);
        ok = (may_lack && access(sub, F_OK) != 0) || directory_sync(sub, e);
        free(sub);
    }
    return ok;
}

/* Where they went first: a message that is on disk twice is better than none. */
static bool sync_all(const struct box *b, const struct triage_record *r, bool is_back,
                     struct error *e)
{
    bool ok = !is_back || sync_messages(b->path, false, e);
    for (int f = 0; ok && f < FOLDER_COUNT; f++)
        if (r->folders[f].is_used) {
            char *folder = maildir_folder(b, (enum folder)f);
            ok = sync_messages(folder, is_back, e);
            free(folder);
        }
    return ok && (is_back || sync_messages(b->path, false, e));
}

/* ---- one message */

/* Never over another file. */
static int rename_new(const char *from, const char *to)
{
    struct stat st;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (lstat(to, &st) == 0)
        return -EEXIST;
    return rename(from, to) == 0 ? 0 : -errno;
}

static int move_file(const char *from, const char *to, struct span name)
{
    struct buffer one = BUFFER_EMPTY, two = BUFFER_EMPTY;
    buffer_printf(&one, "%s/%.*s", from, SPAN_F(name));
    buffer_printf(&two, "%s/%.*s", to, SPAN_F(name));
    int result = rename_new(one.at, two.at);
    buffer_free(&one);
    buffer_free(&two);
    return result;
}

/* As mail programs call it: "Work.Notices.Forged". */
static void subscribe(const struct box *b, enum folder f, bool is_wanted)
{
    struct buffer name = BUFFER_EMPTY;
    buffer_printf(&name, "%.*s%s", SPAN_F(span_skip(b->prefix, 1)), folder_name(f));
    subscriptions_change(b->root, name.at, is_wanted);
    buffer_free(&name);
}

/* ---- move */

static void plan(const struct box *b, struct triage_record *r)
{
    for (size_t i = 0; i < b->move_count; i++)
        triage_record_add(r, b->moves[i].to, unique_part(b->moves[i].name));
    for (int f = 0; f < FOLDER_COUNT; f++) {
        char *folder = maildir_folder(b, (enum folder)f);
        r->folders[f].is_new = access(folder, F_OK) != 0;
        free(folder);
    }
}

static bool move_all(const struct box *b, size_t *moved, size_t *missed, struct error *e)
{
    char *folders[FOLDER_COUNT];
    int result = 0;
    for (int f = 0; f < FOLDER_COUNT; f++)
        folders[f] = maildir_folder(b, (enum folder)f);
    for (size_t i = 0; result == 0 && i < b->move_count; i++) {
        const struct planned *p = &b->moves[i];
        result = move_file(b->path, folders[p->to], p->name);
        *moved += result == 0;
        *missed += result == -ENOENT || result == -EEXIST;
        if (result == -ENOENT || result == -EEXIST)
            result = 0;
        if (result < 0)
            error_system(e, -result, "%s/%.*s", b->path, SPAN_F(p->name));
    }
    for (int f = 0; f < FOLDER_COUNT; f++)
        free(folders[f]);
    return result == 0;
}

static void tell(const struct box *b, size_t moved, size_t missed, struct buffer *told)
{
    buffer_printf(told, "%s: %zu message%s moved.", b->name, moved, moved == 1 ? " was" : "s were");
    if (missed)
        buffer_printf(told, " %zu stayed: another program has changed them meanwhile.", missed);
    buffer_printf(told, " To put them back: plainpost triage --undo %s\n", b->name);
}

bool maildir_go(struct box *b, struct buffer *told, struct error *e)
{
    struct triage_record r = {.messages = NULL};
    size_t moved = 0, missed = 0;
    int lock = lock_box(b, e);
    if (lock < 0)
        return false;
    plan(b, &r);
    bool ok = box_write_record(b, &r, e) && make_folders(b, &r, e) &&
              move_all(b, &moved, &missed, e) && sync_all(b, &r, false, e) &&
              file_append(b->record, SPAN(TRIAGE_RECORD_DONE), e);
    if (ok) {
        for (int f = 0; f < FOLDER_COUNT; f++)
            if (r.folders[f].is_used)
                subscribe(b, (enum folder)f, true);
        tell(b, moved, missed, told);
    }
    triage_record_free(&r);
    close(lock);
    return ok;
}

/* ---- and back */

struct listing {
    struct map by_unique_part; /* of "cur/1.host:2,S", which is the value */
    struct arena arena;
    const char *sub;
};

static bool list_one(void *arg, const char *name)
{
    struct listing *l = arg;
    const char *whole = arena_text(&l->arena, arena_printf(&l->arena, "%s/%s", l->sub, name));
    map_set_text(&l->by_unique_part, unique_part(span_of(whole)), (void *)(uintptr_t)whole);
    return true;
}

static void list_messages(struct listing *l, const char *path)
{
    for (size_t i = 0; i < 2; i++) {
        char *sub = path_of(path, subdirectories[i]);
        l->sub = subdirectories[i];
        disk_real()->ops->list(disk_real(), sub, list_one, l);
        free(sub);
    }
}

static void listing_free(struct listing *l)
{
    map_free(&l->by_unique_part);
    arena_clear(&l->arena);
}

static bool put_back(const struct box *b, const struct triage_record *r, enum folder f,
                     const struct listing *here, size_t *back, size_t *gone, struct error *e)
{
    struct listing there = {.sub = NULL};
    char *folder = maildir_folder(b, f);
    bool ok = true;
    list_messages(&there, folder);
    for (size_t i = 0; ok && i < r->count; i++) {
        if (r->messages[i].folder != f)
            continue;
        const char *name = map_get_text(&there.by_unique_part, r->messages[i].message);
        if (!name) {
            *gone += !map_get_text(&here->by_unique_part, r->messages[i].message);
            continue;
        }
        int result = move_file(folder, b->path, span_of(name));
        *back += result == 0;
        *gone += result == -ENOENT;
        if (result < 0 && result != -ENOENT)
            ok = error_system(e, -result, "%s/%s", folder, name);
    }
    listing_free(&there);
    free(folder);
    return ok;
}

static bool count_other(void *arg, const char *name)
{
    static const char *const ours[] = {"cur", "new", "tmp", "maildirfolder"};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(name, ours[i]) == 0)
            return true;
    return *(bool *)arg = false;
}

/* What the move has made goes, unless somebody keeps something in it. */
static void remove_folder(const struct box *b, enum folder f)
{
    static const char *const parts[] = {"cur", "new", "tmp"};
    char *folder = maildir_folder(b, f);
    bool is_ours = true, is_empty = true;
    disk_real()->ops->list(disk_real(), folder, count_other, &is_ours);
    for (size_t i = 0; is_ours && is_empty && i < 3; i++) {
        char *path = path_of(folder, parts[i]);
        is_empty = rmdir(path) == 0 || errno == ENOENT;
        free(path);
    }
    if (is_ours && is_empty) {
        char *mark = path_of(folder, "maildirfolder");
        unlink(mark);
        rmdir(folder);
        free(mark);
        subscribe(b, f, false);
    } else if (is_ours) {
        struct error e;
        make_folder(b, f, &e); /* whole again */
    }
    free(folder);
}

static bool put_all_back(const struct box *b, const struct triage_record *r, size_t *back,
                         size_t *gone, struct error *e)
{
    struct listing here = {.sub = NULL};
    bool ok = true;
    list_messages(&here, b->path);
    for (int f = 0; ok && f < FOLDER_COUNT; f++)
        if (r->folders[f].is_used)
            ok = put_back(b, r, (enum folder)f, &here, back, gone, e);
    listing_free(&here);
    return ok && sync_all(b, r, true, e);
}

bool maildir_undo(struct box *b, struct buffer *told, struct error *e)
{
    struct triage_record r = {.messages = NULL};
    struct buffer text = BUFFER_EMPTY;
    size_t back = 0, gone = 0;
    int lock = lock_box(b, e);
    bool ok = lock >= 0 && box_read_record(b, &r, &text, e) && put_all_back(b, &r, &back, &gone, e);
    for (int f = 0; ok && f < FOLDER_COUNT; f++)
        if (r.folders[f].is_used && r.folders[f].is_new)
            remove_folder(b, (enum folder)f);
    if (ok && unlink(b->record) != 0)
        ok = error_system(e, errno, "%s", b->record);
    ok = ok && directory_sync(b->path, e);
    if (ok)
        box_tell_undone(b, back, gone, told);
    triage_record_free(&r);
    buffer_free(&text);
    if (lock >= 0)
        close(lock);
    return ok;
}
