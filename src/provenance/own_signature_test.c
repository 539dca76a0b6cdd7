/* What a signature proves, and what it does not. */
#include "base/test.h"

#include "auth/dkim_trial.h"
#include "bounce/read.h"
#include "provenance/own_signature.h"

#define BH "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
#define TAGS                                                                                       \
    "v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=s1; t=1767225600; "                     \
    "h=From:To:Subject:Date:Message-ID; " BH
#define MAIL                                                                                       \
    "From: alice@example.org\r\nTo: bob@example.net\r\nSubject: Plans\r\n"                         \
    "Date: Thu, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"                      \
    "MIME-Version: 1.0\r\n"

static void replace(struct buffer *text, const char *from, const char *to)
{
    struct buffer out = BUFFER_EMPTY;
    size_t at = span_find(buffer_span(text), span_of(from));
    assert_int_not_equal(at, SPAN_NOT_FOUND);
    buffer_add(&out, text->at, at);
    buffer_add_text(&out, to);
    buffer_add_span(&out, span_skip(buffer_span(text), at + strlen(from)));
    buffer_free(text);
    *text = out;
}

#define QUOTED "among its words"

static void read_quoting_notice(struct notice *n, struct span header, struct arena *a)
{
    struct survey s;
    struct span text = arena_printf(
        a,
        "From: MAILER-DAEMON@example.net\r\nSubject: failure notice\r\n\r\nHi. This is the "
        "qmail-send program at example.net.\r\n\r\n<bob@example.net>:\r\nno such user\r\n\r\n"
        "--- Below this line is a copy of the message.\r\n\r\n%.*s\r\nText\r\n",
        SPAN_F(header));
    notice_read(n, &s, text, a);
}

/* A notice that returns this header in a part of that type, or QUOTED. */
static void read_notice(struct notice *n, const char *type, struct span header, struct arena *a)
{
    struct survey s;
    if (strcmp(type, QUOTED) == 0) {
        read_quoting_notice(n, header, a);
        return;
    }
    struct span text = arena_printf(
        a,
        "From: MAILER-DAEMON@example.net\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nSorry.\r\n--b\r\nContent-Type: %s\r\n\r\n%.*s--b--\r\n",
        type, SPAN_F(header));
    notice_read(n, &s, text, a);
}

static enum answer answer_of(const struct notice_original *o, const char *record, struct arena *a)
{
    struct header_iterator it = header_start(o->header);
    struct header_field f;
    struct dkim_signature s;
    struct dkim_key k;
    struct error e;
    assert_true(dkim_key_parse(&k, span_of(record), a, &e));
    while (header_next(&it, &f) > 0 && !span_equal_nocase(f.name, SPAN("DKIM-Signature")))
        ;
    assert_true(dkim_signature_parse(&s, &f, a, &e));
    return own_signature_answer(o, &s, &k);
}

struct sample {
    const char *tags;          /* NULL: TAGS */
    const char *from, *to;     /* changed in what was signed */
    const char *from2, *to2;   /* … and this, too */
    const char *type, *record; /* NULL: message/rfc822, and the key that signed */
    enum answer want;
};

static void check(const struct sample *c, size_t number)
{
    struct arena a = ARENA_EMPTY;
    struct buffer header = BUFFER_EMPTY;
    struct notice n;
    dkim_trial_sign(&header, c->tags ? c->tags : TAGS, SPAN(MAIL "\r\nText\r\n"));
    if (c->from)
        replace(&header, c->from, c->to);
    if (c->from2)
        replace(&header, c->from2, c->to2);
    read_notice(&n, c->type ? c->type : "message/rfc822", buffer_span(&header), &a);
    enum answer got = answer_of(&n.original, c->record ? c->record : dkim_trial_rsa, &a);
    if (got != c->want)
        fail_msg("case %zu: %d, not %d:\n%s", number, got, c->want, buffer_text(&header));
    buffer_free(&header);
    arena_clear(&a);
}

#define NEW_FIELD(field) "From: alice", field "\r\nFrom: alice"
#define LATER "1 Jan 2026", "9 Jan 2026"

