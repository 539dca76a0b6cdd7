#include "address/directory.h"

#include "base/map.h"
#include "base/memory.h"
#include "mail/address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_FILE = 256 * 1024 * 1024 };

struct directory {
    atomic_uint references;
    struct arena arena;
    struct map mailboxes; /* by address in lower case */
    struct map domains;   /* in lower case → its postmaster's mailbox */
    struct map systems;   /* domains in lower case → struct system_domain */
    struct map routes;    /* by what they match → struct target */
    struct aliases aliases;
    struct span hostname;
};

struct parsing {
    struct directory *directory;
    const struct options *options;
    const char *file;
    size_t line;
    struct error *error;
};

static struct span lower(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return (struct span){at, s.len};
}

static bool fail(struct parsing *p, const char *words)
{
    return error_set(p->error, "%s:%zu: %s", p->file, p->line, words);
}

static void add_domain(struct directory *d, struct span domain, struct mailbox *first)
{
    static struct mailbox nobody; /* a domain without users has no postmaster */
    struct mailbox *known = map_get_text(&d->domains, domain);
    if (!known || known == &nobody)
        map_set_text(&d->domains, domain, first ? first : &nobody);
}

/* "/" would lead elsewhere, and a leading dot would hide it. */
static bool is_safe_name(struct span s)
{
    return s.len && s.at[0] != '.' && span_find_char(s, '/') == SPAN_NOT_FOUND;
}

static struct mailbox *add_user(struct parsing *p, struct span address)
{
    struct directory *d = p->directory;
    struct mailbox *m = arena_new(&d->arena, sizeof *m);
    m->name = lower(&d->arena, address);
    m->path = arena_printf(&d->arena, "%.*s/%.*s/%.*s", SPAN_F(p->options->mailboxes),
                           SPAN_F(address_domain(m->name)), SPAN_F(address_local(m->name)));
    map_set_text(&d->mailboxes, m->name, m);
    add_domain(d, address_domain(m->name), m);
    return m;
}

/* 10240, 10KB, 25MB, 1GB */
static bool parse_size(struct span s, uint64_t *value)
{
    static const struct {
        struct span name;
        uint64_t factor;
    } units[] = {{{"KB", 2}, 1 << 10}, {{"MB", 2}, 1 << 20}, {{"GB", 2}, 1 << 30}};
    uint64_t factor = 1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (span_ends_nocase(s, units[i].name)) {
            factor = units[i].factor;
            s.len -= 2;
            break;
        }
    if (!span_to_u64(s, UINT64_MAX / factor, value))
        return false;
    *value *= factor;
    return true;
}

static bool user_setting(struct parsing *p, struct mailbox *m, struct span name, struct span value)
{
    if (span_equal(name, SPAN("quota")))
        return parse_size(value, &m->quota_bytes) || fail(p, "quota needs a size: quota 500MB");
    if (span_equal(name, SPAN("messages")))
        return span_to_u64(value, UINT64_MAX / 2, &m->quota_messages) ||
               fail(p, "messages needs a whole number: messages 10000");
    bool is_mbox = span_equal(name, SPAN("mbox"));
    if (is_mbox || span_equal(name, SPAN("maildir"))) {
        if (!value.len)
            return fail(p, is_mbox ? "mbox needs the path of a file: mbox /var/mail/alice"
                                   : "maildir needs a path: maildir /srv/mail/alice");
        m->path = arena_copy(&p->directory->arena, value);
        m->form = is_mbox ? MAILBOX_MBOX : MAILBOX_MAILDIR;
        return true;
    }
    return fail(p, "behind an address only \"quota SIZE\", \"messages NUMBER\", \"maildir PATH\" "
                   "and \"mbox PATH\" may stand");
}

