#include "sys/tally.h"

#include "base/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>

/* Of one thread. It is the only one that writes: no addition is lost, though none is atomic. They
 * are never freed: threads are few, and what an ended one has counted still counts. */
struct block {
    struct block *next;
    atomic_uint_fast64_t at[TALLIES];
    char apart[64]; /* what comes behind it in memory is in another cache line */
};

static _Atomic(struct block *) blocks;
static _Thread_local struct block *mine;

static struct block *block_new(void)
{
    struct block *b = memory_new(sizeof *b);
    b->next = atomic_load(&blocks);
    while (!atomic_compare_exchange_weak(&blocks, &b->next, b))
        ;
    return b;
}

void tally_add(unsigned which, uint64_t n)
{
    assert(which < TALLIES);
    if (!mine)
        mine = block_new();
    uint64_t was = atomic_load_explicit(&mine->at[which], memory_order_relaxed);
    atomic_store_explicit(&mine->at[which], was + n, memory_order_relaxed);
}

uint64_t tally_sum(unsigned which)
{
    uint64_t sum = 0;
    for (struct block *b = atomic_load(&blocks); b; b = b->next)
        sum += atomic_load_explicit(&b->at[which], memory_order_relaxed);
    return sum;
}
