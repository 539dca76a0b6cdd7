#include "cli/doctor_text.h"

#include "base/json.h"
#include "base/visible.h"
#include "bounce/render_wrap.h"
#include "mail/date.h"

#include <string.h>

enum { WIDTH = 80, MOST_SHOWN = 4000, NAME_WIDTH = 14 };

static const char *const headings[] = {"Broken", "Doubtful", "Could be better", "Not checked",
                                       "Fine"};

/* ---- for people */

static void add_paragraph(struct buffer *out, struct span text, const char *first,
                          const char *indent)
{
    wrap_add_shown(out, text, MOST_SHOWN,
                   &(struct wrapping){.first = first, .indent = indent, .width = WIDTH});
}

/* As it is: it may be wanted letter by letter, to be copied. */
static void add_lines(struct buffer *out, struct span text)
{
    while (text.len) {
        buffer_add_text(out, "      ");
        visible_add_field(out, span_cut(&text, '\n'), MOST_SHOWN);
        buffer_add_char(out, '\n');
    }
}

static void add_found(struct buffer *out, struct span text)
{
    bool is_short = text.len < WIDTH - 11 && span_find_char(text, '\n') == SPAN_NOT_FOUND;
    if (!text.len)
        return;
    buffer_add_text(out, is_short ? "    Found: " : "    Found:\n");
    if (!is_short) {
        add_lines(out, text);
        return;
    }
    visible_add_field(out, text, MOST_SHOWN);
    buffer_add_char(out, '\n');
}

static void print_fine(struct buffer *out, const struct doctor_finding *f)
{
    struct buffer first = BUFFER_EMPTY;
    buffer_printf(&first, "  %-*s", NAME_WIDTH, doctor_topic_name(f->topic));
    add_paragraph(out, f->says, buffer_text(&first), "                ");
    buffer_free(&first);
}

static void print_fault(struct buffer *out, const struct doctor_request *q,
                        const struct doctor_finding *f)
{
    bool is_about_all = span_equal(f->about, q->domain);
    buffer_printf(out, "  %s", doctor_topic_name(f->topic));
    if (!is_about_all) {
        buffer_add_text(out, ": ");
        visible_add_field(out, f->about, MOST_SHOWN);
    }
    buffer_add_char(out, '\n');
    add_paragraph(out, f->says, "    ", "    ");
    add_found(out, f->found);
    if (f->why.len)
        add_paragraph(out, f->why, "    ", "    ");
    if (f->todo.len)
        add_paragraph(out, f->todo, "    > ", "      ");
    add_lines(out, f->publish);
}

static void print_level(struct buffer *out, const struct doctor_request *q,
                        const struct doctor_report *r, enum doctor_level level)
{
    bool is_first = true;
    if (!r->counts[level])
        return;
    buffer_printf(out, "\n%s\n", headings[level]);
    for (int topic = 0; topic < DOCTOR_TOPICS; topic++)
        for (size_t i = 0; i < r->count; i++) {
            const struct doctor_finding *f = &r->at[i];
            if (f->level != level || (int)f->topic != topic)
                continue;
            if (level == DOCTOR_FINE) {
                print_fine(out, f);
                continue;
            }
            buffer_add_text(out, is_first ? "" : "\n");
            is_first = false;
            print_fault(out, q, f);
        }
}

/* "2 things are broken, 1 is doubtful, 3 could be better; 12 are fine." */
static void print_sum(struct buffer *out, const struct doctor_report *r)
{
    static const struct {
        enum doctor_level level;
        const char *one, *more;
    } parts[] = {{DOCTOR_BROKEN, "is broken", "are broken"},
                 {DOCTOR_WARNING, "is doubtful", "are doubtful"},
                 {DOCTOR_ADVICE, "could be better", "could be better"},
                 {DOCTOR_UNCHECKED, "was not checked", "were not checked"},
                 {DOCTOR_FINE, "is fine", "are fine"}};
    struct buffer b = BUFFER_EMPTY;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t n = r->counts[parts[i].level];
        if (!n)
            continue;
        buffer_printf(&b, "%s%zu %s%s",
                      !b.len                          ? ""
                      : parts[i].level == DOCTOR_FINE ? "; "
                                                      : ", ",
                      n,
                      b.len    ? ""
                      : n == 1 ? "thing "
                               : "things ",
                      n == 1 ? parts[i].one : parts[i].more);
    }
    buffer_add_char(&b, '.');
    buffer_add_char(out, '\n');
    add_paragraph(out, buffer_span(&b), "", "");
    buffer_free(&b);
}

static void print_head(struct buffer *out, const struct doctor_request *q)
{
    buffer_printf(out, "%.*s, as others see it\n", SPAN_F(q->domain));
    if (q->is_ours)
        buffer_printf(out, "It is one of the domains of this server, %.*s.\n", SPAN_F(q->hostname));
    else
        add_paragraph(out,
                      SPAN("The configuration of this server is not about it: what only its own "
                           "server can know is left out."),
                      "", "");
}

void doctor_print_findings(struct buffer *out, const struct doctor_request *q,
                           const struct doctor_report *r)
{
    for (int level = 0; level < DOCTOR_LEVELS; level++)
        print_level(out, q, r, (enum doctor_level)level);
    print_sum(out, r);
}

void doctor_print(struct buffer *out, const struct doctor_request *q, const struct doctor_report *r)
{
    print_head(out, q);
    doctor_print_findings(out, q, r);
}

/* ---- for programs */

static void json_lines(struct json *j, const char *name, struct span text)
{
    if (!text.len)
        return;
    json_member_array(j, name);
    while (text.len)
        json_element_text(j, span_cut(&text, '\n'));
    json_end(j);
}

static void json_finding(struct json *j, const struct doctor_finding *f)
{
    json_object(j);
    json_text(j, "topic", span_of(doctor_topic_word(f->topic)));
    json_text(j, "level", span_of(doctor_level_word(f->level)));
    json_text(j, "about", f->about);
    json_text(j, "says", f->says);
    json_lines(j, "found", f->found);
    json_known_text(j, "why", f->why);
    json_known_text(j, "do", f->todo);
    json_lines(j, "publish", f->publish);
    json_end(j);
}

void doctor_print_json(struct buffer *out, const struct doctor_request *q,
                       const struct doctor_report *r)
{
    static const char *const sums[] = {"broken", "warnings", "advice", "not_checked", "fine"};
    struct json j = json_start(out);
    json_object(&j);
    json_text(&j, "domain", q->domain);
    date_json(&j, "time", q->now_ms);
    json_bool(&j, "ours", q->is_ours);
    json_known_text(&j, "hostname", q->is_ours ? q->hostname : SPAN_NONE);
    json_bool(&j, "ok", doctor_is_fine(r));
    for (int level = 0; level < DOCTOR_LEVELS; level++)
        json_number(&j, sums[level], (int64_t)r->counts[level]);
    json_member_array(&j, "findings");
    for (int level = 0; level < DOCTOR_LEVELS; level++)
        for (size_t i = 0; i < r->count; i++)
            if ((int)r->at[i].level == level)
                json_finding(&j, &r->at[i]);
    json_end(&j);
    json_end(&j);
    buffer_add_char(out, '\n');
}
