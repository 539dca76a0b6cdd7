#include "cli/account_logins.h"

#include "cli/login_store.h"
#include "login/login_file.h"

#include <stdio.h>

static bool is_file(struct span logins)
{
    return logins.len && !span_starts(logins, SPAN("sqlite:")) &&
           !span_starts(logins, SPAN("dovecot:")) && !span_starts(logins, SPAN("pam:"));
}

/* 1: it is gone, and `text` is without it; 0: there is none left; -1: `e`. */
static int drop_one(struct buffer *text, struct span name, struct error *e)
{
    struct buffer out = BUFFER_EMPTY;
    struct login_line l;
    struct span label, hash;
    int found = login_file_find(buffer_span(text), name, &l, e);
    if (found <= 0 || !login_next_app(&l.words, &label, &hash))
        return found < 0 ? -1 : 0;
    const struct login_edit edit = {.name = name, .label = label};
    buffer_reserve(&out, text->len + 1);
    if (login_file_edit(&out, buffer_span(text), &edit, e) != LOGIN_CHANGED) {
        buffer_wipe(&out);
        return -1;
    }
    buffer_wipe(text);
    *text = out;
    return 1;
}

int account_drop_app_passwords(const struct options *o, struct span name)
{
    struct buffer path = BUFFER_EMPTY, text = BUFFER_EMPTY;
    struct login_store store = {.lock = -1};
    struct error e;
    int dropped = 0, result = 0;
    if (!is_file(o->logins))
        return 0;
    buffer_add_span(&path, o->logins);
    bool ok = login_store_open(&store, buffer_text(&path), true, &e);
    if (ok) {
        buffer_reserve(&text, store.text.len + 1);
        buffer_add_span(&text, secret_span(&store.text));
        while ((result = drop_one(&text, name, &e)) > 0)
            dropped++;
        ok = result == 0 && (!dropped || login_store_replace(&store, o, buffer_span(&text), &e));
    }
    login_store_close(&store);
    buffer_wipe(&text);
    buffer_free(&path);
    if (!ok)
        return complain(1,
                        "its app passwords are still there: %s; take them away with \"plainpost "
                        "user app-password NAME LABEL --remove\"",
                        e.text);
    if (dropped)
        printf("%d app password%s of it %s gone.\n", dropped, dropped == 1 ? "" : "s",
               dropped == 1 ? "is" : "are");
    return 0;
}
