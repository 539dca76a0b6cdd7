/* A file is taken in four steps, each durable before the next begins, so that a crash at any point
 * leaves the message in one place only:
 *
 * 1. It gets a queue id, and is renamed to taken/ID. Both directories are synced.
 * 2. The message is committed with this ID.
 * 3. The commit is durable.
 * 4. taken/ID is removed.
 *
 * Before 1 is durable the file is in the folder, and the ID was never used. After it, the next
 * start asks the ledger, which has caught up with the journal, whether ID was committed: a commit
 * is one record, so there is one answer. If so, what is left to do is step 4; if not, the file goes
 * back to the folder, and will get another id. doc/drop.md says the same at length.
 *
 * Files are taken in batches: the syncs of step 1, and that of the journal, are shared. */
#include "receive/drop.h"

#include "account/accounts.h"
#include "base/memory.h"
#include "outcome/counts.h"
#include "receive/drop_folder.h"
#include "receive/drop_message.h"
#include "receive/incoming.h"
#include "store/ledger.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/tally.h"
#include "sys/worker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILES_A_BATCH = 64,
    BYTES_AT_ONCE = 16 * 1024 * 1024, /* of messages in memory, besides the largest */
    LOOK_EVERY = 5000,                /* ms: where inotify is not to be had */
    LONGEST_NAME = 64,
    LONGEST_RECIPIENT_LINE = 1100, /* of a drop file */
    COMPLAIN_EVERY = 60000,        /* ms */
    NEW_IS_LEFT_AFTER = 3600       /* s; it takes less than one to write a file */
};

struct taken {
    struct drop *drop;
    char name[LONGEST_NAME]; /* as it was handed in */
    char id_text[MESSAGE_ID_DIGITS + 1];
    message_id id;
    struct commit commit;
    struct message *message;
    enum drop_verdict verdict;
    struct user_notice *notice; /* for when it is durable; NULL: none */
    bool is_committing;
};

struct drop {
    struct receive_settings settings;
    struct drop_folder at;
    int inotify, wake;
    atomic_bool stops;
    bool in_trouble;  /* the store takes nothing right now, */
    bool is_broken;   /* or until the next start */
    bool has_removed; /* names are gone from taken/, and that is not synced yet */
    int64_t complained_ms;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t answered;
    size_t under_way;
    struct drop_terms terms; /* references */
};

/* ---- names */

static void set_id(struct taken *t, message_id id)
{
    struct buffer text = BUFFER_EMPTY;
    message_id_add(&text, id);
    t->id = id;
    memcpy(t->id_text, buffer_text(&text), sizeof t->id_text);
    buffer_free(&text);
}

static void put_back(const struct drop_folder *at, const char *id_text)
{
    char name[LONGEST_NAME];
    snprintf(name, sizeof name, DROP_MAIL "%.*s", MESSAGE_ID_DIGITS, id_text);
    if (renameat(at->taken, id_text, at->folder, name))
        log_message(LOG_LEVEL_ERROR, "drop-stuck",
                    "cannot put %s back into the drop folder: %s; it is settled at the next start",
                    id_text, strerror(errno));
}

static void log_refused(const char *name, const char *id_text, const char *why)
{
    struct buffer *line = log_begin(LOG_LEVEL_WARNING, "drop-refused");
    log_line_text(line, "file", span_of(name));
    log_line_text(line, "kept-as", span_of(id_text));
    log_line_text(line, "why", span_of(why));
    log_end();
}

/* From `directory`, where it is called `name`, to refused/ID. */
static void set_aside(struct drop *d, const struct taken *t, int directory, const char *name,
                      const char *why)
{
    if (!renameat(directory, name, d->at.refused, t->id_text)) {
        log_refused(t->name, t->id_text, why);
        return;
    }
    int64_t now = clock_monotonic_ms(); /* it stays, and would be told of again at every look */
    if (!d->complained_ms || now - d->complained_ms > COMPLAIN_EVERY)
        log_message(LOG_LEVEL_ERROR, "drop-stuck",
                    "%s in the drop folder can't be used (%s), nor moved away: %s", t->name, why,
                    strerror(errno));
    d->complained_ms = now;
}

/* ---- step 1 */

/* Its program has died: before it could say that the file is whole, which the format shows, or, by
 * a power cut on a file system that does not keep renames as it should, after it. */
static bool is_left_behind(const struct stat *st)
{
    return clock_now_ms() / 1000 - st->st_mtim.tv_sec > NEW_IS_LEFT_AFTER;
}

