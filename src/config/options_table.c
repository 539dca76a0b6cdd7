/* All options, but those that have tables of their own. */
#include "config/options_rows.h"

static const char *const forward_files[] = {"no", "addresses", "commands", NULL};
const char *const notice_languages[] = {"en", "ar", "de", "es", "fr", "it", "ja",
                                        "nl", "pl", "pt", "ru", "zh", NULL};
static const char *const guard_accounts[] = {"off", "note", "hold", NULL};
static const char *const double_bounce[] = {"postmaster", "none", NULL};
static const char *const check_links[] = {"off", "note", "refuse", "hold", NULL};
static const char *const forged_flood[] = {"digest", "refuse", "refuse-untagged", NULL};
static const char *const full_mailbox[] = {"permanent", "temporary", NULL};

static const struct option general[] = {
    {"hostname", OPTION_HOST, AT(hostname), 0, "plainpost.test", 0, 0,
     "The name of this server: in its greeting, in Received fields and in the address of its "
     "notifications (mailer-daemon@HOSTNAME)."},
    {"listen", OPTION_LISTEN, AT(listen), AT(listen_count), "127.0.0.1:2525", 0, 0,
     "An address and port to take mail on, or the path of a Unix socket, and behind it settings "
     "for what comes through it: see LISTENERS. May be given several times."},
    {"trusted", OPTION_NETWORK, AT(trusted), AT(trusted_count), "127.0.0.0/8\n::1", 0, 0,
     "A network whose clients may send mail to any domain that a route leads to, and may say which "
     "reports of its delivery they want (DSN, RFC 3461). May be given several times."},
    {"route", OPTION_ROUTE, AT(routes), AT(route_count), "", 0, 0,
     "Where mail for other servers goes. DOMAIN is a domain (example.net), all below one "
     "(*.example.net), an address, or \"*\" for all that has no route of its own; with \"from:\" "
     "before a domain or an address it is the sender that counts, where the recipient has no route "
     "but \"*\". TARGET is mx (the servers that the DNS names for the recipient's domain), a "
     "server "
     "(192.0.2.7:25, or lmtp:127.0.0.1:24, or lmtp:/path/of/a/socket), discard \"WHY\" or refuse "
     "\"WHY\". Behind a server, source ADDRESS,ADDRESS*WEIGHT names the addresses of this machine "
     "to "
     "connect from; and tls WORD says whether the connection must be encrypted: opportunistic "
     "(if it can be; so it is without this), unchecked (the same, whatever the domain itself "
     "demands), required (with any certificate), verified (with one "
     "that "
     "has the server's name, from somebody who is trusted), implicit (likewise, from the first "
     "byte "
     "on, as on port 465), implicit-unverified or off. login USER says as whom this server logs in "
     "there, with the password that next-hop-logins has; without tls WORD the connection is "
     "verified then, and at port 465 implicit. May be given several times. Without a route "
     "nothing leaves this machine; route "
     "* "
     "mx sends to the whole world. Domains of the users file are never routed."},
    {"next-hop-logins", OPTION_PATH, AT(next_hop_logins), 0, "", 0, 0,
     "The file with the passwords by which this server logs in at next hops, where a route says "
     "login USER; see plainpost-next-hop-logins(5). Only root and the server's user may be able to "
     "read it. It is read again when it changes."},
    {"relay-domain", OPTION_RELAY, AT(relay_domains), AT(relay_domain_count), "", 0, 0,
     "A domain whose mail is taken from anybody, and goes on along its route: DOMAIN is a domain "
     "(example.net) or all below one (*.example.net). Behind it stands who of it gets mail, so "
     "that "
     "the others are refused at once: recipients TABLE, those that a file or an SQLite database "
     "names, see plainpost-tables(5); ask, those that the next hop takes: it is asked in the "
     "session; ask else accept, likewise, but all while it can't be asked (with ask alone clients "
     "are then asked to try again later); any, everybody. May be given several times."},
    {"ask-timeout", OPTION_DURATION, AT(ask_timeout), 0, "15s", SECOND / 10, 5 * MINUTE,
     "How long a session waits for the next hop's answer whether it takes an address."},
    {"ask-keep-accepted", OPTION_DURATION, AT(ask_keep_accepted), 0, "1d", 0, 31 * (uint64_t)DAY,
     "How long it is remembered that a next hop takes an address."},
    {"ask-keep-refused", OPTION_DURATION, AT(ask_keep_refused), 0, "10m", 0, 31 * (uint64_t)DAY,
     "How long it is remembered that a next hop does not take an address. A new mailbox gets no "
     "mail "
     "for so long, if somebody wrote to it before."},
    {"dns", OPTION_RESOLVER, AT(dns), AT(dns_count), "system", 0, 0,
     "Whom to ask for the servers of a domain: system (those of /etc/resolv.conf), recursive (ask "
     "from the root of the DNS down), or the address and port of a name server. May be given "
     "several "
     "times. Answers are kept as long as their operators allow."},
    {"dns-anchor", OPTION_PATH, AT(dns_anchor), 0, "", 0, 0,
     "A file with the trust anchors of DNSSEC: with it answers are validated, and those that fail "
     "count as none. Debian's package dns-root-data has it as /usr/share/dns/root.key."},
    {"log", OPTION_LOG, AT(log), 0, "plain", 0, 0,
     "Where the log goes, and in which form: plain (lines for people, on standard error), json (an "
     "object a line, on standard error), syslog (to /dev/log, facility mail) or journald (to the "
     "journal of systemd, with fields of its own). syslog:PATH and journald:PATH name another "
     "socket. "
     "plainpost-log(5) lists the events and their fields.",
     true},
    {"state", OPTION_PATH, AT(state), 0, "var", 0, 0,
     "The directory of the queue, the ledger and the control socket. One server at a time uses "
     "it.",
     true},
    {"control", OPTION_PATH, AT(control), 0, "", 0, 0,
     "The socket by which commands such as plainpost-queue(1) speak to the server. Everybody may "
     "connect: users see what they have handed in themselves, operators see and do all. It must "
     "stand where users can reach it, such as /run/plainpost/control. Without this option it is "
     "the file control in the directory of state, which nobody but the server's user and root can "
     "reach.",
     true},
    {"operators", OPTION_PATH, AT(operators), 0, "", 0, 0,
     "A group of this machine's users who may do with the queue all that root may. Without it only "
     "root and the user that the server runs as are operators."},
    {"drop", OPTION_PATH, AT(drop), 0, "", 0, 0,
     "The folder through which sendmail(1) hands in mail, for every user of this machine: all may "
     "put in, only the server may look inside. It must stand where all can reach it, not below "
     "state. Without this option it is the folder drop in the directory of state, and only those "
     "who may write there can use it: the user that the server runs as, and root.",
     true},
    {"users", OPTION_PATH, AT(users), 0, "var/users", 0, 0,
     "The file of local domains and users, see plainpost-users(5), or with sqlite: in front the "
     "path "
     "of an SQLite database, see plainpost-tables(5). It is read again when it changes. When the "
     "default file is missing, HOSTNAME is a local domain with the users "
     "postmaster, alice and bob, for trying things out."},
    {"aliases", OPTION_PATH, AT(alias_files), AT(alias_file_count), "", 0, 0,
     "A file of aliases, see plainpost-aliases(5): other addresses, lists, whole domains. Those of "
     "aliases(5) and of Postfix's virtual(5) are read. With sqlite: in front it is the path of an "
     "SQLite database, see plainpost-tables(5). May be given several times; the files, and "
     "those that they include, are read again when they change."},
    {"users-query", OPTION_TEXT, AT(users_query), 0,
     "SELECT address, quota, messages, maildir, mbox FROM users", 0, 0,
     "What gives the users of an SQLite database: a column address, and any that are named as "
     "the words in plainpost-users(5), such as quota."},
    {"domains-query", OPTION_TEXT, AT(domains_query), 0, "SELECT name FROM domains", 0, 0,
     "What gives the local domains of an SQLite database: a column name, and one called language "
     "if you like, see plainpost-users(5). Empty (\"\"): only the "
     "domains of its users are local."},
    {"aliases-query", OPTION_TEXT, AT(aliases_query), 0, "SELECT name, target FROM aliases", 0, 0,
     "What gives the aliases of an SQLite database: the columns name and target, one or several "
     "rows for an alias."},
    {"recipients-query", OPTION_TEXT, AT(recipients_query), 0, "SELECT address FROM recipients", 0,
     0, "What gives the recipients of a relay-domain in an SQLite database: a column address."},
    {"logins", OPTION_PATH, AT(logins), 0, "", 0, 0,
     "Who may log in to send mail, at a listener with the setting submission: a file that "
     "plainpost "
     "user writes, see plainpost-logins(5) and plainpost-user(1); with sqlite: in front the path "
     "of "
     "an SQLite database; or with dovecot: in front the path of Dovecot's socket auth-client, or "
     "with "
     "pam: in front a service of pam(7), which is asked then. The file is read again when it "
     "changes. Without this option nobody can log in "
     "with a password."},
    {"logins-query", OPTION_TEXT, AT(logins_query), 0,
     "SELECT name, password, scram, senders FROM logins", 0, 0,
     "What gives the logins of an SQLite database: a column name, and any of password (argon2id), "
     "scram, senders and apps; the last two are lists with commas."},
    {"login-senders", OPTION_PATH, AT(login_senders), 0, "", 0, 0,
     "A file of the same form as that of logins, without passwords, which says what else than the "
     "own address a login may send as, when Dovecot, PAM or a token checker knows the logins."},
    {"token-checker", OPTION_PATH, AT(token_checker), 0, "", 0, 0,
     "Who can tell whose an OAuth token is: the path of a Unix socket, or | and a command, which "
     "is "
     "run by sh(1) as the server's user. It is given one line of JSON and answers with one; "
     "doc/tokens.md has both. With it OAUTHBEARER and XOAUTH2 are offered."},
    {"login-guesses-network", OPTION_NUMBER, AT(login_guesses_network), 0, "20", 2, 10000,
     "After so many wrong passwords nobody of the client's network (IPv4: /24, IPv6: /64) may log "
     "in for 15 minutes, and then for twice as long each time. One is forgotten each minute. An "
     "account that has logged in from there before still may."},
    {"login-guesses-account", OPTION_NUMBER, AT(login_guesses_account), 0, "100", 10, 100000,
     "With so many wrong passwords for one account, from networks that it has not logged in from, "
     "no such network may try any more, until some are forgotten. The others still may."},
    {"login-delay", OPTION_DURATION, AT(login_delay), 0, "500ms", 0, 10 * SECOND,
     "How long the answer to a network's first wrong password is held back; it doubles with each "
     "that follows, up to 10 seconds. 0s: none is held back."},
    {"login-channel-binding", OPTION_CHOICE, AT(login_channel_binding), 0, "no", 0, 0,
     "Whether SCRAM-SHA-256-PLUS is offered where the connection is TLS 1.3: it binds the login to "
     "this very connection (tls-exporter, RFC 9266), so that nobody can stand between, not even "
     "with "
     "a certificate that the mail program trusts. Some programs take it because it is the "
     "strongest, can't do it, and then give up; mutt, as Debian 12 has it, is one of them. yes: "
     "for when you know all programs that log in here. Without it SCRAM-SHA-256 is offered all the "
     "same.",
     false, no_yes},
    {"mailboxes", OPTION_PATH, AT(mailboxes), 0, "var/mail", 0, 0,
     "The directory of the mailboxes: the Maildir of a user is DOMAIN/USER in it."},
    {"full-mailbox", OPTION_CHOICE, AT(full_mailbox), 0, "permanent", 0, 0,
     "What to do with mail for a mailbox that has no room for it, by its quota. permanent: the "
     "sender is told at once. temporary: it is tried again, for as long as expire says, and other "
     "servers are asked to keep it meanwhile. A mailbox that is known to be full refuses mail "
     "already when its address is named, with 552 or 452.",
     false, full_mailbox},
    {"deliver-as", OPTION_CHOICE, AT(deliver_as), 0, "no", 0, 0,
     "Whether mail may be delivered as other users of this system: into the mailboxes of domains "
     "whose users are the system's (see plainpost-users(5)), and to commands. The server must be "
     "started as root then; a small helper keeps the rights for it.",
     true, no_yes},
    {"forward-files", OPTION_CHOICE, AT(forward_files), 0, "no", 0, 0,
     "What the file .forward in the home of a user of the system may do: nothing (no); send mail "
     "to addresses and into the mailbox (addresses); run commands and write to files too "
     "(commands).",
     true, forward_files},
    {"command-user", OPTION_PATH, AT(command_user), 0, "", 0, 0,
     "The user to run the commands of aliases as (name: |command). Never root. Without it aliases "
     "run no commands. It needs deliver-as yes.",
     true},
    {"command-time", OPTION_DURATION, AT(command_time), 0, "10m", SECOND, HOUR,
     "How long a command may take. Then it is ended, and tried again later.", true},
    {"command-concurrency", OPTION_NUMBER, AT(command_concurrency), 0, "8", 1, 256,
     "How many commands and deliveries as other users may be under way at a time.", true},
    {"max-message-size", OPTION_SIZE, AT(max_message_size), 0, "50MB", 64 * KB, 1 * GB,
     "The largest message that is taken. It must fit into a segment (segment-size)."},
    {"max-recipients", OPTION_NUMBER, AT(max_recipients), 0, "1000", 100, 100000,
     "How many recipients one message may have. Clients are asked to send to the rest in another."},
    {"max-command-line", OPTION_SIZE, AT(max_command_line), 0, "4096", 512, 64 * KB,
     "The longest line of a command, in bytes."},
    {"max-text-line", OPTION_SIZE, AT(max_text_line), 0, "10000", 1000, 1 * MB,
     "The longest line of a message, in bytes with its line end. RFC 5321 asks for 1000; real mail "
     "often has longer ones."},
    {"max-header-size", OPTION_SIZE, AT(max_header_size), 0, "256KB", 16 * KB, 16 * MB,
     "The largest header of a message."},
    {"max-sessions", OPTION_NUMBER, AT(max_sessions), 0, "10000", 1, 1000000,
     "How many clients may be connected at a time."},
    {"max-sessions-per-client", OPTION_NUMBER, AT(max_sessions_per_client), 0, "2000", 1, 1000000,
     "How many connections one client address may have at a time. This, and the limits for "
     "networks and the rates below, are not for trusted clients."},
    {"max-sessions-per-network", OPTION_NUMBER, AT(max_sessions_per_network), 0, "4000", 1, 1000000,
     "How many connections the client addresses of one network may have at a time, all together."},
    {"client-network-ipv4", OPTION_NUMBER, AT(client_network_ipv4), 0, "24", 8, 32,
     "How many bits of an IPv4 address name its network, for these limits."},
    {"client-network-ipv6", OPTION_NUMBER, AT(client_network_ipv6), 0, "64", 16, 128,
     "How many bits of an IPv6 address name its network. One client often has all of a /64."},
    {"client-connection-rate", OPTION_RATE, AT(client_connection_rate), 0, "none", 0, 0,
     "How many connections one client address may make in a time: 60/1m. So many may come at once; "
     "then there is room for one more as each part of the time passes (here a second). Who is too "
     "fast is told when to come back."},
    {"client-message-rate", OPTION_RATE, AT(client_message_rate), 0, "none", 0, 0,
     "How many messages one client address may begin in a time."},
    {"client-recipient-rate", OPTION_RATE, AT(client_recipient_rate), 0, "none", 0, 0,
     "How many recipients one client address may name in a time, those that are refused included."},
    {"network-connection-rate", OPTION_RATE, AT(network_connection_rate), 0, "none", 0, 0,
     "The same as client-connection-rate, for all client addresses of a network together."},
    {"network-message-rate", OPTION_RATE, AT(network_message_rate), 0, "none", 0, 0,
     "The same as client-message-rate, for a network."},
    {"network-recipient-rate", OPTION_RATE, AT(network_recipient_rate), 0, "none", 0, 0,
     "The same as client-recipient-rate, for a network."},
    {"account-limit", OPTION_ACCOUNTS, AT(sending.limits), AT(sending.limit_count), "", 0, 0,
     "To how many recipients one of your own accounts may write, a login or a user of this "
     "machine; "
     "\"*\" is any without a line of its own. message: so many in one message. recipients: so many "
     "in "
     "a time, as 500/1h; several rates may stand there. What is beyond is refused, with the "
     "reason. "
     "May be given several times; see OUR OWN ACCOUNTS."},
    {"warn-visible-recipients", OPTION_NUMBER, AT(sending.warn_visible_recipients), 0, "0", 0,
     100000,
     "When a message of one of your own accounts shows so many addresses, in To and Cc, to all who "
     "get it, its sender is told how not to, in his language, once a day. The message goes. 0: "
     "never."},
    {"check-links", OPTION_CHOICE, AT(sending.check_links), 0, "off", 0, 0,
     "What to do with mail of your own accounts that has a harmful link in it. off: no link is "
     "looked at. note: it stands in the log and in the story of the message. refuse: the message "
     "is "
     "not taken, and its sender is told which link it is, and why. hold: it is taken, and waits "
     "for "
     "plainpost queue release. See OUR OWN ACCOUNTS.",
     false, check_links},
    {"bad-links", OPTION_PATH, AT(sending.bad_links), 0, "", 0, 0,
     "A file of links that are harmful, and of those that never are, each with a reason, for "
     "check-links. It is read again when it changes."},
    {"link-list", OPTION_LINK_LIST, AT(sending.link_lists), AT(sending.link_list_count), "", 0, 0,
     "A list of harmful links that is asked by the DNS, for check-links. May be given several "
     "times."},
    {"known-host", OPTION_HOST, AT(sending.known_hosts), AT(sending.known_host_count), "", 0, 0,
     "A domain, besides your own, to which your users trust: for check-links its links lead home, "
     "and what only looks like it is harmful. May be given several times."},
    {"max-errors", OPTION_NUMBER, AT(max_errors), 0, "20", 1, 10000,
     "After so many refusals a session is closed."},
    {"max-messages-per-session", OPTION_NUMBER, AT(max_messages_per_session), 0, "0", 0, 1000000,
     "How many messages one connection may carry; 0: any number."},
    {"max-hops", OPTION_NUMBER, AT(max_hops), 0, "50", 10, 1000,
     "A message with more Received fields than this runs in a circle, and is refused."},
    {"greet-delay", OPTION_DURATION, AT(greet_delay), 0, "0s", 0, MINUTE,
     "How long clients that are not trusted wait for our greeting. Programs that send spam often "
     "do "
     "not wait, and who talks before it is greeted is refused. A few seconds find many of them, "
     "and "
     "delay honest mail as long; without a delay those are refused whose words have come with the "
     "connection."},
    {"command-timeout", OPTION_DURATION, AT(command_timeout), 0, "5m", SECOND, HOUR,
     "How long a session may be silent between commands."},
    {"data-timeout", OPTION_DURATION, AT(data_timeout), 0, "3m", SECOND, HOUR,
     "How long a session may be silent inside a message."},
    {"session-timeout", OPTION_DURATION, AT(session_timeout), 0, "1h", MINUTE, DAY,
     "How long a session may last without a message that was taken."},
    {"min-data-rate", OPTION_SIZE, AT(min_data_rate), 0, "100", 0, 1 * MB,
     "Bytes a second that a message must come with, on average, after its first minute. A slower "
     "connection is closed."},
    {"retry-first", OPTION_DURATION, AT(retry_first), 0, "5m", SECOND / 10, DAY,
     "The time between the first and the second attempt to deliver. It doubles with each attempt."},
    {"retry-max", OPTION_DURATION, AT(retry_max), 0, "4h", SECOND / 10, 7 * (uint64_t)DAY,
     "The longest time between two attempts."},
    {"expire", OPTION_DURATION, AT(expire), 0, "5d", SECOND, 60 * (uint64_t)DAY,
     "How long delivery is tried. Then the sender is told that it failed."},
    {"delay-notice", OPTION_DURATION, AT(delay_notice), 0, "4h", 0, 60 * (uint64_t)DAY,
     "After how long a sender is told that a message is still on its way, unless the sender has "
     "asked not to be told (RFC 3461). 0s: never."},
    {"delay-notice-again", OPTION_DURATION, AT(delay_notice_again), 0, "1d", MINUTE,
     60 * (uint64_t)DAY, "After how long the sender is told so again."},
    {"gather-notices", OPTION_DURATION, AT(gather_notices), 0, "1m", 0, HOUR,
     "What became of one recipient of a message waits so long for what becomes of the others, so "
     "that one notice tells the sender of all. When nothing is undecided any more, it is sent at "
     "once."},
    {"reveal-aliases", OPTION_CHOICE, AT(reveal_aliases), 0, "no", 0, 0,
     "Whether notices to whoever wrote to an alias show where it leads, when another server's "
     "words "
     "name that address. no: the alias stands there in its place, in square brackets. The owner of "
     "a list, and postmaster, see all in any case.",
     false, no_yes},
    {"recovered-notice", OPTION_CHOICE, AT(recovered_notice), 0, "no", 0, 0,
     "Whether a user of ours who was told that a message was delayed is told, too, when it is "
     "delivered after all, or passed on.",
     false, no_yes},
    {"double-bounce", OPTION_CHOICE, AT(double_bounce), 0, "postmaster", 0, 0,
     "Who is told when a notice of this server can't be delivered, so that a sender does not learn "
     "what became of a message. postmaster: this server's postmaster, with the notice; and "
     "nobody when that can't be delivered either. none: nobody; plainpost-trace(1) still tells it. "
     "Notices of other servers are never answered.",
     false, double_bounce},
    {"storm-notices", OPTION_NUMBER, AT(storm_notices), 0, "20", 0, 1000000,
     "So many notices about failures and delays within an hour go to one address one by one. What "
     "is beyond becomes one digest, with a count by cause and a table of all. Return paths that "
     "carry a tag (VERP, BATV, SRS), and messages that a program sent, get no digests. What "
     "postmaster is told in place of senders is counted like the notices to an address. 0: nobody "
     "gets digests."},
    {"digest-after", OPTION_DURATION, AT(digest_after), 0, "10m", 0, HOUR,
     "How long a digest waits for more, from the first that it tells of. An address gets at most "
     "one an hour."},
    {"notice-rate", OPTION_RATE, AT(notice_rate), 0, "600/1m", 0, 0,
     "How many notices may go to people in a time, all addresses together. What is beyond waits "
     "for a digest, too: so a flood of failures to many addresses makes at most one mail an hour "
     "for each. Notices that get no digests are not counted."},
    {"notice-language", OPTION_CHOICE, AT(notice_language), 0, "en", 0, 0,
     "The language of notices to senders who have none set in the users file, for themselves or "
     "for their domain, and whose message names none (Content-Language, Accept-Language).",
     false, notice_languages},
    {"notice-texts", OPTION_PATH, AT(notice_texts), AT(notice_text_count), "", 0, 0,
     "A file with your own words for notices and letters, in one language, as \"plainpost "
     "bounce-text "
     "export\" writes it; see plainpost-bounce-text(1). May be given several times. It is read "
     "when the server starts, and with the configuration."},
    {"authenticate", OPTION_POLICY, AT(authenticate), AT(authenticate_count), "", 0, 0,
     "Whether it is checked who is behind mail for a domain (SPF, DKIM, DMARC): DOMAIN is a domain "
     "of recipients (example.net), all below one (*.example.net), or \"*\" for those without a "
     "line of their own. off: nothing is checked. note: what was found stands in the message, in "
     "a field Authentication-Results, where mailboxes and filters can use it; so it is for every "
     "domain that no line names. refuse: likewise, and what its author's domain wants to be "
     "refused is refused, with the reason and what its operator can do. Mail of trusted clients, "
     "of those who have logged in, and of programs of this machine is not checked. May be given "
     "several times. doc/authentication.md has more."},
    {"authenticate-trust", OPTION_FORWARDER, AT(forwarders), AT(forwarder_count), "", 0, 0,
     "A mailing list or a forwarder whose mail authenticate does not refuse, because it passes on "
     "mail of others: a network of its servers; or its domain, with all below it, if SPF, a "
     "DKIM signature, or the newest seal of an ARC chain that holds proves that the mail came "
     "through it. May be given several times."},
    {"authenticate-timeout", OPTION_DURATION, AT(authenticate_timeout), 0, "20s", SECOND / 10,
     5 * MINUTE,
     "How long a client waits, at most, behind the end of a message for what the DNS says about "
     "it. What is not known by then is noted as a temporary error."},
    {"authserv-id", OPTION_TEXT, AT(authserv_id), 0, "", 0, 0,
     "The name under which this server writes Authentication-Results; without it, the hostname. "
     "Servers that stand together may share one. Fields of this name that come from outside are "
     "removed: they are forged."},
    {"judge-notices", OPTION_POLICY, AT(notices.judge), AT(notices.judge_count), "", 0, 0,
     "Whether notices (of failed or delayed mail, and what only looks like them) that come for a "
     "domain are judged before they are accepted: is it honest, and was the message that it tells "
     "of sent from here? DOMAIN is a domain of recipients (example.net), all below one "
     "(*.example.net), or \"*\" for those without a line of their own. off: nothing is judged. "
     "note: the verdict stands in the message, in a field Notice-Verdict, where mailboxes and "
     "filters can use it, and in its story; so it is for every domain that no line names. refuse: "
     "likewise, and a notice is refused that is certainly a trick, or about a message that was "
     "never sent from here; choose it only where all mail of the domain leaves through this "
     "server. May be given several times. doc/judging.md has more."},
    {"file-notices", OPTION_FOLDER, AT(notices.folders), AT(notices.folder_count), "", 0, 0,
     "Where a notice goes in a Maildir of this server, by what judge-notices has found: CLASS is "
     "genuine, not-yours, account-abused, phishing, spam-in-bounce, auto-reply or unknown; FOLDER "
     "is a folder of the Maildir (Maildir++), like .Junk, which is made when it is not there. "
     "Notices of other classes go to the inbox, as all mail does. May be given several times."},
    {"explain-notices", OPTION_CHOICE, AT(notices.explain), 0, "no", 0, 0,
     "Whether a true notice (judge-notices) for one mailbox of this server gets an explanation: in "
     "place of the notice comes a mail that says in plain words, in the language of its reader, "
     "what happened, why, and what to do, and has the notice attached as it came.",
     false, no_yes},
    {"feedback-address", OPTION_TEXT, AT(reporting.feedback), AT(reporting.feedback_count), "", 0,
     0,
     "An address of ours at which mail providers tell that a recipient has called a message of "
     "ours spam (feedback loops, ARF, RFC 5965). What comes there is delivered as other mail is; "
     "but first it is read, and a complaint about a message that the ledger has is noted: "
     "plainpost trace tells of it, and plainpost_complaints_total counts it. May be given several "
     "times. doc/reporting.md has more."},
    {"abuse-zone-addresses", OPTION_TEXT, AT(reporting.by_address), 0, "abuse-contacts.abusix.zone",
     0, 0,
     "The zone in the DNS that has, as TXT records below the reversed address of a client, who "
     "reads complaints about its network. plainpost-report-phishing(1) asks it. Empty: nobody "
     "is asked."},
    {"abuse-zone-domains", OPTION_TEXT, AT(reporting.by_domain), 0, "contacts.abuse.net", 0, 0,
     "The same for domains, below their names. Without an answer it is the address abuse of the "
     "domain (RFC 2142)."},
    {"forged-notices", OPTION_RATE, AT(notices.forged.notices), 0, "20/1h", 0, 0,
     "How many notices about mail that somebody has forged (judge-notices) a mailbox gets one by "
     "one. More are a flood, until a day brings no more than that: they are kept out of the "
     "mailbox, "
     "and a digest tells of them. Others always come through: about mail that was sent from here, "
     "or "
     "may have been. none: all come through. doc/floods.md has more."},
    {"forged-flood", OPTION_CHOICE, AT(notices.forged.flood), 0, "digest", 0, 0,
     "What becomes of notices about forged mail in a flood. digest: they are taken, and a digest "
     "tells of all. refuse: they are refused (550 5.7.1), also those for a domain that is forged "
     "as a whole (forged-domain), and a digest tells how many there were. refuse-untagged: besides "
     "these, those are refused that come to "
     "the plain address of somebody whose mail has left under signed return paths "
     "(sign-return-paths) for four weeks, if nothing shows that it was sent from here. For domains "
     "all of whose mail leaves through this server. doc/floods.md has more.",
     false, forged_flood},
    {"forged-digest-after", OPTION_DURATION, AT(notices.forged.digest_after), 0, "15m", 0, DAY,
     "How long the digest of a flood waits for more, or of notices about what somebody else has "
     "sent "
     "through an account that was revoked. A mailbox gets one of each a day."},
    {"forged-domain", OPTION_RATE, AT(notices.forged.domain), 0, "200/1h", 0, 0,
     "When postmaster is told that somebody forges addresses of a domain of ours: when so many "
     "notices about forged mail, or for addresses that do not exist, have come, from five servers "
     "and for five addresses or more; and then once a day, as long as it lasts. none: never."},
    {"dkim-key", OPTION_DKIM_KEY, AT(signing_keys), AT(signing_key_count), "", 0, 0,
     "A key that signs mail by DKIM (RFC 6376), so that other servers can see that it is true: the "
     "domain that signs; the key's selector; and the file of the private key, RSA or Ed25519 as "
     "PEM, which only the server may read. The DNS must have the public key at "
     "SELECTOR._domainkey.DOMAIN: plainpost-dkim(1) makes keys, and looks whether they are "
     "published. Users who have logged in, clients in trusted networks and programs of this "
     "machine have their mail signed by the keys of the domain in From, or else of the nearest one "
     "above it; notices of this server by those of HOSTNAME and of the domains above it. Each of "
     "these keys signs. What the domain has signed already is left as it is. May be given several "
     "times."},
    {"arc-seal", OPTION_HOST, AT(arc_seal), 0, "", 0, 0,
     "A domain that seals, by ARC (RFC 8617), what this server sends on for an alias, a list or a "
     "user's .forward: the message then tells the next server what was found out about it when it "
     "came here, though SPF fails on it now. It takes a dkim-key of that domain, the first. What "
     "nobody has checked here is not sealed."},
    {"srs", OPTION_HOST, AT(srs), 0, "", 0, 0,
     "A domain for the senders of what this server sends on for an alias or a user's .forward "
     "(SRS): mail of alice@example.org goes on as from SRS0=...=example.org=alice@DOMAIN, so that "
     "SPF holds at the next server. A failure that is reported to such an address goes on to the "
     "true sender. The mail of DOMAIN must come here, and its SPF record must name this server. "
     "Senders of our own domains stay as they are, and those that would become longer than SMTP "
     "allows."},
    {"srs-secrets", OPTION_PATH, AT(srs_secrets), 0, "", 0, 0,
     "The file with the secrets by which the addresses of srs are signed, a line each: the first "
     "signs, the others are still taken. Servers that share a domain share the file. Without this "
     "option it is srs-secrets in the directory of state, made by the server, which puts a new "
     "secret first every month."},
    {"sign-return-paths", OPTION_MATCH, AT(return_paths.signs), AT(return_paths.sign_count), "", 0,
     0,
     "The senders whose mail goes to other servers under a signed return path "
     "(alice+1k18vnm3nvg-q4yv-8d3k2m0s5tj9w@example.org), so that a notice which comes to it is "
     "proven to be about their mail: a domain of ours (example.org), all below one "
     "(*.example.org), one address, or * for all of them. The mail of these domains must come "
     "here. May be given several times. See SIGNED RETURN PATHS."},
    {"sign-return-paths-steady", OPTION_MATCH, AT(return_paths.steady),
     AT(return_paths.steady_count), "", 0, 0,
     "For whose mail one signed return path is good for a day and the domain of the recipient, "
     "because that server greylists, or wants to know who writes: a domain of recipients, all "
     "below one, an address, or *; with from: before it, of senders. May be given several times."},
    {"sign-return-paths-except", OPTION_MATCH, AT(return_paths.except),
     AT(return_paths.except_count), "", 0, 0,
     "Whose mail goes under its sender's own address all the same, such as for mailing lists that "
     "know their members by it: written as for sign-return-paths-steady. May be given several "
     "times."},
    {"return-path-secrets", OPTION_PATH, AT(return_paths.secrets), 0, "", 0, 0,
     "The file with the secrets by which return paths are signed, as for srs-secrets. Without "
     "this option it is return-path-secrets in the directory of state, made by the server, which "
     "puts a new secret first every month."},
    {"destination-concurrency", OPTION_NUMBER, AT(destination_concurrency), 0, "20", 1, 10000,
     "How many deliveries to one next hop may be under way at a time."},
    {"mailbox-concurrency", OPTION_NUMBER, AT(mailbox_concurrency), 0, "4", 1, 256,
     "How many threads write to mailboxes.", true},
    {"max-recipients-per-delivery", OPTION_NUMBER, AT(max_recipients_per_delivery), 0, "100", 1,
     1000, "How many recipients of a message are given to a next hop at once."},
    {"connect-timeout", OPTION_DURATION, AT(connect_timeout), 0, "30s", SECOND, HOUR,
     "How long to wait for a connection to a next hop, and again for the handshake of TLS on it."},
    {"reply-timeout", OPTION_DURATION, AT(reply_timeout), 0, "5m", SECOND, HOUR,
     "How long to wait for a next hop's reply to a command."},
    {"message-timeout", OPTION_DURATION, AT(message_timeout), 0, "10m", SECOND, HOUR,
     "How long to wait for a next hop's reply to a whole message."},
    {"idle-connection", OPTION_DURATION, AT(idle_connection), 0, "5s", SECOND / 10, HOUR,
     "How long a connection to a next hop is kept open for the next message."},
    {"segment-size", OPTION_SIZE, AT(segment_size), 0, "64MB", 256 * KB, 4 * GB,
     "The size of the files that the queue consists of.", true},
    {"keep-story", OPTION_DURATION, AT(keep_story), 0, "30d", MINUTE, 3650 * (uint64_t)DAY,
     "How long the ledger remembers what became of a message, counted from when it was accepted. "
     "What is not finished is always remembered."},
    {"keep-sent", OPTION_DURATION, AT(keep_sent), 0, "30d", 0, 3650 * (uint64_t)DAY,
     "How long the ledger can tell what was sent from here, by whom and to whom (plainpost sent): "
     "at least as long as keep-story. If this is longer, a story that is forgotten leaves who sent "
     "the message, when and to how many, and of its recipients and its Message-ID nothing but "
     "hashes by a secret key (the file sent-secret beside the ledger): enough to say whether a "
     "message went to an address that somebody names, and not to whom anybody wrote."},
    {"loops", OPTION_NUMBER, AT(loops), 0, "0", 0, 256,
     "How many threads serve sessions; 0: one for every two processors, because as much work is "
     "left to the threads of the queue, the ledger and the mailboxes.",
     true},
    {"core-files", OPTION_CHOICE, AT(core_files), 0, "no", 0, 0,
     "Whether the system may write a core file if the server crashes. What is in its memory is in "
     "such a file, too: the private keys of its certificates, and mail. Passwords that were used "
     "to log in are not: they are wiped as soon as they were checked. yes is for finding a fault; "
     "guard the file as you guard the keys, and delete it.",
     true, no_yes},
    {"metrics", OPTION_ENDPOINT, AT(metrics), AT(metrics_count), "", 0, 0,
     "An address and port to serve figures on, by HTTP: /metrics for Prometheus, /healthz for "
     "those "
     "who only want to know whether all is well. Whoever can connect can read them: use an address "
     "of loopback, 127.0.0.1:9125, or of a network of your own. May be given several times."},
    {"events", OPTION_EVENTS, AT(events), AT(event_sink_count), "", 0, 0,
     "To whom what becomes of all mail is told, for programs: each thing that happens is a JSON "
     "object, in the order in which it happened, and none is lost. file PATH: a line for each is "
     "added to the file. command COMMAND: it is run by sh(1) as the server's user, with some lines "
     "on its standard input; when it ends with 0 it has taken them. webhook URL: some are posted "
     "as a JSON array; an answer of 2xx takes them. Who does not take them gets them again later, "
     "until it does. An address of http:// must be of this machine; all others need https://. May "
     "be given several times. doc/events.md has the members of the object."},
    {"events-secret", OPTION_PATH, AT(events_secret), 0, "", 0, 0,
     "A file with a secret of 16 bytes or more, by which what is posted to a webhook is signed. A "
     "line end behind it does not count."},
    {"suppress-failed", OPTION_CHOICE, AT(suppress_failed), 0, "no", 0, 0,
     "Whether an address on another server gets no mail any more when mail to it has failed for "
     "good because it does not exist, and its server has said so without doubt. yes: it is put on "
     "the list that plainpost-suppress(1) shows, and further mail to it is refused at once, with "
     "the reason and its date.",
     false, no_yes},
    {"guard-accounts", OPTION_CHOICE, AT(guard_accounts), 0, "note", 0, 0,
     "Whether it is watched that each account (a login, or a user of this machine) sends as its "
     "owner does, so that a stolen password does little harm. note: what stands out is said in the "
     "log, in traces and in the account's history, and nothing happens to its mail. hold: mail of "
     "an account that stands out leaves slowly, or is held until somebody has looked at it: see "
     "plainpost-account(1). off: nothing is counted.",
     false, guard_accounts},
    {"tell-changes", OPTION_CHOICE, AT(tell_changes), 0, "yes", 0, 0,
     "Whether the owner of an account gets a letter when its mail begins to go on to another "
     "server, by an alias or by .forward, and when \"plainpost account changed\" says that its "
     "forwarding, filters or password are others than before. It is put into the owner's own "
     "mailbox, past any forwarding, and comes once a day at most. With guard-accounts off there is "
     "none.",
     false, no_yes},
    {"country-database", OPTION_PATH, AT(country_database), 0, "", 0, 0,
     "A database in MaxMind's format by which that watch knows the country of a client, such as "
     "GeoLite2-Country.mmdb or DB-IP's of countries. plainpost-reload(1) opens it again. Put a "
     "newer one in its place as a new file, as mv(1) and geoipupdate do: never write over the one "
     "that is in use. Without it countries do not count, and letters about an account do not name "
     "them."},
    {"guard-limit", OPTION_GUARD_LIMIT, AT(guard_limits), AT(guard_limit_count), "", 0, 0,
     "A limit of that watch that is not the usual one, by its name and value, such as new-hour 60. "
     "\"plainpost guard limits\" lists them all, and plainpost-guard(1) says how to try them on "
     "your own log first. May be given several times."},
    {"filter", OPTION_FILTER, AT(filters), AT(filter_count), "", 0, 0,
     "A filter that mail is shown to before it is taken, by the milter protocol: "
     "inet:ADDRESS:PORT, or unix:PATH. Mail goes through several in their order, and each sees "
     "what "
     "the one before has changed. Behind it settings may stand: name NAME (for the log, and for "
     "the setting filters of listen), on-failure tempfail (while it fails, clients are asked to "
     "try again later; so it is without this) or on-failure skip (mail is taken without it), and "
     "timeout TIME (how long each answer may take, 2m without this). May be given several times. "
     "Mail that programs hand in by sendmail(1), and notices of ours, go through none. "
     "doc/filters.md has more."},
    {"stop-timeout", OPTION_DURATION, AT(stop_timeout), 0, "10s", SECOND / 10, HOUR,
     "How long deliveries that are under way may take when the server is told to stop. What has "
     "not "
     "ended then is tried again after the next start."},
    {"max-memory-in-flight", OPTION_SIZE, AT(max_memory_in_flight), 0, "512MB", 1 * MB, 1024 * GB,
     "Memory for messages that are being received. Above it clients are asked to try again later."},
};

static const struct option_rows general_options = ROWS(general);
static const struct option_rows *const tables[] = {&general_options, &entry_options, &tls_options};
enum { TABLES = sizeof tables / sizeof *tables };

const struct option *option_at(size_t place)
{
    for (size_t i = 0; i < TABLES; i++) {
        if (place < tables[i]->count)
            return &tables[i]->at[place];
        place -= tables[i]->count;
    }
    return NULL;
}

size_t option_place(const struct option *o)
{
    size_t place = 0;
    while (option_at(place) != o)
        place++;
    return place;
}

size_t options_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < TABLES; i++)
        count += tables[i]->count;
    return count;
}

const struct option *option_find(struct span name)
{
    for (size_t i = 0; i < options_count(); i++)
        if (span_equal(name, span_of(option_at(i)->name)))
            return option_at(i);
    return NULL;
}
