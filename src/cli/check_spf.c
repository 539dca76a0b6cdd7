#include "auth/spf.h"
#include "base/inet.h"
#include "cli/check.h"

#include <stdio.h>

static void print(const struct spf_verdict *v)
{
    printf("%s\n%.*s\n", spf_result_word(v->result), SPAN_F(v->why));
    if (v->said.len)
        printf("The domain itself says: %.*s\n", SPAN_F(v->said));
    if (v->remedy.len)
        printf("%.*s\n", SPAN_F(v->remedy));
}

/* "alice@example.org", also in angle brackets. */
static struct span without_brackets(struct span s)
{
    if (s.len > 1 && s.at[0] == '<' && s.at[s.len - 1] == '>')
        return span_first(span_skip(s, 1), s.len - 2);
    return s;
}

int check_spf(const struct check *c)
{
    struct spf_request r = {.sender = without_brackets(c->sender),
                            .helo = c->helo,
                            .receiver = c->options->hostname,
                            .now = c->now};
    struct spf_verdict v;
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    if (!c->ip.at || !c->sender.at || !c->helo.at || c->named.len)
        return complain(2, "use it as: plainpost check spf --ip IP --sender ADDRESS --helo NAME "
                           "[--dns ADDRESS:PORT] [--now UNIXTIME]");
    if (!inet_parse(c->ip, r.client))
        return complain(2, "\"%.*s\" is no address of a client: 192.0.2.1 or 2001:db8::1",
                        SPAN_F(c->ip));
    while (!spf_check(&r, &l, &v, &a)) {
        check_dns_answer(c->dns, &l);
        arena_clear(&a);
    }
    print(&v);
    arena_clear(&a);
    lookups_free(&l);
    return 0;
}
