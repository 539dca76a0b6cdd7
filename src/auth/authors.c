#include "auth/authors.h"

#include "mail/address.h"
#include "mail/address_list.h"
#include "mail/header.h"

static void add_domain(struct authors *all, struct span domain)
{
    for (size_t i = 0; i < all->count; i++)
        if (span_equal_nocase(all->domains[i], domain))
            return;
    if (domain.len && all->count < MOST_AUTHORS_DOMAINS)
        all->domains[all->count++] = domain;
}

/* A part that can't be read hides what follows it: the text behind its last "@" is a domain, too.
 * Else a mail program that reads on would show an author that nobody has asked about. */
static void add_unreadable(struct authors *all, struct span text)
{
    size_t at = text.len, end;
    while (at && text.at[at - 1] != '@')
        at--;
    struct span domain = at ? span_skip(text, at) : SPAN_NONE;
    for (end = 0; end < domain.len; end++)
        if (!ascii_is_alnum(domain.at[end]) && domain.at[end] != '.' && domain.at[end] != '-' &&
            (unsigned char)domain.at[end] < 0x80)
            break;
    add_domain(all, span_first(domain, end));
}

static void add_authors(struct authors *all, struct span value, struct arena *a)
{
    struct address_list list = address_list_start(value);
    struct listed_address found;
    int more;
    while ((more = address_list_next(&list, &found, a)) == 1)
        if (found.has_domain)
            add_domain(all, address_domain(found.address));
    if (more < 0)
        add_unreadable(all, list.rest);
}

void authors_find(struct authors *all, struct span message, struct arena *a)
{
    struct header_iterator it = header_start(message);
    struct header_field f;
    while (header_next(&it, &f) == 1)
        if (span_equal_nocase(f.name, SPAN("From")))
            add_authors(all, f.value, a);
}
