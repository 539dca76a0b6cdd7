#include "login/login_line.h"

#include "base/visible.h"
#include "mail/address.h"
#include "sasl/scram.h"

#include <string.h>

enum { MOST_MEMORY = 1024 * 1024 /* KiB, of argon2id */, MOST_PASSES = 100 };

static bool take_parameter(struct span *rest, char end, const char *name, uint64_t most)
{
    uint64_t value;
    struct span word = span_cut(rest, end);
    return span_starts(word, span_of(name)) &&
           span_to_u64(span_skip(word, strlen(name)), most, &value) && value > 0;
}

/* Its cost comes from outside, so it has bounds. */
static bool hash_is_valid(struct span hash)
{
    struct span rest = span_skip(hash, strlen("$argon2id$v=19$"));
    return hash.len <= LOGIN_LONGEST_HASH && span_starts(hash, SPAN("$argon2id$v=19$")) &&
           take_parameter(&rest, ',', "m=", MOST_MEMORY) &&
           take_parameter(&rest, ',', "t=", MOST_PASSES) && take_parameter(&rest, '$', "p=", 1) &&
           rest.len > 0;
}

bool login_name_is_valid(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.at[i] <= ' ' || name.at[i] == 0x7F || name.at[i] == '#')
            return false;
    return name.len > 0 && name.len <= LOGIN_LONGEST_NAME && utf8_is_valid(name);
}

bool login_sender_is_valid(struct span sender)
{
    if (span_equal(sender, SPAN("*")))
        return true;
    if (span_starts(sender, SPAN("@")))
        return domain_is_valid(span_skip(sender, 1), true, false);
    return address_check(sender, true) == ADDRESS_OK;
}

bool login_label_is_valid(struct span label)
{
    for (size_t i = 0; i < label.len; i++)
        if (!ascii_is_alnum(label.at[i]) && !strchr("-_.", label.at[i]))
            return false;
    return label.len > 0 && label.len <= LOGIN_LONGEST_LABEL;
}

static bool take_word(struct login_line *l, struct span word, struct error *problem)
{
    struct scram_keys keys;
    struct span rest = word, kind = span_cut(&rest, '='), label;
    if (span_starts(word, SPAN("$"))) {
        if (l->hash.len || !hash_is_valid(word))
            return error_set(problem, "a password stands there once, as \"plainpost user passwd\" "
                                      "writes it: $argon2id$v=19$…");
        l->hash = word;
        return true;
    }
    if (span_starts(word, SPAN("{"))) {
        if (l->keys.len || !scram_keys_parse(&keys, word))
            return error_set(problem, "keys for SCRAM stand there once, as \"plainpost user "
                                      "passwd\" writes them: {SCRAM-SHA-256}…");
        l->keys = word;
        return true;
    }
    if (span_equal(kind, SPAN("sender")))
        return login_sender_is_valid(rest) ||
               error_set(problem, "a sender is an address, @ and a domain, or *: "
                                  "sender=sales@example.org");
    label = span_cut(&rest, ':');
    if (span_equal(kind, SPAN("app")) && login_label_is_valid(label) && rest.len)
        return true;
    return error_set(problem, "behind a name may stand what \"plainpost user\" writes there: a "
                              "password, keys for SCRAM, sender=ADDRESS, app=LABEL:…");
}

int login_line_parse(struct span line, struct login_line *l, struct error *problem)
{
    struct span rest = span_trim(line);
    *l = (struct login_line){.hash = SPAN_NONE, .keys = SPAN_NONE};
    if (!rest.len || rest.at[0] == '#')
        return 0;
    l->name = span_word(&rest);
    l->words = rest;
    if (!login_name_is_valid(l->name)) {
        error_set(problem, "a line begins with the name of a login, in UTF-8 and without blanks: "
                           "alice@example.org");
        return -1;
    }
    for (struct span word; (word = span_word(&rest)).len;)
        if (!take_word(l, word, problem))
            return -1;
    return 1;
}

static bool next_of(struct span *rest, struct span kind, struct span *value)
{
    for (struct span word; (word = span_word(rest)).len;)
        if (span_starts(word, kind)) {
            *value = span_skip(word, kind.len);
            return true;
        }
    return false;
}

bool login_next_sender(struct span *rest, struct span *sender)
{
    return next_of(rest, SPAN("sender="), sender);
}

bool login_next_app(struct span *rest, struct span *label, struct span *hash)
{
    if (!next_of(rest, SPAN("app="), hash))
        return false;
    *label = span_cut(hash, ':');
    return true;
}

static bool sender_covers(struct span sender, struct span address)
{
    if (span_equal(sender, SPAN("*")))
        return true;
    if (span_starts(sender, SPAN("@")))
        return span_equal_nocase(span_skip(sender, 1), address_domain(address));
    return address_equal(sender, address);
}

bool login_may_send(const struct login_line *l, struct span name, struct span address)
{
    struct span rest = l ? l->words : SPAN_NONE, sender;
    if (address_equal(name, address))
        return true;
    while (login_next_sender(&rest, &sender))
        if (sender_covers(sender, address))
            return true;
    return false;
}