static bool parse_user(struct parsing *p, struct span address, struct span rest)
{
    if (address_check(address, true) != ADDRESS_OK || !is_safe_name(address_local(address)) ||
        address_domain(address).at[0] == '[')
        return fail(p, "a line is \"domain NAME\" or begins with an address: alice@example.org");
    struct span name = lower(&p->directory->arena, address);
    if (map_get_text(&p->directory->mailboxes, name))
        return fail(p, "this user was already named above; keep one of the two");
    struct mailbox *m = add_user(p, address);
    for (struct span word; (word = span_word(&rest)).len;)
        if (!user_setting(p, m, word, span_word(&rest)))
            return false;
    if (m->form == MAILBOX_MBOX && m->quota_messages)
        return fail(p, "the messages in an mbox are not counted; write quota in place of messages");
    return true;
}

enum { LEAST_UID = 1000, NOBODY = 65534 };

/* "system", and behind it "mbox PATH" or "maildir PATH", and "least-uid NUMBER". */
static bool parse_system(struct parsing *p, struct span domain, struct span rest)
{
    struct arena *a = &p->directory->arena;
    struct system_domain *s = arena_new(a, sizeof *s);
    *s = (struct system_domain){domain, true, SPAN("/var/mail/%u"), LEAST_UID};
    if (p->options->deliver_as != DELIVER_AS_YES)
        return fail(p, "mail for users of the system is delivered as these users: that needs "
                       "\"deliver-as yes\" in the configuration");
    for (struct span word; (word = span_word(&rest)).len;) {
        struct span value = span_word(&rest);
        bool is_maildir = span_equal(word, SPAN("maildir"));
        bool is_path = is_maildir || span_equal(word, SPAN("mbox"));
        if (is_path && (span_starts(value, SPAN("/")) || span_starts(value, SPAN("~/")))) {
            s->is_mbox = !is_maildir;
            s->pattern = arena_copy(a, value);
        } else if (!span_equal(word, SPAN("least-uid")) ||
                   !span_to_u64(value, UINT32_MAX - 1, &s->least_uid) || !s->least_uid) {
            return fail(p, "behind \"system\" may stand \"mbox /var/mail/%u\" or \"maildir "
                           "~/Maildir\", and \"least-uid 1000\"");
        }
    }
    map_set_text(&p->directory->systems, s->name, s);
    return true;
}

static bool parse_domain(struct parsing *p, struct span rest)
{
    struct span domain = span_word(&rest);
    if (!domain_is_valid(domain, true, false))
        return fail(p, "\"domain\" needs a domain name: domain example.org");
    domain = lower(&p->directory->arena, domain);
    add_domain(p->directory, domain, NULL);
    struct span word = span_word(&rest);
    if (!word.len)
        return true;
    return span_equal(word, SPAN("system"))
               ? parse_system(p, domain, rest)
               : fail(p,
                      "behind a domain only \"system\" may stand, when its users are those of this "
                      "system: domain example.org system");
}

static bool parse_line(struct parsing *p, struct span line)
{
    struct span rest = span_trim(span_cut(&line, '#'));
    for (size_t i = 0; i < rest.len; i++)
        if (((unsigned char)rest.at[i] < ' ' && rest.at[i] != '\t') || rest.at[i] == 0x7F)
            return fail(p, "this line holds a control character; please remove it");
    struct span word = span_word(&rest);
    if (!word.len)
        return true;
    if (!span_equal(word, SPAN("domain")))
        return parse_user(p, word, rest);
    return parse_domain(p, rest);
}

static void add_system_user(struct directory *d, const struct system_domain *s, struct span user,
                            uint64_t uid)
{
    struct span address = arena_printf(&d->arena, "%.*s@%.*s", SPAN_F(user), SPAN_F(s->name));
    if (uid < s->least_uid || uid == NOBODY || !is_safe_name(user) ||
        address_check(address, true) != ADDRESS_OK)
        return;
    struct mailbox *m = arena_new(&d->arena, sizeof *m);
    *m = (struct mailbox){.name = lower(&d->arena, address),
                          .path = SPAN_NONE,
                          .user = arena_copy(&d->arena, user),
                          .system = s};
    if (!map_get_text(&d->mailboxes, m->name)) /* the file's own users come first */
        map_set_text(&d->mailboxes, m->name, m);
}

