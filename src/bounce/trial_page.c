#include "bounce/trial_page.h"

#include "base/visible.h"

bool text_is_harmless(struct span text)
{
    while (text.len) {
        uint32_t code;
        size_t n = utf8_next(text, &code);
        if (!n || (code < ' ' && code != '\n') || (code >= 0x7F && code < 0xA0))
            return false;
        text = span_skip(text, n);
    }
    return true;
}

/* Written down anew, and not taken from the code that is tested. */
static const char *const tags[] = {
    "<!DOCTYPE html>",
    "<html lang=\"en\" dir=\"ltr\">",
    "<html lang=\"ar\" dir=\"rtl\">",
    "<html lang=\"de\" dir=\"ltr\">",
    "<html lang=\"es\" dir=\"ltr\">",
    "<html lang=\"fr\" dir=\"ltr\">",
    "<html lang=\"it\" dir=\"ltr\">",
    "<html lang=\"ja\" dir=\"ltr\">",
    "<html lang=\"nl\" dir=\"ltr\">",
    "<html lang=\"pl\" dir=\"ltr\">",
    "<html lang=\"pt\" dir=\"ltr\">",
    "<html lang=\"ru\" dir=\"ltr\">",
    "<html lang=\"zh\" dir=\"ltr\">",
    "</html>",
    "<head>",
    "</head>",
    "<meta charset=\"utf-8\">",
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    "<meta name=\"referrer\" content=\"no-referrer\">",
    "<meta name=\"robots\" content=\"noindex\">",
    "<title>",
    "</title>",
    "<style>",
    "</style>",
    "<body>",
    "</body>",
    "<main>",
    "</main>",
    "<article class=\"calm\">",
    "<article class=\"wait\">",
    "<article class=\"trouble\">",
    "<article class=\"danger\">",
    "</article>",
    "<h1>",
    "</h1>",
    "<h2>",
    "</h2>",
    "<h3>",
    "</h3>",
    "<p>",
    "<p class=\"file\">",
    "<p class=\"summary\">",
    "<p class=\"words\">",
    "</p>",
    "<ol>",
    "</ol>",
    "<ul>",
    "</ul>",
    "<li>",
    "</li>",
    "<br>",
    "<bdi>",
    "</bdi>",
    "<section class=\"details\">",
    "</section>",
    "<dl>",
    "</dl>",
    "<dt>",
    "</dt>",
    "<dd>",
    "</dd>",
    "<pre dir=\"auto\" lang=\"\">",
    "</pre>",
    "</a>",
    "<a rel=\"noopener noreferrer\" href=\"https://"};

static size_t tag_length(struct span at)
{
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (span_starts(at, span_of(tags[i])))
            return span_of(tags[i]).len;
    return 0;
}

bool page_is_harmless(struct span page, size_t *at)
{
    for (*at = 0; *at < page.len; (*at)++)
        if (page.at[*at] == '<' && !tag_length(span_skip(page, *at)))
            return false;
    return text_is_harmless(page);
}
