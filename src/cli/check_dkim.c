#include "auth/dkim_check.h"
#include "cli/check.h"

#include <stdio.h>

static void print(const struct dkim_verdict *v)
{
    printf("%s", dkim_verdict_word(v->result));
    if (v->domain.len)
        printf(" %.*s %.*s", SPAN_F(v->domain), SPAN_F(v->selector));
    if (v->why.len)
        printf(": %.*s", SPAN_F(v->why));
    putchar('\n');
}

int check_dkim(const struct check *c)
{
    struct dkim_verdict verdicts[DKIM_MOST_CHECKED];
    struct buffer message = BUFFER_EMPTY;
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    size_t count = 0;
    if (!c->named.len)
        return complain(2, "use it as: plainpost check dkim FILE [--dns ADDRESS:PORT] "
                           "[--now UNIXTIME]");
    if (!check_read_message(c, &message))
        return 1;
    while (!dkim_check(buffer_span(&message), c->now, &l, verdicts, &count, &a)) {
        check_dns_answer(c->dns, &l);
        arena_clear(&a);
    }
    for (size_t i = 0; i < count; i++)
        print(&verdicts[i]);
    if (!count)
        puts("none: the message has no DKIM signature");
    arena_clear(&a);
    lookups_free(&l);
    buffer_free(&message);
    return 0;
}
