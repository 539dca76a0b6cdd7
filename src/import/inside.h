/* What the parts of the import share. */
#ifndef IMPORT_INSIDE_H
#define IMPORT_INSIDE_H

#include "config/target.h"
#include "import/import.h"
#include "import/main_cf.h"
#include "import/master_cf.h"
#include "import/networks.h"
#include "import/table.h"

/* Whom Postfix takes an address's domain for. */
enum domain_class { DOMAIN_LOCAL, DOMAIN_ALIAS, DOMAIN_MAILBOX, DOMAIN_RELAY };

struct ours {
    struct span name; /* in lower case */
    enum domain_class class;
    bool takes_all; /* there is no list of its addresses */
};

/* One address of ours, and what it leads to: a mailbox, or others. */
struct way {
    struct span address; /* in lower case; also a bare name, or "@domain" */
    struct span *targets;
    size_t count, room;
    struct span maildir; /* of a mailbox; empty: where plainpost puts it */
    bool is_user, is_alias;
    bool is_system; /* the mailbox of an account that no person has */
};

/* One of this machine. */
struct account {
    struct span name, home;
    bool is_system; /* no person has it */
};

struct importer {
    struct import *out;
    struct arena *arena;
    const struct import_source *source;
    struct main_cf cf;
    struct master_cf master;
    struct span master_text;
    struct map told;                    /* names of settings that have a note */
    struct map used;                    /* names of settings that were looked at */
    struct network_list trusted, holes; /* holes: of "!network", for what comes after it */
    /* While a list of domains is read: its name, what they are, and what "!domain" has left out. */
    const char *list;
    enum domain_class class;
    struct map excluded;
    struct ours **domains;
    size_t domain_count, domain_room;
    struct map domain_by_name;                /* struct ours */
    struct span mailbox_route, virtual_route; /* targets, where LMTP has the mailboxes */
    struct way **ways;
    size_t way_count, way_room;
    struct map way_by_address;                /* struct way */
    struct table virtuals, aliases;           /* virtual_alias_maps, alias_maps */
    struct map virtual_by_key, alias_by_name; /* struct table_entry, the first of each key */
    struct map accounts;                      /* struct account */
    struct map home_by_name;                  /* struct way of their mailboxes */
    struct span primary; /* of the local domains: where users stand; empty: there is none */
    size_t local_count;  /* local domains */
    bool has_local_only; /* all domains of ours are local ones: aliases need no domain */
    bool is_local_elsewhere, is_virtual_elsewhere; /* LMTP has these mailboxes */
    unsigned include_depth;
    struct span origin;   /* what is put behind a bare name */
    bool has_certificate; /* by which it serves TLS */
    bool is_dot_mydomain; /* "alice@mail" means "alice@mail.example.org" */
    struct buffer routes;
    struct map routed; /* what has a route */
};

/* ---- notes; `about` begins with a setting's name, which counts as told */
void note(struct importer *i, enum import_fate fate, const char *about, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* It has been looked at, and needs a note of its own only if there is none about it in the end. */
void tell_nothing(struct importer *i, const char *name);

/* ---- values; all from `cf` */
bool is_yes(const struct importer *i, const char *name);
/* An item of a list: parted by commas and blanks, "{…}" is one. */
bool next_item(struct span *rest, struct span *item);
struct span to_lower(struct arena *a, struct span s);
/* An address in lower case with its domain; empty when it can't be one. */
struct span full_address(struct importer *i, struct span text);
/* The lists of Postfix that may hold patterns, "!pattern", "/file" and "type:table": each pattern.
 */
void each_pattern(struct importer *i, const char *name,
                  void (*one)(struct importer *i, struct span pattern, bool is_not));
/* All entries of the tables that a setting lists; notes tell of what can't be read. */
void read_tables(struct importer *i, const char *name, enum table_form form, struct table *t);

/* One of them, "type:name". */
void read_one_table(struct importer *i, const char *name, struct span item, enum table_form form,
                    struct table *t);

/* A "*" in the pattern stands for anything. */
bool pattern_fits(struct span text, const char *pattern);

/* Would plainpost take these lines of its configuration? */
bool is_taken(struct importer *i, struct span lines, struct span *why);

/* ---- parts, in the order in which they are called */
void import_networks(struct importer *i);
void import_certificates(struct importer *i);
void import_listeners(struct importer *i);
void import_filters(struct importer *i);
void import_limits(struct importer *i);
void import_domains(struct importer *i);    /* and the tables of aliases */
void import_transports(struct importer *i); /* who delivers for which class */
void import_accounts(struct importer *i);   /* mailboxes of local domains */
void import_mailboxes(struct importer *i);  /* addresses of virtual and relay domains */
void import_aliases(struct importer *i);
void import_routes(struct importer *i);
void import_tls_of_routes(struct importer *i);
void import_restrictions(struct importer *i);
/* One about the client (clients.c): what it says is added to `lines`. False: it is none. */
bool import_client_rule(struct importer *i, struct buffer *lines, const char *about,
                        struct span item, struct span argument);
void import_rest(struct importer *i);

/* ---- addresses */
struct ours *domain_of(const struct importer *i, struct span address);
void add_domain(struct importer *i, struct span name, enum domain_class class);
struct way *find_way(const struct importer *i, struct span address);
struct way *add_way(struct importer *i, struct span address);
void add_target(struct importer *i, struct way *w, struct span target);
/* A user; false, and a note, when it can't be one here. */
bool add_user(struct importer *i, const char *about, struct span address, struct span maildir);
/* The right side of a table of aliases. `is_local`: commands and files may stand there. */
void add_targets(struct importer *i, struct way *w, const char *about, struct span text,
                 bool is_local);
/* An account's mailbox, in the users file. */
void give_mailbox(struct importer *i, const struct account *a);
/* Is it redirected by name, or does an entry for its whole domain take it? */
bool is_virtual(struct importer *i, struct span address);
bool is_caught(struct importer *i, struct span address);

/* ---- routes */
/* "transport:nexthop" in our words, into `target`; HOP_NONE: `why` says why not. */
enum hop { HOP_TARGET, HOP_LOCAL, HOP_DEFAULT, HOP_NONE };
enum hop hop_of(struct importer *i, struct span text, struct buffer *target, const char **why);
/* " tls required", as it stands behind a server; "": the usual. */
const char *import_tls_of_server(const struct importer *i, bool is_mx);
void add_route(struct importer *i, struct span match, struct span target);

#endif
