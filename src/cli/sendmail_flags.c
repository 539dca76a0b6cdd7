/* Forty years of programs call sendmail with flags that meant something to some version of it.
 * Those that say how the mail is to be treated are honoured; those that told an older program how
 * to do its work are taken, and nothing comes of them, as in Postfix and Exim. A flag that nobody
 * knows is refused: it may have been meant to hold something back. */
#include "cli/sendmail_flags.h"

#include <string.h>

/* Flags are single letters, may stand together ("-ti"), and those with a value have it behind them
 * or in the next word ("-falice", "-f alice"). */
enum flag_value {
    VALUE_NONE,
    VALUE_NEEDED,
    VALUE_ATTACHED /* or none: the next word is never taken for it */
};

static const struct flag {
    char letter;
    enum flag_value value;
} flags[] = {
    {'b', VALUE_NEEDED},
    {'C', VALUE_NEEDED},
    {'F', VALUE_NEEDED},
    {'f', VALUE_NEEDED},
    {'i', VALUE_NONE},
    {'I', VALUE_NONE},
    {'N', VALUE_NEEDED},
    {'o', VALUE_NEEDED},
    {'q', VALUE_ATTACHED},
    {'R', VALUE_NEEDED},
    {'r', VALUE_NEEDED},
    {'t', VALUE_NONE},
    {'V', VALUE_NEEDED},
    {'v', VALUE_NONE},
    /* nothing comes of these */
    {'A', VALUE_NEEDED},
    {'B', VALUE_NEEDED},
    {'d', VALUE_ATTACHED},
    {'e', VALUE_NEEDED},
    {'G', VALUE_NONE},
    {'h', VALUE_NEEDED},
    {'L', VALUE_NEEDED},
    {'m', VALUE_NONE},
    {'n', VALUE_NONE},
    {'O', VALUE_NEEDED},
    {'p', VALUE_NEEDED},
    {'U', VALUE_NONE},
    {'X', VALUE_NEEDED},
    {'x', VALUE_NONE},
};

static const struct flag *flag_find(char letter)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].letter == letter)
            return &flags[i];
    return NULL;
}

static bool take_mode(struct sendmail_flags *f, const char *value, struct error *e)
{
    switch (value[0]) {
    case 'm':
        f->mode = SENDMAIL_SEND;
        return true;
    case 's':
        f->mode = SENDMAIL_SMTP;
        return true;
    case 'p':
        f->mode = SENDMAIL_QUEUE;
        return true;
    case 'v':
        f->mode = SENDMAIL_VERIFY;
        return true;
    case 'i':
        f->mode = SENDMAIL_ALIASES;
        return true;
    case 'd':
    case 'D':
        return error_set(e, "-b%.10s: the server is started with \"plainpost serve\"", value);
    default:
        return error_set(e, "-b%.10s is not known here; -bm, -bs, -bp, -bv and -bi are", value);
    }
}

static struct span parameter(struct arena *a, const char *name, const char *value)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_printf(&text, "%s=", name);
    if (strcmp(name, "ENVID") == 0)
        xtext_encode(&text, span_of(value));
    else
        buffer_add_text(&text, value);
    struct span kept = arena_copy(a, buffer_span(&text));
    buffer_free(&text);
    return kept;
}

static bool take_dsn(struct sendmail_flags *f, char letter, const char *value, struct arena *a,
                     struct error *e)
{
    static const struct parameter_offer dsn = {.dsn = true};
    struct mail_parameters mail;
    struct rcpt_parameters recipient;
    struct reply problem;
    if (letter == 'N') {
        if (strpbrk(value, " \t") ||
            !rcpt_parameters_parse(parameter(a, "NOTIFY", value), &dsn, &recipient, &problem))
            return error_set(e,
                             "-N takes \"never\", or a list of success, failure, delay; not "
                             "\"%.60s\"",
                             value);
        f->recipient = recipient;
    } else if (letter == 'R') {
        if (strpbrk(value, " \t") ||
            !mail_parameters_parse(parameter(a, "RET", value), &dsn, &mail, &problem))
            return error_set(e, "-R takes full or hdrs, not \"%.60s\"", value);
        f->mail.ret = mail.ret;
    } else {
        if (!mail_parameters_parse(parameter(a, "ENVID", value), &dsn, &mail, &problem))
            return error_set(e, "-V takes an id of at most 100 characters");
        f->mail.envid = mail.envid;
    }
    return true;
}

static bool take_flag(struct sendmail_flags *f, char letter, const char *value, struct arena *a,
                      struct error *e)
{
    switch (letter) {
    case 'b':
        return take_mode(f, value, e);
    case 'C':
        f->configuration = value;
        break;
    case 'F':
        f->name = value;
        break;
    case 'f':
    case 'r':
        f->sender = value;
        break;
    case 'i':
        f->goes_to_the_end = true;
        break;
    case 'I':
        f->mode = SENDMAIL_ALIASES;
        break;
    case 'o':
        f->goes_to_the_end |= strcmp(value, "i") == 0;
        break;
    case 'q':
        f->mode = SENDMAIL_RETRY;
        break;
    case 't':
        f->has_header_recipients = true;
        break;
    case 'v':
        f->is_verbose = true;
        break;
    case 'N':
    case 'R':
    case 'V':
        return take_dsn(f, letter, value, a, e);
    }
    return true;
}

static enum sendmail_mode mode_of_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return strcmp(name, "mailq") == 0        ? SENDMAIL_QUEUE
           : strcmp(name, "newaliases") == 0 ? SENDMAIL_ALIASES
                                             : SENDMAIL_SEND;
}

/* All flags of one word; `*next` is the word behind it, and moves on when its value is taken. */
static bool take_word(struct sendmail_flags *f, const char *word, char ***next, char **end,
                      struct arena *a, struct error *e)
{
    while (*word) {
        const struct flag *flag = flag_find(*word);
        const char *value = word + 1;
        if (!flag)
            return error_set(e,
                             *word == '-'
                                 ? "flags have one letter and one \"-\"; see plainpost-sendmail(1)"
                                 : "there is no flag -%c; see plainpost-sendmail(1)",
                             *word > ' ' && *word <= '~' ? *word : '?');
        if (flag->value == VALUE_NEEDED && !*value) {
            if (*next == end)
                return error_set(e, "-%c needs a value behind it", flag->letter);
            value = *(*next)++;
        }
        if (!take_flag(f, flag->letter, value, a, e))
            return false;
        if (flag->value != VALUE_NONE)
            return true;
        word++;
    }
    return true;
}

bool sendmail_flags_parse(struct sendmail_flags *f, int argc, char **argv, struct arena *a,
                          struct error *e)
{
    char **next = argv + 1, **end = argv + argc;
    *f = (struct sendmail_flags){.mode = mode_of_name(argc ? argv[0] : "")};
    while (next < end && (*next)[0] == '-' && (*next)[1]) {
        const char *word = *next++ + 1;
        if (strcmp(word, "-") == 0)
            break;
        if (!take_word(f, word, &next, end, a, e))
            return false;
    }
    f->recipients = next;
    f->recipient_count = (int)(end - next);
    return true;
}
