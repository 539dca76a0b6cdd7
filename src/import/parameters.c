/* The settings that no other part has told of: by name, what they mean for plainpost. */
#include "import/inside.h"

#define TLS_OF_LISTENERS                                                                           \
    "plainpost serves TLS with the option tls-certificate and the setting tls of listen"
#define TLS_OF_ROUTES                                                                              \
    "plainpost says it by route: behind a server may stand tls required, verified, implicit or "   \
    "off"
#define LOG_IN_AT_NEXT_HOP                                                                         \
    "write login USER behind the route, and the password into a file that next-hop-logins names: " \
    "HOST USER PASSWORD, as plainpost-next-hop-logins(5) has it"
#define NO_LOG_IN                                                                                  \
    "plainpost knows no log-in yet; a relay that demands one, and users who log in, must stay "    \
    "with "                                                                                        \
    "the old server for now"
#define NO_FILTER "plainpost asks filters by the milter protocol (filter), and no others"
#define NO_REWRITE "plainpost does not rewrite addresses; let programs write the right ones"
#define NO_COPY "plainpost makes no hidden copies; an alias can lead to several addresses"
#define NO_RULES "plainpost does not refuse by this yet"
#define OWN_WAY "plainpost has a way of its own for this"
#define OWN_PARTS "it is about Postfix's own programs and files"
#define OWN_WORDS "plainpost has replies and notifications of its own"
#define OWN_PACE "plainpost finds the right pace by itself"
#define OWN_FORM "it is about the form of mail, which plainpost leaves as it is"
#define CHECKS "it only adjusts a check"

