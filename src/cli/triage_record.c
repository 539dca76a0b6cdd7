#include "cli/triage_record.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

#define HEAD "plainpost triage 1"

static const char *const short_names[] = {[FOLDER_YOURS] = "Yours",
                                          [FOLDER_FORGED] = "Forged",
                                          [FOLDER_TRICKS] = "Tricks",
                                          [FOLDER_REPLIES] = "Replies"};

const char *folder_name(enum folder f)
{
    static const char *const names[] = {[FOLDER_YOURS] = "Notices.Yours",
                                        [FOLDER_FORGED] = "Notices.Forged",
                                        [FOLDER_TRICKS] = "Notices.Tricks",
                                        [FOLDER_REPLIES] = "Notices.Replies"};
    return names[f];
}

enum folder folder_of_pile(enum pile p)
{
    switch (p) {
    case PILE_YOURS:
        return FOLDER_YOURS;
    case PILE_FORGED:
    case PILE_SPAM:
        return FOLDER_FORGED;
    case PILE_TRICKS:
        return FOLDER_TRICKS;
    case PILE_REPLIES:
        return FOLDER_REPLIES;
    case PILE_ABUSED:
    case PILE_UNPROVEN:
    case PILE_CHALLENGES:
    case PILE_COMPLAINTS:
    case PILE_UNKNOWN:
    case PILE_OTHER:
        break;
    }
    return FOLDER_STAYS;
}

void triage_record_add(struct triage_record *r, enum folder f, struct span message)
{
    if (r->count == r->room) {
        r->room = r->room ? r->room * 2 : 64;
        r->messages = memory_resize(r->messages, r->room * sizeof *r->messages);
    }
    r->messages[r->count++] = (struct recorded_message){f, message};
    if (f != FOLDER_STAYS)
        r->folders[f].is_used = true;
}

void triage_record_free(struct triage_record *r)
{
    free(r->messages);
    *r = (struct triage_record){.messages = NULL};
}

void triage_record_write(struct buffer *out, const struct triage_record *r)
{
    buffer_add_text(out, HEAD "\n");
    for (int i = 0; i < FOLDER_COUNT; i++)
        if (r->folders[i].is_used)
            buffer_printf(out, "folder\t%s\t%" PRIu64 "\t%" PRIu64 "%s\n", short_names[i],
                          r->folders[i].inode, r->folders[i].size,
                          r->folders[i].is_new ? "\tnew" : "");
    for (size_t i = 0; i < r->count; i++) {
        const struct recorded_message *m = &r->messages[i];
        if (m->folder == FOLDER_STAYS)
            buffer_printf(out, "stays\t%.*s\n", SPAN_F(m->message));
        else
            buffer_printf(out, "moved\t%s\t%.*s\n", short_names[m->folder], SPAN_F(m->message));
    }
    buffer_add_text(out, "end\n");
}

/* ---- reading */

static bool find_folder(struct span name, enum folder *f)
{
    for (int i = 0; i < FOLDER_COUNT; i++)
        if (span_equal(name, span_of(short_names[i]))) {
            *f = (enum folder)i;
            return true;
        }
    return false;
}

static bool read_folder(struct triage_record *r, struct span rest)
{
    enum folder f;
    if (!find_folder(span_cut(&rest, '\t'), &f))
        return false;
    struct recorded_folder *to = &r->folders[f];
    to->is_used = true;
    bool ok = span_to_u64(span_cut(&rest, '\t'), UINT64_MAX, &to->inode) &&
              span_to_u64(span_cut(&rest, '\t'), UINT64_MAX, &to->size);
    to->is_new = span_equal(rest, SPAN("new"));
    return ok && (to->is_new || !rest.len);
}

/* A name that leads elsewhere is none that was written. */
static bool add_message(struct triage_record *r, enum folder f, struct span message)
{
    if (!message.len || message.at[0] == '.' || span_find_char(message, '/') != SPAN_NOT_FOUND ||
        span_find_char(message, '\0') != SPAN_NOT_FOUND)
        return false;
    triage_record_add(r, f, message);
    return true;
}

static bool read_line(struct triage_record *r, struct span line)
{
    enum folder f;
    struct span what = span_cut(&line, '\t');
    if (span_equal(what, SPAN("folder")))
        return read_folder(r, line);
    if (span_equal(what, SPAN("stays")))
        return add_message(r, FOLDER_STAYS, line);
    return span_equal(what, SPAN("moved")) && find_folder(span_cut(&line, '\t'), &f) &&
           add_message(r, f, line);
}

bool triage_record_read(struct triage_record *r, struct span text)
{
    *r = (struct triage_record){.messages = NULL};
    if (!span_equal(span_cut(&text, '\n'), SPAN(HEAD)))
        return false;
    while (text.len) {
        struct span line = span_cut(&text, '\n');
        if (span_equal(line, SPAN("end"))) {
            r->is_done = span_equal(text, SPAN(TRIAGE_RECORD_DONE));
            return true;
        }
        if (!read_line(r, line))
            return false;
    }
    return false;
}
