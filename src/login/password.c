/* An app password is 100 bits of chance, so that a plain hash of it can't be guessed either; it is
 * compared first, which takes no time to speak of. */
#include "login/password.h"

#include "mail/encode.h"
#include "sasl/saslprep.h"
#include "sasl/scram.h"

#include <sodium.h>
#include <string.h>

enum {
    ITERATIONS = 32768, /* of SCRAM: a client does them at each login */
    APP_LETTERS = 20,
    APP_GROUP = 5
};

static const unsigned long long PASSES = 2;
static const size_t MEMORY = 64 * 1024 * 1024;

static void add_keys(struct buffer *out, struct span prepared)
{
    struct scram_keys keys = {.iterations = ITERATIONS, .salt_len = SCRAM_SALT};
    randombytes_buf(keys.salt, keys.salt_len);
    scram_keys_make(&keys, prepared);
    scram_keys_print(out, &keys);
    sodium_memzero(&keys, sizeof keys);
}

bool password_hash(struct buffer *out, struct span password, struct error *e)
{
    char hash[crypto_pwhash_STRBYTES];
    struct buffer prepared = BUFFER_EMPTY;
    bool ok = sodium_init() >= 0 && saslprep_add(&prepared, password, true);
    if (!ok)
        error_set(e,
                  "that can't be a password: it must have 1 to %d bytes of UTF-8, without "
                  "control characters and without characters that programs don't know yet",
                  SASLPREP_LONGEST);
    if (ok && crypto_pwhash_str(hash, buffer_text(&prepared), prepared.len, PASSES, MEMORY) != 0)
        ok = error_set(e, "there is not enough memory (%zu MB) to make a hash of the password",
                       MEMORY / 1024 / 1024);
    if (ok) {
        buffer_printf(out, "%s ", hash);
        add_keys(out, buffer_span(&prepared));
    }
    buffer_wipe(&prepared);
    return ok;
}

static void add_app_hash(struct buffer *out, struct span password)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)password.at, password.len);
    base64_add(out, span_make(hash, sizeof hash));
}

void app_password_make(struct buffer *password, struct buffer *word, struct span label)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* none looks like another */
    buffer_reserve(password, 2 * APP_LETTERS);
    for (int i = 0; i < APP_LETTERS; i++) {
        if (i && i % APP_GROUP == 0)
            buffer_add_char(password, '-');
        buffer_add_char(password, letters[randombytes_uniform(sizeof letters - 1)]);
    }
    buffer_printf(word, "app=%.*s:", SPAN_F(label));
    add_app_hash(word, buffer_span(password));
}
_Static_assert(sizeof "abcdefghijkmnpqrstuvwxyz23456789" == 33, "five bits a letter");

static bool is_app_password(const struct login_line *l, struct span password)
{
    struct buffer own = BUFFER_EMPTY;
    struct span rest = l->words, label, hash;
    bool found = false;
    add_app_hash(&own, password);
    while (login_next_app(&rest, &label, &hash))
        found |= hash.len == own.len && sodium_memcmp(hash.at, own.at, own.len) == 0;
    buffer_wipe(&own);
    return found;
}

static bool is_main_password(const struct login_line *l, struct span password)
{
    char hash[LOGIN_LONGEST_HASH + 1] = "";
    memcpy(hash, l->hash.at, l->hash.len);
    bool is_right = crypto_pwhash_str_verify(hash, password.at, password.len) == 0;
    sodium_memzero(hash, sizeof hash);
    return is_right;
}

bool password_is_right(const struct login_line *l, struct span password)
{
    struct buffer prepared = BUFFER_EMPTY;
    if (!saslprep_add(&prepared, password, false))
        return false;
    bool is_right = is_app_password(l, buffer_span(&prepared)) ||
                    (l->hash.len && is_main_password(l, buffer_span(&prepared)));
    buffer_wipe(&prepared);
    return is_right;
}
