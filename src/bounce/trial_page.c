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

static const char *const card_tags[] = {
    "<!DOCTYPE html>",
    "<html lang=\"",
    "</html>",
    "<head>",
    "</head>",
    "<meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    "<meta name=\"color-scheme\" content=\"light dark\">",
    "<title>",
    "</title>",
    "<style>",
    "</style>",
    "<body class=\"page\" style=\"",
    "</body>",
    "<table role=\"presentation\" width=\"100%\" cellspacing=\"0\" cellpadding=\"0\" border=\"0\"",
    "</table>",
    "<tr>",
    "</tr>",
    "<td class=\"page\" align=\"center\" style=\"",
    "<td class=\"band\" style=\"",
    "<td class=\"card\" style=\"",
    "</td>",
    "<div role=\"article\" lang=\"",
    "<div style=\"",
    "<div lang=\"en\" dir=\"ltr\" style=\"",
    "</div>",
    "<h1 style=\"",
    "</h1>",
    "<h2 style=\"",
    "</h2>",
    "<p style=\"",
    "</p>",
    "<b>",
    "</b>",
    "<bdi>",
    "</bdi>",
    "<br>",
    "<span class=\"soft\" style=\"",
    "</span>",
    "<ol style=\"",
    "</ol>",
    "<li style=\"",
    "</li>",
    "<hr class=\"line\" style=\"",
    "<pre class=\"words\" dir=\"auto\" lang=\"\" style=\"",
    "</pre>"};

static size_t tag_length(struct span at, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_starts(at, span_of(known[i])))
            return span_of(known[i]).len;
    return 0;
}

static bool is_harmless(struct span page, const char *const *known, size_t count, size_t *at)
{
    for (*at = 0; *at < page.len; (*at)++)
        if (page.at[*at] == '<' && !tag_length(span_skip(page, *at), known, count))
            return false;
    return text_is_harmless(page);
}

bool page_is_harmless(struct span page, size_t *at)
{
    return is_harmless(page, tags, sizeof tags / sizeof *tags, at);
}

bool card_is_harmless(struct span card, size_t *at)
{
    return is_harmless(card, card_tags, sizeof card_tags / sizeof *card_tags, at);
}
