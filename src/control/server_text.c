#include "control/server_text.h"

#include "base/visible.h"

enum { LONGEST_ADDRESS = 254, LONGEST_WORDS = 500, LONGEST_THANKS = 120 };

static void add_visible(struct buffer *out, struct span s)
{
    visible_add(out, s, LONGEST_ADDRESS);
}

void server_add_taker(struct buffer *line, const char *how, const struct outcome *o)
{
    buffer_add_text(line, how);
    outcome_add_server(line, o);
    buffer_printf(line, "%s%s, ", o->tls ? " by " : "", outcome_tls_words(o));
    if (o->login.len) {
        buffer_add_text(line, "logged in as ");
        add_visible(line, o->login);
        buffer_add_text(line, ", ");
    }
    if (o->return_path.len) {
        buffer_add_text(line, "as from ");
        add_visible(line, o->return_path);
        buffer_add_text(line, ", ");
    }
    buffer_add_text(line, "which took it: ");
    outcome_add_reply(line, o, LONGEST_THANKS);
}

void server_add_words(struct buffer *line, const struct outcome *o)
{
    if (!o->words.len && !o->code)
        return;
    if (o->return_path.len) {
        buffer_add_text(line, " It went as from ");
        add_visible(line, o->return_path);
        buffer_add_char(line, '.');
    }
    if (o->is_remote) {
        buffer_add_text(line, " The server ");
        outcome_add_server(line, o);
        buffer_printf(line, " said %.*s: ", SPAN_F(o->stage));
    } else {
        buffer_add_text(line, " Noted here: ");
    }
    outcome_add_reply(line, o, LONGEST_WORDS);
    for (size_t i = 0; i < line->len; i++)
        if (line->at[i] == '\n')
            line->at[i] = ' ';
}
