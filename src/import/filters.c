/* Milters. Ours are at an address, and never at a name that must be looked up first. */
#include "import/inside.h"

static struct span add_place(struct importer *i, struct span item)
{
    struct span local = SPAN("inet:localhost:"), path;
    if (span_starts_nocase(item, local))
        return arena_printf(i->arena, "inet:127.0.0.1:%.*s", SPAN_F(span_skip(item, local.len)));
    if (!span_starts(item, SPAN("unix:")) && !span_starts(item, SPAN("local:")))
        return item;
    path = item;
    span_cut(&path, ':');
    return arena_printf(i->arena, "unix:%s%.*s",
                        span_starts(path, SPAN("/")) ? "" : "/var/spool/postfix/", SPAN_F(path));
}

static void import_milter(struct importer *i, struct span item, const char *settings)
{
    struct buffer line = BUFFER_EMPTY;
    struct span why;
    bool has_settings = item.len && item.at[0] == '{';
    buffer_add_text(&line, "filter ");
    word_print(&line, add_place(i, item));
    buffer_printf(&line, "%s\n", settings);
    if (has_settings)
        note(i, IMPORT_LOST, "smtpd_milters",
             "%.*s has settings of its own; write it as filter inet:127.0.0.1:11332, and behind it "
             "on-failure and timeout",
             SPAN_F(item));
    else if (!is_taken(i, buffer_span(&line), &why))
        note(i, IMPORT_LOST, "smtpd_milters", "%.*s", SPAN_F(why));
    else {
        buffer_add_span(&i->out->config, buffer_span(&line));
        note(i, IMPORT_CARRIED, "smtpd_milters", "%.*s", SPAN_F(span_trim(buffer_span(&line))));
    }
    buffer_free(&line);
}

void import_filters(struct importer *i)
{
    struct span rest = main_cf_value(&i->cf, "smtpd_milters"), item;
    struct span action = main_cf_value(&i->cf, "milter_default_action");
    bool has_filters = false, skips = span_equal_nocase(action, SPAN("accept"));
    while (next_item(&rest, &item)) {
        import_milter(i, item, skips ? " on-failure skip" : "");
        has_filters = true;
    }
    tell_nothing(i, "smtpd_milters");
    if (!has_filters || !action.len)
        return;
    if (skips || span_equal_nocase(action, SPAN("tempfail")))
        note(i, IMPORT_CARRIED, "milter_default_action", "%s",
             skips ? "on-failure skip" : "so it is");
    else
        note(i, IMPORT_LOST, "milter_default_action",
             "while a filter fails clients are asked to try again later (on-failure tempfail), or "
             "mail is taken without it (on-failure skip)");
}
