/* The command line of those who write notices that never were: fake-bounce and bounce-text. */
#ifndef CLI_FAKE_WORDS_H
#define CLI_FAKE_WORDS_H

#include "bounce/fake.h"
#include "cli/commands.h"

enum fake_command { FAKE_BOUNCE, BOUNCE_TEXT_PREVIEW, BOUNCE_TEXT_GALLERY, BOUNCE_TEXT_EXPORT };

struct fake_words {
    enum fake_command command;
    struct fake_wishes wishes;
    enum fake_form form;
    const char *texts;  /* a file with an operator's words; NULL: none */
    const char *letter; /* in place of a notice; NULL: none */
    bool has_cause, wants_list;
};

/* `at`: of the first option. What is not said is as the manual pages have it. False: `e` says what
 * was not understood. */
bool fake_words_parse(struct fake_words *w, enum fake_command c, const struct invocation *i, int at,
                      struct error *e);

/* How the command is meant: "use it as: plainpost …". */
const char *fake_words_how(enum fake_command c);

/* What "--cause list" prints, or "--letter list". */
void fake_words_list(enum fake_system s);
void fake_words_list_letters(void);

/* Standard output is done: returns `status`, or 1 when it can't be written. */
int fake_words_end(int status);

#endif
