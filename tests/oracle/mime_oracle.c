/* Does our reader find in a message what GMime 3 finds: the same parts, with the same type, file
 * name, octets, and text? Usage: mime_oracle FILE|FOLDER...; a line for each difference, in the end
 * how many there were. Exit status 0: none. doc/mime-differences.md argues those that are meant. */
#include "base/arena.h"
#include "bounce/survey_repair.h"
#include "cli/mail_files.h"
#include "mail/content.h"
#include "mail/header.h"
#include "mail/parts.h"

#include <gmime/gmime.h>

enum { LONGEST_SHOWN = 60 };

struct oracle {
    const char *file;
    struct parts ours;
    struct arena arena;
    size_t number, differences, parts, texts;
};

static void show(const char *who, struct span s)
{
    printf(" %s \"", who);
    for (size_t i = 0; i < s.len && i < LONGEST_SHOWN; i++)
        printf(s.at[i] >= ' ' && s.at[i] <= '~' ? "%c" : "\\x%02x", (unsigned char)s.at[i]);
    printf("\" (%zu bytes)", s.len);
}

/* The first difference, with a little before it. */
static void differ(struct oracle *o, const char *what, struct span ours, struct span theirs)
{
    size_t same = 0;
    while (same < ours.len && same < theirs.len && ours.at[same] == theirs.at[same])
        same++;
    size_t from = same > 20 ? same - 20 : 0;
    printf("%s part %zu: %s at %zu:", o->file, o->number, what, same);
    show("ours", span_skip(ours, from));
    show("theirs", span_skip(theirs, from));
    putchar('\n');
    o->differences++;
}

static void compare(struct oracle *o, const char *what, struct span ours, struct span theirs)
{
    if (!span_equal(ours, theirs))
        differ(o, what, ours, theirs);
}

static struct span our_name(struct oracle *o, const struct mime_entity *e)
{
    struct span field, name = SPAN_NONE;
    if (header_find(e->header, "Content-Disposition", &field))
        name = content_parameter(field, "filename", &o->arena);
    if (!name.len && e->has_type && header_find(e->header, "Content-Type", &field))
        name = content_parameter(field, "name", &o->arena);
    return name;
}

static void compare_octets(struct oracle *o, const struct mime_entity *e, GMimePart *part)
{
    struct buffer ours = BUFFER_EMPTY;
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeStream *memory = g_mime_stream_mem_new();
    if (content)
        g_mime_data_wrapper_write_to_stream(content, memory);
    GByteArray *theirs = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
    content_decode(&ours, e->body, e->encoding);
    compare(o, "octets", buffer_span(&ours), span_make(theirs->data, theirs->len));
    buffer_free(&ours);
    g_object_unref(memory);
}

static void compare_text(struct oracle *o, const struct mime_entity *e, GMimeTextPart *part)
{
    char *text = g_mime_text_part_get_text(part);
    compare(o, "text", content_text(e, &o->arena), span_of(text ? text : ""));
    g_free(text);
    o->texts++;
}

static struct span lower(struct oracle *o, struct span s)
{
    struct span copy = arena_copy(&o->arena, s);
    for (size_t i = 0; i < copy.len; i++)
        ((char *)(uintptr_t)copy.at)[i] = ascii_lower(copy.at[i]);
    return copy;
}

static void compare_part(GMimeObject *parent, GMimeObject *theirs, gpointer closure)
{
    struct oracle *o = closure;
    struct mime_entity e;
    GMimeContentType *type = g_mime_object_get_content_type(theirs);
    if (GMIME_IS_MULTIPART(theirs) && g_mime_multipart_get_count(GMIME_MULTIPART(theirs)))
        return;
    o->number++;
    o->parts++;
    char *their_type = g_ascii_strdown(g_mime_content_type_get_media_type(type), -1);
    char *their_subtype = g_ascii_strdown(g_mime_content_type_get_media_subtype(type), -1);
    if (!parts_next(&o->ours, &e)) {
        differ(o, "no more parts", SPAN_NONE, span_of(their_type));
    } else {
        compare(o, "type", lower(o, e.type), span_of(their_type));
        compare(o, "subtype", lower(o, e.subtype), span_of(their_subtype));
        if (GMIME_IS_PART(theirs)) {
            compare(o, "name", our_name(o, &e),
                    span_of(g_mime_part_get_filename(GMIME_PART(theirs))));
            compare_octets(o, &e, GMIME_PART(theirs));
        }
        if (GMIME_IS_TEXT_PART(theirs))
            compare_text(o, &e, GMIME_TEXT_PART(theirs));
    }
    g_free(their_type);
    g_free(their_subtype);
}

static void compare_field(struct oracle *o, GMimeMessage *m, struct span message, const char *name)
{
    struct span ours;
    GMimeHeader *h =
        g_mime_header_list_get_header(g_mime_object_get_header_list(GMIME_OBJECT(m)), name);
    if (!header_find(message, name, &ours))
        ours = SPAN_NONE;
    else
        ours = content_field(ours, &o->arena);
    compare(o, name, ours, span_of(h ? g_mime_header_get_value(h) : ""));
}

static void compare_message(struct oracle *o, struct span file)
{
    struct span message = repair_message(file, &o->arena);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(message.at, message.len);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);
    struct mime_entity e;
    parts_start(&o->ours, message);
    o->number = 0;
    if (m) {
        compare_field(o, m, message, "Subject");
        if (GMIME_IS_MULTIPART(g_mime_message_get_mime_part(m)))
            g_mime_message_foreach(m, compare_part, o);
        else
            compare_part(NULL, g_mime_message_get_mime_part(m), o);
        while (parts_next(&o->ours, &e)) {
            o->number++;
            differ(o, "one part more", e.type, SPAN_NONE);
        }
        g_object_unref(m);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    arena_clear(&o->arena);
}

int main(int argc, char **argv)
{
    struct oracle o = {0};
    struct mail_file m = {0};
    struct error e;
    size_t messages = 0;
    g_mime_init();
    struct mail_files *files = mail_files_new(argv + 1, (size_t)argc - 1);
    for (int got; (got = mail_files_next(files, &m, &e)); messages += got > 0) {
        o.file = got > 0 ? buffer_text(&m.name) : e.text;
        if (got > 0)
            compare_message(&o, buffer_span(&m.message));
        else
            o.differences += (size_t)printf("%s\n", o.file) > 0;
    }
    printf("%zu messages, %zu parts, %zu texts: %zu differences\n", messages, o.parts, o.texts,
           o.differences);
    mail_files_free(&files);
    mail_file_free(&m);
    g_mime_shutdown();
    return o.differences > 0;
}