/* The first that fits; a "*" stands for anything. What is switched off does not matter. */
static const struct parameter {
    const char *name;
    enum import_fate fate;
    const char *words;
} parameters[] = {
    /* log-in and TLS */
    {"smtpd_tls_received_header", IMPORT_UNNEEDED, "the Received field always tells of TLS"},
    {"*_tls_loglevel", IMPORT_UNNEEDED, "the log tells of TLS with each message"},
    {"*_tls_session_cache_*", IMPORT_UNNEEDED, "sessions are begun again by tickets"},
    {"smtp_tls_CAfile", IMPORT_LOST, "write it as tls-authorities, where routes say tls verified"},
    {"*tls_CApath", IMPORT_UNNEEDED, "the authorities that the system trusts are known"},
    {"*tls_CAfile", IMPORT_UNNEEDED, "it matters for certificates of clients only"},
    {"smtpd_tls_*_certs", IMPORT_LOST, "write trusted-certificate FINGERPRINT for those you trust"},
    {"smtp_tls_policy_maps", IMPORT_LOST, TLS_OF_ROUTES},
    {"*_tls_security_level", IMPORT_LOST, TLS_OF_ROUTES},
    {"smtpd_tls_auth_only", IMPORT_UNNEEDED, "it matters with log-in only"},
    {"smtpd_tls_*", IMPORT_UNNEEDED, TLS_OF_LISTENERS},
    {"*_tls_*", IMPORT_UNNEEDED, TLS_OF_ROUTES},
    {"tls_*", IMPORT_UNNEEDED, "versions and ciphers are those that Mozilla calls intermediate"},
    {"tlsproxy_*", IMPORT_UNNEEDED, OWN_PARTS},
    {"smtpd_use_tls", IMPORT_UNNEEDED, TLS_OF_LISTENERS},
    {"smtpd_enforce_tls", IMPORT_LOST, "write behind each listener: tls required"},
    {"*_use_tls", IMPORT_UNNEEDED, "mail goes by TLS wherever the next hop offers it"},
    {"*_enforce_tls", IMPORT_LOST, TLS_OF_ROUTES},
    {"*_starttls_timeout", IMPORT_UNNEEDED, "a handshake may take a minute"},
    {"openssl_path", IMPORT_UNNEEDED, OWN_PARTS},
    {"relay_clientcerts", IMPORT_LOST, "write trusted-certificate FINGERPRINT for each of them"},
    {"smtp_sasl_auth_enable", IMPORT_LOST, LOG_IN_AT_NEXT_HOP},
    {"smtp_sasl_password_maps", IMPORT_LOST, LOG_IN_AT_NEXT_HOP},
    {"smtp_sender_dependent_authentication", IMPORT_LOST,
     "write a route of its own for each sender: route from:alice@example.org HOST:PORT login USER"},
    {"*_sasl_auth_enable", IMPORT_LOST, NO_LOG_IN},
    {"lmtp_sasl_password_maps", IMPORT_LOST, NO_LOG_IN},
    {"smtpd_sender_login_maps", IMPORT_LOST, NO_LOG_IN},
    {"*sasl*", IMPORT_UNNEEDED, "it matters with log-in only"},
    {"*_send_dummy_mail_auth", IMPORT_UNNEEDED, "it matters with log-in only"},
    {"lmtp_sender_dependent_authentication", IMPORT_UNNEEDED, "it matters with log-in only"},
    {"*_login_sender_maps*", IMPORT_LOST, "plainpost does not check who writes as whom yet"},
    /* filters */
    {"content_filter", IMPORT_LOST, NO_FILTER},
    {"smtpd_proxy_filter", IMPORT_LOST, NO_FILTER},
    {"non_smtpd_milters", IMPORT_LOST,
     "mail that programs of this machine hand in by sendmail goes through no milter; they can send "
     "it over SMTP"},
    {"smtpd_milter_maps", IMPORT_LOST,
     "a listener says which filters mail goes through (filters), not the client's address"},
    {"milter_*", IMPORT_UNNEEDED, "plainpost speaks with milters as they want it"},
    {"smtpd_proxy_*", IMPORT_UNNEEDED, "it matters with filters only"},
    {"default_filter_nexthop", IMPORT_UNNEEDED, "it matters with filters only"},
    {"receive_override_options", IMPORT_UNNEEDED, "it matters with filters only"},
    {"internal_mail_filter_classes", IMPORT_UNNEEDED, "it matters with filters only"},
    {"*header_checks", IMPORT_LOST, NO_FILTER},
    {"*body_checks", IMPORT_LOST, NO_FILTER},
    {"body_checks_size_limit", IMPORT_UNNEEDED, "it matters with filters only"},
    {"smtpd_command_filter", IMPORT_LOST, NO_FILTER},
    {"postscreen_command_filter", IMPORT_LOST, NO_FILTER},
    {"*_reply_filter", IMPORT_LOST, NO_FILTER},
    {"*_delivery_status_filter", IMPORT_LOST, NO_FILTER},
    {"message_reject_characters", IMPORT_LOST, NO_FILTER},
    {"message_strip_characters", IMPORT_LOST, NO_FILTER},
    /* rewriting */
    {"*canonical_maps", IMPORT_LOST, NO_REWRITE},
    {"*_generic_maps", IMPORT_LOST, NO_REWRITE},
    {"masquerade_domains", IMPORT_LOST, NO_REWRITE},
    {"masquerade_*", IMPORT_UNNEEDED, "it matters with masquerade_domains only"},
    {"*canonical_classes", IMPORT_UNNEEDED, "it matters with canonical_maps only"},
    {"remote_header_rewrite_domain", IMPORT_LOST, NO_REWRITE},
    {"local_header_rewrite_clients", IMPORT_UNNEEDED, OWN_FORM},
    {"append_*", IMPORT_CARRIED, "the addresses in aliases are written in full"},
    {"swap_bangpath", IMPORT_UNNEEDED, OWN_FORM},
    {"allow_percent_hack", IMPORT_UNNEEDED, OWN_FORM},
    {"*_bcc_maps", IMPORT_LOST, NO_COPY},
    {"always_bcc", IMPORT_LOST, NO_COPY},
    /* delivery */
    {"mailbox_command", IMPORT_LOST,
     "plainpost starts no program for each message; let the program's server take the mail by LMTP "
     "(Dovecot: service lmtp), and write route DOMAIN lmtp:/path/of/socket"},
    {"mailbox_command_maps", IMPORT_LOST, "plainpost starts no program for each message; use LMTP"},
    {"mailbox_transport_maps", IMPORT_LOST, "write route ADDRESS lmtp:… for those of other places"},
    {"fallback_transport*", IMPORT_LOST,
     "plainpost wants to know its users: write those who are elsewhere into the users file, and "
     "route ADDRESS TARGET"},
    {"forward_path", IMPORT_LOST, "plainpost reads no .forward files; write aliases for them"},
    {"relocated_maps", IMPORT_LOST,
     "write the old address into the users file, and route ADDRESS refuse \"5.1.6 the new address "
     "is "
     "…\""},
    {"mailbox_size_limit", IMPORT_UNNEEDED,
     "it bounds files of the mbox format; a quota stands behind a user: quota 2GB"},
    {"virtual_mailbox_limit", IMPORT_UNNEEDED,
     "it bounds files of the mbox format; a quota stands behind a user: quota 2GB"},
    {"virtual_*id_maps", IMPORT_LOST,
     "the user that plainpost runs as owns all mailboxes; give it their directories (chown), or "
     "let "
     "LMTP deliver"},
    {"virtual_minimum_uid", IMPORT_UNNEEDED, OWN_WAY},
    {"virtual_mailbox_lock", IMPORT_UNNEEDED, "a Maildir needs no locks"},
    {"virtual_alias_*_limit", IMPORT_UNNEEDED, OWN_WAY},
    {"mailbox_delivery_lock", IMPORT_UNNEEDED, "a Maildir needs no locks"},
    {"deliver_lock_*", IMPORT_UNNEEDED, "a Maildir needs no locks"},
    {"stale_lock_time", IMPORT_UNNEEDED, "a Maildir needs no locks"},
    {"strict_mailbox_ownership", IMPORT_UNNEEDED, OWN_WAY},
    {"sun_mailtool_compatibility", IMPORT_UNNEEDED, OWN_WAY},
    {"require_home_directory", IMPORT_UNNEEDED, OWN_WAY},
    {"allow_mail_to_*", IMPORT_UNNEEDED, "aliases lead to addresses only"},
    {"owner_request_special", IMPORT_UNNEEDED, OWN_WAY},
    {"expand_owner_alias", IMPORT_UNNEEDED, "the owner-NAME of a list gets its failures"},
    {"reset_owner_alias", IMPORT_UNNEEDED, "the owner-NAME of a list gets its failures"},
    {"frozen_delivered_to", IMPORT_UNNEEDED, OWN_WAY},
    {"prepend_delivered_header", IMPORT_UNNEEDED, "Delivered-To is always written"},
    {"propagate_unmatched_extensions", IMPORT_LOST,
     "an alias of alice goes for alice+anything; the extension is not put into the new address"},
    {"best_mx_transport", IMPORT_LOST, "name each domain that is yours in the users file"},
    {"smtp_fallback_relay", IMPORT_LOST, "plainpost has no second way when the first one fails"},
    {"lmtp_fallback_relay", IMPORT_LOST, "plainpost has no second way when the first one fails"},
    {"defer_transports", IMPORT_LOST, "use: plainpost queue hold"},
    {"soft_bounce", IMPORT_LOST, "plainpost tells failures at once; expire sets how long it tries"},
    {"*_rate_delay", IMPORT_LOST,
     "plainpost has no pause between deliveries; destination-concurrency 1 is the slowest"},
    {"smtp_host_lookup", IMPORT_UNNEEDED,
     "servers are looked up in the DNS, hosts of routes also in "
     "/etc/hosts"},
    {"smtp_dns_support_level", IMPORT_UNNEEDED, "see the options dns and dns-anchor"},
    {"disable_dns_lookups", IMPORT_LOST, "write route * HOST:PORT, which needs no MX records"},
    {"smtp_helo_name", IMPORT_LOST, "plainpost greets as hostname"},
    {"lmtp_lhlo_name", IMPORT_LOST, "plainpost greets as hostname"},
    {"smtp_tcp_port", IMPORT_LOST, "write the port into the route: route * HOST:PORT"},
    {"lmtp_tcp_port", IMPORT_LOST, "write the port into the route: lmtp:HOST:PORT"},
    {"bounce_queue_lifetime", IMPORT_UNNEEDED,
     "notifications are tried as long as other mail (expire)"},
    {"queue_run_delay", IMPORT_UNNEEDED, "each message is tried when it is due"},
    {"delay_warning_time", IMPORT_UNNEEDED,
     "plainpost does not tell senders of delays yet; ask plainpost trace"},
    {"confirm_delay_cleared", IMPORT_UNNEEDED, OWN_WORDS},
    {"fast_flush_*", IMPORT_UNNEEDED, "use: plainpost queue retry"},
    {"recipient_delimiter", IMPORT_LOST,
     "plainpost's sign between a name and its extension is \"+\""},
    /* receiving */
    {"postscreen_dnsbl_sites", IMPORT_LOST,
     "write dns-list ZONE points NUMBER for each, and refuse-points for the threshold"},
    {"postscreen_access_list", IMPORT_LOST, NO_RULES},
    {"postscreen_upstream_proxy_protocol", IMPORT_LOST,
     "write \"proxy NETWORKS\" behind the line listen: the addresses of the proxies"},
    {"smtpd_upstream_proxy_protocol", IMPORT_LOST,
     "write \"proxy NETWORKS\" behind the line listen: the addresses of the proxies"},
    {"smtpd_upstream_proxy_timeout", IMPORT_UNNEEDED, OWN_WAY},
    {"postscreen_*", IMPORT_UNNEEDED, "plainpost has no part like postscreen"},
    {"dnsblog_*", IMPORT_UNNEEDED, "plainpost has no part like postscreen"},
    {"smtpd_client_*_rate_limit", IMPORT_LOST, "plainpost has no limit for this"},
    {"anvil_rate_time_unit", IMPORT_CARRIED, "it is the time in the rates"},
    {"smtpd_helo_required", IMPORT_UNNEEDED, "plainpost always wants a greeting"},
    {"smtpd_reject_unlisted_recipient", IMPORT_UNNEEDED, "unknown users are always refused"},
    {"smtpd_reject_unlisted_sender", IMPORT_LOST, NO_RULES},
    {"smtpd_restriction_classes", IMPORT_LOST, NO_RULES},
    {"permit_mx_backup_networks", IMPORT_LOST, "name the domains in the users file"},
    {"smtpd_discard_ehlo_keyword*", IMPORT_LOST, "plainpost always offers what it can do"},
    {"smtpd_forbidden_commands", IMPORT_UNNEEDED, OWN_WAY},
    {"smtpd_forbid_*", IMPORT_UNNEEDED,
     "plainpost ends a message by CRLF . CRLF only, so nothing can be smuggled in"},
    {"smtpd_authorized_xclient_hosts", IMPORT_LOST,
     "write \"xclient NETWORKS\" behind the line listen"},
    {"smtpd_authorized_xforward_hosts", IMPORT_LOST,
     "plainpost knows no XFORWARD; it knows XCLIENT (xclient NETWORKS behind the line listen)"},
    {"smtpd_authorized_verp_clients", IMPORT_LOST, "plainpost knows no VERP"},
    {"disable_vrfy_command", IMPORT_UNNEEDED, "VRFY never tells who is there"},
    {"queue_minfree", IMPORT_UNNEEDED, "a full disk is told to clients, and nothing is lost"},
    {"qmqpd_*", IMPORT_UNNEEDED, "plainpost does not speak QMQP"},
    {"proxy_interfaces", IMPORT_LOST,
     "if this server is a backup for a domain behind such an address, write a route for it, or "
     "mail "
     "may run in a circle"},
    {"relay_domains_reject_code", IMPORT_UNNEEDED, OWN_WORDS},
    {"smtp_*_maps", IMPORT_LOST, "plainpost has no table for this"},
    {"lmtp_*_maps", IMPORT_LOST, "plainpost has no table for this"},
    {"smtpd_*_maps", IMPORT_LOST, "plainpost has no table for this"},
    /* what does not matter */
    {"*_destination_concurrency_*", IMPORT_UNNEEDED, OWN_PACE},
    {"*_destination_recipient_limit", IMPORT_UNNEEDED, OWN_PACE},
    {"initial_destination_concurrency", IMPORT_UNNEEDED, OWN_PACE},
    {"destination_concurrency_*", IMPORT_UNNEEDED, OWN_PACE},
    {"default_*", IMPORT_UNNEEDED, OWN_WAY},
    {"smtp_*", IMPORT_UNNEEDED, OWN_WAY},
    {"lmtp_*", IMPORT_UNNEEDED, OWN_WAY},
    {"smtpd_banner", IMPORT_UNNEEDED, "plainpost greets with hostname"},
    {"smtpd_*", IMPORT_UNNEEDED, OWN_WAY},
    {"*_reject_code", IMPORT_UNNEEDED, OWN_WORDS},
    {"*_reject_reason", IMPORT_UNNEEDED, OWN_WORDS},
    {"*_defer_code", IMPORT_UNNEEDED, OWN_WORDS},
    {"defer_code", IMPORT_UNNEEDED, OWN_WORDS},
    {"reject_code", IMPORT_UNNEEDED, OWN_WORDS},
    {"*_tempfail_action", IMPORT_UNNEEDED, CHECKS},
    {"*_notice_recipient", IMPORT_UNNEEDED, OWN_WORDS},
    {"notify_classes", IMPORT_UNNEEDED, "the log and plainpost audit tell what goes wrong"},
    {"bounce_template_file", IMPORT_LOST,
     "its texts are not taken over; plainpost bounce-text export writes ours, for you to change"},
    {"bounce_*", IMPORT_UNNEEDED, OWN_WORDS},
    {"double_bounce_sender", IMPORT_UNNEEDED, OWN_WORDS},
    {"rbl_reply_maps", IMPORT_UNNEEDED, "the words of a refusal are plainpost's"},
    {"maps_rbl_domains", IMPORT_LOST, "write dns-list ZONE points 10, and refuse-points 10"},
    {"address_verify_*", IMPORT_UNNEEDED, CHECKS},
    {"parent_domain_matches_subdomains", IMPORT_UNNEEDED, CHECKS},
    {"unverified_*", IMPORT_UNNEEDED, CHECKS},
    {"strict_*", IMPORT_UNNEEDED, OWN_FORM},
    {"smtputf8_*", IMPORT_UNNEEDED, "SMTPUTF8 is always there"},
    {"*mime_*", IMPORT_UNNEEDED, OWN_FORM},
    {"detect_8bit_encoding_header", IMPORT_UNNEEDED, OWN_FORM},
    {"line_length_limit", IMPORT_UNNEEDED, "see the option max-text-line"},
    {"always_add_missing_headers", IMPORT_UNNEEDED, OWN_FORM},
    {"undisclosed_recipients_header", IMPORT_UNNEEDED, OWN_FORM},
    {"message_drop_headers", IMPORT_UNNEEDED, OWN_FORM},
    {"header_*", IMPORT_UNNEEDED, OWN_FORM},
    {"enable_original_recipient", IMPORT_UNNEEDED, OWN_FORM},
    {"enable_*", IMPORT_UNNEEDED, OWN_WAY},
    {"sendmail_fix_line_endings", IMPORT_UNNEEDED, OWN_FORM},
    {"cleanup_replace_stray_cr_lf", IMPORT_UNNEEDED, OWN_FORM},
    {"resolve_*", IMPORT_UNNEEDED, OWN_FORM},
    {"empty_address_*", IMPORT_UNNEEDED, OWN_WAY},
    {"show_user_unknown_table_name", IMPORT_UNNEEDED, OWN_WORDS},
    {"allow_*", IMPORT_UNNEEDED, OWN_WAY},
    {"authorized_*_users", IMPORT_LOST,
     "who may put mail into the drop folder, and look at the queue, is decided by the modes of "
     "their "
     "directories"},
    {"biff", IMPORT_UNNEEDED, "nobody waits for it any more"},
    {"compatibility_level", IMPORT_UNNEEDED,
     "its meaning for other settings was taken into account"},
    {"multi_instance_*", IMPORT_LOST, "import each instance by its own directory"},
    {"mail_name", IMPORT_UNNEEDED, OWN_WORDS},
    {"syslog_*", IMPORT_UNNEEDED, "plainpost's log has an option of its own: log"},
    {"maillog_*", IMPORT_UNNEEDED, "plainpost's log has an option of its own: log"},
    {"*_log*", IMPORT_UNNEEDED, "plainpost's log has an option of its own: log"},
};

