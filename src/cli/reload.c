#include "cli/commands.h"

#include "base/visible.h"
#include "control/client.h"

#include <stdio.h>

enum { LONGEST_LINE = 500 };

static void print(struct span answer)
{
    while (answer.len) {
        struct buffer line = BUFFER_EMPTY;
        visible_add(&line, span_cut(&answer, '\n'), LONGEST_LINE);
        puts(buffer_text(&line));
        buffer_free(&line);
    }
}

int reload_main(const struct invocation *i)
{
    struct buffer answer = BUFFER_EMPTY;
    struct error e;
    int status = 0;
    if (i->argc > 1)
        return complain(2, "reload takes no arguments; use it as: plainpost [-c FILE] reload");
    int found = control_ask(i->options, SPAN("reload"), &answer, &e);
    if (found < 0)
        status = complain(1, "the server goes on as before: %s", e.text);
    else if (!found)
        status = complain_no_server(i->options);
    else
        print(buffer_span(&answer));
    buffer_free(&answer);
    return status;
}
