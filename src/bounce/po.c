/* A line is a keyword and a text in quotation marks, or a further piece of that text, or a remark.
 * An entry ends where the next one begins: at a remark, a msgctxt or a msgid behind its msgstr. */
#include "bounce/po.h"

#include "base/visible.h"

enum field { FIELD_NONE, FIELD_CONTEXT, FIELD_ID, FIELD_PLURAL, FIELD_TEXT };

struct reading {
    struct po *po;
    struct po_entry *entry;
    struct error *error;
    enum field field;   /* whose text goes on */
    struct buffer text; /* of it, so far */
    bool has_id;
};

struct po po_start(struct span file, struct arena *a)
{
    static const struct span mark = SPAN("\xEF\xBB\xBF"); /* that some editors write */
    return (struct po){.rest = span_starts(file, mark) ? span_skip(file, mark.len) : file,
                       .arena = a};
}

static bool fail(struct reading *r, const char *words)
{
    return error_set(r->error, "%s", words);
}

/* ---- a text in quotation marks */

static bool add_escaped(struct reading *r, char c)
{
    switch (c) {
    case 'n':
        buffer_add_char(&r->text, '\n');
        return true;
    case 't':
        buffer_add_char(&r->text, '\t');
        return true;
    case '"':
    case '\\':
        buffer_add_char(&r->text, c);
        return true;
    default:
        return fail(r, "behind a backslash may stand n, t, \" or another backslash");
    }
}

static bool take_text(struct reading *r, struct span s)
{
    size_t i = 1;
    if (!s.len || s.at[0] != '"')
        return fail(r, "a text in quotation marks is missing here: msgstr \"…\"");
    for (; i < s.len && s.at[i] != '"'; i++) {
        bool is_escape = s.at[i] == '\\' && i + 1 < s.len;
        if (is_escape && !add_escaped(r, s.at[++i]))
            return false;
        if (!is_escape)
            buffer_add_char(&r->text, s.at[i]);
    }
    if (i >= s.len)
        return fail(r, "the quotation mark at the end of this text is missing");
    if (i + 1 < s.len)
        return fail(r, "something stands behind the text; a quotation mark in it is written \\\"");
    return r->text.len <= PO_LONGEST_TEXT || fail(r, "this text is far too long");
}

/* ---- fields */

/* The text of a field is complete. */
static void end_field(struct reading *r)
{
    struct po_entry *e = r->entry;
    struct span text = arena_copy(r->po->arena, buffer_span(&r->text));
    if (r->field == FIELD_ID)
        e->id = text;
    else if (r->field == FIELD_PLURAL)
        e->plural = text;
    else if (r->field == FIELD_TEXT)
        e->forms[e->form_count - 1] = text;
    r->field = FIELD_NONE;
    buffer_clear(&r->text);
}

static bool begin_id(struct reading *r)
{
    if (r->has_id)
        return fail(r, "there is no msgstr between this msgid and the one before");
    r->has_id = true;
    r->entry->line = r->po->line;
    return true;
}

static bool begin_text(struct reading *r, struct span number)
{
    struct po_entry *e = r->entry;
    uint64_t n = 0;
    bool is_form = number.len > 0;
    if (!r->has_id)
        return fail(r, "there is no msgid above this msgstr");
    if (is_form && (!span_to_u64(number, PO_MOST_FORMS - 1, &n) || n != e->form_count))
        return fail(r, "these go by number, from msgstr[0] to at most msgstr[5]");
    if (!is_form && e->form_count)
        return fail(r, "there is another msgstr for this msgid; keep one of the two");
    if (is_form != (e->plural.len > 0))
        return fail(r, is_form ? "msgstr[0] needs a msgid_plural above it"
                               : "below a msgid_plural stand msgstr[0], msgstr[1] and so on");
    e->form_lines[e->form_count++] = r->po->line;
    return true;
}

/* "msgstr[1]" → "1"; "msgstr" → ""; else false. */
static bool is_msgstr(struct span word, struct span *number)
{
    if (!span_starts(word, SPAN("msgstr")))
        return false;
    struct span rest = span_skip(word, 6);
    *number = rest.len > 2 ? span_first(span_skip(rest, 1), rest.len - 2) : SPAN_NONE;
    return !rest.len || (rest.len > 2 && rest.at[0] == '[' && rest.at[rest.len - 1] == ']');
}

static bool begin_field(struct reading *r, struct span word)
{
    struct span number;
    end_field(r);
    if (span_equal(word, SPAN("msgctxt"))) {
        r->field = FIELD_CONTEXT;
        r->entry->has_context = true;
        return !r->has_id || fail(r, "msgctxt stands above the msgid");
    }
    if (span_equal(word, SPAN("msgid"))) {
        r->field = FIELD_ID;
        return begin_id(r);
    }
    if (span_equal(word, SPAN("msgid_plural"))) {
        r->field = FIELD_PLURAL;
        return (r->has_id && !r->entry->form_count) ||
               fail(r, "msgid_plural stands between msgid and msgstr[0]");
    }
    r->field = FIELD_TEXT;
    if (is_msgstr(word, &number))
        return begin_text(r, number);
    return fail(r, "a line begins with msgid or msgstr, with a quotation mark, or with # for a "
                   "remark");
}

/* ---- lines */

static bool is_fuzzy_mark(struct span line)
{
    return span_starts(line, SPAN("#,")) && span_find(line, SPAN("fuzzy")) != SPAN_NOT_FOUND;
}

static bool take_line(struct reading *r, struct span line)
{
    if (!line.len)
        return true;
    if (line.at[0] == '#') {
        r->entry->is_fuzzy |= is_fuzzy_mark(line);
        return true;
    }
    if (span_find_char(line, 0) != SPAN_NOT_FOUND || !utf8_is_valid(line))
        return fail(r, "this is no UTF-8: save the file in this encoding");
    if (line.at[0] == '"')
        return r->field ? take_text(r, line) : fail(r, "there is no msgid or msgstr above it");
    size_t end = 0;
    while (end < line.len && line.at[end] != ' ' && line.at[end] != '\t' && line.at[end] != '"')
        end++;
    return begin_field(r, span_first(line, end)) && take_text(r, span_trim(span_skip(line, end)));
}

static bool begins_next(const struct reading *r, struct span line)
{
    return r->entry->form_count &&
           (span_starts(line, SPAN("#")) || span_starts(line, SPAN("msgctxt")) ||
            span_starts(line, SPAN("msgid ")) || span_starts(line, SPAN("msgid\"")));
}

static bool read_entry(struct reading *r)
{
    struct po *p = r->po;
    while (p->rest.len) {
        struct span rest = p->rest, line = span_trim(span_cut(&rest, '\n'));
        if (begins_next(r, line))
            break;
        p->rest = rest;
        p->line++;
        if (!take_line(r, line))
            return false;
    }
    end_field(r);
    return !r->has_id || r->entry->form_count || fail(r, "there is no msgstr below the last msgid");
}

int po_next(struct po *p, struct po_entry *entry, struct error *e)
{
    struct reading r = {.po = p, .entry = entry, .error = e};
    *entry = (struct po_entry){.id = SPAN_NONE, .plural = SPAN_NONE};
    bool ok = read_entry(&r);
    buffer_free(&r.text);
    return ok ? r.has_id : -1;
}
