/* For every directory its modification time is remembered with what was counted. A name that comes
 * or goes changes that time, so the count holds for as long as the time stays the same, with two
 * exceptions:
 *
 * - A clock that ticks. Two changes within one tick carry the same time, and we may have counted
 *   between them. So a time that was younger than TICK_NS when we counted is not relied on: the
 *   directory is counted again the next time. (The kernel's tick is 10 ms at most, but there are
 *   file systems that store whole seconds, and FAT has two.)
 * - Our own deliveries change new/ all the time; counting it anew for each would be slow for a
 *   mailbox with 100,000 unread mails. So we add what we delivered and take over the time that
 *   new/ then has. What another program did to new/ in between is missed. Therefore the count is
 *   then not called exact, nobody is told "full" because of it (see maildir_usage_recount), and
 *   after RECOUNT_MS it is counted again.
 *
 * A start need not count at all: the sum of maildirsize is taken over where no directory is younger
 * than that file, because whoever keeps it writes to it after the change. How much of it is where
 * is not known then, so the first change of a directory makes us count all.
 *
 * What is counted stays the truth, and maildirsize is corrected by it: so a program that does not
 * know of the file does no lasting harm.
 *
 * Programs that read mail touch the mailbox's own directory often (index files in it); then only
 * the list of folders is read again, and what is known of each stays. */
#include "deliver/maildir_usage.h"

#include "base/buffer.h"
#include "base/map.h"
#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NEVER = -1 };
static const int64_t TICK_NS = 2 * INT64_C(1000000000);
static const int64_t RECOUNT_MS = INT64_C(5) * 60 * 1000;

struct counted {
    int64_t modified_ns; /* NEVER: not counted yet, or not there */
    bool is_exact;
    bool is_ours; /* modified_ns was taken over after a delivery of ours */
    struct maildir_amount amount;
};

static const struct counted NOT_COUNTED = {.modified_ns = NEVER};

struct folder {
    struct counted fresh, seen; /* new/ and cur/ */
    bool is_listed;
    struct span name; /* ".Sent"; empty: the inbox */
    char name_bytes[];
};

struct maildir_usage {
    struct disk *disk;
    const char *path;
    struct map folders; /* by name */
    int64_t listed_ns;  /* of the mailbox's own directory */
    bool is_list_exact;
    int64_t recounted_ms;
    bool is_adopted; /* all amounts are zero but for the inbox's, which is the sum of the file */
    struct maildir_amount reserved;
    struct buffer directory, file; /* paths of what is being counted */
    struct folder *inbox;
};

/* One pass over a directory. */
struct pass {
    struct maildir_usage *usage;
    struct maildir_amount amount;
    int error;
};

bool maildir_size_in_name(struct span name, uint64_t *size)
{
    name = span_first(name, span_find_char(name, ':'));
    for (size_t at; (at = span_find(name, SPAN(",S="))) != SPAN_NOT_FOUND;) {
        name = span_skip(name, at + 3);
        if (span_to_u64(span_first(name, span_find_char(name, ',')), INT64_MAX, size))
            return true;
    }
    return false;
}

bool maildir_name_is_deleted(struct span name)
{
    size_t at = span_find(name, SPAN(":2,"));
    return at != SPAN_NOT_FOUND && span_find_char(span_skip(name, at + 3), 'T') != SPAN_NOT_FOUND;
}

/* ".Trash", ".Trash.2024" */
static bool is_trash(struct span name)
{
    return span_equal(name, SPAN(".Trash")) || span_starts(name, SPAN(".Trash."));
}

/* A name may tell any size: the sum stays at the top rather than begin again at 0. */
static struct maildir_amount sum(struct maildir_amount a, struct maildir_amount b)
{
    struct maildir_amount both = {.messages = a.messages + b.messages};
    if (__builtin_add_overflow(a.bytes, b.bytes, &both.bytes))
        both.bytes = UINT64_MAX;
    return both;
}

