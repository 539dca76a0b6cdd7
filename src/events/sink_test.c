/* A file's durability on a fake disk; commands as they are. */
#include "base/test.h"

#include "events/command_sink.h"
#include "events/file_sink.h"
#include "events/place.h"
#include "events/sink.h"
#include "sys/fake_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static struct disk *d;
static struct error error;

static int begin(void **state)
{
    d = fake_disk_new();
    return d->ops->mkdir(d, "/log", 0700) + d->ops->sync_directory(d, "/");
}

static int end(void **state)
{
    fake_disk_free(&d);
    return 0;
}

static const char *contents(const char *path)
{
    static char text[20000];
    int file = d->ops->open(d, path, O_RDONLY, 0);
    if (file < 0)
        return "(none)";
    ssize_t len = d->ops->read(d, file, text, sizeof text - 1, 0);
    assert_true(len >= 0);
    d->ops->close(d, file);
    text[len] = '\0';
    return text;
}

static void put(const char *path, struct span text)
{
    const struct iovec piece = {(void *)(uintptr_t)text.at, text.len};
    int file = d->ops->open(d, path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0 && d->ops->write(d, file, &piece, 1, 0) == 0 &&
                d->ops->sync(d, file) == 0);
    d->ops->close(d, file);
}

/* ---- files */

static void lines_are_added(void **state)
{
    assert_true(file_sink_add(d, "/log/events", SPAN("a\nb\n"), &error));
    assert_true(file_sink_add(d, "/log/events", SPAN("c\n"), &error));
    assert_string_equal(contents("/log/events"), "a\nb\nc\n");
    assert_int_equal(d->ops->rename(d, "/log/events", "/log/old"), 0);
    assert_true(file_sink_add(d, "/log/events", SPAN("d\n"), &error));
    assert_string_equal(contents("/log/events"), "d\n");
}

static void a_torn_line_is_cut_off(void **state)
{
    char long_line[10000];
    memset(long_line, 'x', sizeof long_line);
    put("/log/events", SPAN("a\nhalf"));
    assert_true(file_sink_add(d, "/log/events", SPAN("b\n"), &error));
    assert_string_equal(contents("/log/events"), "a\nb\n");
    put("/log/events", SPAN("half"));
    assert_true(file_sink_add(d, "/log/events", SPAN("b\n"), &error));
    assert_string_equal(contents("/log/events"), "b\n");
    memcpy(long_line, "a\n", 2);
    put("/log/events", span_make(long_line, sizeof long_line));
    assert_true(file_sink_add(d, "/log/events", SPAN("b\n"), &error));
    assert_string_equal(contents("/log/events"), "a\nb\n");
}

/* What was taken is there after a power cut, at whatever moment; and there are only whole lines
 * when more was added. */
static void what_was_taken_is_safe(void **state)
{
    for (size_t calls = 0; calls < 20; calls++)
        for (int loss = 0; loss < FAKE_LOSSES; loss++) {
            end(NULL);
            begin(NULL);
            fake_disk_cut_after(d, calls);
            bool first = file_sink_add(d, "/log/events", SPAN("first\n"), &error);
            bool second = first && file_sink_add(d, "/log/events", SPAN("second\n"), &error);
            fake_disk_restart(d, (enum fake_loss)loss, calls);
            assert_true(file_sink_add(d, "/log/events", SPAN("third\n"), &error));
            const char *text = contents("/log/events");
            assert_true(!first || strncmp(text, "first\n", 6) == 0);
            assert_true(!second || strcmp(text, "first\nsecond\nthird\n") == 0);
            assert_string_equal(text + strlen(text) - 6, "third\n");
        }
}

static void what_fails_leaves_nothing(void **state)
{
    put("/log/events", SPAN("a\n"));
    fake_disk_fill(d, true);
    assert_false(file_sink_add(d, "/log/events", SPAN("b\n"), &error));
    assert_string_equal(error.text, "cannot write to /log/events: No space left on device");
    fake_disk_fill(d, false);
    assert_string_equal(contents("/log/events"), "a\n");
    assert_false(file_sink_add(d, "/log", SPAN("b\n"), &error));
    assert_false(file_sink_add(d, "/nowhere/events", SPAN("b\n"), &error));
    assert_non_null(strstr(error.text, "cannot open /nowhere/events"));
}

/* ---- the place */

static const struct event_sink sink = {EVENT_SINK_FILE, {"/log/events", 11}};

