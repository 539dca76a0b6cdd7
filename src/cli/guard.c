/* "plainpost guard": what the guard over accounts would have done with a log, and its limits. */
#include "base/memory.h"
#include "cli/commands.h"
#include "cli/guard_text.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FAULTS_SHOWN = 5,
    MOST_DECLARED = 100 * 1000 * 1000,
    LONGEST_ANSWER = 10000 /* hours */,
    LARGEST_MESSAGE = 256 << 20
};

static const char usage[] =
    "use it as: plainpost guard replay [--json] [--limit NAME=NUMBER] [--without SIGN]\n"
    "                                  [--profile ACCOUNT=KIND:NUMBER] [--local DOMAIN]\n"
    "                                  [--by-sender] [--answer HOURS] EVENTS...\n"
    "                      plainpost guard look [MESSAGE]\n"
    "                      plainpost guard limits";

struct reading {
    struct replay *replay;
    char *line; /* getline's */
    size_t room;
    uint64_t events, faults;
    bool is_json;
};

/* ---- reading */

/* Of the first few faults the person hears each. */
static void complain_of(struct reading *r, const char *name, uint64_t number, const struct error *e)
{
    if (r->faults++ < FAULTS_SHOWN)
        complain(0, "%s:%llu is left out: %s", name, (unsigned long long)number, e->text);
}

typedef void take_fn(struct replay *r, const struct replay_line *l);

static void take_local(struct replay *r, const struct replay_line *l)
{
    if (l->kind == REPLAY_DELIVERED)
        replay_take(r, l);
}

static bool read_all(struct reading *r, FILE *file, const char *name, take_fn *take, bool is_first)
{
    ssize_t len;
    errno = 0;
    for (uint64_t number = 1; (len = getline(&r->line, &r->room, file)) >= 0; number++) {
        struct arena a = ARENA_EMPTY;
        struct replay_line l;
        struct error e;
        struct span text = span_trim(span_make(r->line, (size_t)len));
        if (!text.len)
            continue;
        bool ok = replay_line_read(text, &a, &l, &e);
        if (ok)
            take(r->replay, &l);
        if (!is_first && ok)
            r->events++;
        else if (!is_first)
            complain_of(r, name, number, &e);
        arena_clear(&a);
    }
    return !ferror(file);
}

static bool read_file(struct reading *r, const char *name, take_fn *take, bool is_first)
{
    bool is_input = strcmp(name, "-") == 0;
    if (is_input && is_first)
        return true; /* it can be read only once */
    FILE *file = is_input ? stdin : fopen(name, "re");
    bool ok = file && read_all(r, file, name, take, is_first);
    if (!ok)
        complain(1, "could not read %s: %s", name, strerror(errno));
    if (file && !is_input)
        fclose(file);
    return ok;
}

/* ---- the command line */

struct wish {
    struct replay_settings settings;
    char **files, **profiles, **local; /* borrowed words */
    int file_count, profile_count, local_count;
    bool is_json;
};

static bool read_limit(struct wish *w, const char *text, struct error *e)
{
    struct span rest = span_of(text), name = span_cut(&rest, '=');
    return limits_set(&w->settings.limits, name, rest, e);
}

static bool read_without(struct wish *w, const char *text, struct error *e)
{
    enum guard_signal s;
    if (!signal_parse(span_of(text), &s))
        return error_set(e, "there is no sign \"%.40s\"", text);
    w->settings.limits.signals_off |= 1u << s;
    return true;
}

static bool read_answer(struct wish *w, const char *text, struct error *e)
{
    uint64_t hours;
    if (!span_to_u64(span_of(text), LONGEST_ANSWER, &hours))
        return error_set(e, "--answer takes a number of hours, 0 for never, not \"%.40s\"", text);
    w->settings.answer_ms = (int64_t)hours * 3600 * 1000;
    return true;
}

/* "news@example.org=newsletter:5000" */
static bool declare(struct replay *r, const char *text, struct error *e)
{
    struct span number = span_of(text), name = span_cut(&number, '='),
                kind = span_cut(&number, ':');
    uint64_t a_day;
    bool is_service = span_equal(kind, SPAN("service"));
    if (!name.len || (!is_service && !span_equal(kind, SPAN("newsletter"))) ||
        !span_to_u64(number, MOST_DECLARED, &a_day) || !a_day)
        return error_set(e,
                         "--profile takes ACCOUNT=newsletter:NUMBER or ACCOUNT=service:NUMBER, "
                         "with the recipients in a day, not \"%.80s\"",
                         text);
    if (r)
        replay_declare(r, name, is_service ? PROFILE_SERVICE : PROFILE_NEWSLETTER, (uint32_t)a_day);
    return true;
}

