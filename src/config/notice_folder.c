#include "config/notice_folder.h"

#include "base/visible.h"

enum { LONGEST_FOLDER = 100, LONGEST_SHOWN = 60 };

const char *const notice_folder_classes[] = {
    "genuine",        "not-yours",  "account-abused", "phishing",
    "spam-in-bounce", "auto-reply", "unknown",        NULL};

static bool is_class(struct span word)
{
    for (const char *const *c = notice_folder_classes; *c; c++)
        if (span_equal(word, span_of(*c)))
            return true;
    return false;
}

/* Names with a dot before each. What is beyond ASCII readers write in an encoding of IMAP, which
 * has ASCII only. */
static bool is_folder(struct span word)
{
    bool is_start = false;
    if (!span_starts(word, SPAN(".")) || word.len > LONGEST_FOLDER)
        return false;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];
        bool is_dot = c == '.';
        if ((is_dot && is_start) || c < ' ' || c > '~' || c == '/')
            return false;
        is_start = is_dot;
    }
    return !is_start;
}

bool notice_folder_parse(const struct span *words, size_t count, struct notice_folder *f,
                         struct arena *a, struct error *problem)
{
    static const char how[] = "Write it as file-notices phishing .Junk";
    struct buffer shown = BUFFER_EMPTY;
    if (count != 2)
        return error_set(problem,
                         "file-notices takes two words: what a notice is found to be, and a "
                         "folder. %s",
                         how);
    bool ok = is_class(words[0]) && is_folder(words[1]);
    visible_add(&shown, is_class(words[0]) ? words[1] : words[0], LONGEST_SHOWN);
    if (!is_class(words[0]))
        error_set(problem,
                  "\"%s\" is nothing that a notice is found to be: genuine, not-yours, "
                  "account-abused, phishing, spam-in-bounce, auto-reply, or unknown. %s",
                  buffer_text(&shown), how);
    else if (!ok)
        error_set(problem,
                  "\"%s\" is no folder of a Maildir: a dot stands before each of its names, as in "
                  ".Junk or .Notices.Forged. %s",
                  buffer_text(&shown), how);
    else
        *f = (struct notice_folder){arena_copy(a, words[0]), arena_copy(a, words[1])};
    buffer_free(&shown);
    return ok;
}

void notice_folder_print(struct buffer *out, const struct notice_folder *f)
{
    bool has_blank = span_find_char(f->folder, ' ') != SPAN_NOT_FOUND;
    const char *quote = has_blank ? "\"" : "";
    buffer_printf(out, "%.*s %s%.*s%s", SPAN_F(f->class), quote, SPAN_F(f->folder), quote);
}

struct span notice_folder_of(const struct notice_folder *all, size_t count, struct span class)
{
    for (size_t i = 0; i < count; i++)
        if (span_equal(all[i].class, class))
            return all[i].folder;
    return SPAN_NONE;
}
