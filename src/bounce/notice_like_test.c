#include "base/test.h"

#include "bounce/notice_like.h"

#define PERSON "From: Bob Smith <bob@example.net>\r\nTo: alice@example.org\r\n"

static const struct {
    const char *header;
    bool is;
} rows[] = {
    {"", false},
    {PERSON "Subject: Minutes of Monday\r\nContent-Type: text/plain\r\n", false},
    {PERSON "Subject: Re: lunch\r\nContent-Type: multipart/alternative; boundary=b\r\n", false},
    {PERSON "Auto-Submitted: no\r\nSubject: x\r\n", false},
    {"From: MAILER-DAEMON@mx.example.net (Mail Delivery System)\r\nSubject: x\r\n", true},
    {"From: Postmaster <postmaster@example.net>\r\n", true},
    {"From: =?utf-8?Q?Mail_Delivery_Subsystem?= <x@example.net>\r\nSubject: x\r\n", true},
    {PERSON "Subject: Undelivered Mail Returned to Sender\r\n", true},
    {PERSON "Subject: =?utf-8?Q?Undelivered_Mail_Returned_to_Sender?=\r\n", true},
    {PERSON "Subject: Out of Office: away\r\nAuto-Submitted: auto-replied\r\n", true},
    {PERSON "Content-Type:\r\n multipart/report; report-type=delivery-status\r\n", true},
    {PERSON "X-Failed-Recipients: eve@example.com\r\n", true},
    /* who imitates them */
    {"From: Mail Admin <it@example.com>\r\nSubject: Your mailbox is full\r\n", true},
    {"From: x <x@example.com>\r\nSubject: 7 undelivered messages in your mailbox\r\n", true},
};

static void the_header_tells(void **state)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (notice_is_like(span_of(rows[i].header)) != rows[i].is)
            fail_msg("%s", rows[i].header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_header_tells)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
