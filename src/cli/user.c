/* "plainpost user": the file of logins. Each verb is a function that says what is to be changed. */
#include "cli/ask_password.h"
#include "cli/commands.h"
#include "cli/login_store.h"
#include "login/login_file.h"
#include "login/password.h"
#include "sasl/saslprep.h"
#include "sys/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SENDERS = 100, SHORTEST_PASSWORD = 8 };

static const char usage[] =
    "use it as: plainpost user ls\n"
    "                      plainpost user add NAME [--sender ADDRESS|@DOMAIN|*]...\n"
    "                      plainpost user passwd NAME\n"
    "                      plainpost user senders NAME [ADDRESS|@DOMAIN|*]...\n"
    "                      plainpost user app-password NAME LABEL [--remove]\n"
    "                      plainpost user rm NAME\n"
    "                      plainpost user hash";

struct wish {
    const struct invocation *call;
    const char *verb;
    struct span name;
    struct span words[MOST_SENDERS]; /* behind the name */
    size_t count;
    bool removes;
    struct login_store store;
    struct buffer form, made; /* the name in its form; what was made of a password */
};

/* ---- what is wanted */

static bool read_words(struct wish *w, int argc, char **argv)
{
    if (argc < 2)
        return false;
    w->verb = argv[1];
    bool is_add = strcmp(w->verb, "add") == 0;
    for (int i = 2; i < argc; i++) {
        if (is_add && strcmp(argv[i], "--sender") == 0) {
            if (++i == argc)
                return false;
        } else if (strcmp(argv[i], "--remove") == 0) {
            w->removes = true;
            continue;
        } else if (argv[i][0] == '-' && argv[i][1] == '-') {
            return false;
        } else if (!w->name.len) {
            w->name = span_of(argv[i]);
            continue;
        } else if (is_add) {
            return false;
        }
        if (w->count == MOST_SENDERS)
            return false;
        w->words[w->count++] = span_of(argv[i]);
    }
    return true;
}

/* As clients will be understood when they say it. */
static bool prepare_name(struct wish *w, struct error *e)
{
    if (!saslprep_add(&w->form, w->name, true) || !login_name_is_valid(buffer_span(&w->form)))
        return error_set(e,
                         "that can't be the name of a login: it must have 1 to %d bytes of "
                         "UTF-8, and no blanks",
                         LOGIN_LONGEST_NAME);
    w->name = buffer_span(&w->form);
    return true;
}

static bool senders_are_valid(const struct wish *w, struct error *e)
{
    for (size_t i = 0; i < w->count; i++)
        if (!login_sender_is_valid(w->words[i]))
            return error_set(e,
                             "\"%.*s\" is no sender: write an address, @ and a domain for all "
                             "of the domain, or * for any",
                             SPAN_F(w->words[i]));
    return true;
}

/* ---- passwords */

static bool make_password(struct wish *w, struct error *e)
{
    struct buffer password = BUFFER_EMPTY;
    bool ok = ask_password(&password, e);
    if (ok && password.len < SHORTEST_PASSWORD)
        ok = error_set(e, "a password needs %d characters at least; nothing has changed",
                       SHORTEST_PASSWORD);
    ok = ok && password_hash(&w->made, buffer_span(&password), e);
    buffer_wipe(&password);
    return ok;
}

/* ---- changes */

static bool is_there(struct wish *w, int *found, struct error *e)
{
    struct login_line l;
    *found = login_file_find(secret_span(&w->store.text), w->name, &l, e);
    return *found >= 0;
}

/* It must be there, or must not. */
static bool check(struct wish *w, bool wanted, struct error *e)
{
    int found;
    struct error why;
    if (!is_there(w, &found, &why))
        return error_set(e, "%s: %s", w->store.path, why.text);
    if (found == wanted)
        return true;
    return error_set(e,
                     wanted ? "there is no login \"%.*s\"; \"plainpost user ls\" shows all"
                            : "there is a login \"%.*s\" already; \"plainpost user passwd\" "
                              "gives it another password",
                     SPAN_F(w->name));
}