static void the_place_is_the_old_or_the_new_one(void **state)
{
    uint64_t number;
    for (size_t calls = 0; calls < 12; calls++)
        for (int loss = 0; loss < FAKE_LOSSES; loss++) {
            struct buffer path = BUFFER_EMPTY;
            end(NULL);
            begin(NULL);
            assert_true(place_path(d, SPAN("/log"), &sink, &path, &error));
            assert_int_equal(place_load(d, buffer_text(&path), &number, &error), 0);
            assert_true(place_save(d, buffer_text(&path), &sink, 12, &error));
            fake_disk_cut_after(d, calls);
            bool saved = place_save(d, buffer_text(&path), &sink, 345678, &error);
            fake_disk_restart(d, (enum fake_loss)loss, calls);
            assert_int_equal(place_load(d, buffer_text(&path), &number, &error), 1);
            assert_true(number == 345678 || (!saved && number == 12));
            buffer_free(&path);
        }
}

static void a_place_that_is_none_is_told(void **state)
{
    uint64_t number;
    put("/log/place", SPAN("x file /log/events\n"));
    assert_int_equal(place_load(d, "/log/place", &number, &error), -1);
    assert_non_null(strstr(error.text, "/log/place does not begin with the number"));
    put("/log/place", SPAN(""));
    assert_int_equal(place_load(d, "/log/place", &number, &error), -1);
}

static void sinks_have_places_of_their_own(void **state)
{
    const struct event_sink other = {EVENT_SINK_COMMAND, {"/log/events", 11}};
    struct buffer a = BUFFER_EMPTY, b = BUFFER_EMPTY;
    assert_true(place_path(d, SPAN("/log"), &sink, &a, &error));
    assert_true(place_path(d, SPAN("/log"), &other, &b, &error));
    assert_string_not_equal(buffer_text(&a), buffer_text(&b));
    buffer_free(&a);
    buffer_free(&b);
}

/* ---- commands */

static void commands_take_or_not(void **state)
{
    static const struct {
        const char *command, *problem; /* "": taken */
    } cases[] = {
        {"[ \"$(cat)\" = \"a\nb\" ]", ""},
        {"true", ""}, /* without reading */
        {"exit 3", "the command ended with exit status 3"},
        {"echo no room >&2; exit 1", "the command ended with exit status 1: no room"},
        {"yes | head -c 100000; exit 1", "the command ended with exit status 1: y"},
        {"kill -9 $$", "the command was ended by signal 9"},
        {"exec /nowhere/at/all", "the command ended with exit status 127"},
        {"[ -z \"$SECRET_OF_OURS\" ]", ""},
    };
    int never = eventfd(0, EFD_CLOEXEC);
    setenv("SECRET_OF_OURS", "x", 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e = {""};
        bool taken = command_sink_run(cases[i].command, SPAN("a\nb\n"), never, &e);
        if (taken != !cases[i].problem[0] ||
            strncmp(e.text, cases[i].problem, strlen(cases[i].problem)) != 0)
            fail_msg("%s: %d %s", cases[i].command, taken, e.text);
    }
    close(never);
}

static void commands_can_be_interrupted(void **state)
{
    int now = eventfd(1, EFD_CLOEXEC);
    assert_false(command_sink_run("sleep 50", SPAN("a\n"), now, &error));
    assert_string_equal(error.text, "the command was interrupted");
    close(now);
}

/* ---- the rest */

static void lines_become_an_array(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    sink_add_array(&out, SPAN("{\"a\":1}\n{\"b\":2}\n"));
    sink_add_array(&out, SPAN("{}\n"));
    assert_string_equal(buffer_text(&out), "[{\"a\":1},{\"b\":2}][{}]");
    buffer_free(&out);
}

static void names_hold_no_secret(void **state)
{
    const struct event_sink hook = {EVENT_SINK_WEBHOOK, SPAN("https://app.example.org/m?key=1")};
    struct buffer out = BUFFER_EMPTY;
    sink_add_name(&out, &hook);
    buffer_add_text(&out, ", ");
    sink_add_name(&out, &sink);
    assert_string_equal(buffer_text(&out), "webhook https://app.example.org/m, file /log/events");
    buffer_free(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_are_added),
        TEST(a_torn_line_is_cut_off),
        TEST(what_was_taken_is_safe),
        TEST(what_fails_leaves_nothing),
        TEST(the_place_is_the_old_or_the_new_one),
        TEST(a_place_that_is_none_is_told),
        TEST(sinks_have_places_of_their_own),
        TEST(commands_take_or_not),
        TEST(commands_can_be_interrupted),
        TEST(lines_become_an_array),
        TEST(names_hold_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
