/* Judges notices with evidence that was made for them. Usage: provenance_trial <REQUESTS
 * A request is a line of JSON: a file, and the trials of it; one line of JSON comes for each trial.
 * bench/provenance.py makes the requests, and says what they are for. What was sent, a key, and the
 * address to which it came are weighed by the very calls that the commands and the server use. */
#include "cli/mail_files.h"
#include "explain/finding.h"
#include "provenance/no_tag.h"
#include "provenance/own_tag.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ADDRESSES = 20 };
static const int64_t without_date_ms = INT64_C(1795824000000); /* Saturday, 28 Nov 2026 */

static struct span text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? span_of(text) : SPAN_NONE;
}

static bool has_text(const json_t *array, struct span text)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (span_equal_nocase(span_of(json_string_value(json_array_get(array, i))), text))
            return true;
    return false;
}

/* ---- what was sent: "sent" has the messages of whoever reads the notice: "id", "to", "subject" */

static bool ask(void *arg, struct span id, struct span to, const struct evidence *e,
                struct sent_told *t)
{
    const json_t *sent = json_object_get(arg, "sent");
    (void)e;
    *t = (struct sent_told){.is_whole = true};
    for (size_t i = 0; i < json_array_size(sent); i++) {
        const json_t *one = json_array_get(sent, i);
        t->count += (!id.len || span_equal(text_of(one, "id"), id)) &&
                    (!to.len || has_text(json_object_get(one, "to"), to));
    }
    t->is_by_me = t->count > 0;
    return true;
}

static bool sends(void *arg, struct span address)
{
    (void)arg;
    (void)address;
    return true;
}

static bool look(void *arg, struct span sender, int64_t since_ms, lately_fn *see, void *of)
{
    size_t i, k;
    json_t *one, *to;
    struct arena a = ARENA_EMPTY;
    bool goes_on = true;
    (void)sender;
    (void)since_ms;
    json_array_foreach(json_object_get(arg, "sent"), i, one)
    {
        struct lately_sent s = {.subject = lately_subject(text_of(one, "subject"), &a)};
        goes_on = goes_on && see(of, &s);
        json_array_foreach(json_object_get(one, "to"), k, to)
        {
            s = (struct lately_sent){.to = lately_address(span_of(json_string_value(to)), &a)};
            goes_on = goes_on && see(of, &s);
        }
    }
    arena_clear(&a);
    return goes_on;
}

/* ---- "tagged": it came to the return path of the first of them; "plain": to this address */

static enum return_tag_answer check(void *arg, struct span address, struct return_tag *t,
                                    struct arena *a)
{
    (void)arg;
    (void)a;
    *t = (struct return_tag){.sender = address, .id = SPAN("1k18vnm3nvg")};
    return RETURN_TAG_TRUE;
}

static bool is_for(void *arg, const struct return_tag *t, struct span recipient_domain)
{
    (void)arg;
    (void)t;
    (void)recipient_domain;
    return true;
}

static bool ask_for_tag(void *arg, const struct tag_question *q, struct tag_told *told,
                        struct arena *a)
{
    const json_t *first = json_array_get(json_object_get(arg, "sent"), 0);
    const json_t *to = json_object_get(first, "to");
    (void)a;
    if (!q->to.len || has_text(to, q->to))
        *told = (struct tag_told){json_array_size(to), text_of(first, "id")};
    return true;
}

static bool count_uses(void *arg, struct span address, size_t *uses)
{
    (void)arg;
    (void)address;
    *uses = 1;
    return true;
}

static int64_t signed_since_ms(void *arg, struct span sender, struct span recipient)
{
    (void)arg;
    (void)sender;
    (void)recipient;
    return 0;
}

/* ---- the key of "domain" */

struct keys {
    struct span domain;
    struct dkim_key key;
};

static const struct dkim_key *find_key(void *arg, const struct dkim_signature *s, bool is_from_me)
{
    const struct keys *k = arg;
    (void)is_from_me;
    return span_equal_nocase(s->domain, k->domain) ? &k->key : NULL;
}

