#include "base/inet.h"

#include <string.h>

static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};

bool inet_is_v4(const unsigned char bytes[16])
{
    return memcmp(bytes, mapped, sizeof mapped) == 0;
}

static bool v4_parse(struct span text, unsigned char bytes[4])
{
    if (text.len && text.at[text.len - 1] == '.')
        return false;
    for (int i = 0; i < 4; i++) {
        uint64_t value;
        struct span part = span_cut(&text, '.');
        bool is_octal = part.len > 1 && part.at[0] == '0'; /* to some programs */
        if (is_octal || !span_to_u64(part, 255, &value))
            return false;
        bytes[i] = (unsigned char)value;
    }
    return !text.len;
}

static bool group_parse(struct span text, uint16_t *group)
{
    unsigned value = 0;
    if (!text.len || text.len > 4)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (ascii_hex_value(text.at[i]) < 0)
            return false;
        value = value * 16 + (unsigned)ascii_hex_value(text.at[i]);
    }
    *group = (uint16_t)value;
    return true;
}

/* The groups of an IPv6 address between its ends or "::"; the last one may be an IPv4 address,
 * which is two. Returns their number, or -1. */
static int groups_parse(struct span text, uint16_t groups[8])
{
    int count = 0;
    if (text.len && text.at[text.len - 1] == ':')
        return -1;
    while (text.len) {
        struct span group = span_cut(&text, ':');
        unsigned char v4[4];
        if (count == 8)
            return -1;
        if (!text.len && count < 7 && v4_parse(group, v4)) {
            groups[count++] = (uint16_t)(v4[0] << 8 | v4[1]);
            groups[count++] = (uint16_t)(v4[2] << 8 | v4[3]);
        } else if (!group_parse(group, &groups[count++])) {
            return -1;
        }
    }
    return count;
}

bool inet_parse_v6(struct span text, unsigned char bytes[16])
{
    uint16_t head[8] = {0}, tail[8] = {0}, all[8] = {0};
    size_t gap = span_find(text, SPAN("::"));
    struct span front = span_first(text, gap);
    bool has_v4_in_front = gap != SPAN_NOT_FOUND && span_find_char(front, '.') != SPAN_NOT_FOUND;
    int heads = groups_parse(front, head);
    int tails = gap == SPAN_NOT_FOUND ? 0 : groups_parse(span_skip(text, gap + 2), tail);
    if (has_v4_in_front || heads < 0 || tails < 0 ||
        (gap == SPAN_NOT_FOUND ? heads != 8 : heads + tails > 7))
        return false;
    memcpy(all, head, sizeof head);
    for (int i = 0; i < tails; i++)
        all[8 - tails + i] = tail[i];
    for (int i = 0; i < 8; i++) {
        bytes[2 * i] = (unsigned char)(all[i] >> 8);
        bytes[2 * i + 1] = (unsigned char)all[i];
    }
    return true;
}

bool inet_parse_v4(struct span text, unsigned char bytes[16])
{
    if (!v4_parse(text, bytes + 12))
        return false;
    memcpy(bytes, mapped, sizeof mapped);
    return true;
}

bool inet_parse(struct span text, unsigned char bytes[16])
{
    return inet_parse_v4(text, bytes) || inet_parse_v6(text, bytes);
}

/* The longest run of zeros, at least two, the first of equals (RFC 5952 4.2). */
static int longest_gap(const uint16_t groups[8], int *length)
{
    int best = -1;
    *length = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && !groups[i + n])
            n++;
        if (n > *length) {
            best = i;
            *length = n;
        }
        i += n;
    }
    return best;
}

static void v6_add(struct buffer *out, const unsigned char bytes[16])
{
    uint16_t groups[8];
    for (int i = 0; i < 8; i++)
        groups[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    int length, gap = longest_gap(groups, &length);
    for (int i = 0; i < 8; i++) {
        if (i == gap) {
            buffer_add_text(out, "::");
            i += length - 1;
        } else {
            buffer_printf(out, i && i != gap + length ? ":%x" : "%x", groups[i]);
        }
    }
}

void inet_add(struct buffer *out, const unsigned char bytes[16])
{
    if (inet_is_v4(bytes))
        buffer_printf(out, "%u.%u.%u.%u", bytes[12], bytes[13], bytes[14], bytes[15]);
    else
        v6_add(out, bytes);
}

void inet_add_reversed(struct buffer *out, const unsigned char bytes[16])
{
    bool is_v4 = inet_is_v4(bytes);
    for (int i = 15; i >= (is_v4 ? 12 : 0); i--)
        if (is_v4)
            buffer_printf(out, "%d.", bytes[i]);
        else
            buffer_printf(out, "%x.%x.", bytes[i] & 0xF, bytes[i] >> 4);
}

/* Networks that no packet from elsewhere comes to (RFC 6890). */
bool inet_is_reachable(const unsigned char address[16])
{
    static const struct {
        const char *network;
        unsigned bits;
    } nowhere[] = {{"0.0.0.0", 104},     {"10.0.0.0", 104},    {"100.64.0.0", 106},
                   {"127.0.0.0", 104},   {"169.254.0.0", 112}, {"172.16.0.0", 108},
                   {"192.168.0.0", 112}, {"224.0.0.0", 99},    {"::", 127},
                   {"fc00::", 7},        {"fe80::", 10},       {"ff00::", 8}};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        unsigned char network[16];
        unsigned bits = nowhere[i].bits, bytes = bits / 8, rest = bits % 8;
        inet_parse(span_of(nowhere[i].network), network);
        unsigned char mask = (unsigned char)(0xFF00 >> rest);
        if (memcmp(network, address, bytes) == 0 &&
            (!rest || (network[bytes] & mask) == (address[bytes] & mask)))
            return false;
    }
    return true;
}
