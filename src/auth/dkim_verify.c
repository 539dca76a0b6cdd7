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

enum dkim_result dkim_verify_data(const struct dkim_signature *s, const struct dkim_key *k,
                                  struct span data, struct error *why)
{
    enum dkim_result result = DKIM_UNFIT;
    if (!key_allows(k, s, why))
        return result;
    struct public_key *just_now = k->opened ? NULL : public_key_new(k->octets, why);
    const struct public_key *key = k->opened ? k->opened : just_now;
    if (key && public_key_kind(key) != k->kind) {
        error_set(why, "its key is not of the kind that its record tells");
    } else if (key) {
        unsigned char hash[SHA256_LENGTH];
        sha256(data, hash);
        result = result_of(public_key_check(key, s->octets, hash), why);
    }
    public_key_free(&just_now);
    return result;
}

enum dkim_result dkim_verify_header(const struct dkim_signature *s, const struct dkim_key *k,
                                    struct span header, struct error *why)
{
    struct buffer signed_header = BUFFER_EMPTY;
    enum dkim_result result = DKIM_UNFIT;
    if (dkim_add_signed_header(&signed_header, s, header))
        result = dkim_verify_data(s, k, buffer_span(&signed_header), why);
    else
        error_set(why, "the header is too long to be checked");
    buffer_free(&signed_header);
    return result;
}
