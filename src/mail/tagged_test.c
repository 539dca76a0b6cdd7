#include "base/test.h"

#include "mail/tagged.h"

static void programs_are_told_from_people(void **state)
{
    static const struct {
        const char *address;
        bool is_tagged;
    } cases[] = {
        /* programs */
        {"list-bounces+bob=example.net@example.org", true},
        {"bob+x=example.org@example.net", true},
        {"list-return-123-bob=example.net@example.org", true},
        {"prvs=1234567890=alice@example.org", true},
        {"btv1==1234567890=alice@example.org", true},
        {"msprvs1=20123abcdef=bounces-7@example.org", true},
        {"SRS0=Ab12=XY=example.net=alice@example.org", true},
        {"srs0+ab12+xy+example.net+alice@example.org", true},
        {"SRS1-x@example.org", true},
        {"0100018f2c3b4a5d-7a8b9c0d-1e2f-4a5b-8c9d-0e1f2a3b4c5d-000000@example.org", true},
        {"b1c2d3e4f5a6b7c8@example.org", true},
        {"12345678901234567@example.org", true},
        {"bounce@example.org", true},
        {"Bounces@example.org", true},
        {"bounce-mc.us1.7@example.org", true},
        {"news.return.7@example.org", true},
        {"verp-ab@example.org", true},
        {"news+12345@example.org", true},
        {"owner-news-198503@example.org", true},
        /* people */
        {"alice@example.org", false},
        {"alice+news@example.org", false},
        {"alice+2024@example.org", false},
        {"alice.1985@example.org", false},
        {"alice12345@example.org", false},
        {"alice.12345@example.org", false},
        {"4915112345678@example.org", false},
        {"123456789012345@example.org", false},
        {"firstnamelastname19851203@example.org", false},
        {"christopher_johnson.1985@example.org", false},
        {"averylongnameofsomebody@example.org", false},
        {"srs0@example.org", false},
        {"srs0alice@example.org", false},
        {"trebounce@example.org", false},
        {"o'brien@example.org", false},
        {"=@example.org", true},
        {"\xc3\xa4lice@example.org", false},
        {"alice@b1c2d3e4f5a6b7c8.example.org", false}, /* the domain says nothing */
        {"alice", false},
        {"", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (address_is_tagged(span_of(cases[i].address)) != cases[i].is_tagged)
            fail_msg("%s", cases[i].address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_are_told_from_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
