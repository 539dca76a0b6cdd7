/* Whatever a message is: what we sign holds for our own check, and for whom it is signed once it is
 * not signed again. */
#include "base/fuzz.h"

#include "auth/dkim_author.h"
#include "auth/dkim_check.h"
#include "auth/dkim_trial.h"
#include "auth/dns_trial.h"

static bool holds(struct span message)
{
    struct dkim_verdict verdicts[DKIM_MOST_CHECKED];
    struct buffer zone = BUFFER_EMPTY;
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    size_t count;
    buffer_printf(&zone, "s1._domainkey.example.org TXT %s\n", dkim_trial_ed25519);
    while (!dkim_check(message, 1, &l, verdicts, &count, &a)) {
        dns_trial_answer(&l, buffer_span(&zone));
        arena_clear(&a);
    }
    bool is_pass = count && verdicts[0].result == DKIM_PASS;
    arena_clear(&a);
    lookups_free(&l);
    buffer_free(&zone);
    return is_pass;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static struct private_key *key; /* it costs too much to read it every time */
    if (!key)
        key = dkim_trial_key(KEY_ED25519);
    const struct dkim_signer signer = {SPAN("example.org"), SPAN("s1"), key};
    struct span message = fuzz_piece(span_make((const char *)at, len));
    struct buffer out = BUFFER_EMPTY;
    bool is_chosen;
    if (dkim_author_choose(&signer, 1, message, &is_chosen) &&
        dkim_author_leave_signed(&signer, 1, message, &is_chosen) &&
        dkim_sign(&out, &signer, 1, message, 1)) {
        buffer_add_span(&out, message);
        assert(holds(buffer_span(&out)));
        assert(dkim_author_choose(&signer, 1, buffer_span(&out), &is_chosen) == 1);
        assert(!dkim_author_leave_signed(&signer, 1, buffer_span(&out), &is_chosen));
    }
    buffer_free(&out);
    fuzz_piece_free(message);
    return 0;
}
