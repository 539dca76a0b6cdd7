/* Tables of aliases, in the form of aliases(5) and of virtual(5):
 *
 *     # comment
 *     root:             alice@example.org, bob
 *     "john smith":     john@example.org
 *     team:             :include:/etc/plainpost/team,
 *                       carol@example.net
 *     owner-team:       alice
 *     info@example.org  alice@example.org
 *     @example.net      everything-else@example.org
 *
 * A name without a domain is one in every domain of ours; without a name it is all of a domain that
 * nothing else is. A name among the targets is in the domain of the address that was looked up.
 * Commands are refused where nobody is named to run them as, files always: see plainpost-aliases(5)
 * for what to do in their place. Pure but for the files that it asks for. */
#ifndef ADDRESS_ALIASES_H
#define ADDRESS_ALIASES_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/map.h"

struct alias {
    struct span name;     /* in lower case */
    struct span *targets; /* "alice@example.org", "alice", "|command" */
    size_t count;
    const char *table; /* that it stands in: who reads a table gives each another pointer */
};

struct aliases {
    struct arena *arena;
    struct map by_name; /* struct alias */
    /* Reads a file that is included. False: `e`. */
    bool (*read)(void *arg, const char *path, struct buffer *text, struct error *e);
    void *arg;
    bool runs_commands; /* "|command" is a target; not in files that are included */
};

/* Add a table. False: `e` says "FILE:LINE: what is wrong and what to write". */
bool aliases_parse(struct aliases *a, const char *file, struct span text, struct error *e);

/* Add what a query gives of a database: rows of a name and its targets, written as in a file, but
 * without :include:, because who may write to the database need not be trusted with our files. An
 * alias may have several rows. False: `e`. */
bool aliases_read(struct aliases *a, const char *path, struct span query, struct error *e);
/* A word of a list, bare up to one of `ends`, or in quotes, in which a backslash takes the next
 * character as it is. False: the quotes do not end. */
bool aliases_take_word(struct span *rest, const char *ends, struct arena *a, struct span *word);

/* NULL: none of this name. */
const struct alias *aliases_find(const struct aliases *a, struct span name);

#endif
