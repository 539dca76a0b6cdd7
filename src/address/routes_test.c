/* Which of several routes counts for an address. */
#include "base/test.h"

#include "address/directory.h"
#include "base/buffer.h"

static const char users[] = "domain home.test\n"
                            "alice@home.test\n"
                            "bob@home.test\n"
                            "carol@mail.home.test\n";

/* Where mail from `sender` to `address` goes: "mailbox alice@home.test", a target, "nobody",
 * "nowhere"; "ours " before it, where we answer for the address. */
static void find(struct buffer *out, const char *routes, const char *sender, const char *address)
{
    struct options o;
    struct error e = {0};
    if (!options_parse(&o, "test.conf", span_of(routes), &e))
        fail_msg("%s", e.text);
    struct directory *d = directory_parse("users", span_of(users), &o, &e);
    assert_non_null(d);
    struct destination to = directory_find(d, span_of(sender), span_of(address));
    buffer_add_text(out, to.is_ours ? "ours " : "");
    switch (to.kind) {
    case DESTINATION_MAILBOX:
        buffer_printf(out, "mailbox %.*s", SPAN_F(to.mailbox->name));
        break;
    case DESTINATION_ROUTE:
        target_print(out, to.target);
        break;
    case DESTINATION_NO_SUCH_USER:
        buffer_add_text(out, "nobody");
        break;
    case DESTINATION_NO_ROUTE:
        buffer_add_text(out, "nowhere");
        break;
    }
    directory_unref(&d);
    options_free(&o);
}

struct case_of_route {
    const char *routes, *sender, *address, *where;
};

static void expect_all(const struct case_of_route *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct case_of_route *c = &cases[i];
        struct buffer got = BUFFER_EMPTY;
        find(&got, c->routes, c->sender, c->address);
        if (!span_equal(buffer_span(&got), span_of(c->where)))
            fail_msg("%s to %s by\n%sgoes to %s, not %s", c->sender, c->address, c->routes,
                     buffer_text(&got), c->where);
        buffer_free(&got);
    }
}

/* Each route leads to a port of its own, by which the test tells them apart. Every further row
 * takes away the route that counted in the one before. */
#define ADDRESS "route x@sub.away.test 192.0.2.1:1\n"
#define DOMAIN "route sub.away.test 192.0.2.1:2\n"
#define PARENT "route *.away.test 192.0.2.1:3\n"
#define ABOVE "route *.test 192.0.2.1:4\n"
#define FROM_ADDRESS "route from:s@from.test 192.0.2.1:5\n"
#define FROM_DOMAIN "route from:from.test 192.0.2.1:6\n"
#define REST "route * 192.0.2.1:7\n"

