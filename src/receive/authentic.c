#include "receive/authentic.h"

#include "auth/organization.h"
#include "base/inet.h"
#include "base/visible.h"

enum {
    WIDTH = 68 /* of a line of a reply, without its codes */,
    MOST_SIGNERS = 3,
    LONGEST_SIGNER = 60
};

/* ---- what follows */

/* Of a result, for a domain: does it speak for it, or would it, if it could be checked? */
static bool signs_for(const struct message_verdict *v, struct span domain,
                      enum dkim_verdict_result result)
{
    struct arena a = ARENA_EMPTY;
    bool found = false;
    for (size_t i = 0; i < v->dkim_count && !found; i++)
        found = v->dkim[i].result == result && domain.len &&
                organization_signs_for(v->dkim[i].domain, domain, &a);
    arena_clear(&a);
    return found;
}

/* SPF says that the sender's own domain does not want it. What a client calls itself is no reason:
 * many hosts have a record that says that no mail is ever from them, and send notices. */
static bool is_disowned(const struct message_verdict *v)
{
    return v->has_spf && !v->spf.is_helo && v->spf.result == SPF_FAIL;
}

/* A forwarded message fails SPF, and its signature may hold. */
static bool has_signature(const struct message_verdict *v, enum dkim_verdict_result result)
{
    return signs_for(v, v->spf.domain, result) || signs_for(v, v->dmarc.author, result);
}

enum authentic_ruling authentic_rule(const struct message_verdict *v)
{
    switch (v->dmarc.result) {
    case DMARC_PASS:
        return AUTHENTIC_TAKEN;
    case DMARC_FAIL:
        return v->dmarc.applied == DMARC_REJECT ? AUTHENTIC_REFUSED : AUTHENTIC_TAKEN;
    case DMARC_TEMPERROR:
        return v->dmarc.place.len && v->dmarc.applied == DMARC_REJECT ? AUTHENTIC_NOT_YET
                                                                      : AUTHENTIC_TAKEN;
    case DMARC_NONE:
    case DMARC_PERMERROR:
        break;
    }
    if (!is_disowned(v) || has_signature(v, DKIM_PASS))
        return AUTHENTIC_TAKEN;
    return has_signature(v, DKIM_TEMPERROR) ? AUTHENTIC_NOT_YET : AUTHENTIC_REFUSED;
}

/* The newest set of a chain that holds says whose hands the message has left as it is. */
static struct span newest_sealer(const struct message_verdict *v)
{
    const struct arc_chain *c = &v->arc.chain;
    return v->arc.state == ARC_PASS && c->count ? c->sets[c->count - 1].seal.domain : SPAN_NONE;
}

static bool is_from(const struct message_verdict *v, const struct forwarder *f)
{
    bool found =
        (v->has_spf && v->spf.result == SPF_PASS && forwarder_has_domain(f, v->spf.domain)) ||
        forwarder_has_domain(f, newest_sealer(v));
    for (size_t i = 0; i < v->dkim_count && !found; i++)
        found = v->dkim[i].result == DKIM_PASS && forwarder_has_domain(f, v->dkim[i].domain);
    return found;
}

bool authentic_is_passed_on(const struct message_verdict *v, const unsigned char client[16],
                            const struct forwarder *forwarders, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (forwarders[i].domain.len ? is_from(v, &forwarders[i])
                                     : network_contains(&forwarders[i].network, client))
            return true;
    return false;
}

static bool is_of_one_organization(struct span one, struct span other)
{
    struct arena a = ARENA_EMPTY;
    struct span first = organization_of(one, &a), second = organization_of(other, &a);
    bool is = span_equal_nocase(one, other) || (first.len && span_equal(first, second));
    arena_clear(&a);
    return is;
}

enum vouched authentic_vouches(const struct message_verdict *v, bool is_passed_on)
{
    if (!v->has_spf || v->spf.is_helo) /* the null path is nobody's */
        return VOUCHED_UNKNOWN;
    if (v->spf.result == SPF_PASS || signs_for(v, v->spf.domain, DKIM_PASS))
        return VOUCHED_FOR;
    if (is_disowned(v) && !is_passed_on)
        return VOUCHED_AGAINST;
    bool is_forged = v->dmarc.result == DMARC_FAIL && v->dmarc.applied != DMARC_DO_NOTHING &&
                     is_of_one_organization(v->spf.domain, v->dmarc.author);
    return is_forged && !is_passed_on ? VOUCHED_AGAINST : VOUCHED_UNKNOWN;
}

