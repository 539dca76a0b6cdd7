#include "cli/our_keys.h"

#include "auth/private_key.h"
#include "cli/commands.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <string.h>

enum { LARGEST_KEY_FILE = 64 * 1024 };

bool our_key_read(struct doctor_key *to, const struct signing_key *named, struct arena *a)
{
    struct buffer text = BUFFER_EMPTY, octets = BUFFER_EMPTY;
    struct error e;
    *to = (struct doctor_key){named->domain, named->selector, SPAN_NONE, false};
    if (!whole_file_read(named->file.at, 0, LARGEST_KEY_FILE, &text))
        return complain(0, "the DKIM key in %s can't be read: %s", named->file.at, strerror(errno));
    struct private_key *k = private_key_read(buffer_span(&text), &e);
    buffer_wipe(&text);
    if (!k)
        return complain(0, "the DKIM key in %s can't be used: %s", named->file.at, e.text);
    private_key_public(k, &octets);
    to->is_ed25519 = private_key_kind(k) == KEY_ED25519;
    to->octets = arena_keep(a, &octets);
    private_key_free(&k);
    return true;
}
