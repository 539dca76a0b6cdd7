#include "login/login_file.h"

static int next_line(struct span *rest, size_t *number, struct span *line, struct login_line *l,
                     struct error *problem)
{
    struct error why;
    *line = span_cut(rest, '\n');
    ++*number;
    int found = login_line_parse(*line, l, &why);
    if (found < 0)
        error_set(problem, "line %zu: %s", *number, why.text);
    return found;
}

int login_file_find(struct span text, struct span name, struct login_line *l, struct error *problem)
{
    size_t number = 0;
    struct span line;
    while (text.len) {
        int found = next_line(&text, &number, &line, l, problem);
        if (found < 0 || (found > 0 && span_equal_nocase(l->name, name)))
            return found;
    }
    return 0;
}

static void add_senders(struct buffer *out, const struct login_line *l, const struct login_edit *e)
{
    struct span rest = l->words, sender;
    for (size_t i = 0; i < e->sender_count; i++)
        buffer_printf(out, " sender=%.*s", SPAN_F(e->senders[i]));
    while (!e->senders && login_next_sender(&rest, &sender))
        buffer_printf(out, " sender=%.*s", SPAN_F(sender));
}

/* True: the one that is changed was there. */
static bool add_apps(struct buffer *out, const struct login_line *l, const struct login_edit *e)
{
    struct span rest = l->words, label, hash;
    bool was_there = false;
    while (login_next_app(&rest, &label, &hash)) {
        bool is_it = e->label.len && span_equal(label, e->label);
        was_there |= is_it;
        if (!is_it)
            buffer_printf(out, " app=%.*s:%.*s", SPAN_F(label), SPAN_F(hash));
    }
    if (e->app_word.len)
        buffer_printf(out, " %.*s", SPAN_F(e->app_word));
    return was_there;
}

static bool add_login(struct buffer *out, const struct login_line *l, const struct login_edit *e)
{
    buffer_add_span(out, l->name);
    if (e->password.len) {
        buffer_printf(out, " %.*s", SPAN_F(e->password));
    } else {
        buffer_printf(out, "%s%.*s", l->hash.len ? " " : "", SPAN_F(l->hash));
        buffer_printf(out, "%s%.*s", l->keys.len ? " " : "", SPAN_F(l->keys));
    }
    add_senders(out, l, e);
    bool had_app = add_apps(out, l, e);
    buffer_add_char(out, '\n');
    return had_app;
}

enum login_edited login_file_edit(struct buffer *out, struct span text, const struct login_edit *e,
                                  struct error *problem)
{
    struct login_line l;
    struct span line;
    size_t number = 0;
    bool is_there = false, had_app = false;
    while (text.len) {
        int found = next_line(&text, &number, &line, &l, problem);
        if (found < 0)
            return LOGIN_UNREADABLE;
        bool is_it = found && span_equal_nocase(l.name, e->name);
        is_there |= is_it;
        if (!is_it)
            buffer_printf(out, "%.*s\n", SPAN_F(line));
        else if (!e->is_removed)
            had_app |= add_login(out, &l, e);
    }
    if (e->label.len && !e->app_word.len && !had_app)
        return LOGIN_HAS_NO_APP;
    if (is_there)
        return LOGIN_CHANGED;
    l = (struct login_line){e->name, SPAN_NONE, SPAN_NONE, SPAN_NONE};
    if (!e->is_removed)
        add_login(out, &l, e);
    return LOGIN_ADDED;
}