/* 1: understood; 0: not a flag of this kind; -1: `e`. */
static int read_pair(struct wish *w, char *flag, char *value, struct error *e)
{
    bool ok = true;
    if (strcmp(flag, "--limit") == 0)
        ok = read_limit(w, value, e);
    else if (strcmp(flag, "--without") == 0)
        ok = read_without(w, value, e);
    else if (strcmp(flag, "--answer") == 0)
        ok = read_answer(w, value, e);
    else if (strcmp(flag, "--local") == 0)
        w->local[w->local_count++] = value;
    else if (strcmp(flag, "--profile") == 0) {
        ok = declare(NULL, value, e);
        w->profiles[w->profile_count++] = value;
    } else
        return 0;
    return ok ? 1 : -1;
}

/* False: `e`, or without a text when the usage is to be shown. */
static bool read_words(struct wish *w, int count, char **words, struct error *e)
{
    for (int i = 0; i < count; i++) {
        int pair = i + 1 < count ? read_pair(w, words[i], words[i + 1], e) : 0;
        if (pair < 0)
            return false;
        if (pair)
            i++;
        else if (strcmp(words[i], "--json") == 0)
            w->is_json = true;
        else if (strcmp(words[i], "--by-sender") == 0)
            w->settings.is_by_sender = true;
        else if (words[i][0] == '-' && words[i][1])
            return false;
        else
            w->files[w->file_count++] = words[i];
    }
    return w->file_count > 0;
}

static int replay_files(struct wish *w)
{
    struct reading r = {.is_json = w->is_json};
    struct error e;
    r.replay = replay_new(&w->settings, w->is_json ? guard_tell_json : guard_tell_words, NULL);
    for (int i = 0; i < w->local_count; i++)
        replay_add_local(r.replay, span_of(w->local[i]));
    for (int i = 0; i < w->profile_count; i++)
        declare(r.replay, w->profiles[i], &e);
    bool ok = true;
    for (int i = 0; ok && i < w->file_count; i++)
        ok = read_file(&r, w->files[i], take_local, true);
    for (int i = 0; ok && i < w->file_count; i++)
        ok = read_file(&r, w->files[i], replay_take, false);
    struct replay_figures f = replay_end(r.replay);
    if (ok && r.events && w->is_json)
        guard_print_figures_json(&f);
    else if (ok && r.events)
        guard_print_figures(&f);
    replay_free(&r.replay);
    free(r.line);
    if (r.faults > FAULTS_SHOWN)
        complain(0, "%llu lines in all are left out", (unsigned long long)r.faults);
    if (ok && !r.events)
        return complain(1, "there is no event in %s", w->files[0]);
    return ok ? 0 : 1;
}

/* What a log may say of a message, so that links and texts count. */
static int look(const char *name)
{
    struct buffer message = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct look l;
    bool is_input = strcmp(name, "-") == 0;
    bool ok = is_input ? whole_file_take(STDIN_FILENO, LARGEST_MESSAGE, &message)
                       : whole_file_read(name, 0, LARGEST_MESSAGE, &message);
    if (ok) {
        look_at(buffer_span(&message), &a, &l);
        guard_print_look(&l);
    } else {
        complain(1, "could not read %s: %s", name, strerror(errno));
    }
    arena_clear(&a);
    buffer_free(&message);
    return ok ? 0 : 1;
}

int guard_main(const struct invocation *i)
{
    struct error e = {""};
    size_t count = (size_t)i->argc;
    char **words;
    struct wish w = {.settings = {.limits = limits_usual(), .answer_ms = 4 * 3600 * 1000}};
    if (i->argc == 2 && strcmp(i->argv[1], "limits") == 0) {
        guard_print_limits();
        return 0;
    }
    if ((i->argc == 2 || i->argc == 3) && strcmp(i->argv[1], "look") == 0)
        return look(i->argc == 3 ? i->argv[2] : "-");
    w.files = words = memory_new(3 * count * sizeof *words);
    w.profiles = words + count;
    w.local = words + 2 * count;
    bool ok = i->argc > 1 && strcmp(i->argv[1], "replay") == 0 &&
              read_words(&w, i->argc - 2, i->argv + 2, &e);
    int status = ok ? replay_files(&w) : complain(2, "%s", e.text[0] ? e.text : usage);
    free(words);
    return status;
}
