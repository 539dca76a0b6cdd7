#include "receive/known_clients.h"

#include "base/memory.h"

#include <stdlib.h>

enum { SURE_FOR = 5 * 60 * 1000, UNSURE_FOR = 60 * 1000 }; /* ms */

static void add_folded(struct buffer *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        buffer_add_char(out, ascii_lower(s.at[i]));
    buffer_add_char(out, 0);
}

void known_client_add_key(struct buffer *out, const struct options *o, const struct entry_client *c)
{
    buffer_add(out, c->address, sizeof c->address);
    add_folded(out, c->hello);
    add_folded(out, c->our_name);
    if (entry_is_about_sender(o))
        add_folded(out, c->sender_domain);
}

struct known_client *known_client_new(const struct options *o, struct span key)
{
    struct known_client *k = memory_new(sizeof *k);
    k->references = 1;
    k->options = options_ref(o);
    k->key = arena_copy(&k->arena, key);
    return k;
}

struct known_client *known_client_ref(struct known_client *k)
{
    k->references++;
    return k;
}

void known_client_unref(struct known_client **client)
{
    struct known_client *k = *client;
    *client = NULL;
    if (!k || --k->references)
        return;
    options_unref(&k->options);
    arena_clear(&k->arena);
    free(k);
}

static void drop(struct known_clients *all, struct known_client *k)
{
    map_remove_text(&all->by_key, k->key);
    list_remove(&k->link);
    known_client_unref(&k);
}

struct known_client *known_clients_find(struct known_clients *all, const struct options *o,
                                        struct span key, int64_t now_ms)
{
    struct known_client *k = map_get_text(&all->by_key, key);
    if (!k)
        return NULL;
    if (k->options == o && now_ms < k->until_ms)
        return known_client_ref(k);
    drop(all, k);
    return NULL;
}

void known_clients_add(struct known_clients *all, struct known_client *k, int64_t now_ms)
{
    struct known_client *old = map_get_text(&all->by_key, k->key);
    if (old)
        drop(all, old);
    if (all->by_key.count >= MOST_KNOWN_CLIENTS)
        drop(all, LIST_ENTRY(all->by_age.next, struct known_client, link));
    k->until_ms = now_ms + (k->score.unknown_count ? UNSURE_FOR : SURE_FOR);
    map_set_text(&all->by_key, k->key, known_client_ref(k));
    list_append(&all->by_age, &k->link);
}

void known_clients_free(struct known_clients *all)
{
    while (!list_is_empty(&all->by_age))
        drop(all, LIST_ENTRY(all->by_age.next, struct known_client, link));
    map_free(&all->by_key);
}
