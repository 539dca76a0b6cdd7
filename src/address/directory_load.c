/* The files and databases that the options name, from which a directory is made. */
#include "address/directory_inside.h"

struct directory *directory_parse(const char *file, struct span text, const struct options *o,
                                  struct error *e)
{
    struct directory *d = directory_new(o);
    if (!users_parse(d, o, file, text, e))
        directory_unref(&d);
    return d;
}

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

static bool is_default_file(const struct options *o)
{
    struct options standard;
    options_defaults(&standard);
    bool is = span_equal(o->users, standard.users);
    options_free(&standard);
    return is;
}

static bool read_table(void *arg, const char *path, struct buffer *text, struct error *e)
{
    return directory_read_file(arg, path, text, e) > 0;
}

static struct directory *load_users_file(const struct options *o, struct file_marks *marks,
                                         struct error *e)
{
    struct buffer path = BUFFER_EMPTY, text = BUFFER_EMPTY;
    struct directory *d = NULL;
    buffer_add_span(&path, o->users);
    int found = directory_read_file(marks, buffer_text(&path), &text, e);
    if (found > 0)
        d = directory_parse(buffer_text(&path), buffer_span(&text), o, e);
    else if (!found && is_default_file(o))
        d = directory_for_trying(o);
    buffer_free(&path);
    buffer_free(&text);
    return d;
}

static struct directory *load_users(const struct options *o, struct file_marks *marks,
                                    struct error *e)
{
    struct span database = directory_database(o->users);
    if (!database.len)
        return load_users_file(o, marks, e);
    struct directory *d = directory_new(o);
    const char *path = arena_text(&d->arena, database);
    file_marks_add_database(marks, path);
    if (!users_read(d, o, path, e))
        directory_unref(&d);
    return d;
}

static bool load_aliases_file(struct directory *d, struct file_marks *marks, const char *path,
                              struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    bool ok = read_table(marks, path, &text, e) &&
              aliases_parse(&d->aliases, path, buffer_span(&text), e);
    buffer_free(&text);
    return ok;
}

static bool load_aliases_database(struct directory *d, const struct options *o,
                                  struct file_marks *marks, const char *path, struct error *e)
{
    file_marks_add_database(marks, path);
    return aliases_read(&d->aliases, path, o->aliases_query, e);
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
        struct span database = directory_database(o->alias_files[i]);
        const char *path = arena_text(&d->arena, database.len ? database : o->alias_files[i]);
        ok = database.len ? load_aliases_database(d, o, marks, path, e)
                          : load_aliases_file(d, marks, path, e);
    }
    return ok;
}

static bool load_bad_links(struct directory *d, const struct options *o, struct file_marks *marks,
                           struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    if (!o->sending.bad_links.len)
        return true;
    const char *path = arena_text(&d->arena, o->sending.bad_links);
    struct error why;
    bool ok = (read_table(marks, path, &text, &why) || error_set(e, "bad-links: %s", why.text)) &&
              bad_links_parse(&d->bad_links, path, buffer_span(&text), &d->arena, e);
    buffer_free(&text);
    return ok;
}

struct directory *directory_load(const struct options *o, struct file_marks *marks, struct error *e)
{
    struct directory *d = load_users(o, marks, e);
    if (d && !(system_users_load(d, marks, e) && load_aliases(d, o, marks, e) &&
               recipients_load(d, o, marks, e) && returns_load(d, o, marks, e) &&
               load_bad_links(d, o, marks, e)))
        directory_unref(&d);
    return d;
}

struct directory *directory_load_again(const struct options *o, struct file_marks *marks,
                                       struct error *e)
{
    if (!file_marks_changed(marks))
        return NULL;
    file_marks_free(marks);
    struct directory *d = directory_load(o, marks, e);
    if (!d)
        file_marks_distrust(marks);
    return d;
}
