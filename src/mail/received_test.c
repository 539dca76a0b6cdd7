#include "base/test.h"

#include "base/inet.h"
#include "mail/received.h"

/* "helo|name|address|by|id|to|time in s", what is not told empty. */
static const struct {
    const char *value, *told;
} cases[] = {
    /* Postfix */
    {" from mail.example.net (mail.example.net [192.0.2.7])\r\n"
     "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"
     "\t(No client certificate requested)\r\n"
     "\tby mx.example.org (Postfix) with ESMTPS id 4B1\r\n"
     "\tfor <ann@example.org>; Fri, 27 Nov 2026 10:00:00 +0100 (CET)",
     "mail.example.net|mail.example.net|192.0.2.7|mx.example.org|4B1|ann@example.org|1795770000"},
    {"from liar.example (unknown [192.0.2.7]) by mx.example.org (Postfix) with SMTP id 1",
     "liar.example||192.0.2.7|mx.example.org|1||0"},
    {"from x (unknown [IPv6:2001:db8::7]) by mx.example.org", "x||2001:db8::7|mx.example.org|||0"},
    /* our own */
    {"from liar (host.example.net [192.0.2.7])\r\n\tby mx.example.org with ESMTPS (TLSv1.3)\r\n"
     "\tid 5k2;\r\n\tFri, 27 Nov 2026 10:00:00 +0100",
     "liar|host.example.net|192.0.2.7|mx.example.org|5k2||1795770000"},
    /* Exim */
    {"from host.example.net ([192.0.2.7] helo=liar)\r\n\tby mx.example.org with esmtps "
     "(TLS1.3) tls TLS_AES (Exim 4.96)\r\n\t(envelope-from <a@b.test>)\r\n\tid 1abc-0\r\n"
     "\tfor ann@example.org; Fri, 27 Nov 2026 10:00:00 +0100",
     "liar|host.example.net|192.0.2.7|mx.example.org|1abc-0|ann@example.org|1795770000"},
    {"from [192.0.2.7] (helo=liar) by mx.example.org with esmtp (Exim 4.96)",
     "liar||192.0.2.7|mx.example.org|||0"},
    {"from [192.0.2.7] (port=4711 helo=[192.0.2.99]) by mx.example.org with esmtp",
     "[192.0.2.99]||192.0.2.7|mx.example.org|||0"},
    /* Sendmail */
    {"from liar (IDENT:root@host.example.net [192.0.2.7] (may be forged))\r\n"
     "\tby mx.example.org (8.17.1/8.17.1) with ESMTP id w1; Fri, 27 Nov 2026 10:00:00 +0100",
     "liar||192.0.2.7|mx.example.org|w1||1795770000"},
    /* qmail */
    {"from unknown (HELO liar) (192.0.2.7)\n  by mx.example.org with SMTP; 27 Nov 2026 09:00:00 "
     "-0000",
     "liar||192.0.2.7|mx.example.org|||1795770000"},
    {"from host.example.net (HELO liar) (joe@192.0.2.7) by mx.example.org with SMTP",
     "liar|host.example.net|192.0.2.7|mx.example.org|||0"},
    {"(qmail 711 invoked by uid 89); 27 Nov 2026 09:00:00 -0000", "||||||1795770000"},
    /* Exchange, Gmail */
    {"from liar.example (192.0.2.7) by EX01.corp.example\r\n (10.1.2.3) with Microsoft SMTP Server "
     "(version=TLS1_2) id 15.1; Fri, 27 Nov 2026 10:00:00 +0100",
     "liar.example||192.0.2.7|EX01.corp.example|15.1||1795770000"},
    {"from host.example.net (host.example.net. [192.0.2.7]) by mx.google.com with ESMTPS",
     "host.example.net|host.example.net|192.0.2.7|mx.google.com|||0"},
    {"by 2002:a05:6a10:8b8f:b0 with SMTP id x; Fri, 27 Nov 2026 01:00:00 -0800 (PST)",
     "|||2002:a05:6a10:8b8f:b0|x||1795770000"},
    {"from local (localhost [127.0.0.1]) by mx.example.org", "local||127.0.0.1|mx.example.org|||0"},
    /* a client that greets with what is not his */
    {"from [192.0.2.99] (unknown [192.0.2.7]) by mx.example.org", "[192.0.2.99]||192.0.2.7|"
                                                                  "mx.example.org|||0"},
    {"from ([192.0.2.99]) (unknown [192.0.2.7]) by mx.example.org",
     "||192.0.2.7|mx.example.org|||0"},
    {"from a([192.0.2.99]) (unknown [192.0.2.7]) by mx.example.org",
     "a([192.0.2.99])||192.0.2.7|mx.example.org|||0"},
    /* little or nothing */
    {"from by for ;", "by||||||0"},
    {"by", "||||||0"},
    {"from (((", "||||||0"},
    {"", "||||||0"},
};

static void fields_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer told = BUFFER_EMPTY;
        struct received r;
        received_parse(&r, span_of(cases[i].value), &a);
        buffer_printf(&told, "%.*s|%.*s|", SPAN_F(r.helo), SPAN_F(r.name));
        if (r.has_address)
            inet_add(&told, r.address);
        buffer_printf(&told, "|%.*s|%.*s|%.*s|%lld", SPAN_F(r.by), SPAN_F(r.id), SPAN_F(r.to),
                      (long long)r.time_ms / 1000);
        assert_string_equal(buffer_text(&told), cases[i].told);
        buffer_free(&told);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fields_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
