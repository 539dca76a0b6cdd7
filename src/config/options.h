/* One table of options: it gives parser, type, bounds, default and the manual's text. */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/rate.h"
#include "config/certificate.h"
#include "config/domain_policy.h"
#include "config/entry_options.h"
#include "config/event_sink.h"
#include "config/forwarder.h"
#include "config/guard_setting.h"
#include "config/listen.h"
#include "config/mail_filter.h"
#include "config/notice_options.h"
#include "config/relay_domain.h"
#include "config/reporting_options.h"
#include "config/return_path_options.h"
#include "config/sending_options.h"
#include "config/signing_key.h"
#include "config/target.h"

#include <stdatomic.h>

enum deliver_as { DELIVER_AS_NO, DELIVER_AS_YES };
enum forward_files { FORWARD_FILES_NO, FORWARD_FILES_ADDRESSES, FORWARD_FILES_COMMANDS };
extern const char *const notice_languages[]; /* tags: "en"; behind the last NULL */
enum guard_accounts { GUARD_ACCOUNTS_OFF, GUARD_ACCOUNTS_NOTE, GUARD_ACCOUNTS_HOLD };
enum double_bounce { DOUBLE_BOUNCE_POSTMASTER, DOUBLE_BOUNCE_NONE };
enum full_mailbox { FULL_MAILBOX_PERMANENT, FULL_MAILBOX_TEMPORARY };

/* The values, checked. One member for each option; made by options_parse. Everything lives in its
 * arena. Never changed once in use: another takes its place, and who still works by this one holds
 * a reference. */
