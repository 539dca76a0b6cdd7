#include "auth/spf_match.h"

#include "auth/spf_words.h"
#include "base/inet.h"
#include "mail/host_name.h"

/* ---- addresses */

static bool is_in_network(const unsigned char *address, const unsigned char *network, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    return memcmp(address, network, whole) == 0 &&
           (!rest || (address[whole] ^ network[whole]) >> (8 - rest) == 0);
}

static bool is_client(const struct spf_run *run, const struct spf_term *t,
                      const unsigned char network[16])
{
    const unsigned char *client = run->names.client;
    if (inet_is_v4(client) != inet_is_v4(network))
        return false;
    return inet_is_v4(client) ? is_in_network(client + 12, network + 12, t->bits4)
                              : is_in_network(client, network, t->bits6);
}

/* ::ffff:192.0.2.1 is an IPv4 address (RFC 7208 5), which "ip6" never names. */
enum spf_step spf_match_network(struct spf_run *run, const struct spf_term *t)
{
    bool is_of_family = inet_is_v4(run->names.client) == (t->mechanism == SPF_IP4);
    return is_of_family && is_client(run, t, t->network) ? SPF_MATCHES : SPF_GOES_ON;
}

static bool read_address(struct span record, unsigned char bytes[16])
{
    enum { V4 = 4, V6 = 16 };
    memset(bytes, 0, 16);
    bytes[10] = bytes[11] = 0xFF;
    if (record.len == V4)
        memcpy(bytes + 12, record.at, V4);
    else if (record.len == V6)
        memcpy(bytes, record.at, V6);
    return record.len == V4 || record.len == V6;
}

static const struct dns_answer *addresses_of(struct spf_run *run, struct span name)
{
    return lookups_get(run->lookups, name, inet_is_v4(run->names.client) ? DNS_A : DNS_AAAA);
}

static bool names_client(const struct spf_run *run, const struct spf_term *t,
                         const struct dns_answer *answer)
{
    unsigned char bytes[16];
    for (size_t i = 0; i < answer->count; i++)
        if (read_address(answer->records[i], bytes) && is_client(run, t, bytes))
            return true;
    return false;
}

/* ---- limits */

enum spf_step spf_take_term(struct spf_run *run, struct span written)
{
    return ++run->terms > SPF_MOST_TERMS ? spf_too_many_terms(run, written) : SPF_GOES_ON;
}

/* A term's own question was answered: is there anything to look at? MATCHES: there is. */
static enum spf_step look_at(struct spf_run *run, struct span name, const struct dns_answer *answer)
{
    if (!answer)
        return SPF_OPEN;
    switch (answer->result) {
    case DNS_FOUND:
        return SPF_MATCHES;
    case DNS_FAILED:
        return spf_no_answer(run, name, answer);
    case DNS_NO_NAME:
    case DNS_NO_RECORD:
        break;
    }
    return ++run->voids > SPF_MOST_VOIDS ? spf_too_many_voids(run, name) : SPF_GOES_ON;
}

/* ---- terms that ask */

enum spf_step spf_match_a(struct spf_run *run, const struct spf_term *t, struct span name)
{
    const struct dns_answer *answer = addresses_of(run, name);
    enum spf_step step = look_at(run, name, answer);
    return step == SPF_MATCHES && !names_client(run, t, answer) ? SPF_GOES_ON : step;
}

/* RFC 7208 5.7: IPv4, whatever the client has. */
enum spf_step spf_match_exists(struct spf_run *run, struct span name)
{
    return look_at(run, name, lookups_get(run->lookups, name, DNS_A));
}

/* All hosts at once. One that names the client decides, even when another has no answer: their
 * order means nothing here. */
