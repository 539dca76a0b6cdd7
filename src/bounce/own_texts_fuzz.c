/* A file of an operator's texts. Whatever it is: what is taken of it is exported and taken again as
 * the same, every fault is of a line that there is, and a notice can be written in it. */
#include "base/fuzz.h"

#include "base/visible.h"
#include "bounce/fake.h"
#include "bounce/notice_texts.h"
#include "bounce/own_texts.h"

struct lines {
    size_t count;
    bool any;
};

static void hear(void *arg, size_t line, bool is_left_out, const char *words)
{
    struct lines *l = arg;
    assert(line >= 1 && line <= l->count && words[0]);
    l->any = true;
}

static bool take(struct own_texts *t, struct span file, struct own_texts_found *found,
                 struct lines *l)
{
    l->count = 1;
    for (size_t i = 0; i < file.len; i++)
        l->count += file.at[i] == '\n';
    return own_texts_read(t, file, &(struct text_faults){hear, l}, found);
}

static void check_notice(const struct language *l, enum notice_kind kind)
{
    struct buffer text = BUFFER_EMPTY;
    struct error e;
    const struct fake_wishes w = {.kind = kind,
                                  .cause = {CAUSE_INBOX_FULL, VARIANT_NONE},
                                  .to = SPAN("bob@example.net"),
                                  .from = SPAN("alice@example.org"),
                                  .language = l,
                                  .now_ms = 1764000000000};
    assert(fake_show(&text, &w, FAKE_TEXT, &e));
    for (size_t i = 0; i < text.len; i++)
        assert(text.at[i] == '\n' || (unsigned char)text.at[i] >= ' ');
    assert(utf8_is_valid(buffer_span(&text)));
    buffer_free(&text);
}

static void check_export(const struct language *l, const struct own_texts_found *before)
{
    struct buffer file = BUFFER_EMPTY;
    struct own_texts *again = own_texts_new();
    struct own_texts_found found;
    struct lines lines = {0};
    own_texts_export(&file, l);
    assert(take(again, buffer_span(&file), &found, &lines) && !lines.any);
    assert(found.language == before->language && found.own == before->own);
    assert(found.has_help == before->has_help);
    assert(found.own + found.same == notice_text_count + found.has_help);
    own_texts_unref(&again);
    buffer_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span file = fuzz_piece(span_make(at, len));
    struct own_texts *t = own_texts_new();
    struct own_texts_found found;
    struct lines lines = {0};
    bool ok = take(t, file, &found, &lines);
    fuzz_piece_free(file);
    assert(ok || lines.any);
    if (ok) {
        const struct language *l = own_texts_language(t, found.language);
        check_export(l, &found);
        check_notice(l, NOTICE_FAILURE);
        check_notice(l, NOTICE_DELAY);
    }
    own_texts_unref(&t);
    return 0;
}