struct options {
    struct arena arena;
    atomic_size_t references;
    struct span hostname;
    struct listen *listen;
    size_t listen_count;
    struct network *trusted;
    size_t trusted_count;
    struct route *routes;
    size_t route_count;
    struct certificate *tls_certificates; /* without them, and without acme_certificates, no TLS
                                             for those who come */
    size_t tls_certificate_count;
    struct acme_certificate *acme_certificates;
    size_t acme_certificate_count;
    struct span acme_directory;   /* URL of an authority */
    struct span acme_account;     /* an address; empty: none */
    uint64_t acme_terms;          /* 0: undecided, 1: agreed */
    struct endpoint *acme_listen; /* where the authority asks */
    size_t acme_listen_count;
    struct span *trusted_certificates; /* fingerprints */
    size_t trusted_certificate_count;
    struct span tls_authorities;  /* file; empty: the system's */
    struct span tls_reports;      /* the address that they come from; empty: there are none */
    struct span dmarc_reports;    /* likewise */
    uint64_t mta_sts, requiretls; /* 0: no, 1: yes */
    int64_t future_release;       /* ms; 0: not */
    uint64_t highest_priority, highest_priority_login;
    int64_t deliver_by_minimum; /* ms */
    struct relay_domain *relay_domains;
    size_t relay_domain_count;
    struct span *dns; /* "system", "recursive", "192.0.2.53:53" */
    size_t dns_count;
    struct span dns_anchor; /* file; empty: none */
    struct span log;        /* "plain", "syslog:/dev/log"; see OPTION_LOG */
    struct span state;      /* directory */
    struct span control;    /* path of the control socket; empty: "control" in `state` */
    struct span operators;  /* name of a group; empty: none */
    struct span drop;       /* directory; empty: "drop" in `state` */
    struct span *alias_files;
    size_t alias_file_count;
    struct span users;                                                       /* file */
    struct span users_query, domains_query, aliases_query, recipients_query; /* of SQLite tables */
    struct span logins; /* file, or "sqlite:" and a file, or "dovecot:" and a socket; empty: none */
    struct span logins_query;    /* of an SQLite table */
    struct span login_senders;   /* file; empty: none */
    struct span next_hop_logins; /* file; empty: none */
    struct span token_checker;   /* socket, or "|" and a command; empty: none */
    uint64_t login_guesses_network, login_guesses_account;
    int64_t login_delay;                                             /* ms */
    uint64_t login_channel_binding;                                  /* 0: no, 1: yes */
    struct span mailboxes;                                           /* directory of the Maildirs */
    uint64_t full_mailbox, double_bounce, deliver_as, forward_files; /* enums of these names */
    struct span command_user; /* empty: aliases run no commands */
    int64_t command_time;     /* ms that a command of a user may take */
    uint64_t command_concurrency;
    uint64_t max_message_size, max_recipients, max_command_line, max_text_line, max_header_size;
    uint64_t max_sessions, max_sessions_per_client, max_sessions_per_network, max_errors,
        max_messages_per_session, max_hops;
    uint64_t client_network_ipv4, client_network_ipv6; /* bits */
    struct rate client_connection_rate, client_message_rate, client_recipient_rate;
    struct rate network_connection_rate, network_message_rate, network_recipient_rate;
    struct sending_options sending; /* what our own accounts may send */
    struct entry_options entry;     /* whom we let in */
    int64_t greet_delay;            /* ms; of clients that are not trusted */
    int64_t command_timeout, data_timeout, session_timeout; /* ms; data: between two pieces of it */
    uint64_t min_data_rate; /* bytes a second, averaged over a message after its first minute; a
                               slower peer is closed */
    int64_t retry_first, retry_max, expire;                   /* ms */
    int64_t delay_notice, delay_notice_again, gather_notices; /* ms; delay: 0 is never */
    uint64_t reveal_aliases, recovered_notice;                /* 0: no, 1: yes */
    uint64_t storm_notices;                                   /* 0: never a digest */
    int64_t digest_after;                                     /* ms */
    struct rate notice_rate;
    uint64_t notice_language;  /* index of notice_languages */
    struct span *notice_texts; /* files */
    size_t notice_text_count;
    struct span arc_seal;    /* a domain; empty: nothing is sealed */
    struct span srs;         /* a domain; empty: senders stay as they are */
    struct span srs_secrets; /* file; empty: srs-secrets in `state` */
    struct return_path_options return_paths;
    uint64_t destination_concurrency, mailbox_concurrency, max_recipients_per_delivery;
    int64_t connect_timeout, reply_timeout, message_timeout, idle_connection; /* ms; outbound */
    int64_t ask_timeout, ask_keep_accepted, ask_keep_refused;                 /* ms */
    uint64_t segment_size;
    int64_t keep_story;   /* ms: how long the ledger keeps what became of finished mail, */
    int64_t keep_sent;    /* and who has sent what */
    int64_t stop_timeout; /* ms: for what is under way when we are told to stop */
    struct endpoint *metrics;
    size_t metrics_count;
    struct event_sink *events;
    size_t event_sink_count;
    uint64_t suppress_failed;     /* 0: no, 1: yes */
    uint64_t guard_accounts;      /* enum guard_accounts */
    uint64_t tell_changes;        /* no, yes */
    struct span country_database; /* empty: none */
    struct guard_setting *guard_limits;
    size_t guard_limit_count;
    struct mail_filter *filters; /* in the order in which mail goes through them */
    size_t filter_count;
    struct signing_key *signing_keys;
    size_t signing_key_count;
    struct domain_policy *authenticate; /* by domains of recipients */
    size_t authenticate_count;
    struct notice_options notices; /* that come */
    struct forwarder *forwarders;  /* authenticate-trust */
    size_t forwarder_count;
    int64_t authenticate_timeout; /* ms */
    struct span authserv_id;      /* empty: hostname */
    struct reporting_options reporting;
    struct span events_secret;     /* file; empty: none */
    uint64_t core_files;           /* 0: no, 1: yes */
    uint64_t loops;                /* threads for sessions; 0: one a core */
    uint64_t max_memory_in_flight; /* bytes of messages being received; above it: 452 4.3.1 */
};

/* Parse a file's text over the defaults. False: `e` says "FILE:LINE: what is wrong, and what to
 * write instead". `file` is its name for messages. Options that are not named keep their defaults.
 */
bool options_parse(struct options *o, const char *file, struct span text, struct error *e);
/* A message of the largest size fits into a segment. */
bool options_fit(const struct options *o, struct error *e);
void options_defaults(
    struct options *o); /* for a developer: loopback, unprivileged port, a local domain, ./var */
void options_free(struct options *o); /* of which nobody has a reference */

/* Thread-safe. The last reference frees them, if they were made by memory_new; those that whoever
 * parsed them frees by options_free must outlive all references. */
const struct options *options_ref(const struct options *o);
void options_unref(const struct options **o);

/* The same as a configuration file with every option, its manual text as comments, and its value
 * here. */
void options_print(struct buffer *out, const struct options *o);
/* The OPTIONS section of plainpost.conf(5), in mdoc. */
void options_print_manual(struct buffer *out);

#endif
