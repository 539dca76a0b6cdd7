#include "base/test.h"

#include "import/import.h"

#include <string.h>

/* Files as "PATH\nTEXT"; main.cf goes without a path. */
struct source {
    const char *const *files;
};

static bool read_one(void *arg, const char *path, struct buffer *text, struct error *e)
{
    const struct source *s = arg;
    for (const char *const *f = s->files; *f; f++) {
        struct span rest = span_of(*f), name = span_cut(&rest, '\n');
        if (span_equal(name, span_of(path))) {
            buffer_add_span(text, rest);
            return true;
        }
    }
    return error_set(e, "cannot read %s: No such file or directory", path);
}

#define MAIN "/p/main.cf\n"
#define PASSWD                                                                                     \
    "/etc/passwd\nroot:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n"             \
    "bob:x:1001:1001::/home/bob:/bin/sh\n"
#define LOCAL                                                                                      \
    MAIN "myhostname=mx.a.test\nmydomain=a.test\nmyorigin=a.test\nmydestination=a.test, "          \
         "localhost\n"                                                                             \
         "compatibility_level=3.6\nalias_maps=hash:/p/aliases\n"
#define VIRTUAL MAIN "myhostname=mx.a.test\nmydestination=\ncompatibility_level=3\n"

static struct import import_of(const char *const *files)
{
    struct source s = {files};
    struct import_source source = {read_one, &s, "/p", "/etc/plainpost", SPAN("host")};
    struct import i;
    struct error e;
    assert_true(import_postfix(&i, &source, &e));
    return i;
}

static bool has_line(const struct buffer *text, struct span line)
{
    struct span rest = buffer_span(text);
    while (rest.len)
        if (span_equal(span_cut(&rest, '\n'), line))
            return true;
    return false;
}

static void check_lines(const struct import *i, const char *lines, bool wanted)
{
    struct span rest = span_of(lines);
    while (rest.len) {
        struct span line = span_cut(&rest, '\n');
        bool is =
            has_line(&i->config, line) || has_line(&i->users, line) || has_line(&i->aliases, line);
        if (is != wanted)
            fail_msg("%s: \"%.*s\" in\n%s%s%s", wanted ? "missing" : "not wanted", SPAN_F(line),
                     buffer_text(&i->config), buffer_text(&i->users), buffer_text(&i->aliases));
    }
}

