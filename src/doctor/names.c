/* The names of those who send: whether the reverse DNS knows the address, whether that name leads
 * back to it, and whether it is what the server calls itself (RFC 1912 2.1, RFC 5321 4.1.4). Gmail
 * and Microsoft refuse what fails the first two. */
#include "doctor/exam.h"

#include "base/inet.h"
#include "mail/host_name.h"

enum { MOST_NAMES = 4 };

static bool is_word_of_ours(struct exam *x)
{
    return x->request->is_ours && x->request->hostname.len;
}

/* ---- whose they are */

static void take_source(struct exam *x, const unsigned char address[16])
{
    const unsigned char(*have)[16] = (const unsigned char(*)[16])x->sources;
    if (x->source_count < MOST_SOURCES && !addresses_have(have, x->source_count, address))
        memcpy(x->sources[x->source_count++], address, 16);
}

static bool has_family(const struct exam *x, bool is_v4)
{
    for (size_t i = 0; i < x->request->source_count; i++)
        if (inet_is_v4(x->request->sources[i]) == is_v4)
            return true;
    return false;
}

static void find_sources(struct exam *x)
{
    const struct doctor_request *r = x->request;
    struct exam_addresses own;
    for (size_t i = 0; i < r->source_count; i++)
        take_source(x, r->sources[i]);
    if (r->has_all_sources || !is_word_of_ours(x) || r->relay.len ||
        !exam_addresses(x, r->hostname, &own))
        return;
    for (size_t i = 0; i < own.count; i++)
        if (!has_family(x, inet_is_v4(own.at[i])))
            take_source(x, own.at[i]);
}

/* ---- one address */

static struct span good_name(struct exam *x)
{
    return is_word_of_ours(x) ? arena_printf(x->arena, "%.*s.", SPAN_F(x->request->hostname))
                              : SPAN("(the name of the server).");
}

static void have_no_name(struct exam *x, enum doctor_level level)
{
    struct span list =
        addresses_text(x, (const unsigned char(*)[16])x->nameless, x->nameless_count);
    struct buffer b = BUFFER_EMPTY;
    struct doctor_finding *f =
        x->nameless_count == 1
            ? finding(x, DOCTOR_REVERSE, level, list,
                      "The address %.*s has no name in the reverse DNS.", SPAN_F(list))
            : finding(x, DOCTOR_REVERSE, level, list,
                      "The addresses %.*s have no names in the reverse DNS.", SPAN_F(list));
    f->why = SPAN("Many servers, those of Gmail and Microsoft among them, refuse mail that comes "
                  "from an address without a name.");
    f->todo = SPAN("Only whoever gives you the address (your hosting or Internet provider) can "
                   "enter it, often on a page of theirs. Ask for:");
    for (size_t i = 0; i < x->nameless_count; i++)
        buffer_printf(&b, "%s%.*s. IN PTR %.*s", i ? "\n" : "",
                      SPAN_F(reverse_name(x, x->nameless[i])), SPAN_F(good_name(x)));
    f->publish = arena_keep(x->arena, &b);
}

static void leads_elsewhere(struct exam *x, const unsigned char *address, struct span name,
                            enum doctor_level level)
{
    struct span text = address_text(x, address);
    struct doctor_finding *f =
        finding(x, DOCTOR_REVERSE, level, text, "The name of %.*s, %.*s, does not lead back to it.",
                SPAN_F(text), SPAN_F(name));
    f->why = SPAN("Anybody can give his address any name; so others believe only a name that has "
                  "this address, and treat the rest as no name at all.");
    f->todo = SPAN("Add the address to that name, or have the name changed by whoever gives you "
                   "the address:");
    f->publish = address_record(x, name, address);
}