static bool apply(struct wish *w, const struct login_edit *edit, struct error *e)
{
    struct buffer out = BUFFER_EMPTY;
    struct error why;
    bool ok = false;
    buffer_reserve(&out, w->store.text.len + 4096);
    switch (login_file_edit(&out, secret_span(&w->store.text), edit, &why)) {
    case LOGIN_CHANGED:
    case LOGIN_ADDED:
        ok = login_store_replace(&w->store, w->call->options, buffer_span(&out), e);
        break;
    case LOGIN_HAS_NO_APP:
        error_set(e, "\"%.*s\" has no app password \"%.*s\"", SPAN_F(w->name), SPAN_F(edit->label));
        break;
    case LOGIN_UNREADABLE:
        error_set(e, "%s: %s", w->store.path, why.text);
        break;
    }
    buffer_wipe(&out);
    return ok;
}

static bool add(struct wish *w, struct error *e)
{
    if (!senders_are_valid(w, e) || !check(w, false, e))
        return false;
    struct login_edit edit = {w->name, .password = buffer_span(&w->made), .senders = w->words,
                              .sender_count = w->count};
    if (!apply(w, &edit, e))
        return false;
    printf("%.*s may log in%s.\n", SPAN_F(w->name),
           span_find_char(w->name, '@') == SPAN_NOT_FOUND && !w->count
               ? ", but may not send as any address yet: see \"plainpost user senders\""
               : "");
    return true;
}

static bool passwd(struct wish *w, struct error *e)
{
    if (!check(w, true, e))
        return false;
    struct login_edit edit = {w->name, .password = buffer_span(&w->made)};
    if (!apply(w, &edit, e))
        return false;
    printf("%.*s has another password.\n", SPAN_F(w->name));
    return true;
}

static bool senders(struct wish *w, struct error *e)
{
    struct login_edit edit = {w->name, .senders = w->words, .sender_count = w->count};
    if (!senders_are_valid(w, e) || !check(w, true, e) || !apply(w, &edit, e))
        return false;
    printf("%.*s may send as its own address", SPAN_F(w->name));
    for (size_t i = 0; i < w->count; i++)
        printf("%s%.*s", i ? ", " : ", and as ", SPAN_F(w->words[i]));
    puts(".");
    return true;
}

static bool app_password(struct wish *w, struct error *e)
{
    struct buffer password = BUFFER_EMPTY;
    struct login_edit edit = {w->name, .label = w->words[0]};
    if (w->count != 1 || !login_label_is_valid(edit.label))
        return error_set(e, "an app password has a label of letters, digits and - _ . behind the "
                            "name: plainpost user app-password alice@example.org phone");
    if (!w->removes)
        app_password_make(&password, &w->made, edit.label);
    edit.app_word = buffer_span(&w->made);
    bool ok = check(w, true, e) && apply(w, &edit, e);
    if (ok && w->removes)
        printf("The app password %.*s of %.*s is gone.\n", SPAN_F(edit.label), SPAN_F(w->name));
    else if (ok)
        printf("%s\n", buffer_text(&password));
    buffer_wipe(&password);
    return ok;
}

static bool rm(struct wish *w, struct error *e)
{
    struct login_edit edit = {w->name, .is_removed = true};
    if (!check(w, true, e) || !apply(w, &edit, e))
        return false;
    printf("%.*s may not log in any more.\n", SPAN_F(w->name));
    return true;
}

/* ---- the list */

static void print_login(const struct login_line *l)
{
    struct span rest = l->words, sender, label, hash;
    printf("%.*s", SPAN_F(l->name));
    if (!l->hash.len && !l->keys.len)
        printf("  has no password");
    while (login_next_sender(&rest, &sender))
        printf("  sender %.*s", SPAN_F(sender));
    rest = l->words;
    while (login_next_app(&rest, &label, &hash))
        printf("  app-password %.*s", SPAN_F(label));
    putchar('\n');
}

