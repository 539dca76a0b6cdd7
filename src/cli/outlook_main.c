/* plainpost-outlook: an Outlook .msg file from standard input, as a message to standard output.
 *
 * A program of its own, which explain and triage start when they meet such a file: so the server
 * and sendmail need not load the library that knows the form of the files, nor trust it. */
#include "base/arena.h"
#include "mail/outlook.h"

#include <gsf/gsf-infile-msole.h>
#include <gsf/gsf-infile.h>
#include <gsf/gsf-input-memory.h>
#include <gsf/gsf-utils.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

enum { LARGEST = 256 << 20, MOST_SECONDS = 30, MOST_PROPERTIES = 2000 };

/* Of "__properties_version1.0": what stands before the properties (MS-OXMSG 2.4.1). */
enum { HEAD_OF_FILE = 32, HEAD_OF_MESSAGE = 24, HEAD_OF_OTHER = 8, PROPERTY = 16 };

static void add_property(struct outlook_item *i, uint32_t tag, struct span value, struct arena *a)
{
    if (i->count == MOST_PROPERTIES)
        return;
    if (i->count == i->room) {
        i->room = i->room ? i->room * 2 : 16;
        struct outlook_property *more = arena_new(a, i->room * sizeof *more);
        if (i->count)
            memcpy(more, i->properties, i->count * sizeof *more);
        i->properties = more;
    }
    i->properties[i->count++] = (struct outlook_property){tag, value};
}

/* All of a stream; it lives in the arena. */
static struct span read_stream(GsfInput *in, struct arena *a)
{
    gsf_off_t size = gsf_input_size(in);
    if (size <= 0 || size > LARGEST || a->total > 2UL * LARGEST)
        return SPAN_NONE;
    uint8_t *at = arena_new(a, (size_t)size);
    return gsf_input_read(in, (size_t)size, at) ? span_make(at, (size_t)size) : SPAN_NONE;
}

static uint32_t little_endian(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void take_fixed(struct outlook_item *i, struct span stream, size_t head, struct arena *a)
{
    for (size_t at = head; at + PROPERTY <= stream.len; at += PROPERTY)
        add_property(i, little_endian(stream.at + at), span_make(stream.at + at + 8, 8), a);
}

static struct outlook_item *new_item(struct outlook_item **items, size_t *count, struct arena *a)
{
    if (*count == MOST_OUTLOOK_ITEMS)
        return NULL;
    if (!*items)
        *items = arena_new(a, MOST_OUTLOOK_ITEMS * sizeof **items);
    return &(*items)[(*count)++];
}

static void take_message(GsfInfile *from, struct outlook *o, size_t head, unsigned depth,
                         struct arena *a);

static bool is_named(struct span name, const char *start)
{
    return span_starts_nocase(name, span_of(start));
}

/* A child of an item that is a stream: "__substg1.0_0037001F" holds the property 0037 of type 001F.
 */
static void take_stream(GsfInput *in, struct span name, struct outlook_item *i, size_t head,
                        struct arena *a)
{
    char digits[9] = {0};
    if (is_named(name, "__properties_version1.0")) {
        take_fixed(i, read_stream(in, a), head, a);
    } else if (is_named(name, "__substg1.0_") && name.len == 20) {
        memcpy(digits, name.at + 12, 8);
        add_property(i, (uint32_t)strtoul(digits, NULL, 16), read_stream(in, a), a);
    }
}

static void take_item(GsfInfile *from, struct outlook_item *i, unsigned depth, struct arena *a)
{
    for (int n = 0; n < gsf_infile_num_children(from); n++) {
        GsfInput *child = gsf_infile_child_by_index(from, n);
        struct span name = span_of(gsf_infile_name_by_index(from, n));
        bool is_folder =
            child && GSF_IS_INFILE(child) && gsf_infile_num_children(GSF_INFILE(child)) >= 0;
        if (is_folder && is_named(name, "__substg1.0_3701000D") && depth < DEEPEST_OUTLOOK) {
            i->message = arena_new(a, sizeof *i->message);
            take_message(GSF_INFILE(child), i->message, HEAD_OF_MESSAGE, depth + 1, a);
        } else if (child && !is_folder) {
            take_stream(child, name, i, HEAD_OF_OTHER, a);
        }
        if (child)
            g_object_unref(child);
    }
}

static void take_message(GsfInfile *from, struct outlook *o, size_t head, unsigned depth,
                         struct arena *a)
{
    for (int n = 0; n < gsf_infile_num_children(from); n++) {
        GsfInput *child = gsf_infile_child_by_index(from, n);
        struct span name = span_of(gsf_infile_name_by_index(from, n));
        struct outlook_item *item = NULL;
        if (!child)
            continue;
        if (is_named(name, "__recip_version1.0_"))
            item = new_item(&o->recipients, &o->recipient_count, a);
        else if (is_named(name, "__attach_version1.0_"))
            item = new_item(&o->attachments, &o->attachment_count, a);
        if (item && GSF_IS_INFILE(child))
            take_item(GSF_INFILE(child), item, depth, a);
        else if (!item)
            take_stream(child, name, &o->self, head, a);
        g_object_unref(child);
    }
}

static bool convert(struct span file, struct buffer *message)
{
    struct arena a = ARENA_EMPTY;
    struct outlook o = {{0}};
    GError *error = NULL;
    GsfInput *in = gsf_input_memory_new((const guint8 *)file.at, (gsf_off_t)file.len, FALSE);
    GsfInfile *folder = gsf_infile_msole_new(in, &error);
    if (folder) {
        take_message(folder, &o, HEAD_OF_FILE, 0, &a);
        outlook_add_message(message, &o);
        g_object_unref(folder);
    } else {
        g_clear_error(&error);
    }
    g_object_unref(in);
    arena_clear(&a);
    return folder && o.self.count;
}

static bool read_input(struct buffer *file)
{
    for (size_t n = 1; n && file->len <= LARGEST; file->len += n)
        n = fread(buffer_reserve(file, 65536), 1, 65536, stdin);
    return !ferror(stdin) && file->len <= LARGEST;
}

int main(void)
{
    struct buffer file = BUFFER_EMPTY, message = BUFFER_EMPTY;
    const struct rlimit seconds = {MOST_SECONDS, MOST_SECONDS};
    setrlimit(RLIMIT_CPU, &seconds);
    gsf_init();
    int status = !read_input(&file)                                          ? EX_IOERR
                 : !convert(buffer_span(&file), &message)                    ? EX_DATAERR
                 : fwrite(message.at, 1, message.len, stdout) != message.len ? EX_IOERR
                                                                             : 0;
    buffer_free(&file);
    buffer_free(&message);
    gsf_shutdown();
    return fclose(stdout) ? EX_IOERR : status;
}
