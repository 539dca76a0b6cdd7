#include "base/test.h"

#include "cli/sendmail_flags.h"

#include <stdio.h>
#include <string.h>

enum { MOST_WORDS = 16 };

/* Words parted by blanks; "''" is an empty one. */
static int split(char *text, char **argv)
{
    int n = 0;
    for (char *word = strtok(text, " "); word && n < MOST_WORDS; word = strtok(NULL, " "))
        argv[n++] = strcmp(word, "''") == 0 ? word + 2 : word;
    return n;
}

static void print(char *out, size_t room, const struct sendmail_flags *f)
{
    static const char *const modes[] = {"send", "smtp", "queue", "verify", "aliases", "retry"};
    static const char *const ret[] = {"", " full", " hdrs"};
    int n = snprintf(out, room, "%s%s%s%s", modes[f->mode], f->has_header_recipients ? " t" : "",
                     f->goes_to_the_end ? " i" : "", f->is_verbose ? " v" : "");
    const struct {
        const char *name, *value;
    } texts[] = {{"f", f->sender}, {"F", f->name}, {"C", f->configuration}};
    for (size_t i = 0; i < 3; i++)
        if (texts[i].value)
            n += snprintf(out + n, room - (size_t)n, " %s=%s", texts[i].name, texts[i].value);
    if (f->recipient.notify)
        n += snprintf(out + n, room - (size_t)n, " N=%u", f->recipient.notify);
    n += snprintf(out + n, room - (size_t)n, "%s", ret[f->mail.ret]);
    if (f->mail.envid.len)
        n += snprintf(out + n, room - (size_t)n, " V=%.*s", SPAN_F(f->mail.envid));
    for (int i = 0; i < f->recipient_count; i++)
        n += snprintf(out + n, room - (size_t)n, " <%s>", f->recipients[i]);
}

static void flags_are_read(void **state)
{
    static const struct {
        const char *words, *want; /* behind "!": a part of what is wrong */
    } cases[] = {
        {"sendmail", "send"},
        {"sendmail a@x.test b@x.test", "send <a@x.test> <b@x.test>"},
        {"/usr/sbin/sendmail -t -i", "send t i"},
        {"sendmail -ti", "send t i"},
        {"sendmail -it a", "send t i <a>"},
        {"sendmail -oi a", "send i <a>"},
        {"sendmail -o i a", "send i <a>"},
        {"sendmail -oi -oem -odb -om a", "send i <a>"},
        {"sendmail -oem a", "send <a>"},
        {"sendmail -f a@x.test b", "send f=a@x.test <b>"},
        {"sendmail -fa@x.test b", "send f=a@x.test <b>"},
        {"sendmail -ra@x.test b", "send f=a@x.test <b>"},
        {"sendmail -f '' b", "send f= <b>"},
        {"sendmail -f <> b", "send f=<> <b>"},
        {"sendmail -tif a", "send t i f=a"},
        {"sendmail -tifa -FAlice", "send t i f=a F=Alice"},
        {"sendmail -F Alice -- -f b", "send F=Alice <-f> <b>"},
        {"sendmail a -f b", "send <a> <-f> <b>"},
        {"sendmail - a", "send <-> <a>"},
        {"sendmail -bm -v a", "send v <a>"},
        {"sendmail -bs", "smtp"},
        {"sendmail -b s", "smtp"},
        {"sendmail -bp", "queue"},
        {"sendmail -bv a", "verify <a>"},
        {"sendmail -bi", "aliases"},
        {"sendmail -I", "aliases"},
        {"sendmail -q", "retry"},
        {"sendmail -q30m", "retry"},
        {"sendmail -qRexample.org", "retry"},
        {"sendmail -q a", "retry <a>"},
        {"mailq", "queue"},
        {"/usr/bin/mailq", "queue"},
        {"newaliases", "aliases"},
        {"./newaliases", "aliases"},
        {"mailq -C x.conf", "queue C=x.conf"},
        {"sendmail -Cx.conf a", "send C=x.conf <a>"},
        {"sendmail -N failure,delay a", "send N=6 <a>"},
        {"sendmail -Nnever a", "send N=8 <a>"},
        {"sendmail -N SUCCESS -R hdrs -V trip+1 a", "send N=1 hdrs V=trip+2B1 <a>"},
        {"sendmail -Rfull a", "send full <a>"},
        /* nothing comes of these */
        {"sendmail -m -n -U -G -x -em -Am -Ac -h 3 -L tag -p smtp", "send"},
        {"sendmail -B 8BITMIME -O QueueDirectory=/x -X log -d0.1 -d a", "send <a>"},
        /* what is wrong */
        {"sendmail -z a", "!no flag -z"},
        {"sendmail --help", "!flags have one letter"},
        {"sendmail -t\x01", "!no flag -?"},
        {"sendmail -f", "!-f needs a value"},
        {"sendmail -tf", "!-f needs a value"},
        {"sendmail -bd", "!plainpost serve"},
        {"sendmail -bz", "!-bz is not known"},
        {"sendmail -b ''", "!-b is not known"},
        {"sendmail -N perhaps a", "!not \"perhaps\""},
        {"sendmail -N never,delay a", "!not \"never,delay\""},
        {"sendmail -R body a", "!full or hdrs"},
        {"sendmail -V '' a", "!at most 100"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sendmail_flags f;
        struct arena a = ARENA_EMPTY;
        struct error e;
        char text[200], got[600], *argv[MOST_WORDS];
        snprintf(text, sizeof text, "%s", cases[i].words);
        int argc = split(text, argv);
        bool ok = sendmail_flags_parse(&f, argc, argv, &a, &e);
        if (ok)
            print(got, sizeof got, &f);
        else
            snprintf(got, sizeof got, "!%s", e.text);
        bool is_right = cases[i].want[0] == '!' ? !ok && strstr(got, cases[i].want + 1)
                                                : strcmp(got, cases[i].want) == 0;
        if (!is_right)
            fail_msg("%s: %s, not %s", cases[i].words, got, cases[i].want);
        arena_clear(&a);
    }
}

static void a_value_of_several_words_is_one(void **state)
{
    char *argv[] = {"sendmail", "-N", "never NOTIFY=success", "a"};
    char *ids[] = {"sendmail", "-V", "two words", "a"};
    struct sendmail_flags f;
    struct arena a = ARENA_EMPTY;
    struct error e;
    assert_false(sendmail_flags_parse(&f, 4, argv, &a, &e));
    assert_true(sendmail_flags_parse(&f, 4, ids, &a, &e));
    assert_true(span_equal(f.mail.envid, SPAN("two+20words")));
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_are_read),
        cmocka_unit_test(a_value_of_several_words_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
