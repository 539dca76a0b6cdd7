#include "smtp/proxy.h"

#include "base/inet.h"

#include <string.h>

enum { LONGEST_LINE = 107, V2_HEAD = 16 };

static enum proxy_result bad(const char **problem, const char *words)
{
    *problem = words;
    return PROXY_BAD;
}

/* ---- version 1: a line of text */

static bool port_parse(struct span text, uint16_t *port)
{
    uint64_t number;
    if (!span_to_u64(text, UINT16_MAX, &number) || (text.len > 1 && text.at[0] == '0'))
        return false;
    *port = (uint16_t)number;
    return true;
}

/* "192.0.2.1 192.0.2.2 56324 25" */
static bool addresses_parse(struct span rest, bool is_v4, struct proxy_header *h)
{
    bool (*parse)(struct span, unsigned char[16]) = is_v4 ? inet_parse_v4 : inet_parse_v6;
    struct span client = span_cut(&rest, ' '), server = span_cut(&rest, ' '),
                client_port = span_cut(&rest, ' ');
    h->has_client = parse(client, h->client) && parse(server, h->server) &&
                    port_parse(client_port, &h->client_port) && port_parse(rest, &h->server_port);
    return h->has_client;
}

static enum proxy_result line_parse(struct span input, struct proxy_header *h, size_t *taken,
                                    const char **problem)
{
    size_t lf = span_find_char(span_first(input, LONGEST_LINE), '\n');
    if (lf == SPAN_NOT_FOUND)
        return input.len < LONGEST_LINE
                   ? PROXY_MORE
                   : bad(problem, "the line of a PROXY header does not end within 107 characters");
    struct span line = span_first(input, lf);
    *taken = lf + 1;
    if (!line.len || line.at[line.len - 1] != '\r')
        return bad(problem, "the line of a PROXY header does not end in CR LF");
    line.len--;
    line = span_skip(line, sizeof "PROXY " - 1);
    struct span family = span_cut(&line, ' ');
    if (span_equal(family, SPAN("UNKNOWN")))
        return PROXY_DONE;
    bool is_v4 = span_equal(family, SPAN("TCP4"));
    if (!is_v4 && !span_equal(family, SPAN("TCP6")))
        return bad(problem, "a PROXY header says neither TCP4 nor TCP6 nor UNKNOWN");
    if (!addresses_parse(line, is_v4, h))
        return bad(problem, "the addresses of a PROXY header can't be read");
    return PROXY_DONE;
}

/* ---- version 2: binary */

static uint16_t get16(const unsigned char *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* Two addresses of 4 or 16 bytes and two ports. */
static void take_addresses(const unsigned char *at, size_t size, struct proxy_header *h)
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    memcpy(h->client, mapped, sizeof mapped);
    memcpy(h->server, mapped, sizeof mapped);
    memcpy(h->client + 16 - size, at, size);
    memcpy(h->server + 16 - size, at + size, size);
    h->client_port = get16(at + 2 * size);
    h->server_port = get16(at + 2 * size + 2);
    h->has_client = true;
}

static enum proxy_result binary_parse(struct span input, struct proxy_header *h, size_t *taken,
                                      const char **problem)
{
    enum { LOCAL = 0x20, PROXY = 0x21 };
    static const size_t lengths[] = {0, 2 * 4 + 4, 2 * 16 + 4, 2 * 108}; /* by family */
    const unsigned char *at = (const unsigned char *)input.at;
    if (input.len > 12 && at[12] != LOCAL && at[12] != PROXY)
        return bad(problem, "a PROXY header has a version or a command that is not known");
    if (input.len > 13 && at[12] == PROXY && (at[13] >> 4 > 3 || (at[13] & 15) > 2))
        return bad(problem, "a PROXY header has a family or a protocol that is not known");
    if (input.len < V2_HEAD)
        return PROXY_MORE;
    size_t len = get16(at + 14), family = at[13] >> 4;
    bool is_tcp = at[12] == PROXY && (at[13] & 15) == 1 && (family == 1 || family == 2);
    if (at[12] == PROXY && (at[13] & 15) && len < lengths[family])
        return bad(problem, "a PROXY header is too short for its addresses");
    if (input.len < V2_HEAD + len)
        return PROXY_MORE;
    *taken = V2_HEAD + len; /* what stands behind the addresses (TLVs) is of no use to us */
    if (is_tcp)
        take_addresses(at + V2_HEAD, family == 1 ? 4 : 16, h);
    return PROXY_DONE;
}

static bool begins(struct span input, struct span with)
{
    return span_equal(span_first(input, with.len), span_first(with, input.len));
}

enum proxy_result proxy_parse(struct span input, struct proxy_header *h, size_t *taken,
                              const char **problem)
{
    static const struct span text = SPAN("PROXY "), binary = SPAN("\r\n\r\n\0\r\nQUIT\n");
    *h = (struct proxy_header){0};
    *taken = 0;
    if (!input.len)
        return PROXY_MORE;
    if (begins(input, text))
        return line_parse(input, h, taken, problem);
    if (begins(input, binary))
        return binary_parse(input, h, taken, problem);
    return bad(problem, "the connection does not begin with a PROXY header");
}
