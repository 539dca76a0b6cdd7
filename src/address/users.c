/* Users and domains, by file or by database: the columns of a query have the names of the words in
 * the file, and are checked by the same code. */
#include "address/directory_inside.h"
#include "base/visible.h"
#include "mail/address.h"
#include "store/table.h"

struct parsing {
    struct directory *directory;
    const struct options *options;
    const char *file;
    size_t line;
    const char *of; /* rows of a database: what they are: "user" */
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
    return p->of ? error_set(p->error, "%s", words)
                 : error_set(p->error, "%s:%zu: %s", p->file, p->line, words);
}

/* Which row of a query this is, its text says best. */
static bool fail_row(struct parsing *p, struct span text, const char *words)
{
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, text, 40);
    error_set(p->error, "%s: %s \"%s\": %s", p->file, p->of, buffer_text(&shown), words);
    buffer_free(&shown);
    return false;
}

bool users_is_safe_name(struct span s)
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
    directory_add_domain(d, address_domain(m->name), m);
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

static bool has_control_character(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (((unsigned char)s.at[i] < ' ' && s.at[i] != '\t') || s.at[i] == 0x7F)
            return true;
    return false;
}

/* The tags of notice_languages are the ones that notices are written in. */
static bool parse_language(struct parsing *p, struct span value, struct span *language)
{
    struct buffer words = BUFFER_EMPTY;
    for (const char *const *tag = notice_languages; *tag; tag++)
        if (span_equal_nocase(value, span_of(*tag))) {
            *language = span_of(*tag);
            return true;
        }
    buffer_add_text(&words, "language needs one of");
    for (const char *const *tag = notice_languages; *tag; tag++)
        buffer_printf(&words, "%s %s", tag == notice_languages ? "" : ",", *tag);
    buffer_add_text(&words, ": language de");
    fail(p, buffer_text(&words));
    buffer_free(&words);
    return false;
}

static bool domain_language(struct parsing *p, struct span domain, struct span value)
{
    struct span *language = arena_new(&p->directory->arena, sizeof *language);
    if (!parse_language(p, value, language))
        return false;
    map_set_text(&p->directory->languages, domain, language);
    return true;
}

static bool user_setting(struct parsing *p, struct mailbox *m, struct span name, struct span value)
{
    if (span_equal(name, SPAN("quota")))
        return parse_size(value, &m->quota_bytes) || fail(p, "quota needs a size: quota 500MB");
    if (span_equal(name, SPAN("messages")))
        return span_to_u64(value, UINT64_MAX / 2, &m->quota_messages) ||
               fail(p, "messages needs a whole number: messages 10000");
    if (span_equal(name, SPAN("language")))
        return parse_language(p, value, &m->language);
    bool is_mbox = span_equal(name, SPAN("mbox"));
    if (is_mbox || span_equal(name, SPAN("maildir"))) {
        if (!value.len)
            return fail(p, is_mbox ? "mbox needs the path of a file: mbox /var/mail/alice"
                                   : "maildir needs a path: maildir /srv/mail/alice");
        m->path = arena_copy(&p->directory->arena, value);
        m->form = is_mbox ? MAILBOX_MBOX : MAILBOX_MAILDIR;
        return true;
    }
    return fail(p, "behind an address only \"quota SIZE\", \"messages NUMBER\", \"language de\", "
                   "\"maildir PATH\" and \"mbox PATH\" may stand");
}

static bool user_is_consistent(struct parsing *p, const struct mailbox *m)
{
    return m->form != MAILBOX_MBOX || !m->quota_messages ||
           fail(p, "the messages in an mbox are not counted; write quota in place of messages");
}

/* NULL: the fault has been told. */
static struct mailbox *begin_user(struct parsing *p, struct span address)
{
    const char *why = NULL;
    if (address_check(address, true) != ADDRESS_OK || !users_is_safe_name(address_local(address)) ||
        address_domain(address).at[0] == '[')
        why = p->of ? "is no address that can have a mailbox: alice@example.org"
                    : "a line is \"domain NAME\" or begins with an address: alice@example.org";
    else if (map_get_text(&p->directory->mailboxes, lower(&p->directory->arena, address)))
        why = p->of ? "there is another row for this user; keep one of the two"
                    : "this user was already named above; keep one of the two";
    if (!why)
        return add_user(p, address);
    if (p->of)
        fail_row(p, address, why);
    else
        fail(p, why);
    return NULL;
}

static bool parse_user(struct parsing *p, struct span address, struct span rest)
{
    struct mailbox *m = begin_user(p, address);
    for (struct span word; m && (word = span_word(&rest)).len;)
        if (!user_setting(p, m, word, span_word(&rest)))
            return false;
    return m && user_is_consistent(p, m);
}

