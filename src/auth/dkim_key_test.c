#include "base/test.h"

#include "auth/dkim_key.h"

#define RSA                                                                                        \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOC" \
    "KG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGj" \
    "aNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
#define RSA_BARE                                                                                   \
    "MIGJAoGBAPAhE/9QLdIGwSYapn1klbf8OQygZ4udCDV9afv/Ni0jE3ZKcUKPE4Io\n"                           \
    "b2/dviNh9xM2HmKNKyrrfW4Ei0truh36/9G10LZTMnWVZP3jupH5FxpzaBu2j80y\n"                           \
    "onR/N9WMfg64qGK11j21/qZzAaNo0FxZOggyY9I8N1A81RhyRxDZAgMBAAE=\n"
#define RSA_512                                                                                    \
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAO710B3i21ps035+j5iBL3IpN4ubXSRYixfmxF8udeEdxCH8OqRJ4V/E/7BG" \
    "I+KSA07G4hH2zC+fhJlhdj/+fq8CAwEAAQ=="
#define ELLIPTIC                                                                                   \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETU52y7QspOIuv8v5WxGGORGHDAYE0t+2KTdUped0soHQmqfrqHWpdiJS" \
    "8w1+vMwdioV71u7iEao6+6JbTpRSEw=="
#define ED "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define ED_INFO "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

/* As "kind, bytes of the key, flags", or what is wrong. */
static void describe(struct buffer *out, bool ok, const struct dkim_key *k, const struct error *e)
{
    buffer_clear(out);
    if (!ok)
        buffer_printf(out, "!%s", e->text);
    else
        buffer_printf(out, "%s %zu%s%s%s%s", k->kind == KEY_RSA ? "rsa" : "ed25519", k->octets.len,
                      k->allows_sha256 ? "" : " not-sha256", k->is_for_mail ? "" : " not-mail",
                      k->is_trial ? " trial" : "", k->is_strict ? " strict" : "");
}

static void records_are_read(void **state)
{
    static const struct {
        const char *record, *want;
    } cases[] = {
        {"v=DKIM1; k=rsa; p=" RSA, "rsa 162"},
        {"p=" RSA, "rsa 162"},
        {"v=DKIM1; k=ED25519; p=" ED, "ed25519 32"},
        {"v=DKIM1; p=", "rsa 0"},
        {"v=DKIM1; h=sha1; p=" RSA, "rsa 162 not-sha256"},
        {"v=DKIM1; h=sha1 : SHA256; p=" RSA, "rsa 162"},
        {"v=DKIM1; s=tlsrpt; p=" RSA, "rsa 162 not-mail"},
        {"v=DKIM1; s=tlsrpt:email; p=" RSA, "rsa 162"},
        {"v=DKIM1; s=*; t=y:s:new; n=hello; g=*; p=" RSA, "rsa 162 trial strict"},
        {"v=DKIM1; k=rsa", "!it has no key in it (p=)"},
        {"", "!it has no key in it (p=)"},
        {"k=rsa; v=DKIM1; p=" RSA, "!it does not begin with v=DKIM1"},
        {"v=spf1 -all", "!it does not begin with v=DKIM1"},
        {"v=DKIM2; p=" RSA, "!it does not begin with v=DKIM1"},
        {"v=DKIM1; k=x25519; p=" ED, "!its kind \"x25519\" is not known (k=)"},
        {"v=DKIM1; p=%", "!what should be the key is no base64 (p=)"},
        {"google-site-verification", "!a list of tags has to be written as \"name=value;\""},
    };
    struct buffer got = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct dkim_key k;
        struct error e;
        bool ok = dkim_key_parse(&k, span_of(cases[i].record), &a, &e);
        describe(&got, ok, &k, &e);
        assert_string_equal(buffer_text(&got), cases[i].want);
        arena_clear(&a);
    }
    buffer_free(&got);
}

static void files_are_read(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"v=DKIM1; k=rsa; p=" RSA "\n", "rsa 162"},
        {"\"v=DKIM1; k=rsa; \" \"p=" RSA "\"\n", "rsa 162"},
        {"s1._domainkey.example.org. 3600 IN TXT ( \"v=DKIM1\\; k=ed25519\\; \"\n\t\"p=\" "
         "\"" ED "\" )  ; ----- DKIM key \"s1\" for example.org\n",
         "ed25519 32"},
        {"-----BEGIN PUBLIC KEY-----\n" RSA "\n-----END PUBLIC KEY-----\n", "rsa 162"},
        {"My key:\r\n-----BEGIN PUBLIC KEY-----\r\n" ED_INFO "\r\n-----END PUBLIC KEY-----\r\n",
         "ed25519 44"},
        {"-----BEGIN RSA PUBLIC KEY-----\n" RSA_BARE "-----END RSA PUBLIC KEY-----\n", "rsa 140"},
        {"-----BEGIN PUBLIC KEY-----\n" RSA_512 "\n-----END PUBLIC KEY-----\n",
         "!an RSA key of 512 bits is too short to prove anything; 1024 is the least, 2048 is "
         "usual"},
        {"v=DKIM1; p=" RSA_512, "!an RSA key of 512 bits is too short to prove anything; 1024 is "
                                "the least, 2048 is usual"},
        {"-----BEGIN PUBLIC KEY-----\n" ELLIPTIC "\n-----END PUBLIC KEY-----\n",
         "!it is neither an RSA nor an Ed25519 key"},
        {"-----BEGIN PUBLIC KEY-----\n" RSA "\n", "!the public key in it is damaged"},
        {"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
         "!the public key in it is damaged"},
        {"-----BEGIN PUBLIC KEY-----\nZm9v\n-----END PUBLIC KEY-----\n",
         "!it is no public key that can be read"},
        {"-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n",
         "!it holds a \"CERTIFICATE\", and no public key"},
        {"-----BEGIN RSA PRIVATE KEY-----\n",
         "!this is a private key, which belongs to the server that signs and to nobody else; its "
         "public half is enough here: openssl pkey -in FILE -pubout"},
        {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nx",
         "!this is a private key, which belongs to the "
         "server that signs and to nobody else; its public half is enough here: openssl pkey -in "
         "FILE -pubout"},
        {"v=DKIM1; p=", "!this key has been revoked (its p= is empty)"},
        {"v=DKIM1; k=rsa; p=Zm9v", "!it is no public key that can be read"},
        {"v=DKIM1; k=rsa; p=MBIwDQYJKoZIhvcNAQEBBQADAQA=" /* says RSA, with nothing in it */,
         "!it is no public key that can be read"},
        {"v=DKIM1; k=rsa; p=" RSA "AAAA", "!it is no public key that can be read"},
        {"", "!there is no key in it"},
        {"\"\"", "!there is no key in it"},
        {"hello", "!a list of tags has to be written as \"name=value;\""},
    };
    struct buffer got = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct dkim_key k;
        struct error e;
        bool ok = dkim_key_read(&k, span_of(cases[i].text), &a, &e);
        describe(&got, ok, &k, &e);
        assert_string_equal(buffer_text(&got), cases[i].want);
        arena_clear(&a);
    }
    buffer_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read),
        cmocka_unit_test(files_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
