/* "plainpost dkim": keys by which mail is signed. What is published is judged by the room doctor.
 */
#include "auth/dkim_key.h"
#include "cli/check.h"
#include "cli/commands.h"
#include "cli/doctor_text.h"
#include "cli/our_keys.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "signing/new_key.h"
#include "sys/clock.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "use it as: plainpost dkim new DOMAIN [--selector NAME] [--ed25519] [--file FILE]\n"
    "                      plainpost dkim show [DOMAIN]\n"
    "                      plainpost dkim check [DOMAIN [SELECTOR FILE]] [--dns ADDRESS:PORT]";

enum { MOST_WORDS = 3 };

struct wish {
    const struct invocation *call;
    const char *verb;
    struct span words[MOST_WORDS]; /* behind the verb */
    size_t count;
    struct span domain; /* the first of them, in ASCII and lower case; empty: none */
    struct span selector, file, server;
    bool is_ed25519;
    struct arena arena;
};

/* ---- what is wanted */

static bool take_flag(struct wish *w, const char *flag, const char *value)
{
    bool is_new = strcmp(w->verb, "new") == 0;
    if (strcmp(flag, "--dns") == 0 && strcmp(w->verb, "check") == 0)
        return check_take_server(&w->server, value);
    struct span *place = is_new && strcmp(flag, "--selector") == 0 ? &w->selector
                         : is_new && strcmp(flag, "--file") == 0   ? &w->file
                                                                   : NULL;
    if (!place)
        return complain(0, "%s", usage);
    *place = span_of(value);
    return true;
}

static bool take_name(struct wish *w, struct span *to, struct span text, const char *what)
{
    struct span ascii;
    if (!domain_to_ascii(text, &ascii, &w->arena) || !domain_is_valid(ascii, false, false))
        return complain(0, "\"%.*s\" is no %s", SPAN_F(text), what);
    char *lower = arena_new(&w->arena, ascii.len + 1);
    for (size_t i = 0; i < ascii.len; i++)
        lower[i] = ascii_lower(ascii.at[i]);
    *to = span_make(lower, ascii.len);
    return true;
}

static bool parse(struct wish *w)
{
    const struct invocation *i = w->call;
    if (i->argc < 2)
        return complain(0, "%s", usage);
    w->verb = i->argv[1];
    for (int n = 2; n < i->argc; n++) {
        const char *word = i->argv[n];
        bool is_flag = word[0] == '-' && word[1];
        if (strcmp(word, "--ed25519") == 0 && strcmp(w->verb, "new") == 0)
            w->is_ed25519 = true;
        else if (is_flag ? n + 1 == i->argc : w->count == MOST_WORDS)
            return complain(0, "%s", usage);
        else if (is_flag && !take_flag(w, word, i->argv[++n]))
            return false;
        else if (!is_flag)
            w->words[w->count++] = span_of(word);
    }
    return (!w->count || take_name(w, &w->domain, w->words[0], "domain")) &&
           (!w->selector.len || take_name(w, &w->selector, w->selector, "selector"));
}

/* ---- new: the file */

