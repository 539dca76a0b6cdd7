/* The table of options, for its users inside this room. */
#ifndef CONFIG_OPTIONS_TABLE_H
#define CONFIG_OPTIONS_TABLE_H

#include "config/options.h"

enum option_type {
    OPTION_HOST, /* a host name */
    OPTION_PATH,
    OPTION_NUMBER,
    OPTION_SIZE,        /* bytes: 10240, 10KB, 25MB, 1GB (powers of 1024) */
    OPTION_DURATION,    /* 30s, 5m, 4h, 5d; kept in ms */
    OPTION_ENDPOINT,    /* 127.0.0.1:9125, [::1]:9125 */
    OPTION_LISTEN,      /* listen 127.0.0.1:2525 SETTING VALUE …; several lines */
    OPTION_NETWORK,     /* 127.0.0.0/8, ::1; may stand several times where `is_list` */
    OPTION_NETWORKS,    /* 192.0.2.0/24,::1; or none, or all */
    OPTION_RATE,        /* 60/1m; or none */
    OPTION_MODE,        /* of a file: 0660 */
    OPTION_WORD,        /* what the system knows by a name */
    OPTION_RESOLVER,    /* system, recursive, or ADDRESS:PORT */
    OPTION_CHOICE,      /* one of a few words; kept as its place among them, from 0 */
    OPTION_ROUTE,       /* route MATCH TARGET; several lines */
    OPTION_LOG,         /* plain, json, syslog, syslog:PATH, journald, journald:PATH */
    OPTION_RELAY,       /* relay-domain MATCH CHECK; several lines */
    OPTION_EVENTS,      /* events KIND TARGET; several lines */
    OPTION_GUARD_LIMIT, /* guard-limit NAME NUMBER; several lines */
    OPTION_FILTER,      /* filter PLACE SETTING VALUE …; several lines */
    OPTION_POLICY,      /* a domain, and off, note or refuse; several lines */
    OPTION_FOLDER,      /* file-notices CLASS FOLDER; several lines */
    OPTION_ACCOUNTS,    /* account-limit ACCOUNT LIMIT …; several lines */
    OPTION_LINK_LIST,   /* link-list ZONE SETTING VALUE …; several lines */
    OPTION_MATCH,       /* whose mail is meant (config/match.h); several lines */
    OPTION_FORWARDER,   /* a domain or a network; several lines */
    OPTION_DNS_LIST,    /* dns-list ZONE points …; several lines */
    OPTION_DKIM_KEY,    /* dkim-key DOMAIN SELECTOR FILE; several lines */
    OPTION_CERTIFICATE, /* tls-certificate FILE [KEY]; several lines */
    OPTION_ACME,        /* acme-certificate NAME [NAME]; several lines */
    OPTION_FINGERPRINT, /* SHA-256 of a certificate; several lines */
    OPTION_TEXT         /* anything; may be empty */
};

struct option {
    const char *name;
    enum option_type type;
    size_t offset;        /* of the value in struct options */
    size_t count_offset;  /* of a list's number of values; 0: not a list */
    const char *standard; /* the default as one would write it (TEXT: without quotes); "" for an
                             empty list; lines parted by LF */
    uint64_t least, most; /* of NUMBER, SIZE (bytes), DURATION (ms) */
    const char *manual;   /* what it does, in a sentence or two */
    bool needs_restart;   /* a change counts from the next start on; then it is no list */
    const char *const *choices; /* of CHOICE; NULL at the end */
};

/* All of them, in the order in which people see them; NULL: there are no more. */
const struct option *option_at(size_t place);
size_t option_place(const struct option *o);
size_t options_count(void);
const struct option *option_find(struct span name); /* NULL: there is none */

#endif
