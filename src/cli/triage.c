/* plainpost triage: a whole mailbox of notices, sorted out; and moved into folders, when that is
 * wanted. */
#include "base/memory.h"
#include "bounce/render_triage.h"
#include "cli/commands.h"
#include "cli/explaining.h"
#include "cli/moving.h"
#include "cli/triage_json.h"
#include "sys/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { NOTHING_DONE = 1 }; /* exit status: nobody could be asked, or they said no */

struct sorting {
    struct explain_wishes wishes;
    struct triage_wishes triage_wishes;
    struct evidence_base *evidence;
    struct moving *moving; /* NULL: nothing is to be moved */
    struct triage triage;
    bool has_failed;
};

static void take(void *arg, const struct explained *x)
{
    struct sorting *s = arg;
    triage_add(&s->triage, &x->finding.notice, &x->finding.verdict, buffer_span(&x->file.name));
    if (s->moving)
        moving_note(s->moving, &x->file, pile_of(&x->finding.notice, &x->finding.verdict));
}

static void say_unreadable(void *arg, const struct error *e)
{
    ((struct sorting *)arg)->has_failed = true;
    complain(0, "%s", e->text);
}

static void put(FILE *to, struct buffer *text)
{
    fwrite(buffer_text(text), 1, text->len, to);
    fflush(to);
    buffer_free(text);
}

/* ---- to move */

static bool person_agrees(void)
{
    char answer[16] = "";
    fputs("Go on? [y/N] ", stderr);
    fflush(stderr);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int ask(const struct sorting *s)
{
    struct buffer plan = BUFFER_EMPTY;
    buffer_add_char(&plan, '\n');
    moving_tell(&plan, s->moving, &s->wishes.render);
    put(stderr, &plan);
    if (s->wishes.is_sure)
        return 0;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return complain(NOTHING_DONE,
                        "nothing was moved: there is nobody to ask here; say --yes to do it");
    return person_agrees() ? 0 : complain(NOTHING_DONE, "nothing was moved");
}

static int move(struct sorting *s)
{
    struct buffer told = BUFFER_EMPTY;
    struct error e;
    if (!moving_count(s->moving))
        return complain(0, "there is nothing to move: of none is it known whose it is; --sent and "
                           "--me tell it");
    int status = ask(s);
    if (status)
        return status;
    if (!moving_go(s->moving, &told, &e))
        status = complain(EX_TEMPFAIL, "%s", e.text);
    put(s->wishes.form == EXPLAIN_JSON ? stderr : stdout, &told);
    return status;
}

static int undo(const struct explain_wishes *w)
{
    int status = 0;
    if (!w->file_count)
        return complain(EX_USAGE, "--undo wants the mailbox behind it out of which was moved");
    for (size_t i = 0; i < w->file_count; i++) {
        struct buffer told = BUFFER_EMPTY;
        struct error e;
        if (!moving_undo(w->files[i], &told, &e))
            status = complain(EX_TEMPFAIL, "%s", e.text);
        put(stdout, &told);
    }
    return status;
}

/* ---- to sort */

/* Where most mail programs keep what was sent, in a Maildir that is named. */
static struct span sent_folder(const struct explain_wishes *w, struct arena *a)
{
    static const char *const names[] = {".Sent", ".Sent Messages", ".Sent Items", ".INBOX.Sent"};
    for (size_t i = 0; i < w->file_count; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            struct span path = arena_printf(a, "%s/%s", w->files[i], names[k]);
            if (access(path.at, R_OK | X_OK) == 0)
                return path;
        }
    return SPAN_NONE;
}

static bool can_move(const struct sorting *s)
{
    struct error e;
    struct moving *m = s->moving ? NULL : moving_new(s->wishes.files, s->wishes.file_count, &e);
    bool can = m != NULL;
    moving_free(&m);
    return can;
}

static void print(struct sorting *s)
{
    struct buffer out = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    if (s->wishes.form == EXPLAIN_JSON) {
        triage_json(&out, &s->triage);
        buffer_add_char(&out, '\n');
    } else {
        const struct triage_hints h = {sent_folder(&s->wishes, &a), can_move(s)};
        render_triage(&out, &s->triage, &s->wishes.render, &h);
    }
    put(stdout, &out);
    arena_clear(&a);
}

static int sort_out(struct sorting *s)
{
    struct explain_wishes *w = &s->wishes;
    struct mail_files *files = mail_files_new(w->files, w->file_count);
    const struct explaining each = {files, s->evidence, NULL, take, say_unreadable, s};
    s->triage_wishes = (struct triage_wishes){explain_wishes_advise(w), w->me, w->me_count,
                                              w->sent_count > 0, clock_now_ms()};
    triage_start(&s->triage, &s->triage_wishes);
    explain_each(&each);
    mail_files_free(&files);
    triage_finish(&s->triage);
    if (!s->triage.messages)
        return s->has_failed ? EX_NOINPUT
                             : complain(EX_NOINPUT, "there is no message in what was named");
    print(s);
    int status = s->moving ? move(s) : 0;
    return status ? status : s->has_failed ? EX_NOINPUT : 0;
}

static int prepare_and_sort(struct sorting *s, const struct invocation *i)
{
    static char standard_input[] = "-";
    struct explain_wishes *w = &s->wishes;
    struct error e;
    if (w->undoes)
        return undo(w);
    if (!w->file_count && !w->moves)
        w->files[w->file_count++] = standard_input;
    if (!w->file_count)
        return complain(EX_USAGE, "--move wants a Maildir or an mbox file behind it");
    if (w->moves && !(s->moving = moving_new(w->files, w->file_count, &e)))
        return complain(EX_NOINPUT, "%s", e.text);
    if (!(s->evidence = evidence_new(w, i, &e)))
        return complain(EX_NOINPUT, "%s", e.text);
    explain_wishes_look(w);
    return sort_out(s);
}

int triage_main(const struct invocation *i)
{
    struct sorting *s = memory_new(sizeof *s);
    struct arena a = ARENA_EMPTY;
    struct error e;
    int status = explain_wishes_parse(&s->wishes, i->argc, i->argv, &a, &e)
                     ? prepare_and_sort(s, i)
                     : complain(EX_USAGE, "%s", e.text);
    triage_free(&s->triage);
    moving_free(&s->moving);
    evidence_free(&s->evidence);
    arena_clear(&a);
    free(s);
    return fflush(stdout) == 0 ? status : EX_IOERR;
}
