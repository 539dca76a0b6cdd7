#include "events/signature.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

void signature_add(struct buffer *out, struct span secret, int64_t time_s, struct span body)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    struct buffer base = BUFFER_EMPTY;
    buffer_printf(&base, "%lld.", (long long)time_s);
    buffer_add_span(&base, body);
    /* It fails only for a digest that libcrypto does not have. */
    const unsigned char *made =
        HMAC(EVP_sha256(), secret.at, (int)secret.len, (const unsigned char *)buffer_text(&base),
             base.len, mac, &len);
    assert(made);
    buffer_printf(out, "t=%lld,v1=", (long long)time_s);
    for (unsigned i = 0; i < len; i++)
        buffer_printf(out, "%02x", (unsigned)mac[i]);
    buffer_free(&base);
}