static void settings_become_lines(void **state)
{
    static const struct {
        const char *files[6], *has, *has_not;
    } cases[] = {
        /* names */
        {{MAIN "myhostname = MX.Example.org\n"}, "hostname mx.example.org", ""},
        {{MAIN ""}, "hostname host.localdomain\ndomain localhost.localdomain", ""},
        {{MAIN "mydomain = b.test\n"}, "hostname host.b.test\ndomain localhost.b.test", ""},
        {{MAIN "myhostname = a.test\nmyhostname = b.test\n"}, "hostname b.test", "hostname a.test"},
        {{MAIN "myhostname =\n  # a comment\n\n  c.test\n"}, "hostname c.test", ""},
        /* listeners */
        {{MAIN "inet_interfaces = loopback-only\ninet_protocols = ipv4\n"},
         "listen 127.0.0.1:25",
         ""},
        {{MAIN "", "/p/master.cf\nsmtp inet n - y - - smtpd\n"
                   "127.0.0.1:10026 inet n - - - - smtpd\n  -o content_filter=\n"
                   "465 inet n - - - - smtpd -o smtpd_tls_wrappermode=yes\n"
                   "submission inet n - - - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n"},
         "listen [::]:25\nlisten 127.0.0.1:10026",
         "listen [::]:465\nlisten [::]:587"},
        /* TLS */
        {{MAIN "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /p/c.pem\n"
               "smtpd_tls_key_file = /p/k.pem\nsmtpd_tls_eccert_file = /p/e.pem\n"
               "smtpd_tls_eckey_file = $smtpd_tls_eccert_file\n",
          "/p/master.cf\nsmtps inet n - - - - smtpd -o smtpd_tls_wrappermode=yes\n"},
         "tls-certificate /p/c.pem /p/k.pem\ntls-certificate /p/e.pem\n"
         "listen [::]:465 tls implicit",
         ""},
        {{MAIN "smtpd_use_tls = yes\nsmtpd_tls_chain_files = /p/k.pem, /p/c.pem\n"},
         "tls-certificate /p/c.pem /p/k.pem",
         ""},
        {{MAIN "smtpd_tls_cert_file = /p/c.pem\n"}, "", "tls-certificate /p/c.pem"},
        {{MAIN "smtp_tls_security_level = encrypt\nrelayhost = [s.test]:587\n"},
         "route * s.test:587 tls required",
         ""},
        {{MAIN "smtp_tls_security_level = secure\nrelayhost =\n"}, "route * mx tls verified", ""},
        {{MAIN "smtp_tls_security_level = none\nrelayhost =\n"}, "route * mx tls off", ""},
        {{MAIN "smtp_tls_wrappermode = yes\nsmtp_tls_security_level = verify\n"
               "relayhost = [s.test]:465\n"},
         "route * s.test:465 tls implicit",
         ""},
        {{MAIN "inet_interfaces = $myhostname, [192.0.2.1]\nmyhostname = a.test\n"},
         "listen a.test:25\nlisten 192.0.2.1:25",
         ""},
        /* networks */
        {{MAIN "mynetworks = 10.0.0.0/8, [2001:db8::]/32\ncompatibility_level = 2\n"},
         "trusted 10.0.0.0/8\ntrusted 2001:db8:0:0:0:0:0:0/32",
         "trusted 127.0.0.0/8"},
        {{MAIN "mynetworks = !10.0.0.128/25 10.0.0.0/24 10.0.0.200\ncompatibility_level = 2\n"},
         "trusted 10.0.0.0/25",
         "trusted 10.0.0.0/24\ntrusted 10.0.0.200/32"},
        {{MAIN "mynetworks = 10.0.0.0/24 !10.0.0.1\ncompatibility_level = 2\n"},
         "trusted 10.0.0.0/24",
         ""},
        {{MAIN "mynetworks = /p/nets cidr:/p/c hash:/p/h\ncompatibility_level = 2\n",
          "/p/nets\n# ours\n192.0.2.0/24\n!198.51.100.1\n198.51.100.0/31\n",
          "/p/c\n203.0.113.0/24 ok\n", "/p/h\n192.0.2.77 ok\n"},
         "trusted 192.0.2.0/24\ntrusted 198.51.100.0/32\ntrusted 203.0.113.0/24\ntrusted "
         "192.0.2.77/32",
         "trusted 198.51.100.1/32"},
        {{MAIN "mynetworks = 10.0.0.0/8\nsmtpd_relay_restrictions = reject_unauth_destination\n"},
         "trusted 127.0.0.0/8",
         "trusted 10.0.0.0/8"},
        /* clients */
        {{MAIN "smtpd_recipient_restrictions = permit_mynetworks reject_rbl_client x.test "
               "reject_rbl_client y.test=127.0.0.2 permit_dnswl_client z.test reject_rhsbl_helo "
               "h.test reject_rhsbl_sender s.test reject_rbl_client x.test permit\n"},
         "refuse-points 10\ndns-list x.test points 10\ndns-list y.test points 127.0.0.2=10\n"
         "dns-list z.test points -100\ndns-list h.test about hello points 10\n"
         "dns-list s.test about sender points 10",
         "greylist-points 10"},
        {{MAIN "smtpd_helo_restrictions = reject_invalid_helo_hostname "
               "reject_non_fqdn_helo_hostname reject_unknown_helo_hostname\n"
               "smtpd_client_restrictions = reject_unknown_reverse_client_hostname "
               "reject_unknown_client_hostname warn_if_reject reject_rbl_client w.test\n"},
         "refuse-points 10\npoints-hello-malformed 10\npoints-hello-unknown 10\n"
         "points-no-reverse-name 10\npoints-reverse-name-unconfirmed 10",
         "dns-list w.test points 10"},
        {{MAIN ""}, "", "refuse-points 10"},
        /* limits */
        {{MAIN ""}, "max-message-size 10240000", ""},
        {{MAIN "message_size_limit = 100000000\n"},
         "max-message-size 100000000\nsegment-size 98MB",
         ""},
        {{MAIN "message_size_limit = 0\n"}, "", "max-message-size 0"},
        {{MAIN "maximal_queue_lifetime = 2\nminimal_backoff_time = 10m\nsmtpd_timeout = 1w\n"
               "smtpd_hard_error_limit = 5\n"},
         "expire 2d\nretry-first 10m\nmax-errors 5",
         "command-timeout 7d"},
        {{MAIN
          "default_destination_concurrency_limit = 7\nsmtp_destination_concurrency_limit = 3\n"},
         "destination-concurrency 3",
         "destination-concurrency 7"},
        {{MAIN "smtpd_client_message_rate_limit = 30\nsmtpd_client_connection_rate_limit = 0\n"
               "anvil_rate_time_unit = 1h\n"},
         "client-message-rate 30/1h",
         "client-connection-rate 0/1h"},
        {{MAIN "minimal_backoff_time = 2h\nmaximal_backoff_time = 1h\n"},
         "retry-first 2h",
         "retry-max 1h"},
        /* accounts and aliases, in local domains only */
        {{LOCAL, PASSWD, "/p/aliases\nroot: alice\nteam: alice,\n  bob, x@y.test\n"},
         "alice@a.test\nbob@a.test\nalice: alice@a.test\nroot: alice@a.test\nteam: alice@a.test,\n"
         "    bob@a.test,\n    x@y.test",
         "root@a.test"},
        {{LOCAL "home_mailbox = Maildir/\n", PASSWD, "/p/aliases\nalice: alice, bob\n"},
         "alice@a.test maildir /home/alice/Maildir\nbob@a.test maildir /home/bob/Maildir\nalice: "
         "alice@a.test,\n    bob@a.test",
         ""},
        {{LOCAL "mail_spool_directory = /m/\n", PASSWD,
          "/p/aliases\nw: |/bin/true, bob\nv: /dev/null\n"},
         "bob@a.test maildir /m/bob\nw: bob@a.test",
         "v:"},
        {{LOCAL, PASSWD,
          "/p/aliases\nl: :include:/p/list\nm: :include:/p/other\nn: :include:/p/none\n",
          "/p/list\nalice, bob # two\n", "/p/other\n|/bin/true\ncarol@b.test\n"},
         "l: :include:/p/list\nm: carol@b.test",
         "n:"},
        {{LOCAL "mailbox_transport = lmtp:unix:private/dovecot\n", PASSWD, "/p/aliases\n"},
         "alice@a.test\nroute a.test lmtp:/var/spool/postfix/private/dovecot\n"
         "route localhost lmtp:/var/spool/postfix/private/dovecot",
         ""},
        {{LOCAL "luser_relay = alice\n", PASSWD, "/p/aliases\n"},
         "@a.test: alice@a.test\n@localhost: alice@a.test",
         ""},
        {{LOCAL "append_dot_mydomain = yes\n", PASSWD, "/p/aliases\nx: alice@mail\n"},
         "x: alice@mail.a.test",
         ""},
        {{LOCAL "local_recipient_maps = hash:/p/names\n", "/p/names\ncarol x\n@b.test x\n",
          "/p/aliases\n"},
         "carol@a.test",
         "alice@a.test"},
        /* virtual aliases */
        {{LOCAL "virtual_alias_maps = hash:/p/v\n", PASSWD, "/p/aliases\nroot: bob\n",
          "/p/v\nv.test x\ninfo@v.test alice\n@v.test c@d.test e@d.test\nhelp bob\nbob@a.test "
          "bob@a.test\n"},
         "domain v.test\ninfo@v.test: alice@a.test\n@v.test: c@d.test,\n    e@d.test\n"
         "help@a.test: bob@a.test\nhelp@localhost: bob@a.test\nroot@a.test: "
         "bob@a.test\nbob@a.test\n"
         "bob@localhost: bob@a.test",
         "root: bob@a.test\nbob@a.test: bob@a.test"},
        {{LOCAL "virtual_alias_maps = hash:/p/v\n", PASSWD, "/p/aliases\nroot: bob\n",
          "/p/v\nalice@a.test x@y.test\n"},
         "alice@a.test: x@y.test\nalice@localhost\nroot: bob@a.test",
         "alice@a.test"},
        {{LOCAL "virtual_alias_maps = hash:/p/v\nvirtual_alias_domains = v.test\n", PASSWD,
          "/p/aliases\n", "/p/v\n@v.test @a.test\n@a.test bob@a.test\n"},
         "@a.test: bob@a.test\nbob@a.test\nbob@v.test: bob@a.test\n@v.test: bob@a.test",
         "alice@a.test"},
        /* virtual mailboxes and relayed domains */
        {{VIRTUAL "virtual_mailbox_domains = hash:/p/d\nvirtual_mailbox_base = /srv/\n"
                  "virtual_mailbox_maps = hash:/p/m\n",
          "/p/d\nv.test x\nw.test x\n",
          "/p/m\nA@v.test v/a/\nb@v.test v/b\n@w.test w/all/\nc@x.test x/\n"},
         "domain v.test\na@v.test maildir /srv/v/a\nb@v.test\n@w.test: catchall@w.test\n"
         "catchall@w.test maildir /srv/w/all",
         "c@x.test"},
        {{VIRTUAL "virtual_mailbox_domains = v.test\nvirtual_transport = lmtp:inet:127.0.0.1:24\n"
                  "virtual_mailbox_maps = inline:{a@v.test=x, {b@v.test = y z}}\n"},
         "a@v.test\nb@v.test\nroute v.test lmtp:127.0.0.1:24",
         ""},
        {{VIRTUAL "relay_domains = r.test\nrelay_recipient_maps = inline:{a@r.test=x}\n"},
         "a@r.test\nroute r.test mx\nroute * mx",
         ""},
        {{VIRTUAL "relay_domains = r.test\nrelay_recipient_maps = inline:{a@r.test=x}\n"
                  "relayhost = [10.0.0.1]\ntransport_maps = inline:{r.test=relay:[10.0.0.2]:26}\n"},
         "route r.test 10.0.0.2:26\nroute * 10.0.0.1:25",
         "route r.test 10.0.0.1:25"},
        /* routes */
        {{VIRTUAL "relayhost = smart.test\n"}, "route * mx:smart.test", ""},
        {{VIRTUAL "relayhost = [smart.test]:submission\nsmtp_bind_address = 192.0.2.9\n"},
         "route * smart.test:587 source 192.0.2.9",
         ""},
        {{VIRTUAL "relayhost = smart.test:587\n"}, "route * smart.test:587", ""},
        {{VIRTUAL "relayhost = [::1]:26\n"}, "route * [::1]:26", ""},
        {{VIRTUAL "relayhost = [s.test]\ntransport_maps = hash:/p/t\n",
          "/p/t\na.test :\nb.test smtp:\n.c.test :[c.test]\nd.test odd:\ne.test error:5.7.1 "
          "\"no\"\n"
          "f@g.test discard:\nh.test pipe:\ni.test lmtp:unix:/run/l\n* smtp:[o.test]\n",
          "/p/master.cf\nodd unix - - n - - smtp -o smtp_bind_address=192.0.2.8\npipe unix - n n - "
          "- pipe "
          "argv=/bin/true\n"},
         "route a.test s.test:25\nroute b.test mx\nroute *.c.test c.test:25\n"
         "route d.test mx source 192.0.2.8\nroute e.test refuse \"5.7.1 \\\"no\\\"\"\n"
         "route f@g.test discard \"as Postfix did\"\nroute i.test lmtp:/run/l\nroute * o.test:25",
         "route * s.test:25"},
        {{VIRTUAL
          "sender_dependent_relayhost_maps = inline:{{@a.test = [b.test]}, c@d.test=e.test}\n"},
         "route from:a.test b.test:25\nroute from:c@d.test mx:e.test",
         ""},
    };
    for (size_t n = 0; n < COUNT_OF(cases); n++) {
        struct import i = import_of(cases[n].files);
        check_lines(&i, cases[n].has, true);
        check_lines(&i, cases[n].has_not, false);
        import_free(&i);
    }
}

