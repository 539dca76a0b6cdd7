#include "sys/country.h"

#include "base/inet.h"
#include "base/memory.h"

#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct countries {
    MMDB_s database;
};

static void tell_problem(const char *path, int result, int errno_value, struct error *e)
{
    if (result == MMDB_FILE_OPEN_ERROR || result == MMDB_IO_ERROR)
        error_system(e, errno_value, "country-database: %s can't be read", path);
    else
        error_set(e,
                  "country-database: %s is no database in MaxMind's format; name one of countries, "
                  "such as GeoLite2-Country.mmdb",
                  path);
}

struct countries *countries_open(struct span path, struct error *e)
{
    struct countries *c = memory_new(sizeof *c);
    struct buffer file = BUFFER_EMPTY;
    buffer_add_span(&file, path);
    int result = MMDB_open(buffer_text(&file), MMDB_MODE_MMAP, &c->database);
    if (result != MMDB_SUCCESS) {
        tell_problem(buffer_text(&file), result, errno, e);
        free(c);
        c = NULL;
    }
    buffer_free(&file);
    return c;
}

void countries_free(struct countries **c)
{
    if (!*c)
        return;
    MMDB_close(&(*c)->database);
    free(*c);
    *c = NULL;
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static uint16_t code_of(MMDB_entry_s *entry)
{
    MMDB_entry_data_s code;
    if (MMDB_get_value(entry, &code, "country", "iso_code", (char *)NULL) != MMDB_SUCCESS ||
        !code.has_data || code.type != MMDB_DATA_TYPE_UTF8_STRING || code.data_size != 2)
        return 0;
    const char *at = code.utf8_string;
    return is_letter(at[0]) && is_letter(at[1]) ? (uint16_t)(at[0] << 8 | at[1]) : 0;
}

/* An IPv4 address is given as such: not every database knows where IPv6 has it. */
static bool look_up(const struct countries *c, const unsigned char address[16], MMDB_entry_s *entry)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    memcpy(&v4.sin_addr, address + 12, sizeof v4.sin_addr);
    memcpy(&v6.sin6_addr, address, sizeof v6.sin6_addr);
    const void *at = inet_is_v4(address) ? (const void *)&v4 : &v6;
    if (!c)
        return false;
    int problem = MMDB_SUCCESS;
    MMDB_lookup_result_s found = MMDB_lookup_sockaddr(&c->database, at, &problem);
    *entry = found.entry;
    return problem == MMDB_SUCCESS && found.found_entry;
}

uint16_t country_of(const struct countries *c, const unsigned char address[16])
{
    MMDB_entry_s entry;
    return look_up(c, address, &entry) ? code_of(&entry) : 0;
}

/* ---- its name */

/* Of these two languages the databases know the kind that most people speak. */
static const char *tag_of(const char *language)
{
    return strcmp(language, "pt") == 0 ? "pt-BR" : strcmp(language, "zh") == 0 ? "zh-CN" : language;
}

static struct span name_in(MMDB_entry_s *entry, const char *tag, struct arena *a)
{
    MMDB_entry_data_s name;
    if (MMDB_get_value(entry, &name, "country", "names", tag, (char *)NULL) != MMDB_SUCCESS ||
        !name.has_data || name.type != MMDB_DATA_TYPE_UTF8_STRING)
        return SPAN_NONE;
    return arena_copy(a, (struct span){name.utf8_string, name.data_size});
}

struct span country_name(const struct countries *c, const unsigned char address[16],
                         const char *language, struct arena *a)
{
    MMDB_entry_s entry;
    uint16_t code = look_up(c, address, &entry) ? code_of(&entry) : 0;
    if (!code)
        return SPAN_NONE;
    struct span name = name_in(&entry, tag_of(language), a);
    if (!name.len)
        name = name_in(&entry, "en", a);
    return name.len ? name : arena_printf(a, "%c%c", code >> 8, code & 0xff);
}