static void the_most_telling_route_counts(void **state)
{
    static const struct case_of_route cases[] = {
        {REST FROM_DOMAIN FROM_ADDRESS ABOVE PARENT DOMAIN ADDRESS, "s@from.test",
         "x@sub.away.test", "192.0.2.1:1"},
        {REST FROM_DOMAIN FROM_ADDRESS ABOVE PARENT DOMAIN, "s@from.test", "x@sub.away.test",
         "192.0.2.1:2"},
        {REST FROM_DOMAIN FROM_ADDRESS ABOVE PARENT, "s@from.test", "x@sub.away.test",
         "192.0.2.1:3"},
        {REST FROM_DOMAIN FROM_ADDRESS ABOVE, "s@from.test", "x@sub.away.test", "192.0.2.1:4"},
        {REST FROM_DOMAIN FROM_ADDRESS, "s@from.test", "x@sub.away.test", "192.0.2.1:5"},
        {REST FROM_DOMAIN, "s@from.test", "x@sub.away.test", "192.0.2.1:6"},
        {REST, "s@from.test", "x@sub.away.test", "192.0.2.1:7"},
        {"", "s@from.test", "x@sub.away.test", "nowhere"},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void routes_match_what_they_name(void **state)
{
    static const struct case_of_route cases[] = {
        {ADDRESS, "", "y@sub.away.test", "nowhere"},
        {ADDRESS, "", "X@Sub.AWAY.test", "192.0.2.1:1"},
        {"route X@Sub.AWAY.test 192.0.2.1:1", "", "x@sub.away.test", "192.0.2.1:1"},
        {DOMAIN, "", "x@away.test", "nowhere"},
        {DOMAIN, "", "x@a.sub.away.test", "nowhere"},
        {PARENT, "", "x@away.test", "nowhere"}, /* below it, and not itself */
        {PARENT, "", "x@a.b.away.test", "192.0.2.1:3"},
        {PARENT, "", "x@runaway.test", "nowhere"},
        {PARENT "route *.b.away.test 192.0.2.1:8", "", "x@a.b.away.test", "192.0.2.1:8"},
        {PARENT "route away.test 192.0.2.1:8", "", "x@away.test", "192.0.2.1:8"},
        {"route bücher.test 192.0.2.1:8", "", "x@bücher.test", "192.0.2.1:8"},
        {REST, "", "x@[192.0.2.7]", "192.0.2.1:7"},
        {"route * mx", "", "x@away.test", "mx"},
        {"route * discard \"nobody reads it\"", "", "x@away.test", "discard \"nobody reads it\""},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void senders_have_routes(void **state)
{
    static const struct case_of_route cases[] = {
        {FROM_ADDRESS, "S@From.test", "x@away.test", "192.0.2.1:5"},
        {FROM_ADDRESS, "t@from.test", "x@away.test", "nowhere"},
        {FROM_DOMAIN, "t@from.test", "x@away.test", "192.0.2.1:6"},
        {FROM_DOMAIN, "t@sub.from.test", "x@away.test", "nowhere"},
        {FROM_DOMAIN FROM_ADDRESS, "", "x@away.test", "nowhere"}, /* a notice has no sender */
        {FROM_DOMAIN REST, "", "x@away.test", "192.0.2.1:7"},
        /* a recipient's route is no sender's */
        {"route from.test 192.0.2.1:8", "s@from.test", "x@away.test", "nowhere"},
        {FROM_DOMAIN, "", "x@from.test", "nowhere"},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void our_users_keep_their_mail(void **state)
{
    static const struct case_of_route cases[] = {
        {REST FROM_DOMAIN FROM_ADDRESS, "s@from.test", "alice@home.test",
         "ours mailbox alice@home.test"},
        {REST, "", "postmaster@home.test", "ours mailbox alice@home.test"},
        {"hostname home.test\n" REST, "", "postmaster", "ours mailbox alice@home.test"},
        {REST, "", "nobody@home.test", "ours nobody"},
        /* until a route names them */
        {"route alice@home.test lmtp:/run/lmtp", "", "alice@home.test", "ours lmtp:/run/lmtp"},
        {"route alice@home.test lmtp:/run/lmtp", "", "bob@home.test", "ours mailbox bob@home.test"},
        {"route home.test lmtp:/run/lmtp", "", "Bob@HOME.test", "ours lmtp:/run/lmtp"},
        {"route home.test lmtp:/run/lmtp", "", "carol@mail.home.test",
         "ours mailbox carol@mail.home.test"},
        {"route *.home.test lmtp:/run/lmtp", "", "carol@mail.home.test", "ours lmtp:/run/lmtp"},
        {"route home.test lmtp:/run/lmtp", "", "postmaster@home.test", "ours lmtp:/run/lmtp"},
        /* who is no user has no mail, wherever it would go */
        {"route home.test lmtp:/run/lmtp", "", "nobody@home.test", "ours nobody"},
        {"route nobody@home.test lmtp:/run/lmtp", "", "nobody@home.test", "ours nobody"},
    };
    expect_all(cases, COUNT_OF(cases));
}

/* Where a notice for postmaster goes must not depend on whether the host name is a domain of users.
 */
static void postmaster_is_at_the_nearest_domain_of_ours(void **state)
{
    static const struct {
        const char *options, *users, *postmaster;
    } cases[] = {
        {"hostname home.test\n", "alice@home.test\n", "postmaster@home.test"},
        {"hostname mx.home.test\n", "alice@home.test\n", "postmaster@home.test"},
        {"hostname a.b.home.test\n", "alice@home.test\n", "postmaster@home.test"},
        {"hostname mx.away.test\n", "alice@home.test\n", "postmaster"},
        {"hostname mx.home.test\n", "alice@home.test\ndomain mx.home.test\n",
         "postmaster@home.test"},
        {"hostname mx.away.test\nroute * mx\n", "", "postmaster"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct options o;
        struct error e;
        assert_true(options_parse(&o, "test.conf", span_of(cases[i].options), &e));
        struct directory *d = directory_parse("users", span_of(cases[i].users), &o, &e);
        assert_non_null(d);
        struct span found = directory_postmaster(d, &a);
        if (!span_equal(found, span_of(cases[i].postmaster)))
            fail_msg("%s: %.*s", cases[i].options, SPAN_F(found));
        directory_unref(&d);
        options_free(&o);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_most_telling_route_counts),
        cmocka_unit_test(routes_match_what_they_name),
        cmocka_unit_test(senders_have_routes),
        cmocka_unit_test(our_users_keep_their_mail),
        cmocka_unit_test(postmaster_is_at_the_nearest_domain_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