static const char *const of_postfix[] = {
    "*_directory",
    "*_service_name",
    "*_time_limit",
    "*_timeout",
    "*_path",
    "*_filter",
    "*_attempts",
    "*_delay",
    "*_delay_time",
    "*_database_type",
    "alternate_config_directories",
    "anvil_*",
    "application_event_drain_time",
    "backwards_bounce_*",
    "berkeley_db_*",
    "command_*",
    "connection_cache_*",
    "daemon_*",
    "debug*",
    "delay_logging_*",
    "dns_*",
    "dnssec_probe",
    "dont_remove",
    "duplicate_*",
    "execution_*",
    "export_environment",
    "fault_injection_code",
    "hash_*",
    "helpful_warnings",
    "ignore_mx_lookup_error",
    "import_environment",
    "info_*",
    "ipc_*",
    "known_tcp_ports",
    "lmdb_*",
    "local_*",
    "mail_owner",
    "mail_release_date",
    "mail_version",
    "master_service_disable",
    "max_idle",
    "max_use",
    "postlog*",
    "postmulti_*",
    "process_*",
    "proxy_*_maps",
    "qmgr_*",
    "queue_*",
    "setgid_group",
    "service_*",
    "stress",
    "tcp_windowsize",
    "transport_retry_time",
    "unknown_*",
    "mime_*",
    "nested_*",
    "disable_*",
    "best_*",
    "parent_domain_*",
    "respectful_logging",
    "in_flow_delay",
    "broken_*",
    "send_*",
    "authorized_*",
    "reject_*",
    "relay_*",
    "mynetworks_style",
    "trace_*",
};