/* Each with a word of what is told about it. */
static void what_is_lost_is_told(void **state)
{
    static const struct {
        const char *files[4];
        enum import_fate fate;
        const char *about, *words;
    } cases[] = {
        {{MAIN "smtp_sasl_auth_enable = yes\n"},
         IMPORT_LOST,
         "smtp_sasl_auth_enable",
         "login USER"},
        {{MAIN "smtp_sasl_auth_enable = no\n"}, IMPORT_UNNEEDED, "smtp_sasl_auth_enable", "off"},
        {{MAIN "smtp_tls_security_level = may\n"},
         IMPORT_CARRIED,
         "smtp_tls_security_level",
         "wherever the next hop offers it"},
        {{MAIN "smtp_tls_security_level = fingerprint\n"},
         IMPORT_LOST,
         "smtp_tls_security_level",
         "any certificate"},
        {{MAIN "smtpd_tls_security_level = encrypt\nsmtpd_tls_cert_file = /p/c.pem\n"},
         IMPORT_LOST,
         "smtpd_tls_security_level",
         "tls required"},
        {{MAIN "smtp_tls_policy_maps = hash:/p/x\n"},
         IMPORT_LOST,
         "smtp_tls_policy_maps",
         "by route"},
        {{MAIN "smtpd_milters = inet:localhost:8891 unix:run/a.sock\n"},
         IMPORT_CARRIED,
         "smtpd_milters",
         "filter inet:127.0.0.1:8891"},
        {{MAIN "smtpd_milters = unix:run/a.sock\nmilter_default_action = accept\n"},
         IMPORT_CARRIED,
         "smtpd_milters",
         "filter unix:/var/spool/postfix/run/a.sock on-failure skip"},
        {{MAIN "smtpd_milters = inet:filter.test:8891\n"},
         IMPORT_LOST,
         "smtpd_milters",
         "no place of a filter"},
        {{MAIN "smtpd_milters = inet:[::1]:8891\nmilter_default_action = reject\n"},
         IMPORT_LOST,
         "milter_default_action",
         "on-failure skip"},
        {{MAIN "content_filter = smtp:[::1]:10024\n"}, IMPORT_LOST, "content_filter", "filter"},
        {{MAIN "mailbox_command = /usr/bin/procmail\n"}, IMPORT_LOST, "mailbox_command", "LMTP"},
        {{MAIN "bounce_template_file = /p/bounce.cf\n"},
         IMPORT_LOST,
         "bounce_template_file",
         "bounce-text export"},
        {{MAIN "my_own = x\nrelayhost = $my_own\n"}, IMPORT_CARRIED, "my_own", "of your own"},
        {{MAIN "relayhots = x\n"}, IMPORT_LOST, "relayhots", "slip"},
        {{MAIN "biff = no\n"}, IMPORT_UNNEEDED, "biff", ""},
        {{MAIN "myhostname = a.test\nmyhostname = b.test\n"},
         IMPORT_CARRIED,
         "myhostname",
         "line 2"},
        {{LOCAL, "/p/aliases\nw: \"|/bin/x -a\"\n"}, IMPORT_LOST, "alias w", "runs \"|/bin/x -a\""},
        {{LOCAL, "/p/aliases\nw: \"|/bin/x -a\"\n"}, IMPORT_LOST, "alias w", "mail is refused"},
        {{LOCAL}, IMPORT_LOST, "alias_maps hash:/p/aliases", "cannot read /p/aliases"},
        {{VIRTUAL "virtual_alias_maps = mysql:/p/x\n"},
         IMPORT_LOST,
         "virtual_alias_maps mysql:/p/x",
         "export"},
        {{VIRTUAL "virtual_alias_maps = pcre:/p/x\n"},
         IMPORT_LOST,
         "virtual_alias_maps pcre:/p/x",
         "patterns"},
        {{VIRTUAL "relay_domains = r.test\n"}, IMPORT_LOST, "relay_domains", "r.test"},
        {{LOCAL "local_recipient_maps =\n"}, IMPORT_LOST, "local_recipient_maps", "every name"},
        {{MAIN "recipient_delimiter = -\n"}, IMPORT_LOST, "recipient_delimiter", "\"+\""},
        {{MAIN "smtpd_timeout = 1w\n"}, IMPORT_LOST, "smtpd_timeout", "between 1s and 1h"},
        {{MAIN "smtpd_recipient_restrictions = permit_mynetworks reject_rbl_client "
               "x.test=127.0.0.[2..9] permit\n"},
         IMPORT_LOST,
         "smtpd_recipient_restrictions reject_rbl_client x.test=127.0.0.[2..9]",
         "Set dns-list yourself"},
        {{MAIN "smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:10023\n"},
         IMPORT_LOST,
         "smtpd_recipient_restrictions check_policy_service inet:127.0.0.1:10023",
         "set greylist-points"},
        {{MAIN "default_transport = uucp:x\n"}, IMPORT_LOST, "default_transport", "route * TARGET"},
        {{MAIN "", "/p/master.cf\nsmtps inet n - y - - smtpd -o smtpd_tls_wrappermode=yes\n"},
         IMPORT_LOST,
         "master.cf smtps",
         "no certificate"},
        {{MAIN "smtpd_banner = x\ny\n"},
         IMPORT_LOST,
         NULL,
         "/p/main.cf:2: \"y\" is not written as"},
        {{MAIN "  x = y\n"}, IMPORT_LOST, NULL, "/p/main.cf:1: \"x = y\" goes on"},
    };
    for (size_t n = 0; n < COUNT_OF(cases); n++) {
        struct source s = {cases[n].files};
        struct import_source source = {read_one, &s, "/p", "/etc/plainpost", SPAN("host")};
        struct import i;
        struct error e;
        bool ok = import_postfix(&i, &source, &e), is_told = false;
        assert_int_equal(ok, cases[n].about != NULL);
        if (!ok)
            is_told = span_find(span_of(e.text), span_of(cases[n].words)) != SPAN_NOT_FOUND;
        for (size_t k = 0; ok && k < i.count; k++)
            is_told =
                is_told || (i.notes[k].fate == cases[n].fate &&
                            span_equal(i.notes[k].about, span_of(cases[n].about)) &&
                            span_find(i.notes[k].words, span_of(cases[n].words)) != SPAN_NOT_FOUND);
        if (!is_told)
            fail_msg("case %zu: %s: %s", n, cases[n].about, cases[n].words);
        import_free(&i);
    }
}

/* "a = $b$b", "b = $c$c", …, and what refers to itself. */
static void values_end(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, MAIN "mydestination = $v0\nmyhostname = $myhostname\n");
    for (int n = 0; n < 60; n++)
        buffer_printf(&text, "v%d = $v%d$v%d\n", n, n + 1, n + 1);
    const char *const files[] = {buffer_text(&text), NULL};
    struct import i = import_of(files);
    assert_true(has_line(&i.config, SPAN("listen [::]:25")));
    import_free(&i);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_become_lines),
        cmocka_unit_test(what_is_lost_is_told),
        cmocka_unit_test(values_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
