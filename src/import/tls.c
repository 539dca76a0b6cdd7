/* Certificates, and which connections must be encrypted. */
#include "import/inside.h"

static bool is_level(const struct importer *i, const char *name, const char *const *levels)
{
    struct span level = main_cf_value(&i->cf, name);
    for (; *levels; levels++)
        if (span_equal_nocase(level, span_of(*levels)))
            return true;
    return false;
}

static bool serves_tls(const struct importer *i)
{
    static const char *const levels[] = {"may", "encrypt", NULL};
    return is_level(i, "smtpd_tls_security_level", levels) || is_yes(i, "smtpd_use_tls") ||
           is_yes(i, "smtpd_enforce_tls");
}

static void add_certificate(struct importer *i, const char *about, struct span file,
                            struct span key)
{
    struct buffer line = BUFFER_EMPTY;
    struct span why;
    buffer_add_text(&line, "tls-certificate ");
    word_print(&line, file);
    if (key.len && !span_equal(key, file)) {
        buffer_add_char(&line, ' ');
        word_print(&line, key);
    }
    buffer_add_char(&line, '\n');
    if (is_taken(i, buffer_span(&line), &why)) {
        buffer_add_span(&i->out->config, buffer_span(&line));
        note(i, IMPORT_CARRIED, about, "%.*s", SPAN_F(span_trim(buffer_span(&line))));
        i->has_certificate = true;
    } else {
        note(i, IMPORT_LOST, about, "%.*s", SPAN_F(why));
    }
    buffer_free(&line);
}

static void import_pair(struct importer *i, const char *name, const char *key)
{
    struct span file = main_cf_value(&i->cf, name);
    tell_nothing(i, key);
    if (file.len && !span_equal_nocase(file, SPAN("none")))
        add_certificate(i, name, file, main_cf_value(&i->cf, key));
}

/* In each of its files the key stands before the certificate; or in the file before. */
static void import_chain_files(struct importer *i)
{
    static const char name[] = "smtpd_tls_chain_files";
    struct span rest = main_cf_value(&i->cf, name), first = SPAN_NONE, second = SPAN_NONE, item;
    size_t count = 0;
    for (; next_item(&rest, &item); count++) {
        if (!count)
            first = item;
        second = item;
    }
    if (count == 1 || count == 2)
        add_certificate(i, name, second, first);
    else
        note(i, IMPORT_LOST, name,
             "it names %zu files; write a line for each certificate: tls-certificate CERTIFICATE "
             "KEY",
             count);
}

void import_certificates(struct importer *i)
{
    if (!serves_tls(i)) {
        tell_nothing(i, "smtpd_tls_security_level");
        return;
    }
    if (main_cf_value(&i->cf, "smtpd_tls_chain_files").len) {
        import_chain_files(i);
    } else {
        import_pair(i, "smtpd_tls_cert_file", "smtpd_tls_key_file");
        import_pair(i, "smtpd_tls_eccert_file", "smtpd_tls_eckey_file");
    }
    if (is_level(i, "smtpd_tls_security_level", (const char *const[]){"encrypt", NULL}))
        note(i, IMPORT_LOST, "smtpd_tls_security_level",
             "here it is a setting of a listener; write behind it: listen ADDRESS:PORT tls "
             "required");
    else if (i->has_certificate)
        note(i, IMPORT_CARRIED, "smtpd_tls_security_level",
             "with a certificate clients may encrypt; nothing needs to be set");
}

const char *import_tls_of_server(const struct importer *i, bool is_mx)
{
    static const char name[] = "smtp_tls_security_level";
    bool is_verified = is_level(i, name, (const char *const[]){"verify", "secure", NULL});
    bool is_required =
        is_level(i, name, (const char *const[]){"encrypt", "fingerprint", "dane-only", NULL});
    if (is_yes(i, "smtp_tls_wrappermode") && !is_mx)
        return is_verified ? " tls implicit" : " tls implicit-unverified";
    return is_verified                                              ? " tls verified"
           : is_required                                            ? " tls required"
           : is_level(i, name, (const char *const[]){"none", NULL}) ? " tls off"
                                                                    : "";
}

void import_tls_of_routes(struct importer *i)
{
    static const char name[] = "smtp_tls_security_level";
    const char *words = import_tls_of_server(i, true);
    if (is_level(i, name, (const char *const[]){"fingerprint", "dane-only", NULL}))
        note(i, IMPORT_LOST, name,
             "routes demand TLS now, but with any certificate; where a name can be checked, write "
             "tls verified");
    else if (main_cf_value(&i->cf, name).len)
        note(i, IMPORT_CARRIED, name, "%s",
             *words ? arena_text(i->arena, arena_printf(i->arena, "routes say%s", words))
                    : "mail goes by TLS wherever the next hop offers it; nothing needs to be set");
    tell_nothing(i, "smtp_tls_wrappermode");
}