/* ---- what the client is told */

struct telling {
    struct buffer text; /* lines parted by LF */
    size_t lines;
};

static void add_line(struct telling *t, struct span line)
{
    if (t->lines++)
        buffer_add_char(&t->text, '\n');
    for (size_t i = 0; i < line.len; i++)
        buffer_add_char(&t->text, line.at[i] < ' ' || line.at[i] > '~' ? '?' : line.at[i]);
}

/* Where the first line of it ends: before a blank, if there is one. */
static size_t line_end(struct span text)
{
    size_t end = text.len <= WIDTH ? text.len : WIDTH;
    while (end < text.len && end && text.at[end] != ' ')
        end--;
    return end ? end : WIDTH;
}

/* A paragraph of at most so many lines. What is cut off is seen to be. */
static void say(struct telling *t, size_t most, struct span text)
{
    for (size_t i = 0; i < most && text.len && t->lines < AUTHENTIC_MOST_LINES; i++) {
        size_t end = line_end(text);
        bool is_cut = i + 1 == most && end < text.len;
        struct buffer line = BUFFER_EMPTY;
        buffer_add_span(&line, span_first(text, end));
        if (is_cut)
            buffer_add_text(&line, " ...");
        add_line(t, buffer_span(&line));
        buffer_free(&line);
        text = span_trim(span_skip(text, end));
    }
}

static struct span shown(struct span s, struct arena *a)
{
    enum { LONGEST = 100 };
    struct buffer out = BUFFER_EMPTY;
    visible_add(&out, s, LONGEST);
    return arena_keep(a, &out);
}

static void say_spf(struct telling *t, const struct message_verdict *v, struct arena *a)
{
    if (v->has_spf)
        say(t, 3, arena_printf(a, "SPF: %.*s.", SPAN_F(v->spf.why)));
}

/* Of several the author's own, or else the first. */
static const struct dkim_verdict *signature_to_tell(const struct message_verdict *v)
{
    for (size_t i = 0; i < v->dkim_count; i++)
        if (is_of_one_organization(v->dkim[i].domain, v->dmarc.author))
            return &v->dkim[i];
    return v->dkim_count ? &v->dkim[0] : NULL;
}

static void say_dkim(struct telling *t, const struct message_verdict *v, struct arena *a)
{
    static const char *const ends[] = {
        [DKIM_PASS] = "holds, but is not the author's",
        [DKIM_FAIL] = "does not hold",
        [DKIM_TEMPERROR] = "could not be checked right now",
        [DKIM_PERMERROR] = "can't be used",
    };
    const struct dkim_verdict *d = signature_to_tell(v);
    if (!d)
        say(t, 1, SPAN("DKIM: the message has no signature."));
    else
        say(t, 2,
            arena_printf(a, "DKIM: the signature of %.*s %s%s%.*s.", SPAN_F(shown(d->domain, a)),
                         ends[d->result], d->result != DKIM_PASS && d->why.len ? ": " : "",
                         SPAN_F(d->result != DKIM_PASS ? d->why : SPAN_NONE)));
}

/* SPF's advice helps DMARC only where it is about the author's own organization. */
static void say_advice(struct telling *t, const struct message_verdict *v, bool is_dmarc,
                       struct arena *a)
{
    bool has_spf = v->has_spf && !v->spf.is_helo && v->spf.result != SPF_PASS && v->spf.remedy.len;
    bool helps = has_spf && (!is_dmarc || is_of_one_organization(v->spf.domain, v->dmarc.author));
    struct span domain = is_dmarc ? v->dmarc.author : v->spf.domain;
    struct span remedy = helps ? v->spf.remedy : v->dmarc.remedy;
    if (remedy.len)
        say(t, 3,
            arena_printf(a, "To the operator of %.*s: %.*s", SPAN_F(shown(domain, a)),
                         SPAN_F(remedy)));
}

static bool is_by_dmarc(const struct message_verdict *v)
{
    return v->dmarc.result == DMARC_FAIL || v->dmarc.result == DMARC_TEMPERROR;
}

