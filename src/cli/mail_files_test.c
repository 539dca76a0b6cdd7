#include "base/test.h"

#include "cli/mail_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FROM "From alice@example.org Tue Nov 24 12:44:03 2026\n"

static char root[] = "/tmp/mail_files_test.XXXXXX";

static void put(const char *name, const char *text, size_t length)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", root, name);
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, length, f), length);
    fclose(f);
}

static void put_text(const char *name, const char *text)
{
    put(name, text, strlen(text));
}

/* What is given out for one name, "name=message|" each, or "!|" for what can't be read. */
static void list(const char *name, struct buffer *out)
{
    char path[300];
    char *names[] = {path};
    struct mail_file m = {0};
    struct error e;
    double progress = 0;
    snprintf(path, sizeof path, "%s/%s", root, name);
    struct mail_files *f = mail_files_new(names, 1);
    buffer_clear(out);
    for (int got; (got = mail_files_next(f, &m, &e));) {
        if (got > 0)
            buffer_printf(out, "%s=%s|", buffer_text(&m.name) + strlen(root) + 1,
                          buffer_text(&m.message));
        else
            buffer_add_text(out, "!|");
        assert_true(mail_files_progress(f) >= progress);
        progress = mail_files_progress(f);
    }
    assert_true(mail_files_progress(f) > 0.99);
    mail_files_free(&f);
    mail_file_free(&m);
}

static void files_and_directories(void **state)
{
    static const struct {
        const char *name, *given;
    } cases[] = {
        {"one.eml", "one.eml=X-A: a\n\nb|"},
        {"from.eml", "from.eml=" FROM "X-A: a\n\nb\n\n" FROM "no new one|"},
        {"two", "two:1=X-A: a\n\n|two:2=X-A: b\n\n|"},
        {"single", "single=X-A: a\n\n|"},
        {"empty", "!|"},
        {"picture", "!|"},
        {"none", "!|"},
        {"maildir", "maildir/cur/1:2,S=X-A: 1\n\n|maildir/new/2=X-A: 2\n\n|"},
        {"tree", "tree/a/deep/x=X-A: x\n\n|tree/b:1=X-A: a\n\n|tree/b:2=X-A: b\n\n|"},
        {"hollow", ""},
        {"apple.emlx", "apple.emlx=X-A: a\n\nb|"},
        {"pasted.txt", "pasted.txt=Content-Type: text/plain; charset=utf-8\n\nfailed|"},
    };
    struct buffer out = BUFFER_EMPTY;
    char path[300];
    put_text("one.eml", "X-A: a\n\nb");
    put_text("from.eml", FROM "X-A: a\n\nb\n\n" FROM "no new one");
    put_text("apple.emlx", "9         \nX-A: a\n\nb<?xml version=\"1.0\"?>");
    put_text("pasted.txt", "failed");
    put_text("two", FROM "X-A: a\n\n\n" FROM "X-A: b\n\n\n");
    put_text("single", FROM "X-A: a\n\n\n");
    put_text("empty", "");
    put("picture", "\x89PNG\r\n\x1a\n\0\0", 10);
    put_text("maildir/cur/1:2,S", "X-A: 1\n\n");
    put_text("maildir/new/2", "X-A: 2\n\n");
    put_text("maildir/tmp/3", "X-A: 3\n\n");
    put_text("maildir/dovecot-uidlist", "3 V1\n");
    put_text("tree/a/deep/x", "X-A: x\n\n");
    put_text("tree/b", FROM "X-A: a\n\n\n" FROM "X-A: b\n\n\n");
    put_text("tree/.hidden", "X-A: h\n\n");
    snprintf(path, sizeof path, "%s/tree/circle", root);
    assert_int_equal(symlink("..", path), 0);
    snprintf(path, sizeof path, "%s/hollow", root);
    mkdir(path, 0700);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        list(cases[i].name, &out);
        assert_string_equal(buffer_text(&out), cases[i].given);
    }
    buffer_free(&out);
}

/* Messages across the pieces in which a file is read, and one that is larger than a piece. */
static void large_mailboxes(void **state)
{
    enum { COUNT = 300, LARGE = 1000000 };
    struct buffer file = BUFFER_EMPTY;
    for (int i = 0; i < COUNT; i++) {
        size_t length = i == 7 ? LARGE : (size_t)i * 50;
        buffer_printf(&file, FROM "X-A: %d\n\n", i);
        memset(buffer_reserve(&file, length), 'x', length);
        file.len += length;
        buffer_add_text(&file, "\n\n");
    }
    put("large", file.at, file.len);
    char path[300];
    char *names[] = {path};
    struct mail_file m = {0};
    struct error e;
    snprintf(path, sizeof path, "%s/large", root);
    struct mail_files *f = mail_files_new(names, 1);
    int i = 0;
    for (; mail_files_next(f, &m, &e) == 1; i++) {
        assert_int_equal(atoi(buffer_text(&m.message) + 5), i);
        assert_int_equal(m.message.len - span_find(buffer_span(&m.message), SPAN("\n\n")),
                         (i == 7 ? LARGE : i * 50) + 3);
    }
    assert_int_equal(i, COUNT);
    mail_files_free(&f);
    mail_file_free(&m);
    buffer_free(&file);
}

static int start(void **state)
{
    return mkdtemp(root) ? 0 : -1;
}

static int end(void **state)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_directories),
        cmocka_unit_test(large_mailboxes),
    };
    return cmocka_run_group_tests(tests, start, end);
}