static bool take(struct drop *d, struct taken *t, const char *name)
{
    struct stat st;
    size_t length = strlen(name);
    bool is_new = strncmp(name, DROP_NEW, sizeof DROP_NEW - 1) == 0;
    bool is_mail = strncmp(name, DROP_MAIL, sizeof DROP_MAIL - 1) == 0;
    if ((!is_new && !is_mail) || length >= LONGEST_NAME ||
        fstatat(d->at.folder, name, &st, AT_SYMLINK_NOFOLLOW))
        return false;
    if (is_new && !is_left_behind(&st))
        return false;
    *t = (struct taken){.drop = d};
    memcpy(t->name, name, length + 1);
    set_id(t, store_new_id(d->settings.store, clock_now_us()));
    if (!S_ISREG(st.st_mode)) {
        set_aside(d, t, d->at.folder, name, "it is no regular file");
        return false;
    }
    return !renameat(d->at.folder, name, d->at.taken, t->id_text);
}

/* A descriptor of its own, from the first name on. NULL and errno. */
static DIR *open_list(int folder)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir && fd >= 0)
        close(fd);
    return dir;
}

static size_t take_some(struct drop *d, struct taken *batch)
{
    size_t count = 0;
    DIR *dir = open_list(d->at.folder);
    if (!dir)
        return 0;
    for (struct dirent *each; count < FILES_A_BATCH && (each = readdir(dir));)
        count += take(d, &batch[count], each->d_name);
    closedir(dir);
    return count;
}

static bool sync_folders(struct drop *d)
{
    d->has_removed = false;
    return !fsync(d->at.taken) && !fsync(d->at.folder);
}

/* ---- step 2 */

