/* What became of a message, for each recipient, and is it true? A notice comes on standard input.
 *   cc explain-example.c $(pkg-config --cflags --libs plainpost-explain) */
#include <plainpost/explain.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    size_t size = 0, room = 1 << 20;
    char *octets = malloc(room);
    while (octets && (size += fread(octets + size, 1, room - size, stdin)) == room)
        octets = realloc(octets, room *= 2);
    if (!octets)
        return 1;

    struct plainpost_message *m;
    enum plainpost_result result = plainpost_message_read(&m, octets, size);
    free(octets); /* the message has a copy */
    if (result != PLAINPOST_OK) {
        fputs("This is too large for a notice.\n", stderr);
        return 1;
    }
    const struct plainpost_verdict *v = plainpost_message_verdict(m);
    printf("%s (%s): %s\n", plainpost_class_name(v->is), plainpost_confidence_name(v->confidence),
           plainpost_message_advice(m)->summary);
    for (const struct plainpost_recipient *r = NULL; (r = plainpost_recipient_next(m, r));)
        printf("%s: %s, can act: %s\n", plainpost_message_harmless(m, r->address),
               plainpost_cause_name(r->cause), plainpost_who_name(r->who_acts));
    plainpost_message_free(&m);
    return 0;
}