static void by_signature(struct evidence *e, const json_t *trial, const struct notice *n,
                         struct arena *a)
{
    struct keys k = {.domain = text_of(trial, "domain")};
    const struct own_keys keys = {find_key, &k};
    struct error why;
    if (!dkim_key_parse(&k.key, text_of(trial, "key"), a, &why)) {
        fprintf(stderr, "provenance_trial: %s\n", why.text);
        exit(1);
    }
    provenance_by_signature(e, &keys, &n->original, a);
}

/* ---- a trial */

static enum answer answer_of(const json_t *trial, const char *name)
{
    const json_t *answer = json_object_get(trial, name);
    if (!answer)
        return ANSWER_UNKNOWN;
    return json_is_true(answer) ? ANSWER_YES : ANSWER_NO;
}

static struct evidence evidence_of(json_t *trial, const struct notice *n, struct span *me,
                                   struct arena *a)
{
    struct evidence e = {.me = me,
                         .own_tag = answer_of(trial, "counts"),
                         .account_is_suspect = json_is_true(json_object_get(trial, "suspect"))};
    const json_t *all = json_object_get(trial, "me");
    while (e.me_count < MOST_ADDRESSES && e.me_count < json_array_size(all)) {
        me[e.me_count] = span_of(json_string_value(json_array_get(all, e.me_count)));
        e.me_count++;
    }
    e.now_ms = n->date_ms ? n->date_ms : without_date_ms;
    const struct sent_record record = {ask, sends, trial, {look, trial}};
    const struct tag_record tags = {check, is_for, ask_for_tag, count_uses, trial};
    const struct plain_record plain = {signed_since_ms, NULL};
    const struct plain_arrival came = {text_of(trial, "plain"), e.now_ms, true};
    struct span tagged = text_of(trial, "tagged");
    if (tagged.len)
        provenance_by_tag(&e, &tags, n, tagged, a);
    if (json_object_get(trial, "sent") && !json_is_true(json_object_get(trial, "tag_alone")))
        provenance_by_record(&e, &record, n);
    if (json_object_get(trial, "key"))
        by_signature(&e, trial, n, a);
    if (came.address.len)
        provenance_by_no_tag(&e, &plain, &record, n, &came);
    return e;
}

static void tell(const json_t *request, const json_t *trial, const struct finding *f)
{
    const struct verdict *v = &f->verdict;
    const struct span id = f->notice.original.message_id;
    json_t *facts = json_pack("[]"); /* not json_array(): base/json.h has one, too */
    for (size_t i = 0; i < v->fact_count; i++)
        json_array_append_new(facts, json_string(v->facts[i].name));
    json_t *line = json_pack(
        "{sO sO ss ss ss ss so* so}", "file", json_object_get(request, "file"), "trial",
        json_object_get(trial, "name"), "kind", notice_kind_name(f->kind_as_read), "class",
        verdict_name(v->class), "confidence", confidence_name(v->confidence), "provenance",
        provenance_name(v->provenance), "id", json_stringn(id.at, id.len), "facts", facts);
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

static void try_all(struct span message, json_t *request)
{
    struct arena a = ARENA_EMPTY;
    struct span me[MOST_ADDRESSES];
    const json_t *trials = json_object_get(request, "trials");
    for (size_t i = 0; i < json_array_size(trials); i++) {
        json_t *trial = json_array_get(trials, i);
        struct finding f;
        finding_read(&f, message, &a); /* anew: a judgement takes back what was read */
        const struct evidence e = evidence_of(trial, &f.notice, me, &a);
        finding_judge(&f, &e, &a);
        tell(request, trial, &f);
    }
    arena_clear(&a);
}

static bool answer(char *line)
{
    struct mail_file m = {0};
    struct error e;
    error_set(&e, "there is nothing in it");
    json_t *request = json_loads(line, 0, NULL);
    char *path = (char *)(uintptr_t)json_string_value(json_object_get(request, "path"));
    struct mail_files *files = mail_files_new(&path, path != NULL);
    bool ok = path && mail_files_next(files, &m, &e) > 0;
    if (ok)
        try_all(buffer_span(&m.message), request);
    else
        fprintf(stderr, "provenance_trial: %s\n", path ? e.text : "no request");
    mail_files_free(&files);
    mail_file_free(&m);
    json_decref(request);
    return ok;
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    bool ok = true;
    while (ok && getline(&line, &room, stdin) > 0)
        ok = answer(line);
    free(line);
    return !ok;
}