static void looks_at_good_name(struct exam *x, const unsigned char *address, struct span name)
{
    struct span text = address_text(x, address);
    const struct doctor_request *r = x->request;
    if (host_name_is_of_address(name, address)) {
        struct doctor_finding *f =
            finding(x, DOCTOR_REVERSE, DOCTOR_WARNING, text,
                    "The name of %.*s, %.*s, looks like one that a provider gives to any customer.",
                    SPAN_F(text), SPAN_F(name));
        f->why = SPAN("Most spam comes from computers with such names; some servers refuse them.");
        f->todo = SPAN("Have the name of the server entered instead:");
        f->publish = arena_printf(x->arena, "%.*s. IN PTR %.*s", SPAN_F(reverse_name(x, address)),
                                  SPAN_F(good_name(x)));
    } else if (is_word_of_ours(x) && !span_equal_nocase(name, r->hostname)) {
        struct doctor_finding *f =
            finding(x, DOCTOR_REVERSE, DOCTOR_ADVICE, text,
                    "The reverse DNS calls %.*s %.*s, and the server calls itself %.*s.",
                    SPAN_F(text), SPAN_F(name), SPAN_F(r->hostname));
        f->why = SPAN("That is allowed, but some filters count it against the mail.");
        f->todo = SPAN("Best is one name for all: in the option hostname and here:");
        f->publish = arena_printf(x->arena, "%.*s. IN PTR %.*s", SPAN_F(reverse_name(x, address)),
                                  SPAN_F(good_name(x)));
    } else {
        finding(x, DOCTOR_REVERSE, DOCTOR_FINE, text,
                "%.*s is %.*s, and that name leads back to it.", SPAN_F(text), SPAN_F(name));
    }
}

/* The first of its names that leads back, for nobody asks for all of them. */
static void look_at_names(struct exam *x, const unsigned char *address,
                          const struct dns_answer *ptr, enum doctor_level level)
{
    struct span first = SPAN_NONE;
    bool is_open = false;
    for (size_t i = 0; i < ptr->count && i < MOST_NAMES; i++) {
        struct span rest = ptr->records[i], name;
        struct exam_addresses its;
        if (!dns_read_name(&rest, &name, x->arena))
            continue;
        if (!exam_addresses(x, name, &its)) {
            is_open = true;
            continue;
        }
        if (addresses_have((const unsigned char(*)[16])its.at, its.count, address)) {
            looks_at_good_name(x, address, name);
            return;
        }
        if (!first.len)
            first = name;
    }
    if (!is_open && first.len)
        leads_elsewhere(x, address, first, level);
}

static void look_at_address(struct exam *x, const unsigned char *address, enum doctor_level level)
{
    const struct dns_answer *ptr = exam_ask(x, reverse_name(x, address), DNS_PTR);
    if (!ptr)
        return;
    switch (ptr->result) {
    case DNS_FAILED:
        finding(x, DOCTOR_REVERSE, DOCTOR_UNCHECKED, address_text(x, address),
                "The reverse DNS gives no answer for %.*s.", SPAN_F(address_text(x, address)))
            ->found = ptr->why;
        break;
    case DNS_NO_NAME:
    case DNS_NO_RECORD:
        if (x->nameless_count < MOST_NAMELESS)
            memcpy(x->nameless[x->nameless_count++], address, 16);
        break;
    case DNS_FOUND:
        look_at_names(x, address, ptr, level);
        break;
    }
}

/* ---- what the server calls itself */