static struct folder *folder_new(struct span name)
{
    struct folder *f = memory_new(sizeof *f + name.len);
    f->fresh = f->seen = NOT_COUNTED;
    memcpy(f->name_bytes, name.at, name.len);
    f->name = span_make(f->name_bytes, name.len);
    return f;
}

struct maildir_usage *maildir_usage_new(struct disk *d, const char *path)
{
    struct maildir_usage *u = memory_new(sizeof *u);
    *u = (struct maildir_usage){.disk = d, .path = path, .listed_ns = NEVER};
    u->inbox = folder_new(SPAN_NONE);
    return u;
}

void maildir_usage_free(struct maildir_usage **u)
{
    if (!*u)
        return;
    size_t i = 0;
    for (struct folder *f; (f = map_next(&(*u)->folders, &i));)
        free(f);
    map_free(&(*u)->folders);
    free((*u)->inbox);
    buffer_free(&(*u)->directory);
    buffer_free(&(*u)->file);
    free(*u);
    *u = NULL;
}

/* A time of change is good to rely on once it is older than a tick. */
static bool is_settled(int64_t modified_ns, int64_t now_ms)
{
    return modified_ns < now_ms * 1000000 - TICK_NS;
}

static bool count_name(void *arg, const char *name)
{
    struct pass *p = arg;
    struct maildir_usage *u = p->usage;
    uint64_t size;
    if (name[0] == '.' || maildir_name_is_deleted(span_of(name)))
        return true;
    if (!maildir_size_in_name(span_of(name), &size)) {
        struct disk_stat st;
        buffer_clear(&u->file);
        buffer_printf(&u->file, "%s/%s", buffer_text(&u->directory), name);
        int result = u->disk->ops->stat(u->disk, buffer_text(&u->file), &st);
        if (result == -ENOENT) /* moved or deleted meanwhile */
            return true;
        if (result < 0) {
            p->error = result;
            return false;
        }
        if (st.is_directory)
            return true;
        size = st.size;
    }
    p->amount = sum(p->amount, (struct maildir_amount){size, 1});
    return true;
}

/* u->directory: nothing is in it when it is not there. */
static int count_directory(struct maildir_usage *u, struct counted *c, int64_t now_ms)
{
    const char *directory = buffer_text(&u->directory);
    struct disk_stat st;
    struct pass p = {.usage = u};
    int result = u->disk->ops->stat(u->disk, directory, &st);
    if (result == 0 && st.modified_ns == c->modified_ns && (c->is_exact || c->is_ours))
        return 0;
    if (result == 0)
        result = u->disk->ops->list(u->disk, directory, count_name, &p);
    if (result == -ENOENT || result == -ENOTDIR) {
        *c = (struct counted){.modified_ns = NEVER, .is_exact = true};
        return 0;
    }
    if (result < 0 || p.error < 0) {
        *c = NOT_COUNTED;
        return result < 0 ? result : p.error;
    }
    *c = (struct counted){.modified_ns = st.modified_ns,
                          .is_exact = is_settled(st.modified_ns, now_ms),
                          .amount = p.amount};
    return 0;
}

static int count_folder(struct maildir_usage *u, struct folder *f, int64_t now_ms)
{
    buffer_clear(&u->directory);
    buffer_printf(&u->directory, "%s/%.*s%snew", u->path, SPAN_F(f->name), f->name.len ? "/" : "");
    int result = count_directory(u, &f->fresh, now_ms);
    if (result < 0)
        return result;
    u->directory.len -= strlen("new");
    buffer_add_text(&u->directory, "cur");
    return count_directory(u, &f->seen, now_ms);
}

static bool list_name(void *arg, const char *name)
{
    struct maildir_usage *u = arg;
    if (name[0] != '.' || is_trash(span_of(name)))
        return true;
    struct folder *f = map_get_text(&u->folders, span_of(name));
    if (!f) {
        f = folder_new(span_of(name));
        map_set_text(&u->folders, f->name, f);
    }
    f->is_listed = true;
    return true;
}