/* "alice:x:1000:1000:Alice,,,:/home/alice:/bin/bash" */
void directory_add_system_users(struct directory *d, struct span passwd)
{
    while (passwd.len) {
        struct span line = span_cut(&passwd, '\n'), user = span_cut(&line, ':');
        uint64_t uid;
        span_cut(&line, ':');
        if (!span_to_u64(span_cut(&line, ':'), UINT32_MAX - 1, &uid))
            continue;
        size_t i = 0;
        for (const struct system_domain *s; (s = map_next(&d->systems, &i));)
            add_system_user(d, s, user, uid);
    }
}

const struct system_domain *directory_system(const struct directory *d, struct span domain)
{
    char room[LONGEST_ADDRESS];
    return domain.len <= LONGEST_ADDRESS ? map_get_text(&d->systems, directory_fold(domain, room))
                                         : NULL;
}

static struct directory *directory_new(const struct options *o)
{
    struct directory *d = memory_new(sizeof *d);
    atomic_store(&d->references, 1);
    d->hostname = arena_copy(&d->arena, o->hostname);
    for (size_t i = 0; i < o->route_count; i++)
        map_set_text(&d->routes, o->routes[i].match, &o->routes[i].target);
    return d;
}

struct directory *directory_parse(const char *file, struct span text, const struct options *o,
                                  struct error *e)
{
    struct directory *d = directory_new(o);
    struct parsing p = {d, o, file, 0, e};
    while (text.len) {
        p.line++;
        if (!parse_line(&p, span_cut(&text, '\n'))) {
            directory_unref(&d);
            return NULL;
        }
    }
    return d;
}

struct directory *directory_ref(struct directory *d)
{
    atomic_fetch_add(&d->references, 1);
    return d;
}

void directory_unref(struct directory **directory)
{
    struct directory *d = *directory;
    *directory = NULL;
    if (!d || atomic_fetch_sub(&d->references, 1) > 1)
        return;
    map_free(&d->mailboxes);
    map_free(&d->domains);
    map_free(&d->routes);
    map_free(&d->systems);
    map_free(&d->aliases.by_name);
    struct arena arena = d->arena;
    arena_clear(&arena);
    free(d);
}

/* ---- looking up */

struct span directory_fold(struct span s, char room[LONGEST_ADDRESS])
{
    size_t n = s.len < LONGEST_ADDRESS ? s.len : LONGEST_ADDRESS;
    for (size_t i = 0; i < n; i++)
        room[i] = ascii_lower(s.at[i]);
    return (struct span){room, n};
}

static const struct target *route_of(const struct directory *d, const char *before,
                                     struct span match)
{
    char room[LONGEST_ADDRESS + 8];
    size_t len = strlen(before);
    memcpy(room, before, len);
    memcpy(room + len, match.at, match.len);
    return map_get_text(&d->routes, span_make(room, len + match.len));
}

static const struct target *route_above(const struct directory *d, struct span domain)
{
    const struct target *found = NULL;
    for (size_t dot; !found && (dot = span_find_char(domain, '.')) != SPAN_NOT_FOUND;) {
        domain = span_skip(domain, dot + 1);
        found = route_of(d, "*.", domain);
    }
    return found;
}

/* By the recipient alone, without "*". */
static const struct target *own_route(const struct directory *d, struct span address)
{
    const struct target *found = route_of(d, "", address);
    if (!found)
        found = route_of(d, "", address_domain(address));
    return found ? found : route_above(d, address_domain(address));
}

static const struct target *any_route(const struct directory *d, struct span sender,
                                      struct span address)
{
    const struct target *found = own_route(d, address);
    if (!found && sender.len)
        found = route_of(d, "from:", sender);
    if (!found && sender.len)
        found = route_of(d, "from:", address_domain(sender));
    return found ? found : route_of(d, "", SPAN("*"));
}

static struct destination to_user(const struct directory *d, const struct mailbox *m)
{
    if (!m || !m->name.len)
        return (struct destination){.kind = DESTINATION_NO_SUCH_USER, .is_ours = true};
    const struct target *route = own_route(d, m->name);
    return (struct destination){.kind = route ? DESTINATION_ROUTE : DESTINATION_MAILBOX,
                                .is_ours = true,
                                .mailbox = m,
                                .target = route};
}

