/* In the order of a notice, so that whoever changes words finds them where he reads them; behind
 * each cause its own. */
#include "bounce/own_texts.h"

#include "base/arena.h"
#include "bounce/notice_texts.h"
#include "bounce/tables.h"
#include "outcome/cause.h"

#include <string.h>

enum { MOST_USES = 4 };

struct exporting {
    struct buffer *out;
    const struct language *language;
    bool *done; /* by notice text */
};

static void add_quoted(struct buffer *out, const char *keyword, const char *text)
{
    buffer_printf(out, "%s \"", keyword);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_add_char(out, '\\');
        if (*text == '\n')
            buffer_add_text(out, "\\n");
        else
            buffer_add_char(out, *text);
    }
    buffer_add_text(out, "\"\n");
}

/* ---- what is remarked */

static void add_remarks(struct buffer *out, struct span lines)
{
    while (lines.len) {
        struct span line = span_cut(&lines, '\n');
        buffer_printf(out, "#. %.*s\n", SPAN_F(line));
    }
}

/* What the text is in a cause's words; NULL: it is not in them. */
static const char *role_in(const struct cause_text *c, const char *english)
{
    if (strcmp(c->headline, english) == 0)
        return "Heading";
    if (strcmp(c->sentence, english) == 0)
        return "What happened";
    for (size_t i = 0; i < 3; i++)
        if (c->steps[i] && strcmp(c->steps[i], english) == 0)
            return "What to do";
    return NULL;
}

/* Every cause, and every variant with words of its own. */
static const struct cause_text *cause_at(unsigned i, struct cause_found *c)
{
    *c = (struct cause_found){(enum cause)(i / VARIANT_COUNT), (enum variant)(i % VARIANT_COUNT)};
    const struct cause_text *text = cause_text(*c);
    bool is_own = !c->variant || text != cause_text((struct cause_found){c->cause, VARIANT_NONE});
    return is_own ? text : NULL;
}

static void add_uses(struct buffer *out, const char *english)
{
    const char *last = NULL;
    size_t count = 0;
    for (unsigned i = 0; i < CAUSE_COUNT * VARIANT_COUNT; i++) {
        struct cause_found c;
        const struct cause_text *text = cause_at(i, &c);
        const char *role = text ? role_in(text, english) : NULL;
        if (!role || count++ >= MOST_USES)
            continue;
        if (role == last)
            buffer_add_text(out, ", ");
        else
            buffer_printf(out, "%s%s: ", last ? "\n#. " : "#. ", role);
        cause_add(out, c);
        last = role;
    }
    if (count)
        buffer_add_text(out, count > MOST_USES ? ", and others\n" : "\n");
}

/* ---- an entry */

static void add_forms(struct buffer *out, const struct language *l, const char *forms)
{
    for (unsigned i = 0; i < l->forms; i++) {
        char keyword[16] = "msgstr[0]";
        keyword[7] = (char)('0' + i);
        add_quoted(out, keyword, forms);
        forms += *forms ? strlen(forms) + 1 : 0;
    }
}

static void add_words(struct exporting *x, const struct notice_text *t)
{
    const struct language *l = x->language;
    size_t word = words_index(t->english);
    const char *forms = l->texts && word < words_count ? l->texts[word] : NULL;
    if (t == &notice_help)
        add_quoted(x->out, "msgstr", words_help(l));
    else if (!t->plural)
        add_quoted(x->out, "msgstr", forms ? forms : t->english);
    else if (forms) {
        add_forms(x->out, l, forms);
    } else {
        add_quoted(x->out, "msgstr[0]", t->english);
        add_quoted(x->out, "msgstr[1]", t->plural);
    }
}

static void add_entry(struct exporting *x, const struct notice_text *t)
{
    buffer_add_char(x->out, '\n');
    add_remarks(x->out, span_of(t->remark));
    add_uses(x->out, t->english);
    add_quoted(x->out, "msgid", t->english);
    if (t->plural)
        add_quoted(x->out, "msgid_plural", t->plural);
    add_words(x, t);
}

/* ---- all of them */

static void add_once(struct exporting *x, const char *english)
{
    const struct notice_text *t = notice_text_find(span_of(english));
    if (!t || x->done[t - notice_texts])
        return;
    x->done[t - notice_texts] = true;
    add_entry(x, t);
}

static void add_causes(struct exporting *x)
{
    for (unsigned i = 0; i < CAUSE_COUNT * VARIANT_COUNT; i++) {
        struct cause_found c;
        const struct cause_text *text = cause_at(i, &c);
        if (!text)
            continue;
        add_once(x, text->headline);
        add_once(x, text->sentence);
        for (size_t n = 0; n < 3; n++)
            if (text->steps[n] && text->steps[n][0])
                add_once(x, text->steps[n]);
    }
}

static void add_section(struct exporting *x, const char *title, enum text_place place)
{
    buffer_printf(x->out, "\n# ---- %s\n", title);
    if (place == TEXT_OF_CAUSE)
        add_causes(x);
    for (size_t i = 0; i < notice_text_count; i++)
        if (notice_texts[i].place == place)
            add_once(x, notice_texts[i].english);
}

static void add_head(struct buffer *out, const struct language *l)
{
    buffer_printf(
        out,
        "# What the notices of plainpost say, for you to change; see plainpost-bounce-text(1).\n"
        "# Behind msgstr stands what is said. Change that, and take out all texts that you do\n"
        "# not change, with their lines: what is not in this file is said as it is built in.\n"
        "# %%1 to %%9 are places where something is filled in.\n"
        "msgid \"\"\n"
        "msgstr \"\"\n"
        "\"Language: %s\\n\"\n"
        "\"MIME-Version: 1.0\\n\"\n"
        "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
        "\"Content-Transfer-Encoding: 8bit\\n\"\n"
        "\"Plural-Forms: %s\\n\"\n",
        l->tag, l->plural_forms);
}

void own_texts_export(struct buffer *out, const struct language *l)
{
    struct arena a = ARENA_EMPTY;
    struct exporting x = {.out = out, .language = l ? l : &languages[0]};
    x.done = arena_new(&a, notice_text_count * sizeof *x.done);
    add_head(out, x.language);
    buffer_add_text(out, "\n# ---- Your own\n");
    add_entry(&x, &notice_help);
    add_section(&x, "In the notice", TEXT_IN_NOTICE);
    add_section(&x, "Causes: the heading, what happened, what to do; and who must act",
                TEXT_OF_CAUSE);
    add_section(&x, "The message, and the details", TEXT_IN_DETAILS);
    add_section(&x, "Subjects", TEXT_IN_SUBJECT);
    add_section(&x, "Times", TEXT_IN_TIME);
    add_section(&x, "One notice about many messages", TEXT_IN_DIGEST);
    add_section(&x, "Letters: about an account, and to users about what they send", TEXT_IN_LETTER);
    arena_clear(&a);
}