/* Forget the folders that are no longer there. */
static void keep_listed(struct maildir_usage *u)
{
    struct map kept = MAP_EMPTY;
    size_t i = 0;
    for (struct folder *f; (f = map_next(&u->folders, &i));) {
        if (f->is_listed)
            map_set_text(&kept, f->name, f);
        else
            free(f);
    }
    map_free(&u->folders);
    u->folders = kept;
}

static int list_folders(struct maildir_usage *u, int64_t now_ms)
{
    struct disk_stat st;
    int result = u->disk->ops->stat(u->disk, u->path, &st);
    if (result < 0)
        return result;
    if (st.modified_ns == u->listed_ns && u->is_list_exact)
        return 0;
    size_t i = 0;
    for (struct folder *f; (f = map_next(&u->folders, &i));)
        f->is_listed = false;
    u->listed_ns = NEVER;
    result = u->disk->ops->list(u->disk, u->path, list_name, u);
    if (result < 0)
        return result;
    keep_listed(u);
    u->listed_ns = st.modified_ns;
    u->is_list_exact = is_settled(st.modified_ns, now_ms);
    return 0;
}

static int update(struct maildir_usage *u, int64_t now_ms)
{
    u->is_adopted = false;
    int result = list_folders(u, now_ms);
    if (result == 0)
        result = count_folder(u, u->inbox, now_ms);
    size_t i = 0;
    for (struct folder *f; result == 0 && (f = map_next(&u->folders, &i));)
        result = count_folder(u, f, now_ms);
    return result;
}

static void forget_counts(struct maildir_usage *u)
{
    size_t i = 0;
    for (struct folder *f; (f = map_next(&u->folders, &i));)
        f->fresh = f->seen = NOT_COUNTED;
    u->inbox->fresh = u->inbox->seen = NOT_COUNTED;
    u->listed_ns = NEVER;
}

/* ---- without counting */

/* new/ or cur/ of a folder: when it was changed; NEVER: it is not there. */
static int64_t changed_at(struct maildir_usage *u, const struct folder *f, const char *part)
{
    struct disk_stat st;
    buffer_clear(&u->directory);
    buffer_printf(&u->directory, "%s/%.*s%s%s", u->path, SPAN_F(f->name), f->name.len ? "/" : "",
                  part);
    return u->disk->ops->stat(u->disk, buffer_text(&u->directory), &st) == 0 ? st.modified_ns
                                                                             : NEVER;
}

static bool folder_is_unchanged(struct maildir_usage *u, const struct folder *f)
{
    return changed_at(u, f, "new") == f->fresh.modified_ns &&
           changed_at(u, f, "cur") == f->seen.modified_ns;
}

static bool is_unchanged(struct maildir_usage *u, int64_t now_ms)
{
    bool is = list_folders(u, now_ms) == 0 && folder_is_unchanged(u, u->inbox);
    size_t i = 0;
    for (struct folder *f; is && (f = map_next(&u->folders, &i));)
        is = folder_is_unchanged(u, f);
    return is;
}

/* False: a part of it has changed since. */
static bool adopt_folder(struct maildir_usage *u, struct folder *f, int64_t since_ns)
{
    int64_t fresh = changed_at(u, f, "new"), seen = changed_at(u, f, "cur");
    f->fresh = (struct counted){.modified_ns = fresh, .is_ours = true};
    f->seen = (struct counted){.modified_ns = seen, .is_ours = true};
    return fresh <= since_ns && seen <= since_ns;
}

