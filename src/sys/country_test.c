/* With a database of its own: as small as one in MaxMind's format can be. */
#include "base/test.h"

#include "base/inet.h"
#include "sys/country.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- a database (MaxMind DB File Format Specification 2.0) */

enum { NODES = 512, NOTHING = 0xFFFFFF, DATA_GAP = 16 };

static struct {
    uint32_t node[NODES][2]; /* NOTHING, or which node is next, or DATA + where in `data` */
    size_t node_count;
    struct buffer data;
} db;

enum { DATA = 1 << 16 };

static void add_text(struct buffer *out, const char *text)
{
    buffer_add_char(out, (char)(0x40 | strlen(text)));
    buffer_add_text(out, text);
}

static void add_24(struct buffer *out, uint32_t n)
{
    for (int shift = 16; shift >= 0; shift -= 8)
        buffer_add_char(out, (char)(n >> shift));
}

static uint32_t new_node(void)
{
    assert_true(db.node_count < NODES);
    db.node[db.node_count][0] = db.node[db.node_count][1] = NOTHING;
    return (uint32_t)db.node_count++;
}

/* Where what is said of it will stand. */
static void add_network(const char *address, unsigned bits)
{
    unsigned char bytes[16];
    uint32_t at = 0;
    assert_true(inet_parse(span_of(address), bytes));
    if (inet_is_v4(bytes)) { /* stands there without the mark of an IPv4 address */
        memset(bytes, 0, 12);
        bits += 96;
    }
    for (unsigned i = 0; i < bits; i++) {
        uint32_t *next = &db.node[at][bytes[i / 8] >> (7 - i % 8) & 1];
        if (i + 1 == bits)
            *next = DATA + (uint32_t)db.data.len;
        else if (*next == NOTHING)
            *next = new_node();
        at = *next;
    }
}

/* `member` is "iso_code", or another that says nothing. */
static void add_country(const char *address, unsigned bits, const char *member, const char *value)
{
    add_network(address, bits);
    buffer_add_text(&db.data, "\xe1");
    add_text(&db.data, "country");
    buffer_add_text(&db.data, "\xe1");
    add_text(&db.data, member);
    add_text(&db.data, value);
}

/* With two names: in English, and in another language. */
static void add_named(const char *address, unsigned bits, const char *code, const char *english,
                      const char *tag, const char *name)
{
    add_network(address, bits);
    buffer_add_text(&db.data, "\xe1");
    add_text(&db.data, "country");
    buffer_add_text(&db.data, "\xe2");
    add_text(&db.data, "iso_code");
    add_text(&db.data, code);
    add_text(&db.data, "names");
    buffer_add_text(&db.data, "\xe2");
    add_text(&db.data, "en");
    add_text(&db.data, english);
    add_text(&db.data, tag);
    add_text(&db.data, name);
}

static void add_number(struct buffer *out, const char *name, char type, unsigned n)
{
    add_text(out, name);
    buffer_add_char(out, (char)(type | 2));
    buffer_add_char(out, (char)(n >> 8));
    buffer_add_char(out, (char)n);
}

static void add_end(struct buffer *out)
{
    enum { UINT16 = (char)0xa0, UINT32 = (char)0xc0 };
    buffer_add_text(out, "\xab\xcd\xefMaxMind.com\xe9");
    add_number(out, "binary_format_major_version", UINT16, 2);
    add_number(out, "binary_format_minor_version", UINT16, 0);
    add_number(out, "ip_version", UINT16, 6);
    add_number(out, "record_size", UINT16, 24);
    add_number(out, "node_count", UINT32, (unsigned)db.node_count);
    add_text(out, "build_epoch");
    buffer_add(out, "\x01\x02\x01", 3);
    add_text(out, "database_type");
    add_text(out, "Test");
    add_text(out, "languages");
    buffer_add(out, "\x00\x04", 2);
    add_text(out, "description");
    buffer_add_text(out, "\xe0");
}