/* "alice+tag@example.org" → "alice@example.org"; as it is when it has no tag. */
static struct span without_tag(struct span name, char room[LONGEST_ADDRESS])
{
    struct span local = address_local(name), domain = address_domain(name);
    size_t plus = span_find_char(local, '+');
    if (plus == SPAN_NOT_FOUND || !plus)
        return name;
    memcpy(room, name.at, plus);
    room[plus] = '@';
    memcpy(room + plus + 1, domain.at, domain.len);
    return span_make(room, plus + 1 + domain.len);
}

static const struct mailbox *user_of(const struct directory *d, struct span name)
{
    char room[LONGEST_ADDRESS];
    const struct mailbox *m = map_get_text(&d->mailboxes, name);
    return m ? m : map_get_text(&d->mailboxes, without_tag(name, room));
}

/* Those that must always be there: RFC 5321 4.5.1, RFC 2142. */
static bool is_for_operator(struct span name)
{
    struct span local = address_local(name);
    return span_equal(local, SPAN("postmaster")) || span_equal(local, SPAN("abuse"));
}

/* RFC 5321 4.5.1: postmaster without a domain is ours. */
static struct destination to_postmaster(const struct directory *d)
{
    const struct mailbox *m = map_get_text(&d->domains, d->hostname);
    size_t i = 0;
    return to_user(d, m ? m : map_next(&d->domains, &i));
}

struct destination directory_find(const struct directory *d, struct span sender,
                                  struct span address)
{
    char room[LONGEST_ADDRESS], sender_room[LONGEST_ADDRESS];
    if (address.len > LONGEST_ADDRESS)
        return (struct destination){.kind = DESTINATION_NO_ROUTE};
    struct span name = directory_fold(address, room), domain = address_domain(name);
    bool is_postmaster = span_equal(address_local(name), SPAN("postmaster"));
    if (is_postmaster && !domain.len)
        return to_postmaster(d);
    const struct mailbox *first = map_get_text(&d->domains, domain);
    if (first) {
        const struct mailbox *m = user_of(d, name);
        return to_user(d, m ? m : is_for_operator(name) ? first : NULL);
    }
    const struct target *route = any_route(d, directory_fold(sender, sender_room), name);
    return (struct destination){.kind = route ? DESTINATION_ROUTE : DESTINATION_NO_ROUTE,
                                .target = route};
}

static const struct alias *own_alias(const struct directory *d, struct span name)
{
    char room[LONGEST_ADDRESS];
    struct span bare = without_tag(name, room);
    bool is_ours = directory_has_domain(d, address_domain(name));
    const struct alias *found = aliases_find(&d->aliases, name);
    if (!found && is_ours)
        found = aliases_find(&d->aliases, bare);
    if (!found && is_ours)
        found = aliases_find(&d->aliases, address_local(name));
    return found || !is_ours ? found : aliases_find(&d->aliases, address_local(bare));
}

static struct span owner_of(const struct directory *d, struct span name, struct arena *a)
{
    struct span owner = arena_printf(a, "owner-%.*s", SPAN_F(name));
    struct directory_alias found;
    if (span_starts(name, SPAN("owner-")) || !directory_alias_of(d, owner, &found, a) ||
        found.alias->name.at[0] == '@')
        return SPAN_NONE;
    return owner;
}

bool directory_alias_of(const struct directory *d, struct span address,
                        struct directory_alias *found, struct arena *a)
{
    char room[LONGEST_ADDRESS];
    struct span name = directory_fold(address, room), domain = address_domain(name);
    const struct alias *alias = own_alias(d, name);
    if (!alias && !user_of(d, name) &&
        !(is_for_operator(name) && directory_has_domain(d, domain))) /* "@example.org" */
        alias = aliases_find(&d->aliases, span_skip(name, address_local(name).len));
    if (!alias)
        return false;
    bool is_ours = directory_has_domain(d, domain);
    *found =
        (struct directory_alias){alias, is_ours ? arena_copy(a, domain) : d->hostname, SPAN_NONE};
    if (alias->name.at[0] != '@')
        found->owner = owner_of(d, name, a);
    return true;
}

