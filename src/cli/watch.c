#include "cli/commands.h"

#include "cli/queue_words.h"
#include "control/client.h"

#include <stdio.h>
#include <unistd.h>

/* Each line at once, also into a pipe. False: nobody reads any more. */
static bool print(struct span line)
{
    return printf("%.*s\n", SPAN_F(line)) >= 0 && fflush(stdout) == 0;
}

static int show(struct control_client *c)
{
    struct span line;
    struct error e;
    if (isatty(STDOUT_FILENO))
        fputs("Watching; Ctrl-C ends it.\n", stderr);
    for (int got; (got = control_next(c, &line, &e));)
        if (got < 0)
            return complain(1, "%s", e.text);
        else if (!print(line))
            return 0;
    return 0;
}

int watch_main(const struct invocation *i)
{
    struct queue_words w;
    struct control_client c;
    struct error e;
    int status = 2, found;
    if (!queue_words_of(&w, "watch", i->argc - 1, i->argv + 1, &e))
        complain(2,
                 "%s\nuse it as: plainpost watch [--id ID] [--from WHO] [--to WHO] "
                 "[--destination WHERE] [--cause CAUSE] [--json]",
                 e.text);
    else if ((found = control_start(&c, i->options, buffer_span(&w.text), &e)) < 0)
        status = complain(1, "%s", e.text);
    else if (!found)
        status = complain_no_server(i->options);
    else {
        status = show(&c);
        control_finish(&c);
    }
    queue_words_free(&w);
    return status;
}
