/* The policy of the domain (MTA-STS) is asked for while the ways are looked for. */
#include "deliver/lookup_inside.h"

static void sts_answered(struct task *t)
{
    lookup_part_done(LIST_ENTRY(t, struct sts_question, task)->owner);
}

static bool find_record(struct lookup *l, const struct dns_answer *a, struct span *id)
{
    struct span *texts = arena_new(&l->arena, (a->count + 1) * sizeof *texts);
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++)
        count += dns_read_txt(a->records[i], &texts[count], &l->arena);
    return sts_record_find(texts, count, id);
}

static void record_answered(struct task *t)
{
    struct dns_question *q = LIST_ENTRY(t, struct dns_question, task);
    struct lookup *l = q->owner;
    lookup_note_answer(l, &q->answer);
    l->sts = (struct sts_question){
        .task = {.run = sts_answered}, .loop = l->settings.loop, .owner = l, .domain = l->domain};
    l->sts.record.is_there = find_record(l, &q->answer, &l->sts.record.id);
    sts_ask(l->settings.sts, &l->sts);
}

void lookup_sts(struct lookup *l)
{
    struct span name = arena_printf(&l->arena, "_mta-sts.%.*s", SPAN_F(l->domain));
    l->under_way++;
    lookup_ask(l, &l->sts_record, DNS_TXT, record_answered, name.at);
}
