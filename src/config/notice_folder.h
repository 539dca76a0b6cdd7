/* Where notices of a class go in a mailbox, as the option "file-notices" says:
 *
 *     phishing   .Junk
 *     not-yours  .Forged
 *
 * Pure. */
#ifndef CONFIG_NOTICE_FOLDER_H
#define CONFIG_NOTICE_FOLDER_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

struct notice_folder {
    struct span class;  /* a word of notice_folder_classes */
    struct span folder; /* of a Maildir (Maildir++): ".Junk", ".Notices.Forged" */
};

/* What a notice can be found to be (outcome/judged.h); behind the last NULL. */
extern const char *const notice_folder_classes[];

/* From the words of a line. Everything lives in `a`. False: `problem`. */
bool notice_folder_parse(const struct span *words, size_t count, struct notice_folder *f,
                         struct arena *a, struct error *problem);
void notice_folder_print(struct buffer *out, const struct notice_folder *f);
/* Empty: the mailbox itself. */
struct span notice_folder_of(const struct notice_folder *all, size_t count, struct span class);

#endif