static struct reply not_yet(const struct message_verdict *v, struct arena *a)
{
    struct telling t = {.text = BUFFER_EMPTY};
    bool is_spf = v->has_spf && v->spf.result == SPF_TEMPERROR;
    struct span domain = shown(is_by_dmarc(v) ? v->dmarc.author : v->spf.domain, a);
    say(&t, 3,
        arena_printf(a,
                     "It could not be checked right now whether this mail is from %.*s, which "
                     "wants all refused that is not. Please try again later.",
                     SPAN_F(domain)));
    if (is_spf)
        say_spf(&t, v, a);
    if (signature_to_tell(v))
        say_dkim(&t, v, a);
    return (struct reply){451, is_spf ? STATUS(4, 7, 24) : STATUS(4, 7, 20),
                          arena_keep(a, &t.text)};
}

static struct reply disowned(const struct message_verdict *v, struct span ip, struct arena *a)
{
    struct telling t = {.text = BUFFER_EMPTY};
    struct span domain = shown(v->spf.domain, a);
    say(&t, 2,
        arena_printf(a, "%.*s says that %.*s may not send mail for it (SPF).", SPAN_F(domain),
                     SPAN_F(ip)));
    say_spf(&t, v, a);
    if (v->spf.said.len)
        say(&t, 2, arena_printf(a, "%.*s adds: %.*s", SPAN_F(domain), SPAN_F(v->spf.said)));
    say_advice(&t, v, false, a);
    return (struct reply){550, STATUS(5, 7, 23), arena_keep(a, &t.text)};
}

struct reply authentic_reply(enum authentic_ruling ruling, const struct message_verdict *v,
                             const unsigned char client[16], struct arena *a)
{
    struct telling t = {.text = BUFFER_EMPTY};
    struct buffer ip = BUFFER_EMPTY;
    inet_add(&ip, client);
    struct span from = arena_keep(a, &ip);
    if (ruling == AUTHENTIC_NOT_YET)
        return not_yet(v, a);
    if (!is_by_dmarc(v))
        return disowned(v, from, a);
    say(&t, 3,
        arena_printf(a,
                     "This mail says that it is from %.*s, and nothing proves it. %.*s wants such "
                     "mail refused (DMARC, p=reject).",
                     SPAN_F(shown(v->dmarc.author, a)), SPAN_F(shown(v->dmarc.place, a))));
    say_spf(&t, v, a);
    say_dkim(&t, v, a);
    say_advice(&t, v, true, a);
    return (struct reply){550, STATUS(5, 7, 26), arena_keep(a, &t.text)};
}

/* ---- in short */

static void add_signer(struct buffer *out, const struct dkim_verdict *d)
{
    buffer_printf(out, ", DKIM %s", dkim_verdict_word(d->result));
    if (d->domain.len) {
        buffer_add_char(out, ' ');
        visible_add(out, d->domain, LONGEST_SIGNER);
    }
}

void authentic_add_words(struct buffer *out, const struct message_verdict *v)
{
    size_t signers = 0;
    if (v->has_spf)
        buffer_printf(out, "SPF %s%s", spf_result_word(v->spf.result),
                      v->spf.is_helo ? " by the client's name" : "");
    else
        buffer_add_text(out, "no SPF");
    for (size_t i = 0; i < v->dkim_count && signers < MOST_SIGNERS; i++)
        if (v->dkim[i].result == DKIM_PASS) {
            add_signer(out, &v->dkim[i]);
            signers++;
        }
    if (!v->dkim_count)
        buffer_add_text(out, ", no DKIM");
    else if (!signers)
        add_signer(out, signature_to_tell(v));
    buffer_printf(out, ", DMARC %s", dmarc_result_word(v->dmarc.result));
    if (v->dmarc.result == DMARC_FAIL)
        buffer_printf(out, " (%s)", dmarc_policy_word(v->dmarc.applied));
    if (v->arc.state != ARC_NONE) {
        struct span sealer = newest_sealer(v);
        buffer_printf(out, ", ARC %s%s", arc_state_word(v->arc.state), sealer.len ? " " : "");
        visible_add(out, sealer, LONGEST_SIGNER);
    }
}
