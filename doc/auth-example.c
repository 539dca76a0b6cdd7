/* Who is behind a message? Its answer is an Authentication-Results field, and words for people.
 *   cc auth-example.c $(pkg-config --cflags --libs plainpost-auth) -lresolv
 *   ./a.out 192.0.2.7 mx.example.org alice@example.org <message.eml
 * The DNS is asked by the C library; any other resolver does as well. */
#include <plainpost/auth.h>

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void ask_dns(struct plainpost_check *c, const struct plainpost_question *q)
{
    static unsigned char response[65535];
    int size = res_query(q->name, ns_c_in, (int)q->type, response, sizeof response);
    if (size > 0)
        plainpost_check_answer_packet(c, q, response, (size_t)size);
    else if (h_errno == HOST_NOT_FOUND)
        plainpost_check_answer(c, q, PLAINPOST_NO_NAME, NULL, 0);
    else if (h_errno == NO_DATA)
        plainpost_check_answer(c, q, PLAINPOST_NO_RECORD, NULL, 0);
    else
        plainpost_check_answer(c, q, PLAINPOST_NO_ANSWER, NULL, 0);
}

static int read_message(struct plainpost_check *c)
{
    size_t size = 0, room = 1 << 20;
    char *octets = malloc(room);
    while (octets && (size += fread(octets + size, 1, room - size, stdin)) == room)
        octets = realloc(octets, room *= 2);
    int ok = octets && plainpost_check_set_message(c, octets, size) == PLAINPOST_AUTH_OK;
    free(octets); /* the check has a copy */
    return ok;
}

int main(int argc, char **argv)
{
    struct plainpost_check *c = plainpost_check_new();
    if (argc != 4 || plainpost_check_set_client(c, argv[1], argv[2]) != PLAINPOST_AUTH_OK ||
        !read_message(c)) {
        fputs("use it as: auth-example CLIENT-ADDRESS HELO SENDER <MESSAGE\n", stderr);
        return 2;
    }
    plainpost_check_set_sender(c, argv[3]);
    plainpost_check_set_now(c, time(NULL));

    while (!plainpost_check_run(c))
        for (const struct plainpost_question *q; (q = plainpost_check_ask(c));)
            ask_dns(c, q);

    fputs(plainpost_check_field(c, "mx.example.net"), stdout);
    printf("SPF: %s\n", plainpost_check_spf(c)->why);
    for (const struct plainpost_dkim *d = NULL; (d = plainpost_dkim_next(c, d));)
        printf("DKIM: %s: %s %s\n", d->domain, d->word, d->why);
    const struct plainpost_dmarc *m = plainpost_check_dmarc(c);
    printf("DMARC: %s\n%s%s", m->why, m->remedy, *m->remedy ? "\n" : "");
    plainpost_check_free(&c);
    return 0;
}
