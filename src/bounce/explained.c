#include "bounce/explained.h"

#include "bounce/advise.h"
#include "bounce/render.h"
#include "bounce/render_page.h"
#include "mail/header.h"

enum { COLUMNS = 72 };

static bool is_kept(struct span name)
{
    static const char *const names[] = {"From",       "To",          "Cc",
                                        "Subject",    "Date",        "Message-ID",
                                        "References", "In-Reply-To", "Auto-Submitted"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_equal_nocase(name, span_of(names[i])))
            return true;
    return false;
}

static void add_fields(struct buffer *out, const struct survey *s)
{
    struct header_iterator it = header_start(s->message);
    struct header_field f;
    while (header_next(&it, &f) > 0)
        if (is_kept(f.name)) {
            buffer_add_span(out, f.whole);
            if (!span_ends_nocase(f.whole, SPAN("\n"))) /* it was cut off there */
                buffer_add_text(out, "\r\n");
        }
}

static void add_words(struct buffer *out, const struct notice *n, const struct verdict *v,
                      const struct explained_wishes *w)
{
    struct arena a = ARENA_EMPTY;
    struct advice advice;
    const struct advise_wishes wishes = {
        .language = w->language, .me = w->me, .offset_minutes = w->offset_minutes};
    const struct render_wishes how = {
        .language = w->language, .offset_minutes = w->offset_minutes, .width = COLUMNS};
    const struct page p = page_start(out, &how);
    notice_advise(&advice, n, v, &wishes, &a);
    page_paragraph(&p, "", "",
                   span_of(page_say(&p, "Your mail server explains this notice. The notice itself "
                                        "is attached, as it came.")));
    buffer_add_char(out, '\n');
    render_text(out, n, v, &advice, &how);
    arena_clear(&a);
}

void explained_add_before(struct buffer *out, const struct notice *n, const struct survey *s,
                          const struct verdict *v, const struct explained_wishes *w)
{
    struct buffer text = BUFFER_EMPTY;
    add_fields(out, s);
    buffer_add_span(out, w->thread);
    buffer_printf(out,
                  EXPLAINED_FIELD ": yes\r\n"
                  "MIME-Version: 1.0\r\n"
                  "Content-Type: multipart/mixed; boundary=\"%.*s\"\r\n"
                  "Content-Transfer-Encoding: 8bit\r\n\r\n"
                  "--%.*s\r\n"
                  "Content-Type: text/plain; charset=utf-8\r\n"
                  "Content-Language: %s\r\n"
                  "Content-Transfer-Encoding: 8bit\r\n\r\n",
                  SPAN_F(w->boundary), SPAN_F(w->boundary), language_tag(w->language));
    add_words(&text, n, v, w);
    for (struct span rest = buffer_span(&text); rest.len;) {
        struct span line = span_cut(&rest, '\n');
        buffer_printf(out, "%.*s\r\n", SPAN_F(line));
    }
    buffer_printf(out,
                  "\r\n--%.*s\r\n"
                  "Content-Type: message/rfc822\r\n"
                  "Content-Transfer-Encoding: 8bit\r\n"
                  "Content-Disposition: attachment\r\n\r\n",
                  SPAN_F(w->boundary));
    buffer_free(&text);
}

void explained_add_behind(struct buffer *out, const struct explained_wishes *w)
{
    buffer_printf(out, "\r\n--%.*s--\r\n", SPAN_F(w->boundary));
}
