/* Which host reports, and which one it talked to, where no field tells: mail systems say so in the
 * same words each time. */
#include "bounce/read_inside.h"

#include <string.h>

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

static struct span host_behind(struct span text, const char *const *phrases)
{
    for (; *phrases; phrases++) {
        size_t at = span_find(text, span_of(*phrases));
        struct span host =
            at == SPAN_NOT_FOUND ? SPAN_NONE : host_at(span_skip(text, at + strlen(*phrases)));
        if (host.len)
            return host;
    }
    return SPAN_NONE;
}

void read_hosts(struct reading *r)
{
    static const char *const reporting[] = {"mail system at host ",
                                            "postfix program at host ",
                                            "qmail-send program at ",
                                            "delivery program at ",
                                            "notification from ",
                                            "on the queue on ",
                                            "generating server: ",
                                            "generierender server: ",
                                            "serveur de génération : ",
                                            "servidor de generación: ",
                                            "security gateway at host ",
                                            "created by the mail system at ",
                                            NULL};
    static const char *const remote[] = {"host ", "talking to ", "connect to ", NULL};
    struct notice *n = r->notice;
    if (!n->reporting.len)
        n->reporting = host_behind(r->words.text, reporting);
    for (size_t i = 0; i < n->recipient_count; i++)
        if (!n->recipients[i].remote.len)
            n->recipients[i].remote = host_behind(n->recipients[i].diagnostic, remote);
    if (n->recipient_count == 1 && !n->recipients[0].remote.len)
        n->recipients[0].remote = host_behind(r->words.text, remote + 1);
}