enum spf_step spf_match_mx(struct spf_run *run, const struct spf_term *t, struct span name)
{
    const struct dns_answer *answer = lookups_get(run->lookups, name, DNS_MX), *failed = NULL;
    enum spf_step step = look_at(run, name, answer);
    struct span failing = SPAN_NONE;
    bool is_open = false;
    if (step != SPF_MATCHES)
        return step;
    if (answer->count > SPF_MOST_HOSTS)
        return spf_too_many_hosts(run, name, answer->count);
    for (size_t i = 0; i < answer->count; i++) {
        uint16_t preference;
        struct span host;
        if (!dns_read_mx(answer->records[i], &preference, &host, run->arena))
            continue;
        const struct dns_answer *addresses = addresses_of(run, host);
        if (!addresses) {
            is_open = true;
        } else if (names_client(run, t, addresses)) {
            return SPF_MATCHES;
        } else if (addresses->result == DNS_FAILED) {
            failed = addresses;
            failing = host;
        }
    }
    if (is_open)
        return SPF_OPEN;
    return failed ? spf_no_answer(run, failing, failed) : SPF_GOES_ON;
}

/* ---- names of the client, RFC 7208 5.5 */

static struct span reverse_name(struct spf_run *run)
{
    return spf_macro_domain(SPAN("%{ir}.%{v}.arpa"), &run->names, run->arena);
}

static struct span without_dot(struct span name)
{
    return name.len && name.at[name.len - 1] == '.' ? span_first(name, name.len - 1) : name;
}

/* Does the name lead back to the client? A name that the DNS does not answer for does not. */
static enum spf_step leads_back(struct spf_run *run, struct span name)
{
    static const struct spf_term exactly = {.bits4 = 32, .bits6 = 128};
    const struct dns_answer *answer = addresses_of(run, name);
    return !answer ? SPF_OPEN : names_client(run, &exactly, answer) ? SPF_MATCHES : SPF_GOES_ON;
}

/* Of the first names that the client's address has, the best that leads back: `domain`, one below
 * it, or, where `of_any`, another. MATCHES, GOES_ON, or OPEN. */
static enum spf_step best_name(struct spf_run *run, const struct dns_answer *answer,
                               struct span domain, bool of_any, struct span *best)
{
    bool is_open = false;
    *best = SPAN_NONE;
    domain = without_dot(domain);
    for (size_t i = 0; i < answer->count && i < SPF_MOST_HOSTS; i++) {
        struct span rest = answer->records[i], name;
        if (!dns_read_name(&rest, &name, run->arena) ||
            (!of_any && !host_name_is_within(name, domain)))
            continue;
        enum spf_step step = leads_back(run, name);
        is_open |= step == SPF_OPEN;
        bool is_better =
            !best->len || (host_name_is_within(name, domain) &&
                           (!host_name_is_within(*best, domain) || name.len == domain.len));
        if (step == SPF_MATCHES && is_better)
            *best = name;
    }
    return is_open ? SPF_OPEN : best->len ? SPF_MATCHES : SPF_GOES_ON;
}

enum spf_step spf_match_ptr(struct spf_run *run, struct span name)
{
    struct span best, reverse = reverse_name(run);
    const struct dns_answer *answer = lookups_get(run->lookups, reverse, DNS_PTR);
    if (answer && answer->result == DNS_FAILED)
        return SPF_GOES_ON;
    enum spf_step step = look_at(run, reverse, answer);
    return step == SPF_MATCHES ? best_name(run, answer, name, false, &best) : step;
}

bool spf_client_name(struct spf_run *run)
{
    struct span best;
    const struct dns_answer *answer = lookups_get(run->lookups, reverse_name(run), DNS_PTR);
    if (!answer)
        return false;
    enum spf_step step = best_name(run, answer, run->names.domain, true, &best);
    run->names.client_name = step == SPF_MATCHES ? best : SPAN("unknown");
    return step != SPF_OPEN;
}

/* ---- targets */

static bool is_ascii(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] > 0x7F)
            return false;
    return true;
}

enum spf_step spf_target(struct spf_run *run, struct span target, struct span *name)
{
    if (!target.len) {
        *name = run->names.domain;
        return SPF_MATCHES;
    }
    if (!is_ascii(run->names.local) && spf_macro_has(target, "sl"))
        return SPF_GOES_ON;
    if (spf_macro_has(target, "p") && !spf_client_name(run))
        return SPF_OPEN;
    *name = spf_macro_domain(target, &run->names, run->arena);
    return SPF_MATCHES;
}
