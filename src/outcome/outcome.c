#include "outcome/outcome.h"

#include "base/visible.h"

enum { LONGEST_HOST = 255 };

bool outcome_is_final(enum outcome_kind kind)
{
    return kind != OUTCOME_DELAYED;
}

bool outcome_has_recovered(const struct outcome *o)
{
    return o->told_ms && (o->kind == OUTCOME_DELIVERED || o->kind == OUTCOME_RELAYED);
}

const char *outcome_tls_words(const struct outcome *o)
{
    static const char *const words[][4] = {
        {"", "", "", ""},
        {"TLS 1.2", "TLS 1.2 (verified)", "TLS 1.2 (MTA-STS)", "TLS 1.2 (DANE)"},
        {"TLS 1.3", "TLS 1.3 (verified)", "TLS 1.3 (MTA-STS)", "TLS 1.3 (DANE)"},
    };
    return words[o->tls][o->proof];
}

const char *outcome_word(enum outcome_kind kind)
{
    switch (kind) {
    case OUTCOME_DELIVERED:
        return "delivered";
    case OUTCOME_RELAYED:
        return "relayed";
    case OUTCOME_DELAYED:
        return "delayed";
    case OUTCOME_FAILED:
        return "failed";
    case OUTCOME_DISCARDED:
        return "discarded";
    case OUTCOME_EXPANDED:
        return "expanded";
    }
    return "";
}

struct status outcome_report_status(const struct outcome *o)
{
    uint8_t class = o->kind == OUTCOME_FAILED ? 5 : o->kind == OUTCOME_DELAYED ? 4 : 2;
    if (o->is_expired) /* RFC 3463 3.5: 4.4.7, although the action is "failed" */
        return STATUS(4, 4, 7);
    if (status_is_given(o->status) && o->status.class == class)
        return o->status;
    return status_is_given(o->status) ? STATUS(class, o->status.subject, o->status.detail)
                                      : STATUS(class, 0, 0);
}

void outcome_add_server(struct buffer *out, const struct outcome *o)
{
    bool is_told_by_address = !o->host.len || span_starts(o->address, o->host);
    visible_add(out, is_told_by_address ? o->address : o->host, LONGEST_HOST);
    if (o->address.len && !is_told_by_address) {
        buffer_add_text(out, " (");
        visible_add(out, o->address, LONGEST_HOST);
        buffer_add_char(out, ')');
    }
}

void outcome_add_reply(struct buffer *out, const struct outcome *o, size_t most)
{
    if (o->code)
        buffer_printf(out, "%d ", o->code);
    if (status_is_given(o->status)) {
        status_add(out, o->status);
        buffer_add_char(out, ' ');
    }
    visible_add_lines(out, o->words, most);
}
