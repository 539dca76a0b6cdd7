/* Options as a configuration file with comments, and as the manual has them. */
#include "config/line_values.h"

#include <string.h>

static void print_values(struct buffer *out, const struct options *o, const struct option *option)
{
    const char *at = (const char *)o + option->offset;
    bool may_be_unset =
        !option->standard[0] && (option->type == OPTION_PATH || option->type == OPTION_HOST);
    size_t count = !may_be_unset || ((const struct span *)(const void *)at)->len;
    if (option->count_offset) {
        memcpy(&count, (const char *)o + option->count_offset, sizeof count);
        memcpy(&at, (const void *)at, sizeof at);
    }
    if (!count)
        buffer_printf(out, "# %s …\n", option->name);
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s ", option->name);
        line_value_print(out, option, at + i * line_value_size(option));
        buffer_add_char(out, '\n');
    }
}

/* Comment lines of at most 78 columns. */
static void print_comment(struct buffer *out, const char *text)
{
    struct span rest = span_of(text);
    while (rest.len) {
        size_t n = rest.len <= 76 ? rest.len : 76;
        while (n < rest.len && n && rest.at[n] != ' ')
            n--;
        buffer_printf(out, "# %.*s\n", SPAN_F(span_first(rest, n)));
        rest = span_trim(span_skip(rest, n));
    }
}

void options_print(struct buffer *out, const struct options *o)
{
    for (size_t i = 0; i < options_count(); i++) {
        if (i)
            buffer_add_char(out, '\n');
        print_comment(out, option_at(i)->manual);
        print_values(out, o, option_at(i));
    }
}

/* Text of a line in roff: nothing in it is a request or an escape, a hyphen is one that can be
 * copied, and each sentence begins a line. */
static void add_roff(struct buffer *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool is_sentence = c == ' ' && i && text.at[i - 1] == '.';
        bool is_start = !i || (text.at[i - 1] == ' ' && i > 1 && text.at[i - 2] == '.');
        if (is_start && (c == '.' || c == '\''))
            buffer_add_text(out, "\\&");
        if (c == '\\')
            buffer_add_text(out, "\\e");
        else if (c == '-')
            buffer_add_text(out, "\\-");
        else
            buffer_add_char(out, is_sentence ? '\n' : c);
    }
}

static void add_roff_text(struct buffer *out, const char *text)
{
    add_roff(out, span_of(text));
}

static void print_manual_default(struct buffer *out, const struct option *option)
{
    struct span lines = span_of(option->standard);
    if (!lines.len) {
        buffer_add_text(out, "Default: none.\n");
        return;
    }
    buffer_add_text(out, "Default:\n");
    while (lines.len) {
        struct span word = span_cut(&lines, '\n');
        buffer_add_text(out, ".Ql ");
        add_roff(out, word);
        buffer_add_text(out, lines.len ? "\nand\n" : " .\n");
    }
}

static void print_manual_bounds(struct buffer *out, const struct option *option)
{
    if (!option->most) /* it is no amount */
        return;
    buffer_add_text(out, "It may be from ");
    line_value_print(out, option, &option->least);
    buffer_add_text(out, " to ");
    line_value_print(out, option, &option->most);
    buffer_add_text(out, ".\n");
}

void options_print_manual(struct buffer *out)
{
    static const char *const arguments[] = {
        [OPTION_HOST] = "name",
        [OPTION_PATH] = "path",
        [OPTION_NUMBER] = "number",
        [OPTION_SIZE] = "size",
        [OPTION_DURATION] = "time",
        [OPTION_ENDPOINT] = "address:port",
        [OPTION_LISTEN] = "address:port Op Ar setting value",
        [OPTION_NETWORK] = "network",
        [OPTION_RATE] = "number/time",
        [OPTION_RESOLVER] = "server",
        [OPTION_CHOICE] = "word",
        [OPTION_ROUTE] = "domain Ar target",
        [OPTION_LOG] = "form",
        [OPTION_RELAY] = "domain Ar recipients",
        [OPTION_EVENTS] = "kind Ar target",
        [OPTION_GUARD_LIMIT] = "name Ar number",
        [OPTION_FILTER] = "place Op Ar setting value",
        [OPTION_POLICY] = "domain Ar word",
        [OPTION_MATCH] = "domain",
        [OPTION_FOLDER] = "class Ar folder",
        [OPTION_LINK_LIST] = "zone Op Ar setting value",
        [OPTION_ACCOUNTS] = "account Cm message Ar number Cm recipients Ar number/time ...",
        [OPTION_FORWARDER] = "domain-or-network",
        [OPTION_DNS_LIST] = "zone Cm points Ar number ...",
        [OPTION_DKIM_KEY] = "domain Ar selector Ar file",
        [OPTION_CERTIFICATE] = "file Op Ar key",
        [OPTION_ACME] = "name ...",
        [OPTION_FINGERPRINT] = "fingerprint",
        [OPTION_TEXT] = "text"};
    for (size_t i = 0; i < options_count(); i++) {
        const struct option *option = option_at(i);
        buffer_add_text(out, ".It Ic ");
        add_roff_text(out, option->name);
        buffer_printf(out, " Ar %s\n", arguments[option->type]);
        add_roff_text(out, option->manual);
        buffer_add_text(out, "\n.Pp\n");
        print_manual_default(out, option);
        print_manual_bounds(out, option);
        if (option->needs_restart)
            buffer_add_text(out, "A change takes effect when the server is started anew.\n");
    }
}
