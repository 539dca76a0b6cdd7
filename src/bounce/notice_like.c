#include "bounce/notice_like.h"

#include "bounce/read_inside.h"
#include "mail/content.h"
#include "mail/header.h"

enum { MOST_LOOKED_AT = 1000 /* bytes of a field's value */ };

struct looking {
    struct span from, subject;
    bool is_automatic;
};

static bool starts_with(struct span value, const char *word)
{
    return span_starts_nocase(span_trim(value), span_of(word));
}

/* A report (RFC 6522), or an answer by a machine (RFC 3834, and what is older). */
static bool tells_of_machine(const struct header_field *f)
{
    if (span_equal_nocase(f->name, SPAN("Content-Type")))
        return starts_with(f->value, "multipart/report") || starts_with(f->value, "message/");
    if (span_equal_nocase(f->name, SPAN("Auto-Submitted")))
        return !starts_with(f->value, "no");
    return span_equal_nocase(f->name, SPAN("X-Failed-Recipients")) ||
           span_equal_nocase(f->name, SPAN("X-Autoreply")) ||
           span_equal_nocase(f->name, SPAN("X-Autorespond"));
}

static void look(struct looking *l, struct span header)
{
    struct header_iterator it = header_start(header);
    struct header_field f;
    while (!l->is_automatic && header_next(&it, &f) > 0)
        if (!l->from.len && span_equal_nocase(f.name, SPAN("From")))
            l->from = span_first(f.value, MOST_LOOKED_AT);
        else if (!l->subject.len && span_equal_nocase(f.name, SPAN("Subject")))
            l->subject = span_first(f.value, MOST_LOOKED_AT);
        else
            l->is_automatic = tells_of_machine(&f);
}

static bool has_any(const struct folded *f, const enum sign_words *lists, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (folded_has_any(f, lists[i]))
            return true;
    return false;
}

static bool is_worded(struct span from, struct span subject, struct arena *a)
{
    static const enum sign_words of_subject[] = {SUBJECT_DELAY,      SUBJECT_SUCCESS,
                                                 SUBJECT_FAILURE,    SUBJECT_NOTICE,
                                                 SUBJECT_AUTO_REPLY, SUBJECT_CHALLENGE};
    static const enum sign_words of_head[] = {HEAD_CLAIMS_TROUBLE, HEAD_CLAIMS_FAILURE,
                                              HEAD_ABOUT_MAILBOX};
    struct folded sender, title, head;
    struct span both = arena_printf(a, "%.*s %.*s", SPAN_F(from), SPAN_F(subject));
    folded_take(&sender, from, MOST_LOOKED_AT, &phrase_set_from, a);
    folded_take(&title, subject, MOST_LOOKED_AT, &phrase_set_subject, a);
    folded_take(&head, both, 2 * MOST_LOOKED_AT, &phrase_set_head, a);
    return read_is_daemon_address(sender.text) || folded_has_any(&sender, FROM_DAEMON_CALL) ||
           has_any(&title, of_subject, sizeof of_subject / sizeof *of_subject) ||
           has_any(&head, of_head, sizeof of_head / sizeof *of_head);
}

bool notice_is_like(struct span header)
{
    struct arena a = ARENA_EMPTY;
    struct looking l = {SPAN_NONE, SPAN_NONE, false};
    look(&l, header);
    bool is =
        l.is_automatic || is_worded(content_field(l.from, &a), content_field(l.subject, &a), &a);
    arena_clear(&a);
    return is;
}