static bool ls(struct wish *w, struct error *e)
{
    struct login_line l;
    struct error why;
    struct span rest = secret_span(&w->store.text);
    for (size_t number = 1; rest.len; number++) {
        int found = login_line_parse(span_cut(&rest, '\n'), &l, &why);
        if (found < 0)
            return error_set(e, "%s:%zu: %s", w->store.path, number, why.text);
        if (found > 0)
            print_login(&l);
    }
    return true;
}

/* ---- the command */

static const struct verb {
    const char *name;
    bool (*run)(struct wish *w, struct error *e);
    bool takes_name, changes, takes_words, may_remove;
    bool asks, wants_login; /* for a password; if the login is, or is not, there */
} verbs[] = {
    {"ls", ls, false, false, false, false, false, false},
    {"add", add, true, true, true, false, true, false},
    {"passwd", passwd, true, true, false, false, true, true},
    {"senders", senders, true, true, true, false, false, false},
    {"app-password", app_password, true, true, true, true, false, false},
    {"rm", rm, true, true, false, false, false, false},
};

static const struct verb *find_verb(const struct wish *w)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const struct verb *v = &verbs[i];
        if (strcmp(w->verb, v->name) == 0)
            return (w->name.len > 0) == v->takes_name && (!w->count || v->takes_words) &&
                           (!w->removes || v->may_remove)
                       ? v
                       : NULL;
    }
    return NULL;
}

/* Nobody else is kept waiting while a person thinks, so what is found here is looked at again. */
static bool ask_first(struct wish *w, const struct verb *v, const char *path, struct error *e)
{
    bool ok = login_store_open(&w->store, path, false, e) && check(w, v->wants_login, e) &&
              make_password(w, e);
    login_store_close(&w->store);
    return ok;
}

static int run(struct wish *w, const struct verb *v, const char *path)
{
    struct error e;
    bool ok = !v->takes_name || prepare_name(w, &e);
    ok = ok && (!v->asks || ask_first(w, v, path, &e));
    if (ok && (ok = login_store_open(&w->store, path, v->changes, &e)))
        ok = v->run(w, &e);
    login_store_close(&w->store);
    return ok ? 0 : complain(1, "%s", e.text);
}

/* For a database: what its columns are to hold. */
static int print_hash(struct wish *w)
{
    struct error e;
    if (!make_password(w, &e))
        return complain(1, "%s", e.text);
    struct span rest = buffer_span(&w->made), password = span_word(&rest);
    printf("password  %.*s\nscram     %.*s\n", SPAN_F(password), SPAN_F(rest));
    return 0;
}

int user_main(const struct invocation *i)
{
    struct wish w = {.call = i, .store.lock = -1};
    struct span logins = i->options->logins;
    struct buffer path = BUFFER_EMPTY;
    int status;
    process_hide(); /* it hears passwords */
    buffer_add_span(&path, logins);
    bool is_read = read_words(&w, i->argc, i->argv);
    const struct verb *v = is_read ? find_verb(&w) : NULL;
    bool is_elsewhere = span_starts(logins, SPAN("sqlite:")) ||
                        span_starts(logins, SPAN("dovecot:")) || span_starts(logins, SPAN("pam:"));
    if (is_read && strcmp(w.verb, "hash") == 0 && !w.name.len && !w.removes)
        status = print_hash(&w);
    else if (!v)
        status = complain(2, "%s", usage);
    else if (!logins.len)
        status = complain(1, "the configuration does not say where the logins are; add a line such "
                             "as: logins /etc/plainpost/logins");
    else if (is_elsewhere)
        status = complain(1, "the logins are not in a file of ours but at %s; change them there",
                          buffer_text(&path));
    else
        status = run(&w, v, buffer_text(&path));
    buffer_wipe(&w.made);
    buffer_free(&w.form);
    buffer_free(&path);
    return status;
}