/* "s20261127", or "e20261127" of Ed25519: so the next one has another name. */
static void choose_selector(struct wish *w)
{
    time_t now = (time_t)(clock_now_ms() / 1000);
    struct tm day;
    gmtime_r(&now, &day);
    w->selector = arena_printf(&w->arena, "%c%04d%02d%02d", w->is_ed25519 ? 'e' : 's',
                               day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

static struct span folder_of(struct wish *w, struct span file)
{
    struct span copy = arena_copy(&w->arena, file);
    return span_of(dirname((char *)(uintptr_t)copy.at));
}

/* Where the other keys are; or beside the configuration, in a folder of the program's name if there
 * is one. */
static void choose_file(struct wish *w)
{
    const struct options *o = w->call->options;
    struct span folder = SPAN(".");
    struct stat found;
    if (o->signing_key_count) {
        folder = folder_of(w, o->signing_keys[0].file);
    } else if (w->call->file) {
        folder = folder_of(w, span_of(w->call->file));
        struct span own = arena_printf(&w->arena, "%.*s/plainpost", SPAN_F(folder));
        if (stat(own.at, &found) == 0 && S_ISDIR(found.st_mode))
            folder = own;
    }
    char *real = realpath(arena_text(&w->arena, folder), NULL);
    w->file = arena_printf(&w->arena, "%s/%.*s.%.*s.pem", real ? real : folder.at,
                           SPAN_F(w->domain), SPAN_F(w->selector));
    free(real);
}

/* Whoever has the state runs the server, and must be able to read it. In `*reader` who can. */
static bool give_to_server(const struct options *o, int fd, uid_t *reader)
{
    struct buffer state = BUFFER_EMPTY;
    struct stat found;
    buffer_add_span(&state, o->state);
    bool is_there = stat(buffer_text(&state), &found) == 0;
    buffer_free(&state);
    *reader = is_there ? found.st_uid : geteuid();
    return !is_there || found.st_uid == geteuid() || fchown(fd, found.st_uid, found.st_gid) == 0;
}

static bool write_key(const struct wish *w, struct span pem, uid_t *reader)
{
    const char *file = w->file.at;
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return complain(0,
                        "there is a file %s already, and nothing has changed; give the new key "
                        "another name by --selector or --file",
                        file);
    bool is_given = fd >= 0 && give_to_server(w->call->options, fd, reader);
    bool ok = is_given && whole_file_put(fd, pem);
    if (fd >= 0 && !is_given)
        complain(0,
                 "cannot give %s to the user who runs the server (%s); call this as root, or as "
                 "that user",
                 file, strerror(errno));
    else if (!ok)
        complain(0, "cannot write the key to %s: %s", file, strerror(errno));
    if (!ok && fd >= 0)
        unlink(file);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* ---- new: what to do with it */

static struct span key_name(struct arena *a, const struct doctor_key *k)
{
    return arena_printf(a, "%.*s._domainkey.%.*s", SPAN_F(k->selector), SPAN_F(k->domain));
}

static void add_record(struct buffer *out, const struct doctor_key *k, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY;
    dkim_key_add_record(&text, k->is_ed25519 ? KEY_ED25519 : KEY_RSA, k->octets);
    dns_add_txt_line(out, key_name(a, k), buffer_span(&text));
    buffer_add_char(out, '\n');
    buffer_free(&text);
}

static void add_line(struct buffer *out, const struct signing_key *k)
{
    buffer_add_text(out, "dkim-key ");
    signing_key_print(out, k);
    buffer_add_char(out, '\n');
}

/* Those that it may take the place of. */
static void add_others(struct buffer *out, const struct wish *w)
{
    const struct options *o = w->call->options;
    bool is_first = true;
    for (size_t i = 0; i < o->signing_key_count; i++) {
        if (!span_equal(o->signing_keys[i].domain, w->domain))
            continue;
        if (is_first)
            buffer_add_text(out, "\nIf it is to take the place of another one, take that line away "
                                 "at the same time:\n\n");
        is_first = false;
        add_line(out, &o->signing_keys[i]);
    }
    if (!is_first)
        buffer_add_text(out, "\nThe record of the old key stays in the DNS for another week, for "
                             "mail that is still on its way.\n");
}

static void add_steps(struct buffer *out, const struct wish *w, const struct doctor_key *k,
                      struct arena *a)
{
    const struct signing_key line = {w->domain, w->selector, w->file};
    const char *file = w->call->file;
    buffer_printf(out,
                  "\n1. Publish this in the DNS of %.*s. Where a form asks for a name and a\n"
                  "   text, the name is %.*s._domainkey, and the text is all between the\n"
                  "   quotes, without them and without the blank between two of them.\n\n",
                  SPAN_F(w->domain), SPAN_F(w->selector));
    add_record(out, k, a);
    buffer_add_text(out, "\n2. Wait until it can be seen; this says so:\n\n");
    buffer_printf(out, "plainpost%s%s dkim check %.*s %.*s ", file ? " -c " : "", file ? file : "",
                  SPAN_F(w->domain), SPAN_F(w->selector));
    buffer_add_span(out, w->file);
    buffer_printf(out, "\n\n3. Write this into %s, and then say plainpost reload:\n\n",
                  file ? file : "the configuration");
    add_line(out, &line);
    add_others(out, w);
}

static void print_reader(uid_t reader)
{
    const struct passwd *p = getpwuid(reader);
    if (p)
        printf("Only the user %s can read it, who must be the one that runs the server.\n",
               p->pw_name);
    else
        printf("Only the user with the id %u can read it, who must be the one that runs the "
               "server.\n",
               (unsigned)reader);
}

static int make(struct wish *w)
{
    struct buffer pem = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct doctor_key key;
    uid_t reader = 0;
    if (w->count != 1)
        return complain(2, "%s", usage);
    if (!w->selector.len)
        choose_selector(w);
    if (!w->file.len)
        choose_file(w);
    new_key_add(&pem, w->is_ed25519 ? KEY_ED25519 : KEY_RSA);
    bool ok = write_key(w, buffer_span(&pem), &reader);
    buffer_wipe(&pem);
    const struct signing_key named = {w->domain, w->selector, w->file};
    if (!ok || !our_key_read(&key, &named, &w->arena))
        return 1;
    printf("The private key is in %s.\n", w->file.at);
    print_reader(reader);
    add_steps(&out, w, &key, &w->arena);
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
    return 0;
}

/* ---- those that there are */

/* The key that is named by hand, or those of the configuration. Some that can't be read: `*ok` is
 * false then. */
static struct doctor_key *find_keys(struct wish *w, size_t *count, bool *ok)
{
    const struct options *o = w->call->options;
    struct doctor_key *keys = arena_new(&w->arena, (o->signing_key_count + 1) * sizeof *keys);
    *count = 0;
    *ok = true;
    if (w->count == MOST_WORDS) {
        const struct signing_key named = {w->domain, w->words[1], w->words[2]};
        *ok = our_key_read(&keys[0], &named, &w->arena);
        *count = *ok;
        return keys;
    }
    for (size_t i = 0; i < o->signing_key_count; i++) {
        const struct signing_key *named = &o->signing_keys[i];
        if (w->count && !span_equal(named->domain, w->domain))
            continue;
        *ok &= our_key_read(&keys[*count], named, &w->arena);
        *count += keys[*count].octets.len > 0;
    }
    return keys;
}

static int has_none(const struct wish *w)
{
    if (w->count)
        return complain(1,
                        "this server has no key that signs for %.*s; \"plainpost dkim new %.*s\" "
                        "makes one",
                        SPAN_F(w->domain), SPAN_F(w->domain));
    return complain(1, "this server has no key to sign mail by; \"plainpost dkim new DOMAIN\" "
                       "makes one");
}

static int show(struct wish *w)
{
    struct buffer out = BUFFER_EMPTY;
    size_t count;
    bool ok;
    if (w->count > 1)
        return complain(2, "%s", usage);
    struct doctor_key *keys = find_keys(w, &count, &ok);
    for (size_t i = 0; i < count; i++) {
        buffer_printf(&out, "%s; %s, by which this server signs for %.*s\n", i ? "\n" : "",
                      keys[i].is_ed25519 ? "Ed25519" : "RSA", SPAN_F(keys[i].domain));
        add_record(&out, &keys[i], &w->arena);
    }
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
    return !ok ? 1 : count ? 0 : has_none(w);
}

/* ---- check */

static int look(struct wish *w, struct doctor_request *r, struct check_dns *dns)
{
    struct doctor_report report;
    struct lookups l = {0};
    struct buffer out = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    while (!doctor_examine_keys(r, &l, &report, &a)) {
        check_dns_answer(dns, &l);
        arena_clear(&a);
    }
    doctor_print_findings(&out, r, &report);
    fputs(buffer_text(&out) + (out.len && out.at[0] == '\n'), stdout);
    int status = doctor_is_fine(&report) && !report.counts[DOCTOR_UNCHECKED] ? 0 : 1;
    buffer_free(&out);
    arena_clear(&a);
    lookups_free(&l);
    return status;
}

static int check(struct wish *w)
{
    const struct options *o = w->call->options;
    struct dns_settings settings = {
        .servers = o->dns, .server_count = o->dns_count, .anchor = o->dns_anchor};
    struct doctor_request r = {.domain = SPAN_NONE};
    struct error e;
    bool ok;
    if (w->count == 2 ||
        (w->count == MOST_WORDS && !take_name(w, &w->words[1], w->words[1], "selector")))
        return w->count == 2 ? complain(2, "%s", usage) : 2;
    r.keys = find_keys(w, &r.key_count, &ok);
    if (!r.key_count)
        return ok ? has_none(w) : 1;
    if (w->server.len)
        settings = (struct dns_settings){.servers = &w->server, .server_count = 1};
    struct check_dns *dns = check_dns_new(&settings, &e);
    if (!dns)
        return complain(1, "%s", e.text);
    int status = look(w, &r, dns);
    check_dns_free(&dns);
    return ok ? status : 1;
}

int dkim_main(const struct invocation *i)
{
    static const struct {
        const char *name;
        int (*run)(struct wish *w);
    } verbs[] = {{"new", make}, {"show", show}, {"check", check}};
    struct wish w = {.call = i, .selector = SPAN_NONE, .file = SPAN_NONE, .server = SPAN_NONE};
    int status = 2;
    bool is_known = false;
    if (parse(&w)) {
        for (size_t n = 0; n < sizeof verbs / sizeof *verbs && !is_known; n++) {
            is_known = strcmp(w.verb, verbs[n].name) == 0;
            if (is_known)
                status = verbs[n].run(&w);
        }
        if (!is_known)
            complain(2, "%s", usage);
    }
    arena_clear(&w.arena);
    return status;
}