bool directory_has_domain(const struct directory *d, struct span domain)
{
    char room[LONGEST_ADDRESS];
    return domain.len <= LONGEST_ADDRESS && map_get_text(&d->domains, directory_fold(domain, room));
}

/* ---- the file */

static struct directory *directory_for_trying(const struct options *o)
{
    static const char *const names[] = {"postmaster", "alice", "bob"};
    struct buffer text = BUFFER_EMPTY;
    struct error never;
    for (size_t i = 0; i < 3; i++)
        buffer_printf(&text, "%s@%.*s\n", names[i], SPAN_F(o->hostname));
    struct directory *d = directory_parse("", buffer_span(&text), o, &never);
    buffer_free(&text);
    return d;
}

static bool read_all(int fd, struct buffer *text)
{
    for (;;) {
        char *room = buffer_reserve(text, 64 * 1024);
        ssize_t n = read(fd, room, 64 * 1024);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        text->len += (size_t)n;
        if (text->len > LARGEST_FILE) {
            errno = EFBIG;
            return false;
        }
    }
}

static bool is_default_file(const struct options *o)
{
    struct options standard;
    options_defaults(&standard);
    bool is = span_equal(o->users, standard.users);
    options_free(&standard);
    return is;
}

/* 1, 0: there is no such file, -1: `e`. */
static int read_file(struct file_marks *marks, const char *path, struct buffer *text,
                     struct error *e)
{
    file_marks_add(marks, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && read_all(fd, text);
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (!ok)
        error_system(e, why, "cannot read %s", path);
    return ok ? 1 : why == ENOENT ? 0 : -1;
}

static bool read_table(void *arg, const char *path, struct buffer *text, struct error *e)
{
    return read_file(arg, path, text, e) > 0;
}

static struct directory *load_users(const struct options *o, struct file_marks *marks,
                                    struct error *e)
{
    struct buffer path = BUFFER_EMPTY, text = BUFFER_EMPTY;
    struct directory *d = NULL;
    buffer_add_span(&path, o->users);
    int found = read_file(marks, buffer_text(&path), &text, e);
    if (found > 0)
        d = directory_parse(buffer_text(&path), buffer_span(&text), o, e);
    else if (!found && is_default_file(o))
        d = directory_for_trying(o);
    buffer_free(&path);
    buffer_free(&text);
    return d;
}

static bool load_system_users(struct directory *d, struct file_marks *marks, struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    if (!d->systems.count)
        return true;
    bool ok = read_file(marks, "/etc/passwd", &text, e) > 0;
    if (ok)
        directory_add_system_users(d, buffer_span(&text));
    buffer_free(&text);
    return ok;
}

static bool load_aliases(struct directory *d, const struct options *o, struct file_marks *marks,
                         struct error *e)
{
    bool ok = true;
    d->aliases.arena = &d->arena;
    d->aliases.read = read_table;
    d->aliases.arg = marks;
    d->aliases.runs_commands = o->command_user.len > 0;
    for (size_t i = 0; ok && i < o->alias_file_count; i++) {
        struct buffer text = BUFFER_EMPTY;
        const char *path = arena_text(&d->arena, o->alias_files[i]);
        ok = read_table(marks, path, &text, e) &&
             aliases_parse(&d->aliases, path, buffer_span(&text), e);
        buffer_free(&text);
    }
    return ok;
}

struct directory *directory_load(const struct options *o, struct file_marks *marks, struct error *e)
{
    struct directory *d = load_users(o, marks, e);
    if (d && !(load_system_users(d, marks, e) && load_aliases(d, o, marks, e)))
        directory_unref(&d);
    return d;
}

struct directory *directory_load_again(const struct options *o, struct file_marks *marks,
                                       struct error *e)
{
    if (!file_marks_changed(marks))
        return NULL;
    file_marks_free(marks);
    return directory_load(o, marks, e);
}
