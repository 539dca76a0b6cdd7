#include "auth/arc_check.h"
#include "base/visible.h"
#include "cli/check.h"

#include <stdio.h>

enum { LONGEST_SHOWN = 1000 };

static void print_set(const struct arc_set *s, size_t n)
{
    struct buffer unfolded = BUFFER_EMPTY, shown = BUFFER_EMPTY;
    header_unfold(&unfolded, s->results);
    visible_add(&shown, buffer_span(&unfolded), LONGEST_SHOWN);
    printf("%zu %.*s %.*s: %s\n", n, SPAN_F(s->seal.domain), SPAN_F(s->seal.selector),
           buffer_text(&shown));
    buffer_free(&unfolded);
    buffer_free(&shown);
}

static void print(const struct arc_verdict *v)
{
    printf("%s\n%.*s\n", arc_state_word(v->state), SPAN_F(v->why));
    if (v->state != ARC_PASS)
        return;
    if (v->has_oldest_pass && v->oldest_pass)
        printf("The message was changed between set %zu and set %zu.\n", v->oldest_pass - 1,
               v->oldest_pass);
    for (size_t i = 0; i < v->chain.count; i++)
        print_set(&v->chain.sets[i], i + 1);
}

int check_arc(const struct check *c)
{
    struct arc_verdict v;
    struct buffer message = BUFFER_EMPTY;
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    if (!c->named.len)
        return complain(2, "use it as: plainpost check arc FILE [--dns ADDRESS:PORT] "
                           "[--now UNIXTIME]");
    if (!check_read_message(c, &message))
        return 1;
    while (!arc_check(buffer_span(&message), c->now, &l, &v, &a)) {
        check_dns_answer(c->dns, &l);
        arena_clear(&a);
    }
    print(&v);
    arena_clear(&a);
    lookups_free(&l);
    buffer_free(&message);
    return 0;
}