void maildir_usage_adopt(struct maildir_usage *u, struct maildir_amount limits, int64_t now_ms)
{
    struct maildir_amount sum;
    int64_t since_ns;
    if (!maildirsize_read(u->disk, u->path, limits, &sum, &since_ns) || list_folders(u, now_ms) < 0)
        return;
    u->is_adopted = adopt_folder(u, u->inbox, since_ns);
    size_t i = 0;
    for (struct folder *f; u->is_adopted && (f = map_next(&u->folders, &i));)
        u->is_adopted = adopt_folder(u, f, since_ns);
    if (u->is_adopted) {
        u->inbox->fresh.amount = sum;
        u->recounted_ms = now_ms;
    } else {
        forget_counts(u);
    }
}

int maildir_usage_tell(struct maildir_usage *u, struct maildir_amount limits,
                       struct maildir_amount came)
{
    struct maildir_amount told, all = maildir_usage_total(u);
    int64_t when;
    all.bytes -= u->reserved.bytes;
    all.messages -= u->reserved.messages;
    if (maildirsize_read(u->disk, u->path, limits, &told, &when) &&
        told.bytes + came.bytes == all.bytes && told.messages + came.messages == all.messages)
        return maildirsize_append(u->disk, u->path, came);
    int result = maildirsize_write(u->disk, u->path, limits, all);
    if (result == 0 && !is_unchanged(u, 0)) /* somebody was at work meanwhile */
        result = maildirsize_remove(u->disk, u->path);
    return result;
}

/* ---- */

int maildir_usage_recount(struct maildir_usage *u, int64_t now_ms)
{
    forget_counts(u);
    u->recounted_ms = now_ms;
    return update(u, now_ms);
}

int maildir_usage_update(struct maildir_usage *u, int64_t now_ms)
{
    bool is_fresh = now_ms >= u->recounted_ms && now_ms - u->recounted_ms < RECOUNT_MS;
    if (!is_fresh && !maildir_usage_is_exact(u))
        return maildir_usage_recount(u, now_ms);
    if (u->is_adopted)
        return is_unchanged(u, now_ms) ? 0 : maildir_usage_recount(u, now_ms);
    return update(u, now_ms);
}

bool maildir_usage_is_exact(const struct maildir_usage *u)
{
    bool is_exact = u->is_list_exact && u->inbox->fresh.is_exact && u->inbox->seen.is_exact;
    size_t i = 0;
    for (const struct folder *f; is_exact && (f = map_next(&u->folders, &i));)
        is_exact = f->fresh.is_exact && f->seen.is_exact;
    return is_exact;
}

struct maildir_amount maildir_usage_total(const struct maildir_usage *u)
{
    struct maildir_amount all = sum(u->inbox->fresh.amount, u->inbox->seen.amount);
    size_t i = 0;
    for (const struct folder *f; (f = map_next(&u->folders, &i));)
        all = sum(all, sum(f->fresh.amount, f->seen.amount));
    return sum(all, u->reserved);
}

void maildir_usage_reserve(struct maildir_usage *u, uint64_t bytes)
{
    u->reserved = sum(u->reserved, (struct maildir_amount){bytes, 1});
}

void maildir_usage_give_up(struct maildir_usage *u, uint64_t bytes)
{
    assert(u->reserved.messages && u->reserved.bytes >= bytes);
    u->reserved.messages--;
    u->reserved.bytes -= bytes;
}

void maildir_usage_is_there(struct maildir_usage *u, uint64_t bytes)
{
    maildir_usage_give_up(u, bytes);
    u->inbox->fresh.amount = sum(u->inbox->fresh.amount, (struct maildir_amount){bytes, 1});
}

void maildir_usage_settle(struct maildir_usage *u)
{
    struct disk_stat st;
    buffer_clear(&u->directory);
    buffer_printf(&u->directory, "%s/new", u->path);
    int result = u->disk->ops->stat(u->disk, buffer_text(&u->directory), &st);
    u->inbox->fresh.modified_ns = result == 0 ? st.modified_ns : NEVER;
    u->inbox->fresh.is_exact = false;
    u->inbox->fresh.is_ours = true;
}
