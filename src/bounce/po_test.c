#include "base/test.h"

#include "bounce/po.h"

/* All entries: "id", or "id|plural", with "!" in front when it is fuzzy and "^" when it has a
 * context; behind a "=" the forms. Or the line and the words of what is wrong. */
static void add_entry(struct buffer *out, const struct po_entry *e)
{
    buffer_printf(out, "%s%s%.*s", e->is_fuzzy ? "!" : "", e->has_context ? "^" : "",
                  SPAN_F(e->id));
    if (e->plural.len)
        buffer_printf(out, "|%.*s", SPAN_F(e->plural));
    for (size_t i = 0; i < e->form_count; i++)
        buffer_printf(out, "=%.*s", SPAN_F(e->forms[i]));
    buffer_add_char(out, ';');
}

static void read_all(struct buffer *out, struct span file)
{
    struct arena a = ARENA_EMPTY;
    struct po p = po_start(file, &a);
    struct po_entry entry;
    struct error e;
    int found;
    while ((found = po_next(&p, &entry, &e)) > 0)
        add_entry(out, &entry);
    if (found < 0)
        buffer_printf(out, "%zu: %s", p.line, e.text);
    arena_clear(&a);
}

static void files_are_read(void **state)
{
    static const struct {
        struct span file;
        const char *read;
    } cases[] = {
        {SPAN(""), ""},
        {SPAN("# nothing\n\n"), ""},
        {SPAN("msgid \"a\"\nmsgstr \"b\"\n"), "a=b;"},
        {SPAN("\xEF\xBB\xBFmsgid \"a\"\r\nmsgstr \"b\"\r\n"), "a=b;"},
        {SPAN("msgid\"a\"\nmsgstr\t\"b\"\nmsgid\"c\"\nmsgstr\"\""), "a=b;c=;"},
        {SPAN("msgid \"\"\n  \"a \"\n\"b\"\nmsgstr \"\"\n\n\"c\"\nmsgid \"d\"\nmsgstr \"e\""),
         "a b=c;d=e;"},
        {SPAN("msgid \"\\\"a\\\\\\n\\t\"\nmsgstr \"ä\""), "\"a\\\n\t=ä;"},
        {SPAN("#, c-format, fuzzy\n#| msgid \"x\"\nmsgid \"a\"\nmsgstr \"b\"\n"
              "#. fuzzy\nmsgid \"c\"\nmsgstr \"d\"\n#~ msgid \"e\"\n#~ msgstr \"f\"\n"),
         "!a=b;c=d;"},
        {SPAN("msgctxt \"x\"\nmsgid \"a\"\nmsgstr \"b\"\nmsgctxt \"y\"\nmsgid \"a\"\nmsgstr \"\""),
         "^a=b;^a=;"},
        {SPAN("msgid \"a\"\nmsgid_plural \"as\"\nmsgstr[0] \"b\"\nmsgstr[1] \"bs\"\n"),
         "a|as=b=bs;"},
        {SPAN("msgid \"a\"\nmsgid_plural \"as\"\nmsgstr[1] \"b\"\n"), "3: these go by number, "},
        {SPAN("msgid \"a\"\nmsgid_plural \"as\"\nmsgstr[x] \"b\"\n"), "3: these go by number, "},
        {SPAN("msgid \"a\"\nmsgid_plural \"as\"\nmsgstr \"b\"\n"), "3: below a msgid_plural "},
        {SPAN("msgid \"a\"\nmsgstr[0] \"b\"\n"), "2: msgstr[0] needs a msgid_plural"},
        {SPAN("msgid \"a\"\nmsgstr \"b\"\nmsgstr \"b\"\n"), "3: there is another msgstr"},
        {SPAN("msgid \"a\"\nmsgid \"b\"\n"), "2: there is no msgstr between"},
        {SPAN("msgid \"a\"\n\n"), "2: there is no msgstr below"},
        {SPAN("msgid \"a\"\nmsgctxt \"b\"\n"), "2: msgctxt stands above"},
        {SPAN("msgid_plural \"b\"\n"), "1: msgid_plural stands between"},
        {SPAN("msgstr \"b\"\n"), "1: there is no msgid above"},
        {SPAN("\"b\"\n"), "1: there is no msgid or msgstr above"},
        {SPAN("Address = Adresse\n"), "1: a line begins with msgid or msgstr"},
        {SPAN("msgid a\n"), "1: a text in quotation marks is missing"},
        {SPAN("msgid \"a\n"), "1: the quotation mark at the end"},
        {SPAN("msgid \"a\\\"\n"), "1: the quotation mark at the end"},
        {SPAN("msgid \"say \"a\"\"\n"), "1: something stands behind the text"},
        {SPAN("msgid \"a\\x41\"\n"), "1: behind a backslash"},
        {SPAN("msgid \"a\"\n\nmsgstr \"\xE4\"\n"), "3: this is no UTF-8"},
        {SPAN("msgid \"a\0\"\n"), "1: this is no UTF-8"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer got = BUFFER_EMPTY;
        read_all(&got, cases[i].file);
        struct span want = span_of(cases[i].read);
        bool is_fault = want.len > 1 && want.at[1] == ':';
        if (is_fault ? !span_starts(buffer_span(&got), want) : !span_equal(buffer_span(&got), want))
            fail_msg("%zu: \"%s\", not \"%s\"", i, buffer_text(&got), cases[i].read);
        buffer_free(&got);
    }
}

static void a_text_without_end_is_refused(void **state)
{
    struct buffer file = BUFFER_EMPTY, got = BUFFER_EMPTY;
    buffer_add_text(&file, "msgid \"a\"\nmsgstr \"\"\n");
    for (int i = 0; i < 1000; i++)
        buffer_add_text(&file, "\"much to say \"\n");
    read_all(&got, buffer_span(&file));
    assert_non_null(strstr(buffer_text(&got), "far too long"));
    buffer_free(&file);
    buffer_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(a_text_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
