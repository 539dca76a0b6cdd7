/* Words that ask for something. */
#include "bounce/judge_inside.h"

#include "bounce/folded.h"
#include "mail/address.h"

#include <string.h>

enum { MOST_TEXT = 8192, MOST_HTML = 4096 };

static void look_for_words(struct judging *j, const struct folded *text)
{
    static const struct {
        enum sign_words words;
        const char *name;
        bool is_demand;
    } lists[] = {{TEXT_ASKS_TO_SIGN_IN, "asks-to-sign-in", true},
                 {TEXT_ASKS_TO_VERIFY, "asks-to-verify", true},
                 {TEXT_ASKS_FOR_PASSWORD, "asks-for-password", true},
                 {TEXT_ASKS_TO_RELEASE, "asks-to-release", false},
                 {TEXT_ASKS_TO_PAY, "asks-to-pay", false},
                 {TEXT_URGES, "urges", false}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct phrase *found = folded_has_any(text, lists[i].words);
        if (found)
            judge_words(j, lists[i].name, lists[i].is_demand,
                        span_make(found->text, found->length));
    }
}

/* Soft hyphens, and blanks without width, which are put into words so that no filter finds them. */
static size_t unseen_length(struct span s)
{
    static const struct span unseen[] = {SPAN("\xC2\xAD"),     SPAN("\xE2\x80\x8B"),
                                         SPAN("\xE2\x80\x8C"), SPAN("\xE2\x80\x8D"),
                                         SPAN("\xE2\x81\xA0"), SPAN("\xEF\xBB\xBF")};
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        if (span_starts(s, unseen[i]))
            return unseen[i].len;
    return 0;
}

static struct span without_unseen(struct span text, struct arena *a)
{
    char *at = NULL;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        size_t n = text.at[i] & 0x80 ? unseen_length(span_skip(text, i)) : 0;
        if (n && !at) {
            at = arena_new(a, text.len);
            memcpy(at, text.at, i);
            len = i;
        }
        if (n)
            i += n - 1;
        else if (at)
            at[len++] = text.at[i];
    }
    return at ? span_make(at, len) : text;
}

static void look_at_text(struct judging *j, struct span text, size_t most)
{
    struct span seen = without_unseen(span_first(text, most), j->arena);
    const struct notice *n = j->notice;
    if (n->words && text.at == n->text.at && seen.at == text.at) {
        look_for_words(j, n->words); /* who read the notice has made them already */
    } else if (text.len) {
        struct folded *f = arena_new(j->arena, sizeof *f);
        folded_take(f, seen, most, &phrase_set_text, j->arena);
        look_for_words(j, f);
    }
}

/* What is shown may be another text than the one for those who show none. */
void judge_read_words(struct judging *j)
{
    const struct notice *n = j->notice;
    if (j->has_read_words)
        return;
    j->has_read_words = true;
    const struct survey_part *html = survey_part(j->survey, PART_HTML);
    look_at_text(j, n->text, MOST_TEXT);
    look_at_text(j, n->around, MOST_TEXT);
    if (html && html->text.at != n->text.at)
        look_at_text(j, html->text, MOST_HTML);
}

/* ---- does it speak of what it reports? */

bool judge_reads_binary(const struct judging *j)
{
    enum { ONE_IN = 16 };
    struct span text = span_first(span_trim(j->notice->text), MOST_TEXT);
    size_t controls = 0;
    for (size_t i = 0; i < text.len; i++)
        controls += (unsigned char)text.at[i] < ' ' && !strchr("\t\n\v\f\r\x1B", text.at[i]);
    return controls > text.len / ONE_IN;
}

static const struct folded *own_words(const struct judging *j)
{
    const struct notice *n = j->notice;
    struct folded *made;
    if (n->words)
        return n->words;
    made = arena_new(j->arena, sizeof *made);
    folded_take(made, n->text, MOST_TEXT, &phrase_set_text, j->arena);
    return made;
}

/* Names of one word are words for other things, too ("domino"). */
static bool names_system(const struct folded *words)
{
    for (const struct phrase *p = folded_has_any(words, TEXT_AGENT); p;
         p = folded_has_next(words, p))
        if (memchr(p->text, ' ', p->length))
            return true;
    return false;
}

/* Whose page it leads to, perhaps. */
static bool names_domain(const struct judging *j, const struct folded *words)
{
    enum { MOST_NAMED = 50, LONGEST_DOMAIN = 255 };
    const struct notice *n = j->notice;
    for (size_t i = 0; i < n->recipient_count && i < MOST_NAMED; i++) {
        struct span domain =
            folded_text(address_domain(n->recipients[i].address), LONGEST_DOMAIN, j->arena);
        if (domain.len && span_find(words->text, domain) != SPAN_NOT_FOUND)
            return true;
    }
    return false;
}

bool judge_speaks_of_else(const struct judging *j)
{
    enum { FEW = 100 };
    static const enum sign_words of_notices[] = {TEXT_NOTICE, TEXT_DELAYED, TEXT_STILL_TRYING,
                                                 TEXT_FAILURE};
    struct span text = span_first(span_trim(j->notice->text), MOST_TEXT);
    if (text.len < FEW || judge_names_recipient(text, j->notice) || judge_reads_binary(j))
        return false;
    const struct folded *words = own_words(j);
    for (size_t i = 0; i < sizeof of_notices / sizeof *of_notices; i++)
        if (folded_has_any(words, of_notices[i]))
            return false;
    return !names_system(words) && !names_domain(j, words);
}
