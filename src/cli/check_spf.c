#include "auth/spf.h"
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

int check_spf(const struct check *c)
{
    struct spf_request r = {.sender = check_without_brackets(c->sender),
                            .helo = c->helo,
                            .receiver = c->options->hostname,
                            .now = c->now};
    struct spf_verdict v;
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    if (!c->ip.at || !c->sender.at || !c->helo.at || c->named.len)
        return complain(2, "use it as: plainpost check spf --ip IP --sender ADDRESS --helo NAME "
                           "[--dns ADDRESS:PORT] [--now UNIXTIME]");
    if (!check_take_client(c, r.client))
        return 2;
    while (!spf_check(&r, &l, &v, &a)) {
        check_dns_answer(c->dns, &l);
        arena_clear(&a);
    }
    print(&v);
    arena_clear(&a);
    lookups_free(&l);
    return 0;
}
