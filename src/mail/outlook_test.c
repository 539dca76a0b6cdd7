#include "base/test.h"

#include "mail/outlook.h"

#define TEXT(id, utf16)                                                                            \
    {                                                                                              \
        (uint32_t)(id) << 16 | 0x001F,                                                             \
        {                                                                                          \
            utf16, sizeof(utf16) - 1                                                               \
        }                                                                                          \
    }
#define BYTES(id, octets)                                                                          \
    {                                                                                              \
        (uint32_t)(id) << 16 | 0x001E,                                                             \
        {                                                                                          \
            octets, sizeof(octets) - 1                                                             \
        }                                                                                          \
    }
#define BINARY(id, octets)                                                                         \
    {                                                                                              \
        (uint32_t)(id) << 16 | 0x0102,                                                             \
        {                                                                                          \
            octets, sizeof(octets) - 1                                                             \
        }                                                                                          \
    }
#define TIME(id, octets)                                                                           \
    {                                                                                              \
        (uint32_t)(id) << 16 | 0x0040,                                                             \
        {                                                                                          \
            octets, sizeof(octets) - 1                                                             \
        }                                                                                          \
    }
#define ITEM(list)                                                                                 \
    {                                                                                              \
        list, COUNT_OF(list), COUNT_OF(list), NULL                                                 \
    }

static void check(const struct outlook *o, const char *message)
{
    struct buffer out = BUFFER_EMPTY;
    outlook_add_message(&out, o);
    assert_string_equal(buffer_text(&out), message);
    buffer_free(&out);
}

/* Its header was kept, with the content's fields of another form, and CRLF. */
static void a_message_with_its_header(void **state)
{
    struct outlook_property p[] = {
        BYTES(0x007D, "Microsoft Mail Internet Headers Version 2.0\r\nReceived: by\r\n x\r\n"
                      "Subject: a\r\nContent-Type: text/plain\r\nMIME-Version: 1.0\r\n\r\n"),
        TEXT(0x1000, "h\0i\0"),
        BINARY(0x1013, "<p>hi"),
    };
    struct outlook_property file[] = {TEXT(0x3707, "a\0.\0t\0x\0t\0"), BINARY(0x3701, "abc"),
                                      TEXT(0x370E, "t\0e\0x\0t\0/\0x\0")};
    struct outlook_item attachments[] = {ITEM(file)};
    const struct outlook o = {.self = ITEM(p), .attachments = attachments, .attachment_count = 1};
    check(&o, "Received: by\n x\nSubject: a\nMIME-Version: 1.0\n"
              "Content-Type: multipart/mixed; boundary=\"=_outlook_0\"\n\n"
              "--=_outlook_0\nContent-Type: text/plain; charset=utf-8\n"
              "Content-Transfer-Encoding: base64\n\naGk=\n"
              "--=_outlook_0\nContent-Type: text/html; charset=\n"
              "Content-Transfer-Encoding: base64\n\nPHA+aGk=\n"
              "--=_outlook_0\nContent-Type: text/x\n"
              "Content-Disposition: attachment; filename=\"a.txt\"\n"
              "Content-Transfer-Encoding: base64\n\nYWJj\n"
              "--=_outlook_0--\n");
}

/* A notice as Exchange makes it, which was never a message of the Internet. */
static void a_report(void **state)
{
    struct outlook_property p[] = {
        BYTES(0x001A, "REPORT.IPM.Note.NDR"),
        BYTES(0x0C1A, "System Administrator"),
        BYTES(0x0E04, "alice@example.org"),
        BYTES(0x0037, "Undeliverable: Hello"),
        BYTES(0x0049, "Hello"),
        BYTES(0x1001, "It did not reach\r\nthem."),
        TIME(0x0032, "\200\203\137\032\011\174\335\001"),
    };
    struct outlook_property bob[] = {
        BYTES(0x3001, "Bob"), BYTES(0x39FE, "bob@example.net"),
        BYTES(0x0C1B, "<mx.example.org #5.1.1 smtp;550 5.1.1\r\nunknown>")};
    struct outlook_item recipients[] = {ITEM(bob)};
    const struct outlook o = {.self = ITEM(p), .recipients = recipients, .recipient_count = 1};
    check(&o, "From: System Administrator\nTo: alice@example.org\nSubject: Undeliverable: Hello\n"
              "Date: Tue, 24 Nov 2026 11:44:03 +0000\nMIME-Version: 1.0\n"
              "Content-Type: multipart/report; report-type=delivery-status; "
              "boundary=\"=_outlook_0\"\n\n"
              "--=_outlook_0\nContent-Type: text/plain; charset=utf-8\n"
              "Content-Transfer-Encoding: base64\n\nSXQgZGlkIG5vdCByZWFjaA0KdGhlbS4=\n"
              "--=_outlook_0\nContent-Type: message/delivery-status\n\n\n"
              "Final-Recipient: rfc822; bob@example.net\nAction: failed\n"
              "Diagnostic-Code: smtp; <mx.example.org #5.1.1 smtp;550 5.1.1  unknown>\n\n"
              "--=_outlook_0\nContent-Type: text/rfc822-headers\n\nSubject: Hello\n\n"
              "--=_outlook_0--\n");
}

static void nothing_at_all(void **state)
{
    const struct outlook o = {{0}};
    check(&o, "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=_outlook_0\"\n\n"
              "--=_outlook_0--\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_with_its_header),
        cmocka_unit_test(a_report),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
