/* What the server tells of messages, for people. */
#include "cli/queue_words.h"

#include "base/visible.h"
#include "mail/date.h"
#include "mail/encode.h"

#include <jansson.h>
#include <string.h>

enum { LONGEST_ADDRESS = 254, LONGEST_WORDS = 300 };

static struct span text_of(json_t *entry, const char *name)
{
    return span_of(json_string_value(json_object_get(entry, name)));
}

static long long number_of(json_t *entry, const char *name)
{
    return json_integer_value(json_object_get(entry, name));
}

static bool is_set(json_t *entry, const char *name)
{
    return json_is_true(json_object_get(entry, name));
}

static void add_words(struct buffer *out, struct span text, size_t most)
{
    struct buffer line = BUFFER_EMPTY;
    buffer_add_span(&line, text);
    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] == '\n')
            line.at[i] = ' ';
    visible_add(out, buffer_span(&line), most);
    buffer_free(&line);
}

static void add_next(struct buffer *out, json_t *entry, json_t *message, int64_t now_ms,
                     int offset_minutes)
{
    long long next = number_of(entry, "next_ms"), release = number_of(message, "release_ms");
    if (release > now_ms && !number_of(message, "released_ms")) {
        buffer_add_text(out, "held until ");
        date_add_words(out, release, offset_minutes);
        buffer_add_text(out, ", as its sender asked");
    } else if (span_equal(text_of(entry, "variant"), SPAN("suspended"))) {
        buffer_add_text(out, "waits until its destination is resumed");
    } else if (span_equal(text_of(entry, "variant"), SPAN("account-held"))) {
        buffer_add_text(out, "held, see \"plainpost account ls\"");
    } else if (next <= now_ms) {
        buffer_add_text(out, "being delivered, or about to be");
    } else {
        buffer_add_text(out, "next attempt in ");
        duration_add_words(out, next - now_ms);
    }
}

/* "1k10smnkhb9  12 minutes  alice@… to bob@… and 2 more: next attempt in 4 minutes" */
bool queue_words_entry(struct buffer *out, struct span json, int64_t now_ms, int offset_minutes)
{
    json_t *entry = json_loadb(json.at, json.len, 0, NULL);
    if (!entry)
        return false;
    long long more = number_of(entry, "open") - 1;
    struct span from = text_of(entry, "from"), words = text_of(entry, "last_words");
    buffer_printf(out, "%.*s  ", SPAN_F(text_of(entry, "id")));
    duration_add_words(out, now_ms - number_of(entry, "accepted_ms"));
    buffer_add_text(out, "  ");
    visible_add(out, from.len ? from : SPAN("<>"), LONGEST_ADDRESS);
    buffer_add_text(out, " to ");
    visible_add(out, text_of(entry, "to"), LONGEST_ADDRESS);
    if (more > 0)
        buffer_printf(out, " and %lld more", more);
    if (number_of(entry, "priority"))
        buffer_printf(out, ", priority %lld", number_of(entry, "priority"));
    buffer_add_text(out, ": ");
    if (is_set(entry, "held")) {
        buffer_add_text(out, text_of(entry, "held_why").len ? "on hold, " : "on hold");
        visible_add(out, text_of(entry, "held_why"), LONGEST_WORDS);
    } else {
        add_next(out, entry, entry, now_ms, offset_minutes);
    }
    if (words.len) {
        buffer_add_text(out, "\n             last answer: ");
        add_words(out, words, LONGEST_WORDS);
    }
    buffer_add_char(out, '\n');
    json_decref(entry);
    return true;
}

/* ---- one in detail */

static void show_recipient(struct buffer *out, json_t *to, json_t *entry, int64_t now_ms,
                           int offset_minutes)
{
    bool is_held = is_set(entry, "held");
    struct span state = text_of(to, "state"), words = text_of(to, "words");
    long long attempts = number_of(to, "attempts");
    buffer_add_text(out, "  ");
    visible_add(out, text_of(to, "address"), LONGEST_ADDRESS);
    if (text_of(to, "alias").len) {
        buffer_add_text(out, " (by way of ");
        visible_add(out, text_of(to, "alias"), LONGEST_ADDRESS);
        buffer_add_char(out, ')');
    }
    buffer_add_text(out, ": ");
    if (!span_equal(state, SPAN("waiting")))
        visible_add(out, state, LONGEST_WORDS);
    else if (is_held)
        buffer_add_text(out, "on hold");
    else
        add_next(out, to, entry, now_ms, offset_minutes);
    if (attempts)
        buffer_printf(out, "; tried %lld time%s", attempts, attempts == 1 ? "" : "s");
    if (text_of(to, "destination").len) {
        buffer_add_text(out, "; goes to ");
        visible_add(out, text_of(to, "destination"), LONGEST_ADDRESS);
    }
    buffer_add_char(out, '\n');
    if (!words.len)
        return;
    buffer_add_text(out, "      ");
    if (is_set(to, "remote")) {
        visible_add(out, text_of(to, text_of(to, "host").len ? "host" : "host_address"),
                    LONGEST_ADDRESS);
        buffer_add_text(out, " said ");
    } else {
        buffer_add_text(out, "noted here ");
    }
    if (number_of(to, "time_ms")) {
        duration_add_words(out, now_ms - number_of(to, "time_ms"));
        buffer_add_text(out, " ago: ");
    }
    if (number_of(to, "code"))
        buffer_printf(out, "%lld ", number_of(to, "code"));
    add_words(out, words, LONGEST_WORDS * 2);
    buffer_add_char(out, '\n');
}

