/* Providers are known by the domains of their users and by the names of their servers, and by
 * nothing that only looks like them. */
#include "base/test.h"

#include "bounce/providers.h"

#include <string.h>

static void expect(const struct provider *p, const char *name, const char *of)
{
    if (strcmp(p ? p->name : "", name) != 0)
        fail_msg("%s is of \"%s\"", of, p ? p->name : "");
}

static void addresses_tell_the_provider(void **state)
{
    static const struct {
        const char *address, *name;
    } cases[] = {
        {"alice@gmail.com", "Gmail"},
        {"ALICE@GMAIL.COM", "Gmail"},
        {"Alice <alice@googlemail.com", "Gmail"},
        {"a@b@hotmail.co.uk", "Outlook.com"},
        {"x@live.fr", "Outlook.com"},
        {"x@yahoo.co.jp", "Yahoo Mail"},
        {"x@gmx.net", "GMX"},
        {"x@web.de", "WEB.DE"},
        {"x@me.com", "iCloud Mail"},
        {"x@yandex.com.tr", "Yandex Mail"},
        {"x@pm.me", "Proton Mail"},
        {"x@gmail.com.example.org", ""},
        {"x@notgmail.com", ""},
        {"x@yahoo.phish.example", ""},
        {"x@yahoo.", ""},
        {"x@live", ""},
        {"gmail.com", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(provider_of_address(span_of(cases[i].address)), cases[i].name, cases[i].address);
}

static void servers_tell_the_provider(void **state)
{
    static const struct {
        const char *host, *name;
    } cases[] = {
        {"gmail-smtp-in.l.google.com", "Gmail"},
        {"example-com.mail.protection.outlook.com", "Microsoft 365"},
        {"outlook-com.olc.protection.outlook.com", "Outlook.com"},
        {"mta5.am0.yahoodns.net", "Yahoo Mail"},
        {"mx01.mail.icloud.com", "iCloud Mail"},
        {"MX00.GMX.NET", "GMX"},
        {"notgoogle.com", ""},
        {"google.com.example.org", ""},
        {"mx.example.org", ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(provider_of_host(span_of(cases[i].host)), cases[i].name, cases[i].host);
}

/* A link is the provider's: https, and plain enough to stand anywhere. */
static void places_are_links(void **state)
{
    for (size_t i = 0; provider_at(i); i++)
        for (size_t k = 0; k < PLACE_COUNT; k++) {
            const char *place = provider_at(i)->places[k];
            assert_true(!place || strncmp(place, "https://", 8) == 0);
            assert_true(!place || !strpbrk(place, " \"'<>&\\"));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_tell_the_provider),
        cmocka_unit_test(servers_tell_the_provider),
        cmocka_unit_test(places_are_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
