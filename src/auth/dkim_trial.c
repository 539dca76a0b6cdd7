#include "auth/dkim_trial.h"

#include "auth/dkim_header.h"
#include "mail/encode.h"

#include <assert.h>

const char dkim_trial_rsa[] =
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
    "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
    "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";
const char dkim_trial_ed25519[] =
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

static const char rsa_private[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXwIBAAKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC\n"
    "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb\n"
    "to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB\n"
    "AoGBALmn+XwWk7akvkUlqb+dOxyLB9i5VBVfje89Teolwc9YJT36BGN/l4e0l6QX\n"
    "/1//6DWUTB3KI6wFcm7TWJcxbS0tcKZX7FsJvUz1SbQnkS54DJck1EZO/BLa5ckJ\n"
    "gAYIaqlA9C0ZwM6i58lLlPadX/rtHb7pWzeNcZHjKrjM461ZAkEA+itss2nRlmyO\n"
    "n1/5yDyCluST4dQfO8kAB3toSEVc7DeFeDhnC1mZdjASZNvdHS4gbLIA1hUGEF9m\n"
    "3hKsGUMMPwJBAPW5v/U+AWTADFCS22t72NUurgzeAbzb1HWMqO4y4+9Hpjk5wvL/\n"
    "eVYizyuce3/fGke7aRYw/ADKygMJdW8H/OcCQQDz5OQb4j2QDpPZc0Nc4QlbvMsj\n"
    "7p7otWRO5xRa6SzXqqV3+F0VpqvDmshEBkoCydaYwc2o6WQ5EBmExeV8124XAkEA\n"
    "qZzGsIxVP+sEVRWZmW6KNFSdVUpk3qzK0Tz/WjQMe5z0UunY9Ax9/4PVhp/j61bf\n"
    "eAYXunajbBSOLlx4D+TunwJBANkPI5S9iylsbLs6NkaMHV6k5ioHBBmgCak95JGX\n"
    "GMot/L2x0IYyMLAz6oLWh2hm7zwtb0CgOrPo1ke44hFYnfc=\n"
    "-----END RSA PRIVATE KEY-----\n";
static const char ed25519_private[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

struct private_key *dkim_trial_key(enum key_kind kind)
{
    struct error e;
    struct private_key *k =
        private_key_read(span_of(kind == KEY_RSA ? rsa_private : ed25519_private), &e);
    assert(k);
    return k;
}

static void add_octets(struct buffer *out, enum dkim_algorithm algorithm, struct span data)
{
    struct private_key *k = dkim_trial_key(algorithm == DKIM_RSA_SHA256 ? KEY_RSA : KEY_ED25519);
    struct buffer octets = BUFFER_EMPTY;
    unsigned char hash[SHA256_LENGTH];
    sha256(data, hash);
    private_key_sign(k, hash, &octets);
    base64_add(out, buffer_span(&octets));
    buffer_free(&octets);
    private_key_free(&k);
}

void dkim_trial_sign(struct buffer *out, const char *tags, struct span header)
{
    struct arena a = ARENA_EMPTY;
    struct buffer draft = BUFFER_EMPTY, data = BUFFER_EMPTY;
    struct dkim_signature s;
    struct error e;
    buffer_printf(&draft, "DKIM-Signature: %s; b=AA==\r\n", tags);
    buffer_add_span(&draft, header);
    struct header_iterator it = header_start(buffer_span(&draft));
    struct header_field f;
    int got = header_next(&it, &f);
    assert(got == 1);
    bool ok = dkim_signature_parse(&s, &f, &a, &e) &&
              dkim_add_signed_header(&data, &s, buffer_span(&draft));
    assert(ok);
    buffer_printf(out, "DKIM-Signature: %s; b=", tags);
    add_octets(out, s.algorithm, buffer_span(&data));
    buffer_add_text(out, "\r\n");
    buffer_add_span(out, header);
    buffer_free(&draft);
    buffer_free(&data);
    arena_clear(&a);
}
