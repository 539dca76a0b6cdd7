#include "auth/dkim_verify.h"

#include "auth/dkim_header.h"
#include "mail/address.h"

static enum key_kind kind_for(enum dkim_algorithm a)
{
    return a == DKIM_RSA_SHA256 ? KEY_RSA : KEY_ED25519;
}

static bool key_allows(const struct dkim_key *k, const struct dkim_signature *s, struct error *why)
{
    if (!k->octets.len)
        return error_set(why, "its key has been revoked");
    if (k->kind != kind_for(s->algorithm))
        return error_set(why, "its key is of another kind than the signature");
    if (!k->allows_sha256)
        return error_set(why, "its key is not meant for SHA-256");
    if (!k->is_for_mail)
        return error_set(why, "its key is not meant for mail");
    if (k->is_strict && !span_equal_nocase(address_domain(s->identity), s->domain))
        return error_set(why, "its key is not meant for domains below its own");
    return true;
}

static struct public_key *key_open(const struct dkim_key *k, struct error *why)
{
    struct public_key *key = public_key_new(k->octets, why);
    if (key && public_key_kind(key) != k->kind) {
        public_key_free(&key);
        error_set(why, "its key is not of the kind that its record tells");
    }
    return key;
}

static enum dkim_result result_of(enum signature_answer answer, struct error *why)
{
    switch (answer) {
    case SIGNATURE_HOLDS:
        return DKIM_HOLDS;
    case SIGNATURE_OF_OTHER_DATA:
        error_set(why, "the signature was made for a header that is not this one");
        return DKIM_OTHER_HEADER;
    case SIGNATURE_NOT_KNOWN:
        break;
    }
    error_set(why, "the signature does not fit this header and this key");
    return DKIM_BROKEN;
}

enum dkim_result dkim_verify_header(const struct dkim_signature *s, const struct dkim_key *k,
                                    struct span header, struct error *why)
{
    struct public_key *key = key_allows(k, s, why) ? key_open(k, why) : NULL;
    struct buffer signed_header = BUFFER_EMPTY;
    unsigned char hash[SHA256_LENGTH];
    enum dkim_result result = DKIM_UNFIT;
    if (!key)
        return result;
    if (!dkim_add_signed_header(&signed_header, s, header)) {
        error_set(why, "the header is too long to be checked");
    } else {
        sha256(buffer_span(&signed_header), hash);
        result = result_of(public_key_check(key, s->octets, hash), why);
    }
    buffer_free(&signed_header);
    public_key_free(&key);
    return result;
}
