#include "aggregate/documents.h"

#include "aggregate/read.h"
#include "mail/content.h"
#include "mail/packed.h"
#include "mail/parts.h"

enum { DEEPEST = 3, MOST_FILES = 100, MOST_OCTETS = 4 * (size_t)AGGREGATE_LARGEST };

struct search {
    const struct aggregate_taker *taker;
    size_t left;    /* octets that may still be unpacked */
    unsigned files; /* in archives */
    bool has_found;
};

static size_t most(const struct search *s)
{
    return s->left < AGGREGATE_LARGEST ? s->left : AGGREGATE_LARGEST;
}

static void complain(struct search *s, const struct error *e)
{
    s->has_found = true; /* something was there */
    s->taker->complain(s->taker->arg, e);
}

/* Behind a byte order mark and blanks a tag begins; or it is in UTF-16. */
static bool is_xml(struct span octets)
{
    if (span_starts(octets, SPAN("\xFF\xFE<\0")) || span_starts(octets, SPAN("\xFE\xFF\0<")))
        return true;
    if (span_starts(octets, SPAN("\xEF\xBB\xBF")))
        octets = span_skip(octets, 3);
    octets = span_trim(span_first(octets, 4096));
    return octets.len && octets.at[0] == '<';
}

bool aggregate_is_file(struct span octets)
{
    return gzip_is_one(octets) || zip_is_one(octets) || is_xml(octets);
}

static void look_into(struct search *s, struct span octets, unsigned depth);

static void look_into_gzip(struct search *s, struct span octets, unsigned depth)
{
    struct buffer out = BUFFER_EMPTY;
    struct error e;
    if (gzip_unpack(&out, octets, most(s), &e)) {
        s->left -= out.len;
        look_into(s, buffer_span(&out), depth);
    } else {
        complain(s, &e);
    }
    buffer_free(&out);
}

static void look_into_zip(struct search *s, struct span octets, unsigned depth)
{
    struct zip z;
    struct buffer out = BUFFER_EMPTY;
    struct span name;
    struct error e;
    int got = zip_start(&z, octets, &e) ? 1 : -1;
    while (got == 1 && s->files++ < MOST_FILES) {
        buffer_clear(&out);
        got = zip_next(&z, &name, &out, most(s), &e);
        if (got == 1) {
            s->left -= out.len;
            if (aggregate_is_file(buffer_span(&out)))
                look_into(s, buffer_span(&out), depth);
        }
    }
    if (got < 0)
        complain(s, &e);
    buffer_free(&out);
}

static void look_into(struct search *s, struct span octets, unsigned depth)
{
    if (depth == DEEPEST)
        return;
    if (gzip_is_one(octets)) {
        look_into_gzip(s, octets, depth + 1);
    } else if (zip_is_one(octets)) {
        look_into_zip(s, octets, depth + 1);
    } else if (is_xml(octets)) {
        s->has_found = true;
        s->taker->take(s->taker->arg, octets);
    }
}

/* A text for people may begin with "<", too. */
static bool is_report(struct span text)
{
    text = span_trim(span_first(text, 4096));
    return span_starts(text, SPAN("<?xml")) || span_starts(text, SPAN("<feedback"));
}

static void look_into_part(struct search *s, const struct mime_entity *part)
{
    struct buffer out = BUFFER_EMPTY;
    if (part->body.len > AGGREGATE_LARGEST)
        return;
    content_decode(&out, part->body, part->encoding);
    if (!mime_is(part, "text", NULL) || is_report(buffer_span(&out)))
        look_into(s, buffer_span(&out), 0);
    buffer_free(&out);
}

static void look_into_mail(struct search *s, struct span message, unsigned depth)
{
    struct parts parts;
    struct mime_entity part;
    parts_start(&parts, message);
    while (parts_next(&parts, &part))
        if (part.kind != MIME_MESSAGE)
            look_into_part(s, &part);
        else if (depth < DEEPEST) /* forwarded */
            look_into_mail(s, part.body, depth + 1);
}

bool aggregate_documents(struct span octets, const struct aggregate_taker *t)
{
    struct search s = {.taker = t, .left = MOST_OCTETS};
    if (aggregate_is_file(octets))
        look_into(&s, octets, 0);
    else
        look_into_mail(&s, octets, 0);
    return s.has_found;
}