static bool read_file(int fd, size_t size, struct buffer *text)
{
    char *room = buffer_reserve(text, size + 1);
    while (text->len <= size) {
        ssize_t n = read(fd, room + text->len, size + 1 - text->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        text->len += (size_t)n;
    }
    bool is_as_long = text->len == size;
    text->len = is_as_long ? size : 0;
    text->at[text->len] = '\0';
    return is_as_long;
}

static uint64_t largest_file(const struct options *o)
{
    return o->max_message_size + (o->max_recipients + 2) * LONGEST_RECIPIENT_LINE;
}

/* Reads it whole: what its owner, who may have it open, still changes does not matter then. */
static bool load(const struct drop *d, const struct options *o, const struct taken *t,
                 struct buffer *text, uid_t *uid, struct error *why)
{
    struct stat st;
    int fd = openat(d->at.taken, t->id_text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool ok = false;
    if (fd < 0 || fstat(fd, &st))
        error_system(why, errno, "it can't be opened");
    else if (!S_ISREG(st.st_mode))
        error_set(why, "it is no regular file");
    else if (st.st_nlink != 1)
        error_set(why, "it has another name elsewhere: it may not be its owner's to send");
    else if ((uint64_t)st.st_size > largest_file(o))
        error_set(why, "it is larger than any message may be here");
    else if (!read_file(fd, (size_t)st.st_size, text))
        error_set(why, "it can't be read, or was being changed");
    else
        ok = true;
    if (fd >= 0)
        close(fd);
    *uid = ok ? st.st_uid : 0;
    return ok;
}

static struct span account_name(uid_t uid, struct arena *a)
{
    enum { ROOM = 16 * 1024 };
    struct passwd entry, *found = NULL;
    char *room = memory_new(ROOM);
    struct span name = SPAN_NONE;
    if (!getpwuid_r(uid, &entry, room, ROOM, &found) && found)
        name = arena_copy(a, span_of(found->pw_name));
    free(room);
    return name;
}

/* In the store's thread. */
static void commit_done(struct commit *c)
{
    struct taken *t = c->owner;
    struct drop *d = t->drop;
    if (c->result == COMMIT_DURABLE) {
        tally_add(COUNT_HANDED_IN, t->verdict == DROP_ACCEPTED);
        if (t->verdict == DROP_ACCEPTED)
            incoming_log(&t->message->envelope, NULL);
        d->settings.accepted(d->settings.arg, t->message);
        t->message = NULL;
    }
    pthread_mutex_lock(&d->lock);
    d->under_way--;
    pthread_cond_signal(&d->answered);
    pthread_mutex_unlock(&d->lock);
}

static void start_commit(struct drop *d, struct taken *t)
{
    t->is_committing = true;
    t->commit.owner = t;
    t->commit.done = commit_done;
    t->commit.is_urgent = true;
    pthread_mutex_lock(&d->lock);
    d->under_way++;
    pthread_mutex_unlock(&d->lock);
    store_commit(d->settings.store, &t->commit);
}

static struct drop_terms terms_ref(const struct drop_terms *t)
{
    return (struct drop_terms){options_ref(t->options), directory_ref(t->directory),
                               own_texts_ref(t->texts), signing_ref(t->signing)};
}

static void terms_unref(struct drop_terms *t)
{
    options_unref(&t->options);
    directory_unref(&t->directory);
    own_texts_unref(&t->texts);
    signing_unref(&t->signing);
}

static struct drop_terms terms_now(struct drop *d)
{
    pthread_mutex_lock(&d->lock);
    struct drop_terms now = terms_ref(&d->terms);
    pthread_mutex_unlock(&d->lock);
    return now;
}

/* Returns the bytes that are kept in memory until the commit is answered. */
static size_t process(struct drop *d, struct taken *t)
{
    struct buffer text = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct error why;
    uid_t uid;
    int64_t now_us = clock_now_us();
    struct drop_terms now = terms_now(d);
    t->verdict = DROP_REFUSED;
    if (load(d, now.options, t, &text, &uid, &why)) {
        const struct drop_origin from = {
            .options = now.options,
            .directory = now.directory,
            .texts = now.texts,
            .signing = now.signing,
            .rates = d->settings.account_rates,
            .waiting = d->settings.waiting,
            .notice = &t->notice,
            .owner = account_name(uid, &a),
            .uid = uid,
            .id = t->id,
            .refused = store_new_id(d->settings.store, now_us),
            .now_ms = now_us / 1000,
            .offset_minutes = clock_offset_minutes(now_us / 1000),
        };
        t->verdict = drop_message_prepare(buffer_span(&text), &from, &t->commit, &t->message, &why);
    }
    if (t->verdict == DROP_ACCEPTED && now.options->guard_accounts)
        accounts_look(t->message, buffer_span(&t->commit.message), d->settings.guard_key);
    terms_unref(&now);
    buffer_free(&text);
    arena_clear(&a);
    if (t->verdict == DROP_REFUSED) {
        set_aside(d, t, d->at.taken, t->id_text, why.text);
        return 0;
    }
    if (t->verdict == DROP_RETURNED)
        log_refused(t->name, t->id_text, why.text);
    size_t bytes = t->commit.message.len;
    start_commit(d, t);
    return bytes;
}

/* ---- steps 3 and 4 */

static void wait_for_store(struct drop *d)
{
    pthread_mutex_lock(&d->lock);
    while (d->under_way)
        pthread_cond_wait(&d->answered, &d->lock);
    pthread_mutex_unlock(&d->lock);
}

/* What the sender was told of is kept for the operator all the same. */
static void remove_taken(struct drop *d, const struct taken *t)
{
    int failed = t->verdict == DROP_RETURNED
                     ? renameat(d->at.taken, t->id_text, d->at.refused, t->id_text)
                     : unlinkat(d->at.taken, t->id_text, 0);
    if (failed)
        log_message(LOG_LEVEL_ERROR, "drop-stuck",
                    "cannot remove %s, which is in the queue now: %s; it is settled at the next "
                    "start",
                    t->id_text, strerror(errno));
    d->has_removed = true;
}

static void finish(struct drop *d, struct taken *t)
{
    if (!t->is_committing)
        return;
    switch (t->commit.result) {
    case COMMIT_DURABLE:
        remove_taken(d, t);
        if (t->notice)
            d->settings.tell_user(d->settings.arg, t->notice);
        t->notice = NULL;
        break;
    case COMMIT_FULL: /* nothing of it holds */
        put_back(&d->at, t->id_text);
        d->in_trouble = true;
        break;
    case COMMIT_FAILED: /* it may be on the disk all the same: the next start knows */
        d->in_trouble = d->is_broken = true;
        break;
    }
    user_notice_free(&t->notice);
    message_free(&t->message);
    commit_free(&t->commit);
    t->is_committing = false;
}

/* ---- the thread */

static size_t work(struct drop *d)
{
    struct taken *batch = memory_new(FILES_A_BATCH * sizeof *batch);
    size_t count = take_some(d, batch), first = 0, bytes = 0;
    bool is_durable = !count || sync_folders(d);
    for (size_t i = 0; i < count; i++) {
        if (!is_durable || d->in_trouble) {
            put_back(&d->at, batch[i].id_text);
            first = i + 1;
            continue;
        }
        bytes += process(d, &batch[i]);
        if (bytes < BYTES_AT_ONCE && i + 1 < count)
            continue;
        wait_for_store(d);
        for (bytes = 0; first <= i; first++)
            finish(d, &batch[first]);
    }
    if (!is_durable)
        d->in_trouble = true;
    free(batch);
    return count;
}

static void empty(int fd)
{
    char room[4096];
    while (read(fd, room, sizeof room) > 0)
        ;
}

/* Until a file comes, or it is time to look. In trouble no file is news: ours come back there. */
static void wait_for_files(struct drop *d)
{
    struct pollfd what[] = {{.fd = d->wake, .events = POLLIN},
                            {.fd = d->in_trouble ? -1 : d->inotify, .events = POLLIN}};
    if (d->has_removed)
        sync_folders(d);
    log_flush();
    poll(what, 2, LOOK_EVERY);
    if (d->inotify >= 0)
        empty(d->inotify);
    d->in_trouble = false;
}

/* ---- after a crash */

static bool settle_one(struct drop *d, struct ledger *l, const char *name, struct error *e)
{
    struct arena a = ARENA_EMPTY;
    struct story story;
    message_id id;
    if (!message_id_parse(span_of(name), &id))
        return true;
    int found = ledger_story(l, id, &a, &story, e);
    arena_clear(&a);
    if (found > 0 && unlinkat(d->at.taken, name, 0))
        return error_system(e, errno, "cannot remove %s", name);
    if (!found)
        put_back(&d->at, name);
    return found >= 0;
}

static struct ledger *ledger_of_now(struct drop *d, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/ledger.sqlite", SPAN_F(d->settings.state));
    struct ledger *l =
        store_catch_up(d->settings.store, e) ? ledger_open_read(buffer_text(&path), e) : NULL;
    buffer_free(&path);
    return l;
}

static bool settle_all(struct drop *d, DIR *dir, struct error *e)
{
    struct ledger *l = NULL;
    bool ok = true;
    for (struct dirent *each; ok && (each = readdir(dir));) {
        if (each->d_name[0] == '.')
            continue;
        if (!l)
            l = ledger_of_now(d, e);
        ok = l && settle_one(d, l, each->d_name, e);
    }
    ledger_close(&l);
    return ok;
}

static bool settle(struct drop *d, struct error *e)
{
    DIR *dir = open_list(d->at.taken);
    bool ok = dir ? settle_all(d, dir, e)
                  : error_system(e, errno, "cannot look into the folder of what was taken");
    if (dir)
        closedir(dir);
    if (ok && !sync_folders(d))
        ok = error_system(e, errno, "cannot sync the drop folder");
    return ok;
}

/* Nothing is taken before: it would stand beside what is not settled. False: the end came first. */
static bool settle_at_last(struct drop *d)
{
    struct error e;
    bool was_told = false;
    while (!atomic_load(&d->stops)) {
        if (settle(d, &e)) {
            store_may_forget(d->settings.store);
            return true;
        }
        if (!was_told)
            log_message(LOG_LEVEL_ERROR, "drop-unsettled",
                        "%s; until this works nothing is taken from the drop folder", e.text);
        was_told = true;
        d->in_trouble = true;
        wait_for_files(d);
    }
    return false;
}

static void *run(void *arg)
{
    struct drop *d = arg;
    bool is_settled = settle_at_last(d);
    while (is_settled && !atomic_load(&d->stops))
        if (d->is_broken || !work(d) || d->in_trouble)
            wait_for_files(d);
        else
            log_flush();
    log_close();
    return NULL;
}

static void watch_folder(struct drop *d, const struct options *o)
{
    struct buffer path = BUFFER_EMPTY;
    drop_folder_path(&path, o);
    d->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (d->inotify < 0 || inotify_add_watch(d->inotify, buffer_text(&path), IN_MOVED_TO) < 0)
        log_message(LOG_LEVEL_WARNING, "drop-slow",
                    "cannot watch the drop folder: %s; it is looked at every %d seconds",
                    strerror(errno), LOOK_EVERY / 1000);
    buffer_free(&path);
}

struct drop *drop_start(const struct receive_settings *s, const struct drop_terms *terms,
                        struct error *e)
{
    struct drop_folder at;
    if (!drop_folder_open(&at, terms->options, e))
        return NULL;
    struct drop *d = memory_new(sizeof *d);
    d->settings = *s;
    d->terms = terms_ref(terms);
    d->at = at;
    d->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->answered, NULL);
    watch_folder(d, terms->options);
    d->thread = thread_start(run, d, "drop");
    return d;
}

void drop_set(struct drop *d, const struct drop_terms *terms)
{
    pthread_mutex_lock(&d->lock);
    struct drop_terms before = d->terms;
    d->terms = terms_ref(terms);
    terms_unref(&before);
    pthread_mutex_unlock(&d->lock);
}

void drop_stop(struct drop *d)
{
    uint64_t one = 1;
    atomic_store(&d->stops, true);
    while (write(d->wake, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

void drop_free(struct drop **drop)
{
    struct drop *d = *drop;
    if (!d)
        return;
    drop_stop(d);
    pthread_join(d->thread, NULL);
    drop_folder_close(&d->at);
    terms_unref(&d->terms);
    close(d->wake);
    if (d->inotify >= 0)
        close(d->inotify);
    pthread_mutex_destroy(&d->lock);
    pthread_cond_destroy(&d->answered);
    free(d);
    *drop = NULL;
}
