/* Lists of tags, "v=1; a=rsa-sha256; …": RFC 6376 3.2. DKIM's signatures and keys are written so,
 * and DMARC's records, and ARC's fields. Pure; borrows from the text. */
#ifndef AUTH_TAG_LIST_H
#define AUTH_TAG_LIST_H

#include "base/arena.h"
#include "base/error.h"

enum { MOST_TAGS = 64 };

struct tag {
    struct span name;
    struct span value;   /* without the blanks and line ends around it */
    struct span written; /* all between "=" and ";" */
};

struct tag_list {
    struct tag tags[MOST_TAGS];
    size_t count;
};

/* False: it is no such list, or a tag stands in it twice; `*e` says what is wrong. An empty text is
 * a list without tags. */
bool tag_list_parse(struct tag_list *l, struct span text, struct error *e);

/* The tag of that name (their case counts), or NULL. */
const struct tag *tag_list_find(const struct tag_list *l, const char *name);

/* The next of words parted by `separator`, without blanks around it; "rsa : * :" has three, the
 * last being empty. `*rest` starts as a tag's value. False: that was all. */
bool tag_next_word(struct span *rest, char separator, struct span *word);

/* The octets of a value in base64, which may be folded, into `a`. False: it is none. */
bool tag_octets(struct span value, struct span *octets, struct arena *a);

#endif
