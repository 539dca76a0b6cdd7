/* What smtpd's lists of restrictions say, word by word. */
#include "import/inside.h"

static const struct restriction {
    const char *name; /* a "*" at its end stands for anything */
    enum import_fate fate;
    const char *words;
} restrictions[] = {
    {"permit_mynetworks", IMPORT_CARRIED, "the option trusted"},
    {"reject_unauth_destination", IMPORT_CARRIED,
     "always so: strangers reach the domains of the users file only"},
    {"defer_unauth_destination", IMPORT_CARRIED,
     "always so: strangers reach the domains of the users file only; plainpost refuses for good"},
    {"permit_auth_destination", IMPORT_UNNEEDED, "what is for our domains is taken anyway"},
    {"permit", IMPORT_UNNEEDED, "what nothing refuses is taken"},
    {"reject_unlisted_recipient", IMPORT_CARRIED, "always so: unknown users are refused at once"},
    {"reject_unknown_recipient_domain", IMPORT_UNNEEDED,
     "a domain that does not exist is reported to the sender at the first attempt"},
    {"permit_sasl_authenticated", IMPORT_LOST,
     "plainpost knows no log-in yet; trust the networks of your users (option trusted), or keep "
     "them on the old server"},
    {"reject_unauth_pipelining", IMPORT_UNNEEDED,
     "who talks out of turn can't smuggle anything in"},
    {"reject_multi_recipient_bounce", IMPORT_UNNEEDED, "it is rare, and harmless here"},
    {"check_policy_service", IMPORT_LOST,
     "plainpost asks no policy service; if it is for greylisting, set greylist-points"},
    {"check_*", IMPORT_LOST,
     "plainpost reads no access tables yet; a domain or address can be closed with route NAME "
     "refuse \"WHY\""},
    {"reject_rhsbl_*", IMPORT_LOST, "plainpost asks no lists about this name"},
    {"reject_non_fqdn_*", IMPORT_LOST, "plainpost does not refuse by the form of addresses"},
    {"reject_unknown_*", IMPORT_LOST, "plainpost does not look up senders by this"},
    {"reject_unlisted_sender", IMPORT_LOST, "plainpost does not look at senders yet"},
    {"reject_sender_login_mismatch", IMPORT_LOST, "plainpost knows no log-in yet"},
    {"reject_*sender_login_mismatch", IMPORT_LOST, "plainpost knows no log-in yet"},
    {"reject_unverified_*", IMPORT_LOST, "plainpost asks no other server about addresses"},
    {"permit_tls_*", IMPORT_LOST,
     "a client that shows a certificate is trusted by its SHA-256 fingerprint: "
     "trusted-certificate"},
    {"permit_*", IMPORT_LOST, "plainpost does not know this exception"},
    {"warn_if_reject", IMPORT_UNNEEDED, "it only logs"},
    {"sleep", IMPORT_UNNEEDED, "it only waits"},
    {"reject", IMPORT_LOST, "plainpost has no lists of rules; trust and routes decide"},
    {"defer", IMPORT_LOST, "plainpost has no lists of rules; trust and routes decide"},
    {"defer_if_*", IMPORT_LOST, "plainpost has no lists of rules; trust and routes decide"},
};

bool pattern_fits(struct span text, const char *pattern)
{
    for (; *pattern && *pattern != '*'; pattern++) {
        if (!text.len || text.at[0] != *pattern)
            return false;
        text = span_skip(text, 1);
    }
    if (!*pattern)
        return !text.len;
    for (;; text = span_skip(text, 1)) {
        if (pattern_fits(text, pattern + 1))
            return true;
        if (!text.len)
            return false;
    }
}

/* Some are followed by what they look into. */
static bool takes_argument(struct span item)
{
    return pattern_fits(item, "check_*") || pattern_fits(item, "reject_rbl_client") ||
           pattern_fits(item, "reject_rhsbl_*") || pattern_fits(item, "permit_dnswl_client") ||
           pattern_fits(item, "permit_rhswl_client") || pattern_fits(item, "sleep");
}

static void tell_restriction(struct importer *i, struct buffer *lines, const char *list,
                             struct span item, struct span argument)
{
    const char *about =
        arena_text(i->arena, arena_printf(i->arena, argument.len ? "%s %.*s %.*s" : "%s %.*s%.*s",
                                          list, SPAN_F(item), SPAN_F(argument)));
    if (import_client_rule(i, lines, about, item, argument))
        return;
    for (size_t n = 0; n < sizeof restrictions / sizeof *restrictions; n++)
        if (pattern_fits(item, restrictions[n].name)) {
            note(i, restrictions[n].fate, about, "%s", restrictions[n].words);
            return;
        }
    note(i, IMPORT_LOST, about, "plainpost has no lists of rules; look up what it decides");
}

/* What stands behind warn_if_reject only logs: it must not refuse. */
static void import_list(struct importer *i, struct buffer *lines, const char *list)
{
    struct span rest = main_cf_value(&i->cf, list), item, argument;
    bool only_warns = false;
    while (main_cf_is_set(&i->cf, list) && next_item(&rest, &item)) {
        argument = SPAN_NONE;
        if (takes_argument(item))
            next_item(&rest, &argument);
        if (!only_warns)
            tell_restriction(i, lines, list, item, argument);
        only_warns = span_equal(item, SPAN("warn_if_reject"));
    }
}

void import_restrictions(struct importer *i)
{
    struct buffer lines = BUFFER_EMPTY;
    static const char *const lists[] = {
        "smtpd_client_restrictions",      "smtpd_helo_restrictions",
        "smtpd_sender_restrictions",      "smtpd_relay_restrictions",
        "smtpd_recipient_restrictions",   "smtpd_data_restrictions",
        "smtpd_end_of_data_restrictions", "smtpd_etrn_restrictions"};
    for (size_t n = 0; n < sizeof lists / sizeof *lists; n++) {
        tell_nothing(i, lists[n]);
        import_list(i, &lines, lists[n]);
    }
    buffer_add_span(&i->out->config, buffer_span(&lines));
    buffer_free(&lines);
}
