/* Options of connections that are encrypted, and of what is promised of them. */
#include "config/options_rows.h"

static const char *const terms[] = {"undecided", "agreed", NULL};

static const struct option rows[] = {
    {"tls-certificate", OPTION_CERTIFICATE, AT(tls_certificates), AT(tls_certificate_count), "", 0,
     0,
     "A file with the certificate of this server, and those of its issuers behind it, in PEM form; "
     "and the file with its private key, if that is not in the same one. With it clients can "
     "encrypt "
     "what they say (STARTTLS, or as the setting tls of listen says). May be given several times: "
     "a client that names a server gets the first certificate that has the name, all others get "
     "the "
     "first of all. Two for the same names, with an RSA and an ECDSA key, count as one, of which "
     "each client gets what it can do with. The files are read again when the configuration is: do "
     "that when a certificate "
     "was "
     "renewed."},
    {"acme-certificate", OPTION_ACME, AT(acme_certificates), AT(acme_certificate_count), "", 0, 0,
     "The names of this server that one certificate is to have, which an authority gives by itself "
     "(ACME, RFC 8555): the server gets it, takes it into use, and renews it in time, without a "
     "restart. For that it runs uacme(1), which must be installed. May be given several times, and "
     "beside tls-certificate. See CERTIFICATES BY ACME."},
    {"acme-directory", OPTION_TEXT, AT(acme_directory), 0,
     "https://acme-v02.api.letsencrypt.org/directory", 0, 0,
     "The authority, by the address of its directory. Each one has its own account and its own "
     "certificates; another one is asked for new ones."},
    {"acme-account", OPTION_TEXT, AT(acme_account), 0, "", 0, 0,
     "The address by which the authority can reach whoever is responsible for the certificates. "
     "Some tell by it of trouble, some do not want one."},
    {"acme-terms", OPTION_CHOICE, AT(acme_terms), 0, "undecided", 0, 0,
     "Authorities give certificates only to those who have agreed to their terms, which the "
     "directory names (\"termsOfService\"). agreed: you have read them, and agree. Without that "
     "nothing is asked of any authority.",
     false, terms},
    {"acme-listen", OPTION_ENDPOINT, AT(acme_listen), AT(acme_listen_count), "[::]:80", 0, 0,
     "An address and port to answer the authority's questions on, by HTTP. It asks at port 80 of "
     "each name; so this is another port only where a web server has that one, and hands on to "
     "this one what begins with /.well-known/acme-challenge/. Nobody listens there without "
     "acme-certificate. May be given several times."},
    {"trusted-certificate", OPTION_FINGERPRINT, AT(trusted_certificates),
     AT(trusted_certificate_count), "", 0, 0,
     "The SHA-256 fingerprint of a certificate by which a client may show who it is: it then "
     "counts "
     "as one of the trusted networks. Clients are asked for a certificate only when there is this "
     "option. May be given several times."},
    {"tls-authorities", OPTION_PATH, AT(tls_authorities), 0, "", 0, 0,
     "A file with the certificates of those whose word counts about other servers, where a route "
     "says tls verified or tls implicit, and where a domain demands certificates (MTA-STS). "
     "Without "
     "it they are those that this system trusts."},
    {"mta-sts", OPTION_CHOICE, AT(mta_sts), 0, "yes", 0, 0,
     "Whether the policies by which domains demand that mail for them be encrypted, and their mail "
     "servers have the right certificates, are fetched and kept (MTA-STS, RFC 8461). What the DNS "
     "says of certificates (DANE, RFC 7672) counts wherever DNSSEC proves it, for which dns-anchor "
     "is needed.",
     false, no_yes},
    {"requiretls", OPTION_CHOICE, AT(requiretls), 0, "yes", 0, 0,
     "Whether clients may demand, on an encrypted connection, that a message be encrypted on its "
     "whole way (REQUIRETLS, RFC 8689). Such a message goes only to servers that show by DNSSEC, "
     "DANE or MTA-STS that they are the right ones, and that promise the same; else it comes back.",
     false, no_yes},
    {"future-release", OPTION_DURATION, AT(future_release), 0, "7d", 0, 365 * (uint64_t)DAY,
     "How long those who have logged in may let a message wait here until it is sent "
     "(FUTURERELEASE, "
     "RFC 4865); 0: not at all. The queue shows until when; plainpost queue release sends it at "
     "once, and plainpost queue remove never."},
    {"highest-priority", OPTION_NUMBER, AT(highest_priority), 0, "9", 0, 9,
     "The most urgent priority that trusted clients and programs of this machine may give to a "
     "message, of -9 to 9 (MT-PRIORITY, RFC 6710); what asks for more gets this one, and is told "
     "so. Where mail waits for a place on its way, more of what is urgent (above 0) goes first, "
     "and less of what is not (below 0)."},
    {"highest-priority-login", OPTION_NUMBER, AT(highest_priority_login), 0, "0", 0, 9,
     "The same for those who have logged in. 0: nothing of theirs is urgent, but what can wait "
     "they may say."},
    {"deliver-by-minimum", OPTION_DURATION, AT(deliver_by_minimum), 0, "0s", 0, DAY,
     "How much time trusted clients, and those who have logged in, must give at least to a message "
     "that is to come back to its sender when it has not arrived by then (DELIVERBY, RFC 2852)."},
    {"tls-reports", OPTION_TEXT, AT(tls_reports), 0, "", 0, 0,
     "The address from which domains that ask for it are told, once a day, how often their mail "
     "could be encrypted as they wish, and why not (TLSRPT, RFC 8460). It is also whom they may "
     "ask. Without this option nothing is counted, and nobody is told."},
    {"dmarc-reports", OPTION_TEXT, AT(dmarc_reports), 0, "", 0, 0,
     "The address from which domains that ask for it are told, once a day, of the mail that came "
     "in "
     "their name: from which addresses, how often, what SPF, DKIM and DMARC have found, and what "
     "became of it (aggregate reports, RFC 9990); nothing of recipients. It is also whom they may "
     "ask. Its domain needs a dkim-key, or an SPF record, or others do not believe the reports. "
     "Who is to get them elsewhere must have agreed in the DNS. Without this option nothing is "
     "counted, and nobody is told. Of single messages (failure reports, ruf=) nobody ever is."},
};

const struct option_rows tls_options = ROWS(rows);
