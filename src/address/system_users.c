/* The users of the system, in the domains that are theirs. */
#include "address/directory_inside.h"
#include "mail/address.h"

enum { NOBODY = 65534 };

static void add_system_user(struct directory *d, const struct system_domain *s, struct span user,
                            uint64_t uid)
{
    struct span address = arena_printf(&d->arena, "%.*s@%.*s", SPAN_F(user), SPAN_F(s->name));
    if (uid < s->least_uid || uid == NOBODY || !users_is_safe_name(user) ||
        address_check(address, true) != ADDRESS_OK)
        return;
    char room[LONGEST_ADDRESS];
    struct mailbox *m = arena_new(&d->arena, sizeof *m);
    *m = (struct mailbox){.name = arena_copy(&d->arena, directory_fold(address, room)),
                          .path = SPAN_NONE,
                          .user = arena_copy(&d->arena, user),
                          .uid = (uint32_t)uid,
                          .system = s};
    if (!map_get_text(&d->mailboxes, m->name)) /* the file's own users come first */
        map_set_text(&d->mailboxes, m->name, m);
}

/* "alice:x:1000:1000:Alice,,,:/home/alice:/bin/bash" */
void directory_add_system_users(struct directory *d, struct span passwd)
{
    while (passwd.len) {
        struct span line = span_cut(&passwd, '\n'), user = span_cut(&line, ':');
        uint64_t uid;
        span_cut(&line, ':');
        if (!span_to_u64(span_cut(&line, ':'), UINT32_MAX - 1, &uid))
            continue;
        size_t i = 0;
        for (const struct system_domain *s; (s = map_next(&d->systems, &i));)
            add_system_user(d, s, user, uid);
    }
}

bool directory_is_of_user(const struct directory *d, struct span address, uint32_t uid)
{
    struct destination to = directory_find(d, SPAN_NONE, address);
    return to.mailbox && to.mailbox->user.len && to.mailbox->uid == uid;
}

const struct system_domain *directory_system(const struct directory *d, struct span domain)
{
    char room[LONGEST_ADDRESS];
    return domain.len <= LONGEST_ADDRESS ? map_get_text(&d->systems, directory_fold(domain, room))
                                         : NULL;
}

bool system_users_load(struct directory *d, struct file_marks *marks, struct error *e)
{
    struct buffer text = BUFFER_EMPTY;
    if (!d->systems.count)
        return true;
    bool ok = directory_read_file(marks, "/etc/passwd", &text, e) > 0;
    if (ok)
        directory_add_system_users(d, buffer_span(&text));
    buffer_free(&text);
    return ok;
}
