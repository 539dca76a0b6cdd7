/* The text of the file stays in memory as it is, outside of core files; a line is taken apart when
 * it is asked for. A database becomes such a text first. */
#include "login/logins.h"

#include "base/map.h"
#include "base/memory.h"
#include "base/visible.h"
#include "store/table.h"
#include "sys/secret.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { LARGEST = 256 * 1024 * 1024 };

struct logins {
    atomic_size_t references;
    struct secret text;
    char *names; /* in lower case */
    size_t names_used;
    struct map by_name;    /* of the lines below, */
    struct span *lines;    /* each of one login */
    size_t *with_password; /* places in `lines` */
    size_t count, password_count;
};

/* Made as "plainpost user" makes them, of a password of chance that was thrown away. */
static const char nobody[] = "- $argon2id$v=19$m=65536,t=2,p=1$IkSclSb1AlIUwmcxkL7eUA$"
                             "v5iGGE38BNPLXsQf9qr7ZvFZrZb7dFR1lMLqwy9Dpc8";

/* ---- reading */

static struct span keep_name(struct logins *l, struct span name)
{
    char *at = l->names + l->names_used;
    for (size_t i = 0; i < name.len; i++)
        at[i] = ascii_lower(name.at[i]);
    l->names_used += name.len;
    return span_make(at, name.len);
}

static bool add_line(struct logins *l, struct span line, const struct login_line *parsed)
{
    struct span name = keep_name(l, parsed->name);
    if (map_get_text(&l->by_name, name))
        return false;
    l->lines[l->count] = line;
    map_set_text(&l->by_name, name, &l->lines[l->count]);
    if (parsed->hash.len)
        l->with_password[l->password_count++] = l->count;
    l->count++;
    return true;
}

static size_t count_lines(struct span text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == '\n';
    return count;
}

/* `what`: of what a line is one, "line" or "row". */
static bool parse(struct logins *l, struct span path, const char *what, struct error *e)
{
    struct span rest = secret_span(&l->text);
    size_t most = count_lines(rest), number = 0;
    l->lines = memory_new(most * sizeof *l->lines);
    l->with_password = memory_new(most * sizeof *l->with_password);
    l->names = memory_new(rest.len + 1);
    while (rest.len) {
        struct span line = span_cut(&rest, '\n');
        struct login_line parsed;
        struct error why;
        int found = login_line_parse(line, &parsed, &why);
        number++;
        if (found > 0 && !add_line(l, line, &parsed)) {
            error_set(&why, "this login stands there twice; keep one of the two");
            found = -1;
        }
        if (found < 0)
            return error_set(e, "%.*s: %s %zu: %s", SPAN_F(path), what, number, why.text);
    }
    return true;
}

/* ---- a database */

struct rows {
    struct buffer text;
    struct error *error;
    struct span path;
};

/* A password or keys are one word; of a list, "a@example.org, @example.net", each is one. */
static void add_words(struct buffer *out, const char *kind, struct span list)
{
    if (!kind[0])
        buffer_printf(out, " %.*s", SPAN_F(list));
    while (kind[0] && list.len) {
        struct span word = span_trim(span_cut(&list, ','));
        if (word.len)
            buffer_printf(out, " %s%.*s", kind, SPAN_F(word));
    }
}

static bool take_row(void *arg, const struct table_row *row)
{
    static const char *const columns[] = {"password", "scram", "senders", "apps"};
    static const char *const kinds[] = {"", "", "sender=", "app="};
    struct rows *r = arg;
    size_t name = 0;
    while (name < row->count && !span_equal_nocase(row->names[name], SPAN("name")))
        name++;
    if (name == row->count)
        return error_set(r->error, "%.*s: logins-query gives no column name", SPAN_F(r->path));
    if (!login_name_is_valid(row->values[name]))
        return error_set(r->error, "%.*s: row %llu of the logins has no name that one can have",
                         SPAN_F(r->path), (unsigned long long)row->number);
    buffer_add_span(&r->text, row->values[name]);
    for (size_t i = 0; i < row->count; i++) {
        if (span_find_char(row->values[i], '\n') != SPAN_NOT_FOUND)
            return error_set(r->error, "%.*s: row %llu of the logins holds a line end",
                             SPAN_F(r->path), (unsigned long long)row->number);
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            if (span_equal_nocase(row->names[i], span_of(columns[k])))
                add_words(&r->text, kinds[k], row->values[i]);
    }
    buffer_add_char(&r->text, '\n');
    return true;
}

static bool read_database(struct logins *l, struct span path, struct span query, struct error *e)
{
    struct rows rows = {.error = e, .path = path};
    struct buffer name = BUFFER_EMPTY;
    buffer_add_span(&name, path);
    struct table *t = table_open(buffer_text(&name), e);
    bool ok = t && table_read(t, query, take_row, &rows, e);
    table_close(&t);
    if (ok)
        secret_copy(&l->text, buffer_span(&rows.text));
    buffer_wipe(&rows.text);
    buffer_free(&name);
    return ok;
}

static bool read_file(struct logins *l, struct span path, struct error *e)
{
    struct buffer name = BUFFER_EMPTY;
    buffer_add_span(&name, path);
    bool ok = secret_read(&l->text, buffer_text(&name), LARGEST, e);
    buffer_free(&name);
    return ok;
}

struct logins *logins_read(struct span path, struct span query, struct error *e)
{
    struct logins *l = memory_new(sizeof *l);
    atomic_store(&l->references, 1);
    bool is_database = span_starts(path, SPAN("sqlite:"));
    bool ok = is_database ? read_database(l, span_skip(path, strlen("sqlite:")), query, e)
                          : read_file(l, path, e);
    if (!ok || !parse(l, path, is_database ? "row" : "line", e))
        logins_unref(&l);
    return l;
}

/* ---- the table */

struct logins *logins_ref(struct logins *l)
{
    atomic_fetch_add(&l->references, 1);
    return l;
}

void logins_unref(struct logins **logins)
{
    struct logins *l = *logins;
    *logins = NULL;
    if (!l || atomic_fetch_sub(&l->references, 1) > 1)
        return;
    map_free(&l->by_name);
    secret_free(&l->text);
    free(l->lines);
    free(l->with_password);
    free(l->names);
    free(l);
}

size_t logins_count(const struct logins *l)
{
    return l->count;
}

static struct login_line parsed(struct span line)
{
    struct login_line l;
    struct error e;
    login_line_parse(line, &l, &e); /* it was fine when it was read */
    return l;
}

bool logins_find(const struct logins *l, struct span name, struct login_line *line)
{
    char lower[LOGIN_LONGEST_NAME];
    if (name.len > sizeof lower)
        return false;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = ascii_lower(name.at[i]);
    const struct span *found = map_get_text(&l->by_name, span_make(lower, name.len));
    if (found)
        *line = parsed(*found);
    return found != NULL;
}

struct login_line logins_any(const struct logins *l, uint64_t number)
{
    if (!l->password_count)
        return parsed(span_of(nobody));
    return parsed(l->lines[l->with_password[number % l->password_count]]);
}