static void make_database(struct buffer *out)
{
    static const char gap[DATA_GAP];
    new_node();
    add_country("192.0.2.0", 24, "iso_code", "DE");
    add_named("198.51.100.0", 25, "BR", "Brazil", "de", "Brasilien");
    add_named("2001:db8::", 32, "IN", "India", "pt-BR", "\xc3\x8dndia");
    add_country("203.0.113.0", 32, "iso_code", "de");
    add_country("203.0.113.1", 32, "iso_code", "DEU");
    add_country("203.0.113.2", 32, "code", "DE");
    for (size_t i = 0; i < db.node_count; i++)
        for (int side = 0; side < 2; side++) {
            uint32_t n = db.node[i][side];
            uint32_t count = (uint32_t)db.node_count;
            add_24(out, n == NOTHING ? count : n < DATA ? n : n - DATA + count + DATA_GAP);
        }
    buffer_add(out, gap, sizeof gap);
    buffer_add_span(out, buffer_span(&db.data));
    add_end(out);
    buffer_free(&db.data);
}

/* ---- in a file */

static char directory[] = "/tmp/country_test.XXXXXX", path[64];

static void write_file(struct span text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text.at, 1, text.len, f), text.len);
    fclose(f);
}

static int begin(void **state)
{
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/countries.mmdb", directory);
    return 0;
}

static int end(void **state)
{
    unlink(path);
    return rmdir(directory);
}

static struct countries *open_made(void)
{
    struct buffer file = BUFFER_EMPTY;
    struct error e;
    memset(&db, 0, sizeof db);
    make_database(&file);
    write_file(buffer_span(&file));
    buffer_free(&file);
    struct countries *c = countries_open(span_of(path), &e);
    assert_non_null(c);
    return c;
}

static void an_address_has_a_country(void **state)
{
    static const struct {
        const char *address, *country;
    } table[] = {
        {"192.0.2.1", "DE"},      {"192.0.2.255", "DE"},  {"::ffff:192.0.2.1", "DE"},
        {"198.51.100.127", "BR"}, {"198.51.100.128", ""}, /* beside it */
        {"2001:db8::1", "IN"},    {"2001:db9::1", ""},    {"127.0.0.1", ""},
        {"203.0.113.0", ""},                           /* no such code */
        {"203.0.113.1", ""},      {"203.0.113.2", ""}, /* it has none */
    };
    struct countries *c = open_made();
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        unsigned char bytes[16];
        const char *code = table[i].country;
        assert_true(inet_parse(span_of(table[i].address), bytes));
        if (country_of(c, bytes) != (*code ? code[0] << 8 | code[1] : 0))
            fail_msg("row %zu: %x", i, country_of(c, bytes));
        assert_int_equal(country_of(NULL, bytes), 0);
    }
    countries_free(&c);
    assert_null(c);
}

static void a_country_has_a_name_in_a_language(void **state)
{
    static const struct {
        const char *address, *language, *name;
    } table[] = {
        {"198.51.100.7", "de", "Brasilien"},
        {"198.51.100.7", "en", "Brazil"},
        {"198.51.100.7", "fr", "Brazil"}, /* not in this one */
        {"2001:db8::1", "pt", "\xc3\x8dndia"},
        {"192.0.2.1", "de", "DE"}, /* it has no names */
        {"203.0.113.0", "de", ""}, /* no such code */
        {"127.0.0.1", "de", ""},
    };
    struct countries *c = open_made();
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        unsigned char bytes[16];
        assert_true(inet_parse(span_of(table[i].address), bytes));
        struct span name = country_name(c, bytes, table[i].language, &a);
        if (!span_equal(name, span_of(table[i].name)))
            fail_msg("row %zu: %.*s", i, SPAN_F(name));
        assert_int_equal(country_name(NULL, bytes, "de", &a).len, 0);
    }
    arena_clear(&a);
    countries_free(&c);
}

static void what_is_no_database_says_so(void **state)
{
    struct error e;
    unlink(path);
    assert_null(countries_open(span_of(path), &e));
    assert_non_null(strstr(e.text, "can't be read: No such file"));
    write_file(SPAN("country,code\n"));
    assert_null(countries_open(span_of(path), &e));
    assert_non_null(strstr(e.text, "name one of countries, such as GeoLite2-Country.mmdb"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_a_country),
        cmocka_unit_test(a_country_has_a_name_in_a_language),
        cmocka_unit_test(what_is_no_database_says_so),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
