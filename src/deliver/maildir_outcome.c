#define _GNU_SOURCE
#include "deliver/maildir_outcome.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What the operator can do about it. */
static const struct {
    int error;
    const char *advice;
} advices[] = {
    {ENOSPC, "Free space (or inodes) on its file system, or make it larger."},
    {EDQUOT, "Raise the disk quota of the user that plainpost runs as, or free space."},
    {EACCES, "Let the user that plainpost runs as read and write there (chown, chmod)."},
    {EPERM, "Let the user that plainpost runs as read and write there (chown, chmod, chattr)."},
    {EROFS, "Its file system is read-only: mount it writable. If nobody meant it to be so, the "
            "kernel's log says why it became so."},
    {ENOENT, "Another program removed a part of it at the same time, or its file system is gone."},
    {ENOTDIR,
     "A part of its path is a file where a directory is expected: move it away, or correct "
     "the path."},
    {EISDIR, "A directory is where a file is expected: move it away."},
    {ENAMETOOLONG, "Choose a shorter path for the mailbox."},
    {ELOOP, "Its path leads through symbolic links in a circle: correct them."},
    {EMFILE, "Let plainpost open more files (LimitNOFILE in systemd, ulimit -n)."},
    {ENFILE, "Let the system open more files (sysctl fs.file-max)."},
    {EXDEV, "new/ and tmp/ are on different file systems: they have to be on the same one."},
    {EIO, "The disk may be failing: look in the kernel's log, and at your backups."},
};

static const char *advice(int error)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
        if (advices[i].error == error)
            return advices[i].advice;
    return "Look in the kernel's log for more.";
}

static struct outcome local(const struct maildir_job *j, enum outcome_kind kind,
                            struct status status, struct cause_found cause, struct span words)
{
    return (struct outcome){
        .kind = kind,
        .time_ms = j->now_ms,
        .status = status,
        .cause = cause,
        .words = words,
        .host = SPAN_NONE,
        .address = SPAN_NONE,
        .stage = SPAN_NONE,
    };
}

void maildir_is_delivered(struct maildir_job *j)
{
    j->outcome = local(j, OUTCOME_DELIVERED, STATUS(2, 0, 0), (struct cause_found){0},
                       SPAN("Delivered to the mailbox."));
}

void mbox_is_in_use(struct maildir_job *j)
{
    j->outcome = local(j, OUTCOME_DELAYED, STATUS(4, 2, 0),
                       (struct cause_found){CAUSE_SERVER_PROBLEM, VARIANT_NONE},
                       SPAN("The recipient's mailbox is in use by another program right now."));
}

/* An address can't hold a control character; if it could, it would not make a header line more. */
static void add_field(struct buffer *out, const char *before, struct span value, const char *after)
{
    buffer_add_text(out, before);
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.at[i] >= ' ' && value.at[i] != 0x7f)
            buffer_add_char(out, value.at[i]);
    buffer_add_text(out, after);
}

void maildir_add_fields(struct buffer *out, const struct maildir_job *j)
{
    add_field(out, "Return-Path: <", j->reverse_path, ">\n");
    add_field(out, "Delivered-To: ", j->address, "\n");
}

void maildir_is_full(struct maildir_job *j)
{
    bool is_for_now = j->is_full_for_now;
    j->outcome = local(
        j, is_for_now ? OUTCOME_DELAYED : OUTCOME_FAILED,
        is_for_now ? STATUS(4, 2, 2) : STATUS(5, 2, 2), (struct cause_found){CAUSE_INBOX_FULL, 0},
        SPAN("The recipient's mailbox is full. It has no room for this message until "
             "something in it is deleted."));
}

/* "1.5 MB", "23 KB"; never 0 of anything. */
static struct span size_words(struct arena *a, uint64_t bytes)
{
    if (bytes < 1000)
        return arena_printf(a, "%u bytes", (unsigned)bytes);
    if (bytes < 1000000)
        return arena_printf(a, "%.0f KB", (double)bytes / 1e3);
    if (bytes < 1000000000)
        return arena_printf(a, "%.1f MB", (double)bytes / 1e6);
    return arena_printf(a, "%.1f GB", (double)bytes / 1e9);
}

void maildir_is_too_small(struct maildir_job *j, uint64_t bytes)
{
    struct span needs = size_words(j->arena, bytes);
    struct span room = size_words(j->arena, j->mailbox->quota_bytes);
    j->outcome =
        local(j, OUTCOME_FAILED, STATUS(5, 2, 3), (struct cause_found){CAUSE_MESSAGE_TOO_LARGE, 0},
              arena_printf(j->arena,
                           "The message is larger (%.*s) than the recipient's whole mailbox may be "
                           "(%.*s).",
                           SPAN_F(needs), SPAN_F(room)));
}

void maildir_has_trouble(struct maildir_job *j, const char *tried, int error)
{
    const char *why = strerrordesc_np(-error);
    if (error == -ENOSPC || error == -EDQUOT)
        j->outcome = local(j, OUTCOME_DELAYED, STATUS(4, 3, 1),
                           (struct cause_found){CAUSE_SERVER_PROBLEM, VARIANT_STORAGE},
                           SPAN("The recipient's mail server has no room left on its disk."));
    else
        j->outcome = local(j, OUTCOME_DELAYED, STATUS(4, 3, 0),
                           (struct cause_found){CAUSE_SERVER_PROBLEM, VARIANT_NONE},
                           SPAN("The recipient's mail server could not store the message in the "
                                "mailbox. Its operator finds the reason in the server's log."));
    error_set(&j->log, "Mailbox %.*s: could not %s: %s. %s", SPAN_F(j->mailbox->path), tried,
              why ? why : "unknown error", advice(-error));
}
