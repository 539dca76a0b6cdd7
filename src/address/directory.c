#include "address/directory.h"

#include "base/map.h"
#include "base/memory.h"
#include "mail/address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_FILE = 256 * 1024 * 1024 };

struct directory {
    atomic_uint references;
    struct arena arena;
    struct map mailboxes;      /* by address in lower case */
    struct map domains;        /* in lower case → its postmaster's mailbox */
    struct map routes;         /* domain → struct route */
    const struct route *other; /* "*" */
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
    if (span_equal(name, SPAN("maildir"))) {
        if (!value.len)
            return fail(p, "maildir needs a path: maildir /srv/mail/alice");
        m->path = arena_copy(&p->directory->arena, value);
        return true;
    }
    return fail(p,
                "behind an address only \"quota SIZE\", \"messages NUMBER\" and \"maildir PATH\" "
                "may stand");
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
    return true;
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
    struct span domain = span_trim(rest);
    if (!domain_is_valid(domain, true, false))
        return fail(p, "\"domain\" needs a domain name: domain example.org");
    add_domain(p->directory, lower(&p->directory->arena, domain), NULL);
    return true;
}

static struct directory *directory_new(const struct options *o)
{
    struct directory *d = memory_new(sizeof *d);
    atomic_store(&d->references, 1);
    d->hostname = arena_copy(&d->arena, o->hostname);
    for (size_t i = 0; i < o->route_count; i++) {
        struct route *r = arena_new(&d->arena, sizeof *r);
        r->domain = arena_copy(&d->arena, o->routes[i].domain);
        r->next_hop.host = arena_copy(&d->arena, o->routes[i].next_hop.host);
        r->next_hop.port = o->routes[i].next_hop.port;
        if (span_equal(r->domain, SPAN("*")))
            d->other = r;
        else
            map_set_text(&d->routes, r->domain, r);
    }
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
    struct arena arena = d->arena;
    arena_clear(&arena);
    free(d);
}

/* ---- looking up */

enum { LONGEST_ADDRESS = 320 };

/* In lower case, in the caller's memory. */
static struct span folded(char room[LONGEST_ADDRESS], struct span s)
{
    size_t n = s.len < LONGEST_ADDRESS ? s.len : LONGEST_ADDRESS;
    for (size_t i = 0; i < n; i++)
        room[i] = ascii_lower(s.at[i]);
    return (struct span){room, n};
}

static struct destination to_mailbox(const struct mailbox *m)
{
    return m && m->name.len ? (struct destination){DESTINATION_MAILBOX, m, {SPAN_NONE, 0}}
                            : (struct destination){.kind = DESTINATION_NO_SUCH_USER};
}

static struct destination to_route(const struct route *r)
{
    return r ? (struct destination){DESTINATION_NEXT_HOP, NULL, r->next_hop}
             : (struct destination){.kind = DESTINATION_NO_ROUTE};
}

struct destination directory_find(const struct directory *d, struct span address)
{
    char room[LONGEST_ADDRESS];
    struct span name = folded(room, address), local = address_local(name);
    struct span domain = address_domain(name);
    bool is_postmaster = span_equal(local, SPAN("postmaster"));
    if (address.len > LONGEST_ADDRESS)
        return (struct destination){.kind = DESTINATION_NO_ROUTE};
    if (is_postmaster && !domain.len) /* RFC 5321 4.5.1: without a domain it is ours */
        domain = d->hostname;
    const struct mailbox *first = map_get_text(&d->domains, domain);
    if (!first) {
        if (is_postmaster && d->domains.count && !address_domain(name).len) {
            size_t i = 0;
            return to_mailbox(map_next(&d->domains, &i));
        }
        const struct route *r = map_get_text(&d->routes, domain);
        return to_route(r ? r : d->other);
    }
    const struct mailbox *m = map_get_text(&d->mailboxes, name);
    return to_mailbox(m ? m : is_postmaster ? first : NULL);
}

bool directory_has_domain(const struct directory *d, struct span domain)
{
    char room[LONGEST_ADDRESS];
    return domain.len <= LONGEST_ADDRESS && map_get_text(&d->domains, folded(room, domain));
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

struct directory *directory_load(const struct options *o, struct error *e)
{
    struct buffer path = BUFFER_EMPTY, text = BUFFER_EMPTY;
    struct directory *d = NULL;
    buffer_add_span(&path, o->users);
    int fd = open(buffer_text(&path), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && is_default_file(o))
        d = directory_for_trying(o);
    else if (fd < 0 || !read_all(fd, &text))
        error_system(e, errno, "cannot read the users file %s", buffer_text(&path));
    else
        d = directory_parse(buffer_text(&path), buffer_span(&text), o, e);
    if (fd >= 0)
        close(fd);
    buffer_free(&path);
    buffer_free(&text);
    return d;
}

struct directory_watch {
    const struct options *options;
    struct buffer path;
    struct stat seen;
};

static void look(struct directory_watch *w, struct stat *now)
{
    if (stat(buffer_text(&w->path), now))
        *now = (struct stat){0};
}

struct directory_watch *directory_watch_new(const struct options *o)
{
    struct directory_watch *w = memory_new(sizeof *w);
    w->options = o;
    buffer_add_span(&w->path, o->users);
    look(w, &w->seen);
    return w;
}

struct directory *directory_watch_poll(struct directory_watch *w, struct error *e)
{
    struct stat now;
    look(w, &now);
    if (now.st_ino == w->seen.st_ino && now.st_size == w->seen.st_size &&
        now.st_mtim.tv_sec == w->seen.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == w->seen.st_mtim.tv_nsec)
        return NULL;
    w->seen = now;
    return directory_load(w->options, e);
}

void directory_watch_free(struct directory_watch **w)
{
    if (!*w)
        return;
    buffer_free(&(*w)->path);
    free(*w);
    *w = NULL;
}