static void show_wishes(struct buffer *out, json_t *entry, int offset_minutes)
{
    if (number_of(entry, "priority"))
        buffer_printf(out, "\n  its priority is %lld (MT-PRIORITY)", number_of(entry, "priority"));
    if (number_of(entry, "deliver_by_ms")) {
        bool is_return = span_equal(text_of(entry, "deliver_by"), SPAN("return"));
        buffer_printf(out, "\n  %s if it does not arrive by ",
                      is_return ? "it goes back to its sender" : "its sender is told");
        date_add_words(out, number_of(entry, "deliver_by_ms"), offset_minutes);
        buffer_add_text(out, " (DELIVERBY)");
    }
    if (is_set(entry, "requires_tls"))
        buffer_add_text(out, "\n  it is to be encrypted on its whole way (REQUIRETLS)");
    if (is_set(entry, "needs_no_tls"))
        buffer_add_text(out, "\n  it may also go without encryption (TLS-Required: No)");
}

static void show_head(struct buffer *out, json_t *entry, int64_t now_ms, int offset_minutes)
{
    struct buffer subject = BUFFER_EMPTY;
    struct span from = text_of(entry, "from"), address = text_of(entry, "client_address");
    encoded_words_decode(&subject, text_of(entry, "subject"));
    buffer_printf(out, "%.*s  ", SPAN_F(text_of(entry, "id")));
    if (subject.len) {
        buffer_add_text(out, "“");
        visible_add(out, buffer_span(&subject), 200);
        buffer_add_text(out, "” ");
    }
    buffer_add_text(out, "from ");
    visible_add(out, from.len ? from : SPAN("<>"), LONGEST_ADDRESS);
    buffer_printf(out, ", %lld bytes\n  in the queue for ", number_of(entry, "size"));
    duration_add_words(out, now_ms - number_of(entry, "accepted_ms"));
    buffer_add_text(out, ", since ");
    date_add_words(out, number_of(entry, "accepted_ms"), offset_minutes);
    if (text_of(entry, "client").len) {
        buffer_add_text(out, "\n  it came from ");
        visible_add(out, text_of(entry, "client"), LONGEST_ADDRESS);
    }
    if (address.len) {
        buffer_add_text(out, " [");
        visible_add(out, address, LONGEST_ADDRESS);
        buffer_add_char(out, ']');
    }
    if (text_of(entry, "message_id").len) {
        buffer_add_text(out, "\n  Message-ID ");
        visible_add(out, text_of(entry, "message_id"), LONGEST_ADDRESS);
    }
    show_wishes(out, entry, offset_minutes);
    buffer_add_char(out, '\n');
    if (is_set(entry, "held")) {
        buffer_add_text(out, "  on hold");
        buffer_add_text(out, text_of(entry, "held_why").len ? ": " : "");
        visible_add(out, text_of(entry, "held_why"), LONGEST_WORDS);
        buffer_add_char(out, '\n');
    }
    buffer_free(&subject);
}

bool queue_words_show(struct buffer *out, struct span json, int64_t now_ms, int offset_minutes)
{
    json_t *entry = json_loadb(json.at, json.len, 0, NULL), *to;
    size_t i;
    if (!entry)
        return false;
    show_head(out, entry, now_ms, offset_minutes);
    json_array_foreach(json_object_get(entry, "to_each"), i, to)
        show_recipient(out, to, entry, now_ms, offset_minutes);
    json_decref(entry);
    return true;
}

bool queue_words_suspended(struct buffer *out, struct span json, int64_t now_ms)
{
    json_t *entry = json_loadb(json.at, json.len, 0, NULL);
    if (!entry)
        return false;
    long long waiting = number_of(entry, "waiting");
    visible_add(out, text_of(entry, "name"), LONGEST_ADDRESS);
    buffer_add_text(out, "  for ");
    duration_add_words(out, now_ms - number_of(entry, "since_ms"));
    buffer_printf(out, "; %lld message%s came due", waiting, waiting == 1 ? "" : "s");
    if (text_of(entry, "why").len)
        buffer_add_text(out, ": ");
    visible_add(out, text_of(entry, "why"), LONGEST_WORDS);
    buffer_add_char(out, '\n');
    json_decref(entry);
    return true;
}
