/* Which host reports, and which one it talked to, where no field tells: mail systems say so in the
 * same words each time. */
#include "bounce/read_inside.h"

static bool is_of_host(char c)
{
    return ascii_is_alnum(c) || c == '.' || c == '-' || c == '_';
}

/* The host that begins the text; empty when it is none: a dot stands in a name. */
static struct span host_at(struct span text)
{
    size_t n = 0, dot;
    while (n < text.len && n < 255 && is_of_host(text.at[n]))
        n++;
    while (n && !ascii_is_alnum(text.at[n - 1]))
        n--;
    struct span host = span_first(text, n);
    dot = span_find_char(host, '.');
    return dot != SPAN_NOT_FOUND && dot > 0 ? host : SPAN_NONE;
}

/* Behind the first words of the list that a host follows. */
static struct span host_told(const struct folded *f, enum sign_words list)
{
    struct span host = SPAN_NONE;
    const struct phrase *p = folded_has_any(f, list);
    for (; p && !host.len; p = folded_has_next(f, p)) {
        struct span words = span_make(p->text, p->length);
        host = host_at(span_skip(f->text, span_find(f->text, words) + words.len));
    }
    return host;
}

static struct span host_in_reply(struct span reply)
{
    static const struct span before[] = {SPAN("host "), SPAN("talking to "), SPAN("connect to ")};
    struct span host = SPAN_NONE;
    for (size_t i = 0; i < sizeof before / sizeof *before && !host.len; i++) {
        size_t at = span_find(reply, before[i]);
        if (at != SPAN_NOT_FOUND)
            host = host_at(span_skip(reply, at + before[i].len));
    }
    return host;
}

void read_hosts(struct reading *r)
{
    struct notice *n = r->notice;
    if (!n->reporting.len)
        n->reporting = host_told(&r->words, TEXT_REPORTING_HOST);
    for (size_t i = 0; i < n->recipient_count; i++)
        if (!n->recipients[i].remote.len)
            n->recipients[i].remote = host_in_reply(n->recipients[i].diagnostic);
    if (n->recipient_count == 1 && !n->recipients[0].remote.len)
        n->recipients[0].remote = host_told(&r->words, TEXT_REMOTE_HOST);
}
