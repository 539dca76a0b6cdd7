#include "sys/tls_inside.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

enum { MOST_NAMES = 200 };

static int64_t time_of(const ASN1_TIME *t)
{
    struct tm when = {0};
    if (ASN1_TIME_to_tm(t, &when) != 1)
        return 0;
    return (int64_t)timegm(&when) * 1000;
}

static struct span text_of(const ASN1_STRING *s, struct arena *a)
{
    return arena_copy(a, span_make(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)));
}

static void find_names(struct tls_certificate *c, X509 *x, struct arena *a)
{
    GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    int count = sk_GENERAL_NAME_num(all); /* of NULL: -1 */
    c->names = arena_new(a, MOST_NAMES * sizeof *c->names);
    for (int i = 0; i < count && c->name_count < MOST_NAMES; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(all, i);
        if (name->type == GEN_DNS)
            c->names[c->name_count++] = text_of(name->d.dNSName, a);
    }
    GENERAL_NAMES_free(all);
}

/* The common name, or the organization where there is none. */
static struct span issuer_of(X509 *x, struct arena *a)
{
    X509_NAME *name = X509_get_issuer_name(x);
    static const int parts[] = {NID_commonName, NID_organizationName};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        int at = X509_NAME_get_index_by_NID(name, parts[i], -1);
        if (at >= 0)
            return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)), a);
    }
    return SPAN_NONE;
}

static struct span kind_of(X509 *x, struct arena *a)
{
    EVP_PKEY *key = X509_get0_pubkey(x);
    char group[40];
    size_t len = 0;
    if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
        EVP_PKEY_get_group_name(key, group, sizeof group, &len) == 1) {
        const char *nist = EC_curve_nid2nist(OBJ_txt2nid(group));
        return arena_printf(a, "ECDSA %s", nist ? nist : group);
    }
    if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
        return arena_printf(a, "RSA %d", EVP_PKEY_get_bits(key));
    return key ? arena_printf(a, "%s", EVP_PKEY_get0_type_name(key)) : SPAN_NONE;
}

void tls_certificate_describe(struct tls_certificate *c, X509 *x, const char *file, struct arena *a)
{
    *c = (struct tls_certificate){.file = file,
                                  .begins_ms = time_of(X509_get0_notBefore(x)),
                                  .ends_ms = time_of(X509_get0_notAfter(x)),
                                  .issuer = issuer_of(x, a),
                                  .kind = kind_of(x, a)};
    find_names(c, x, a);
}

bool tls_certificate_read(struct tls_certificate *c, const char *file, struct arena *a,
                          struct error *e)
{
    FILE *from = fopen(file, "re");
    if (!from)
        return error_system(e, errno, "the certificate in %s can't be read", file);
    ERR_clear_error();
    X509 *x = PEM_read_X509(from, NULL, NULL, NULL);
    fclose(from);
    if (!x)
        return error_set(e, "no certificate is in %s (%s)", file, tls_library_words());
    tls_certificate_describe(c, x, file, a);
    X509_free(x);
    return true;
}

bool tls_certificate_has(const struct tls_certificate *c, struct span name)
{
    for (size_t i = 0; i < c->name_count; i++)
        if (span_equal_nocase(c->names[i], name))
            return true;
    return false;
}

void tls_certificate_show(struct tls_shown *to, X509 *x, struct arena *a)
{
    unsigned char *whole = NULL, *key = NULL;
    int whole_len = i2d_X509(x, &whole), key_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &key);
    tls_certificate_describe(&to->certificate, x, "", a);
    to->whole = arena_copy(a, span_make(whole, whole_len > 0 ? (size_t)whole_len : 0));
    to->key = arena_copy(a, span_make(key, key_len > 0 ? (size_t)key_len : 0));
    OPENSSL_free(whole);
    OPENSSL_free(key);
}