enum { LEAST_UID = 1000 };

/* "system", and behind it "mbox PATH" or "maildir PATH", "least-uid NUMBER", and what any domain
 * may have. */
static bool parse_system(struct parsing *p, struct span domain, struct span rest)
{
    struct arena *a = &p->directory->arena;
    struct system_domain *s = arena_new(a, sizeof *s);
    *s = (struct system_domain){domain, true, SPAN("/var/mail/%u"), LEAST_UID};
    if (p->options->deliver_as != DELIVER_AS_YES)
        return fail(p, "mail for users of the system is delivered as these users: that needs "
                       "\"deliver-as yes\" in the configuration when the server starts");
    for (struct span word; (word = span_word(&rest)).len;) {
        struct span value = span_word(&rest);
        if (span_equal(word, SPAN("language"))) {
            if (!domain_language(p, domain, value))
                return false;
            continue;
        }
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
    directory_add_domain(p->directory, domain, NULL);
    for (struct span word; (word = span_word(&rest)).len;) {
        if (span_equal(word, SPAN("system")))
            return parse_system(p, domain, rest);
        if (!span_equal(word, SPAN("language")))
            return fail(p,
                        "behind a domain only \"language de\", and \"system\" when its users are "
                        "those of this system, may stand: domain example.org language de");
        if (!domain_language(p, domain, span_word(&rest)))
            return false;
    }
    return true;
}

static bool parse_line(struct parsing *p, struct span line)
{
    struct span rest = span_trim(span_cut(&line, '#'));
    if (has_control_character(rest))
        return fail(p, "this line holds a control character; please remove it");
    struct span word = span_word(&rest);
    if (!word.len)
        return true;
    if (!span_equal(word, SPAN("domain")))
        return parse_user(p, word, rest);
    return parse_domain(p, rest);
}

bool users_parse(struct directory *d, const struct options *o, const char *file, struct span text,
                 struct error *e)
{
    struct parsing p = {.directory = d, .options = o, .file = file, .error = e};
    while (text.len) {
        p.line++;
        if (!parse_line(&p, span_cut(&text, '\n')))
            return false;
    }
    return true;
}

/* ---- by database */

/* row->count: it has none of that name. */
static size_t column(const struct table_row *row, struct span name)
{
    size_t i = 0;
    while (i < row->count && !span_equal_nocase(row->names[i], name))
        i++;
    return i;
}

static bool domain_row(void *arg, const struct table_row *row)
{
    struct parsing *p = arg;
    struct error *e = p->error, why;
    size_t name = column(row, SPAN("name")), language = column(row, SPAN("language"));
    bool has_language = language < row->count;
    if (name == row->count || row->count > 1U + has_language)
        return error_set(
            e,
            "%s: domains-query must give a column name, and may give one that is called language",
            p->file);
    if (!domain_is_valid(row->values[name], true, false))
        return fail_row(p, row->values[name], "is no domain name: example.org");
    struct span domain = lower(&p->directory->arena, row->values[name]);
    directory_add_domain(p->directory, domain, NULL);
    p->error = &why;
    bool ok = !has_language || !row->values[language].len ||
              domain_language(p, domain, row->values[language]);
    p->error = e;
    return ok || fail_row(p, row->values[name], why.text);
}

/* What a column says has no blanks around it that matter; an empty one says nothing. */
static bool user_column(struct parsing *p, struct mailbox *m, struct span name, struct span value)
{
    if (has_control_character(value))
        return fail(p, "it holds a control character");
    return !value.len || user_setting(p, m, name, value);
}

static bool user_row(void *arg, const struct table_row *row)
{
    struct parsing *p = arg;
    size_t at = column(row, SPAN("address"));
    if (at == row->count)
        return error_set(p->error, "%s: users-query gives no column address", p->file);
    struct mailbox *m = begin_user(p, row->values[at]);
    struct error *e = p->error, why;
    if (!m)
        return false;
    p->error = &why;
    bool ok = true;
    for (size_t i = 0; ok && i < row->count; i++)
        ok = i == at || user_column(p, m, row->names[i], row->values[i]);
    ok = ok && user_is_consistent(p, m);
    p->error = e;
    return ok || fail_row(p, row->values[at], why.text);
}

bool users_read(struct directory *d, const struct options *o, const char *path, struct error *e)
{
    struct table *t = table_open(path, e);
    struct parsing domains = {
        .directory = d, .options = o, .file = path, .of = "domain", .error = e};
    struct parsing users = domains;
    users.of = "user";
    bool ok =
        t && (!o->domains_query.len || table_read(t, o->domains_query, domain_row, &domains, e));
    ok = ok && table_read(t, o->users_query, user_row, &users, e);
    table_close(&t);
    return ok;
}
