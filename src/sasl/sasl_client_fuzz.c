/* A hostile server of any mechanism: what it says costs no endless work, never makes it one that
 * knows the password, and with SCRAM it never hears the secret. */
#include "base/fuzz.h"

#include "sasl/sasl_client.h"

#include <string.h>

enum { MOST_STEPS = 5 };

static void check_response(const struct sasl_client *x, enum sasl_mechanism m)
{
    struct span r = sasl_client_response(x);
    bool is_scram = m == SASL_SCRAM_SHA_256 || m == SASL_SCRAM_SHA_256_PLUS;
    assert(!is_scram || span_find(r, SPAN("a secret")) == SPAN_NOT_FOUND);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    enum sasl_mechanism m = (enum sasl_mechanism)fuzz_number(&in, SASL_MECHANISMS - 1);
    const struct sasl_client_settings s = {.offer = fuzz_byte(&in),
                                           .name = SPAN("us=er,"),
                                           .secret = SPAN("a secret"),
                                           .nonce = SPAN("ours"),
                                           .binding_name =
                                               fuzz_bool(&in) ? SPAN("tls-exporter") : SPAN_NONE,
                                           .binding = SPAN("bound")};
    struct sasl_client *x = sasl_client_new(&s, m);
    enum sasl_client_wait wait = SASL_CLIENT_WAITS_CHALLENGE;
    const struct scram_secret secret = {{1}, {2}};
    bool is_scram = m == SASL_SCRAM_SHA_256 || m == SASL_SCRAM_SHA_256_PLUS;
    for (int i = 0; i < MOST_STEPS && wait != SASL_CLIENT_FAILED; i++) {
        struct span piece = fuzz_piece(fuzz_text(&in, 2000));
        wait = sasl_client_take(x, piece);
        fuzz_piece_free(piece);
        if (wait == SASL_CLIENT_WAITS_SECRET) {
            struct sasl_derivation d = sasl_client_derivation(x);
            assert(is_scram && d.salt.len && d.iterations >= SCRAM_LEAST_ITERATIONS &&
                   d.iterations <= SCRAM_MOST_FOR_CLIENT);
            wait = sasl_client_take_secret(x, &secret);
        }
        check_response(x, m);
        assert(!is_scram || i || !sasl_client_may_succeed(x));
    }
    if (wait == SASL_CLIENT_FAILED)
        assert(!sasl_client_may_succeed(x) && *sasl_client_problem(x));
    sasl_client_free(&x);
    return 0;
}
