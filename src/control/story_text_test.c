#include "control/story_text.h"

#include "base/test.h"

#include <string.h>

/* team@example.org leads to carol@example.com, whose server says so. */
struct fixture {
    struct recipient recipients[2];
    struct story_event event;
    struct story story;
};

static void fixture_start(struct fixture *f)
{
    *f = (struct fixture){
        .recipients = {{.address = SPAN("team@example.org"), .is_expanded = true},
                       {.address = SPAN("carol@example.com"), .parent = 1}},
        .event = {.kind = STORY_ATTEMPT,
                  .time_ms = 1764000060000,
                  .recipient = 1,
                  .outcome = {.kind = OUTCOME_FAILED,
                              .time_ms = 1764000060000,
                              .code = 550,
                              .is_remote = true,
                              .words = SPAN("<carol@example.com>: no such user"),
                              .host = SPAN("mx.example.com"),
                              .stage = SPAN("in reply to RCPT TO")}},
    };
    f->story = (struct story){.envelope = {.id = 1764000000000000,
                                           .accepted_ms = 1764000000000,
                                           .reverse_path = SPAN("ann@example.org"),
                                           .recipients = f->recipients,
                                           .recipient_count = 2},
                              .events = &f->event,
                              .event_count = 1};
}

static void expect(const struct story *s, const char *text, bool is_there)
{
    struct buffer out = BUFFER_EMPTY;
    struct json j = json_start(&out);
    story_print(&out, s, 0);
    story_line(&out, s, 0);
    story_line_json(&out, s);
    story_print_json(&j, s);
    if ((strstr(buffer_text(&out), text) != NULL) != is_there)
        fail_msg("%s \"%s\" in %s", is_there ? "no" : "there is", text, buffer_text(&out));
    buffer_free(&out);
}

static void a_sender_does_not_learn_where_an_alias_leads(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct fixture f;
    fixture_start(&f);
    expect(&f.story, "carol@example.com", true);
    story_for_sender(&f.story, &a);
    expect(&f.story, "carol", false);
    expect(&f.story, "<[team@example.org]>: no such user", true);
    arena_clear(&a);
}

/* Only where the reason shows in what is known of the message. */
static void why_nobody_was_told_is_said(void **state)
{
    struct fixture f;
    fixture_start(&f);
    expect(&f.story, "obody", false);
    f.story.envelope.reverse_path = SPAN_NONE;
    expect(&f.story, "Nobody is told: the message has no sender to tell", true);
    expect(&f.story, "\"nobody_told\":\"the message has no sender", true);
    f.event.retry_ms = 1; /* a notice will come */
    expect(&f.story, "obody", false);
    f.event.retry_ms = 0;
    f.event.notification = 5;
    expect(&f.story, "obody", false);
}

static void who_complains_is_said(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.event = (struct story_event){.kind = STORY_COMPLAINED,
                                   .time_ms = 1764000060000,
                                   .recipient = 1,
                                   .why = SPAN("abuse"),
                                   .through = SPAN("example.com"),
                                   .told_in = 1764000000000001};
    expect(&f.story, "carol@example.com complained that it is spam, through example.com: 1", true);
    expect(&f.story,
           "\"event\":\"complained\",\"recipient\":\"carol@example.com\",\"type\":\"abuse\","
           "\"through\":\"example.com\",\"told_in\":\"1",
           true);
    expect(&f.story, "still in the queue", true); /* it is no outcome */
    f.event.recipient = STORY_NOBODY;
    f.event.why = SPAN("other");
    f.event.through = SPAN_NONE;
    expect(&f.story, "a recipient complained about it: 1", true);
    expect(&f.story, "\"event\":\"complained\",\"type\":\"other\",\"told_in\":\"1", true);
}

static void who_is_told_in_whose_place_is_said(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.event.notification = 1764000060000000;
    expect(&f.story, "reported to ann@example.org in ", true);
    f.story.envelope.vouched = VOUCHED_AGAINST;
    expect(&f.story, "reported to postmaster, because the return path is forged, in ", true);
    expect(&f.story, "1 failed and reported to postmaster", true);
    f.story.envelope.vouched = VOUCHED_UNKNOWN;
    f.story.envelope.origin = ORIGIN_NOTIFICATION;
    f.story.envelope.reverse_path = SPAN_NONE;
    expect(&f.story, "reported to postmaster in ", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sender_does_not_learn_where_an_alias_leads),
        cmocka_unit_test(why_nobody_was_told_is_said),
        cmocka_unit_test(who_complains_is_said),
        cmocka_unit_test(who_is_told_in_whose_place_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
