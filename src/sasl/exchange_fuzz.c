/* A hostile client of any mechanism: nobody gets in without our saying so, and an end is an end. */
#include "base/fuzz.h"

#include "sasl/exchange.h"

enum { MOST_STEPS = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    const struct scram_keys keys = {.iterations = 4096, .salt_len = SCRAM_SALT};
    const struct exchange_settings s = {
        .mechanism = (enum sasl_mechanism)fuzz_number(&in, SASL_MECHANISMS - 1),
        .nonce = SPAN("ours"),
        .binding = fuzz_bool(&in) ? SPAN("bound") : SPAN_NONE};
    bool is_right = fuzz_bool(&in), has_initial = fuzz_bool(&in);
    struct exchange *x = exchange_new(&s);
    struct span piece = fuzz_piece(fuzz_text(&in, 2000));
    enum exchange_wait wait = exchange_start(x, has_initial ? &piece : NULL);
    fuzz_piece_free(piece);
    for (int i = 0; i < MOST_STEPS && wait < EXCHANGE_SUCCEEDED; i++) {
        if (wait == EXCHANGE_WAITS_PASSWORD || wait == EXCHANGE_WAITS_TOKEN) {
            assert(exchange_secret(x).len);
            wait = exchange_decide(x, is_right ? SPAN("alice") : SPAN_NONE);
            assert(wait != EXCHANGE_SUCCEEDED || is_right);
        } else if (wait == EXCHANGE_WAITS_KEYS) {
            assert(exchange_name(x).len);
            wait = exchange_take_keys(x, &keys, is_right ? SPAN("alice") : SPAN_NONE);
            assert(wait == EXCHANGE_WAITS_RESPONSE);
        } else {
            piece = fuzz_piece(fuzz_text(&in, 2000));
            wait = exchange_take(x, piece);
            fuzz_piece_free(piece);
        }
    }
    if (wait == EXCHANGE_SUCCEEDED)
        assert(is_right && span_equal(exchange_login(x), SPAN("alice")));
    exchange_free(&x);
    return 0;
}