static bool is_for_home_only(struct span name)
{
    static const char *const ends[] = {".test",      ".invalid", ".local", ".localdomain",
                                       ".lan",       ".example", ".home",  ".internal",
                                       ".localhost", "localhost"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (span_ends_nocase(name, span_of(ends[i])))
            return true;
    return span_find_char(name, '.') == SPAN_NOT_FOUND;
}

static void helo_is_unknown(struct exam *x)
{
    struct span name = x->request->hostname;
    bool is_home = is_for_home_only(name);
    struct doctor_finding *f = finding(
        x, DOCTOR_REVERSE, DOCTOR_BROKEN, name,
        "The server calls itself %.*s, and that name has no address in the DNS.", SPAN_F(name));
    f->why =
        SPAN("It is the first thing that it says to others (HELO), and many refuse a name that "
             "does not exist.");
    f->todo = is_home ? SPAN("Give the server a name that others can know, in the configuration:")
                      : SPAN("Give that name its address, or set the option hostname to the name "
                             "that the DNS knows.");
    if (is_home)
        f->publish = arena_printf(x->arena, "hostname mail.%.*s", SPAN_F(x->request->domain));
    else if (x->source_count)
        f->publish = address_record(x, name, x->sources[0]);
}

static void look_at_helo(struct exam *x)
{
    struct span name = x->request->hostname;
    struct exam_addresses its;
    if (!is_word_of_ours(x) || !exam_addresses(x, name, &its))
        return;
    struct span failure = exam_failure(&its);
    if (!its.count && failure.len) {
        finding(x, DOCTOR_REVERSE, DOCTOR_UNCHECKED, name,
                "The DNS gives no answer for the name that the server calls itself.")
            ->found = failure;
        return;
    }
    if (!its.count) {
        helo_is_unknown(x);
        return;
    }
    for (size_t i = 0; i < x->source_count; i++) {
        if (addresses_have((const unsigned char(*)[16])its.at, its.count, x->sources[i]))
            continue;
        struct span text = address_text(x, x->sources[i]);
        struct doctor_finding *f = finding(x, DOCTOR_REVERSE, DOCTOR_WARNING, name,
                                           "Mail leaves from %.*s, which is no address of the name "
                                           "that the server calls itself, %.*s.",
                                           SPAN_F(text), SPAN_F(name));
        f->why = SPAN("Some servers compare the two, and trust mail less where they differ.");
        f->todo = SPAN("Add the address to the name:");
        f->publish = address_record(x, name, x->sources[i]);
        return;
    }
    finding(x, DOCTOR_REVERSE, DOCTOR_FINE, name,
            "The server calls itself %.*s, which has the address that its mail comes from.",
            SPAN_F(name));
}

/* ---- all of it */

static void sources_are_not_known(struct exam *x)
{
    const struct doctor_request *r = x->request;
    if (r->relay.len)
        finding(x, DOCTOR_REVERSE, DOCTOR_UNCHECKED, r->relay,
                "Mail from here leaves through %.*s, so others see that server's addresses.",
                SPAN_F(r->relay))
            ->todo = SPAN("Name an address that its mail comes from by --source, to have it "
                          "looked at.");
    else if (!r->is_ours && !x->takes_no_mail)
        finding(x, DOCTOR_REVERSE, DOCTOR_UNCHECKED, r->domain,
                "From which addresses the domain sends its mail can't be seen from outside.")
            ->todo = SPAN("Name them by --source ADDRESS to have them looked at.");
}

static void look_at_addresses(struct exam *x, const unsigned char (*at)[16], size_t count,
                              enum doctor_level level)
{
    for (size_t i = 0; i < count; i++)
        if (inet_is_reachable(at[i]))
            look_at_address(x, at[i], level);
}

static void look_for_translation(struct exam *x, const unsigned char *address)
{
    struct span text = address_text(x, address);
    if (!inet_is_reachable(address))
        finding(
            x, DOCTOR_REVERSE, DOCTOR_UNCHECKED, text,
            "%.*s is an address for networks of one's own; others see another one in its place.",
            SPAN_F(text))
            ->todo = SPAN("Name the one that they see by --source.");
}

void exam_sources(struct exam *x)
{
    /* Servers that take mail mostly send it, too. */
    enum doctor_level level = DOCTOR_ADVICE;
    find_sources(x);
    if (x->source_count) {
        level = DOCTOR_BROKEN;
        look_at_addresses(x, (const unsigned char(*)[16])x->sources, x->source_count, level);
        for (size_t i = 0; i < x->source_count; i++)
            look_for_translation(x, x->sources[i]);
    } else {
        sources_are_not_known(x);
    }
    for (size_t i = 0; !x->source_count && !is_word_of_ours(x) && i < x->host_count; i++)
        look_at_addresses(x, (const unsigned char(*)[16])x->hosts[i].addresses.at,
                          x->hosts[i].addresses.count, level);
    if (x->nameless_count)
        have_no_name(x, level);
    look_at_helo(x);
}