/* Switched off, or empty. */
static bool is_off(struct span value)
{
    return !value.len || span_equal_nocase(value, SPAN("no")) || span_equal(value, SPAN("0")) ||
           span_equal_nocase(value, SPAN("none"));
}

static const struct parameter *parameter_of(struct span name)
{
    static const struct parameter own_part = {"", IMPORT_UNNEEDED, OWN_PARTS};
    for (size_t n = 0; n < sizeof parameters / sizeof *parameters; n++)
        if (pattern_fits(name, parameters[n].name))
            return &parameters[n];
    for (size_t n = 0; n < sizeof of_postfix / sizeof *of_postfix; n++)
        if (pattern_fits(name, of_postfix[n]))
            return &own_part;
    return NULL;
}

static void tell_of(struct importer *i, const struct setting *s)
{
    const struct parameter *p = parameter_of(s->name);
    const char *name = arena_text(i->arena, s->name);
    bool is_used = map_get_text(&i->used, s->name), is_told = map_get_text(&i->told, s->name);
    bool is_nothing = is_off(main_cf_value(&i->cf, name));
    if (is_told)
        return;
    if (is_used)
        note(i, is_nothing ? IMPORT_UNNEEDED : IMPORT_CARRIED, name,
             is_nothing ? "is empty or switched off" : "was taken into account");
    else if (p && p->fate == IMPORT_LOST && is_nothing)
        note(i, IMPORT_UNNEEDED, name, "is empty or switched off");
    else if (p)
        note(i, p->fate, name, "%s", p->words);
    else if (main_cf_mentions(&i->cf, i->master_text, s->name))
        note(i, IMPORT_CARRIED, name, "is a name of your own; what uses it was told above");
    else
        note(i, IMPORT_LOST, name,
             "Postfix 3.7 knows no such setting; look up what it is, if it is not a slip");
}

void import_rest(struct importer *i)
{
    for (size_t n = 0; n < i->cf.count; n++) {
        const struct setting *s = i->cf.settings[n];
        tell_of(i, s);
        if (s->times > 1)
            note(i, IMPORT_CARRIED, arena_text(i->arena, s->name),
                 "was given %zu times; the last one counts (line %zu)", s->times, s->line);
    }
}
