/* To whom the mail of an account leads, by its tables of users and aliases, and how to reach the
 * owner past them. */
#include "base/test.h"

#include "address/directory_inside.h"
#include "address/expand.h"
#include "address/leads.h"

static struct directory *directory_of(struct options *o, const char *aliases)
{
    struct error e;
    options_defaults(o);
    o->hostname = SPAN("mail.example.org");
    struct directory *d = directory_parse("users",
                                          SPAN("alice@example.org\nbob@example.org\n"
                                               "alice@example.com\n"),
                                          o, &e);
    assert_non_null(d);
    d->aliases.arena = &d->arena;
    d->aliases.runs_commands = true;
    if (!aliases_parse(&d->aliases, "aliases", span_of(aliases), &e))
        fail_msg("%s: %s", aliases, e.text);
    return d;
}

#define THIEF "thief@example.net"

static void an_account_leads_to_whom_its_mail_reaches(void **state)
{
    static const struct {
        const char *aliases, *account, *to;
    } cases[] = {
        {"", "alice@example.org", ""},
        {"", "nobody@example.org", ""},
        {"alice@example.org: " THIEF, "alice@example.org", THIEF},
        {"alice@example.org: " THIEF, "Alice@Example.ORG", THIEF},
        {"alice@example.org: " THIEF, "alice@example.com", ""},
        {"alice@example.org: \\alice, " THIEF, "alice@example.org", THIEF},
        {"alice@example.org: alice+kept, " THIEF, "alice@example.org", THIEF},
        {"alice@example.org: alice@example.org", "alice@example.org", ""},
        {"alice@example.org: alice@example.com", "alice@example.org", "alice@example.com"},
        {"alice@example.org: bob, carol@example.net", "alice@example.org",
         "bob@example.org carol@example.net"},
        /* by way of another */
        {"alice@example.org: team\nteam: bob, " THIEF, "alice@example.org",
         "bob@example.org " THIEF},
        {"alice@example.org: bob\nbob@example.org: alice", "alice@example.org", ""},
        {"alice@example.org: bob\nbob@example.org: bob, alice", "alice@example.org",
         "bob@example.org"},
        {"alice: \"|filter -x\"", "alice@example.org", "|filter -x"},
        /* the bare name, in each of our domains, but an alias of the address is nearer */
        {"alice: " THIEF, "alice@example.org", THIEF},
        {"alice: " THIEF, "alice@example.com", THIEF},
        {"alice: " THIEF "\nalice@example.org: bob", "alice@example.org", "bob@example.org"},
        {"alice: " THIEF, "alice@example.net", ""},
        /* a whole domain: who is no user of it */
        {"@example.org: " THIEF, "alice@example.org", ""},
        {"@example.org: " THIEF, "carol@example.org", THIEF},
        {"@example.org: " THIEF "\ncarol@example.org: bob", "carol@example.org", "bob@example.org"},
        /* a user of this machine has all mailboxes of the name */
        {"", "bob", ""},
        {"bob: " THIEF, "bob", THIEF},
        {"bob@example.org: " THIEF, "bob", THIEF},
        {"bob: bob@example.org", "bob", ""},
        {"alice@example.com: " THIEF, "alice", THIEF},
        {"alice@example.com: alice@example.org", "alice", ""},
        {"root: " THIEF, "root", ""}, /* its mail does not come here: our own name is no domain */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct arena a = ARENA_EMPTY;
        struct buffer out = BUFFER_EMPTY;
        struct directory *d = directory_of(&o, cases[i].aliases);
        struct leads l = directory_leads(d, span_of(cases[i].account), &a);
        for (size_t n = 0; n < l.count; n++)
            buffer_printf(&out, "%s%.*s", n ? " " : "", SPAN_F(l.to[n]));
        if (!span_equal(buffer_span(&out), span_of(cases[i].to)))
            fail_msg("row %zu: \"%s\"", i, buffer_text(&out));
        buffer_free(&out);
        directory_unref(&d);
        arena_clear(&a);
        options_free(&o);
    }
}

static void mail_to_our_own_name_is_the_machines_users(void **state)
{
    struct options o;
    struct arena a = ARENA_EMPTY;
    struct directory *d = directory_of(&o, "root: " THIEF);
    directory_add_domain(d, SPAN("mail.example.org"), NULL);
    struct leads l = directory_leads(d, SPAN("root"), &a);
    assert_int_equal(l.count, 1);
    assert_true(span_equal(l.to[0], SPAN(THIEF)));
    directory_unref(&d);
    arena_clear(&a);
    options_free(&o);
}

/* A letter to the owner himself, whoever gets his mail now. */
static void past_forwards_it_goes_into_the_mailbox(void **state)
{
    static const struct {
        const char *aliases, *to, *reached;
    } cases[] = {
        {"", "alice@example.org", "alice@example.org"},
        {"alice@example.org: " THIEF, "alice@example.org", "alice@example.org"},
        {"alice: bob\nbob: " THIEF, "Alice+x@example.org", "Alice+x@example.org"},
        {"ann: " THIEF, "ann@host.example.org", "ann@host.example.org ~"},
        {"dora@behind.example: " THIEF, "dora@behind.example", "dora@behind.example"},
        /* without a mailbox there is none but where the alias leads, */
        {"info@example.org: bob, " THIEF, "info@example.org", "bob@example.org " THIEF},
        {"info@example.org: bob\nbob: " THIEF, "info@example.org", THIEF},
        {"", "nobody@example.org", "nobody@example.org"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e;
        struct arena a = ARENA_EMPTY;
        struct buffer out = BUFFER_EMPTY;
        struct file_marks marks = {0};
        struct recipient one = {.address = span_of(cases[i].to)};
        struct envelope mail = {.recipients = &one, .recipient_count = 1};
        assert_true(options_parse(&o, "options",
                                  SPAN("deliver-as yes\nrelay-domain behind.example any\n"
                                       "route behind.example 127.0.0.1:2525\n"),
                                  &e));
        struct directory *d = directory_parse("users",
                                              SPAN("alice@example.org\nbob@example.org\n"
                                                   "domain host.example.org system\n"),
                                              &o, &e);
        directory_add_system_users(d, SPAN("ann:x:1000:1000::/home/ann:\n"));
        assert_true(recipients_load(d, &o, &marks, &e));
        d->aliases.arena = &d->arena;
        assert_true(aliases_parse(&d->aliases, "aliases", span_of(cases[i].aliases), &e));
        expand_past_forwards(d, &mail, &a);
        for (size_t n = 0; n < mail.recipient_count; n++)
            if (!mail.recipients[n].is_expanded)
                buffer_printf(
                    &out, "%s%.*s%s%.*s", out.len ? " " : "", SPAN_F(mail.recipients[n].address),
                    mail.recipients[n].action.len ? " " : "", SPAN_F(mail.recipients[n].action));
        if (!span_equal(buffer_span(&out), span_of(cases[i].reached)))
            fail_msg("row %zu: \"%s\"", i, buffer_text(&out));
        assert_int_equal(one.action.len, 0); /* the caller's stays as it is */
        buffer_free(&out);
        file_marks_free(&marks);
        directory_unref(&d);
        arena_clear(&a);
        options_free(&o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_leads_to_whom_its_mail_reaches),
        cmocka_unit_test(mail_to_our_own_name_is_the_machines_users),
        cmocka_unit_test(past_forwards_it_goes_into_the_mailbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
