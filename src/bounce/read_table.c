/* The table of a digest of ours (digest_table.h): a recipient a line. That of a flood of notices
 * (flood_table.h) tells of no mail of whoever gets it: such a digest is no notice. */
#include "bounce/digest_table.h"
#include "bounce/flood_table.h"
#include "bounce/read_inside.h"

static void take_row(struct reading *r, const struct digest_row *row)
{
    struct notice_recipient *to = reading_add(r, row->recipient);
    if (!to)
        return;
    to->action = row->kind == OUTCOME_FAILED ? ACTION_FAILED : ACTION_DELAYED;
    to->status = row->status;
    to->code = row->code;
    to->diagnostic = row->words;
    to->remote = row->server;
    to->last_attempt_ms = row->time_ms;
    to->cause = row->cause;
    to->names_cause = true;
}

bool read_table(struct reading *r)
{
    const struct survey *s = r->survey;
    for (size_t i = 0; i < s->part_count && !r->notice->recipient_count; i++) {
        struct span text = s->parts[i].text;
        struct digest_row row;
        r->tells_of_flood |= flood_table_is(text);
        if (s->parts[i].role != PART_TEXT || !digest_table_begin(&text))
            continue;
        while (digest_table_next(&text, &row, r->arena))
            take_row(r, &row);
    }
    r->is_structured |= r->notice->recipient_count > 0;
    return r->notice->recipient_count > 0;
}