static void what_holds(void **state)
{
    static const struct sample cases[] = {
        {.want = ANSWER_YES},
        {.type = "text/rfc822-headers", .want = ANSWER_YES},
        {.type = "text/plain; name=original.eml", .want = ANSWER_YES},
        {.type = QUOTED, .want = ANSWER_YES},
        {NULL, NEW_FIELD("Received: from a by b; Fri, 2 Jan 2026 00:00:00 +0000"),
         .want = ANSWER_YES},
        {NULL, "Subject: Plans", "Subject:\r\n\tPlans", .want = ANSWER_YES}, /* folded anew */
        {NULL, "MIME-Version: 1.0\r\n", "", .want = ANSWER_YES},             /* was not signed */
        {.tags = "v=1; a=rsa-sha256; d=example.org; s=s1; t=1; x=2; h=From:Date; " BH,
         .want = ANSWER_YES}, /* expired: it left from here all the same */
        {.tags = "v=1; a=rsa-sha256; d=example.org; s=s1; h=From:To:Subject; " BH,
         .want = ANSWER_UNKNOWN}, /* holds over any message of the day */
        {NULL, NEW_FIELD("Subject: Win"), .want = ANSWER_UNKNOWN}, /* put above the signed one */
        {.tags = "v=1; a=ed25519-sha256; d=example.org; s=s1; h=From:Date; " BH,
         .record = dkim_trial_ed25519,
         .want = ANSWER_YES},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check(&cases[i], i);
}

static void what_is_broken_says_little(void **state)
{
    static const char other_key[] =
        "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5b"
        "dOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO"
        "9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB";
    static const struct sample cases[] = {
        {NULL, "Plans", "[EXT] Plans", .want = ANSWER_UNKNOWN},                 /* a gateway */
        {NULL, "bob@example.net", "<bob@example.net>", .want = ANSWER_UNKNOWN}, /* Exchange */
        {NULL, "Plans", "Pl\xC3\xA4ne", .want = ANSWER_UNKNOWN},                /* decoded */
        {NULL, "To: bob", "X-MIME-Autoconverted: from 8bit to base64\r\nTo: rob",
         .want = ANSWER_UNKNOWN},
        {NULL, "Subject: ", "List-Id: <l.example.net>\r\nSubject: [l] ",
         .want = ANSWER_UNKNOWN}, /* a list */
        {NULL, "Plans", "Win", .type = QUOTED, .want = ANSWER_UNKNOWN},
        {NULL, LATER, .type = QUOTED, .want = ANSWER_UNKNOWN},
        {NULL, "Subject: Plans\r\n", "", .want = ANSWER_UNKNOWN}, /* left out */
        {NULL, "Subject: Plans\r\n", "", LATER, .want = ANSWER_UNKNOWN},
        {.record = other_key, .want = ANSWER_UNKNOWN}, /* replaced under its name */
        {NULL, LATER, .record = other_key, .want = ANSWER_UNKNOWN},
        {.record = "v=DKIM1; p=", .want = ANSWER_UNKNOWN},          /* revoked */
        {NULL, "b=", "b=Zm9v", LATER, .want = ANSWER_UNKNOWN},      /* never made with the key */
        {NULL, "1 Jan 2026", "8 Jan 2026", .want = ANSWER_UNKNOWN}, /* a week is not enough */
        {NULL, "1 Jan 2026", "1 Dec 2025", .want = ANSWER_UNKNOWN}, /* signed later: a draft */
        {NULL, "Date: Thu, 1 Jan", "Date: soon, 9 Jax", .want = ANSWER_UNKNOWN},
        {NULL, LATER, .type = "text/plain; name=original.eml", .want = ANSWER_UNKNOWN},
        {NULL, LATER, "1.0\r\n\r\nText", "1.", .want = ANSWER_UNKNOWN}, /* cut off */
        {NULL, LATER, "Message-ID:", "no field\r\nMessage-ID:", .want = ANSWER_UNKNOWN},
        {NULL, LATER, "From: alice", "From: eve@example.org\r\nFrom: alice",
         .want = ANSWER_UNKNOWN},
        {"v=1; a=rsa-sha256; d=example.org; s=s1; t=1767225600; h=From:Date:Message-ID; " BH, LATER,
         .want = ANSWER_UNKNOWN}, /* simple */
        {"v=1; a=rsa-sha256; c=relaxed; d=example.org; s=s1; h=From:Date:Message-ID; " BH, LATER,
         .want = ANSWER_UNKNOWN}, /* made nobody knows when */
        {"v=1; a=rsa-sha256; c=relaxed; d=example.org; s=s1; t=1767225600; h=From:Date; " BH, LATER,
         .want = ANSWER_UNKNOWN},
        {"v=1; a=rsa-sha256; c=relaxed; d=example.org; s=s1; t=1767225600; "
         "h=From:Date:Message-ID:Cc; " BH,
         LATER, .want = ANSWER_UNKNOWN}, /* was there a Cc? */
        {"v=1; a=ed25519-sha256; c=relaxed; d=example.org; s=s1; t=1767225600; "
         "h=From:Date:Message-ID; " BH,
         LATER, .record = dkim_trial_ed25519, .want = ANSWER_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check(&cases[i], i);
}

static void what_is_anothers(void **state)
{
    static const struct sample cases[] = {
        {NULL, LATER, .want = ANSWER_NO},
        {NULL, LATER, "Plans", "Win", .want = ANSWER_NO},
        {NULL, LATER, .type = "text/rfc822-headers", .want = ANSWER_NO},
        {NULL, LATER, "\r\nText\r\n", "", "text/rfc822-headers", .want = ANSWER_NO},
        {"v=1; a=rsa-sha256; c=relaxed; d=example.org; s=s1; x=1767225600; "
         "h=From:Date:Message-ID; " BH,
         LATER, .want = ANSWER_NO},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check(&cases[i], i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds),
        cmocka_unit_test(what_is_broken_says_little),
        cmocka_unit_test(what_is_anothers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
