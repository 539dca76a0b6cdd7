/* Eight threads sign and check at the same time, with one signer and checks of their own: each gets
 * the same. The key comes on standard input. */
#include <plainpost/auth.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, ROUNDS = 25 };

static const char message[] = "From: alice@example.org\r\nSubject: Hello\r\n\r\nHello!\r\n";
static struct plainpost_signer *signer;

static void answer(struct plainpost_check *c, const struct plainpost_question *q)
{
    const char *record = strcmp(q->name, "s1._domainkey.example.org") == 0
                             ? plainpost_signer_record(signer)
                         : strcmp(q->name, "_dmarc.example.org") == 0 ? "v=DMARC1; p=reject"
                         : strcmp(q->name, "example.org") == 0 ? "v=spf1 ip4:192.0.2.0/24 -all"
                                                               : NULL;
    plainpost_check_answer(c, q, record ? PLAINPOST_FOUND : PLAINPOST_NO_NAME, &record,
                           record != NULL);
}

static int is_right(void)
{
    char *field, *whole;
    if (plainpost_signer_sign(signer, message, strlen(message), 1000, &field) != PLAINPOST_AUTH_OK)
        return 0;
    whole = malloc(strlen(field) + sizeof message);
    strcat(strcpy(whole, field), message);
    struct plainpost_check *c = plainpost_check_new();
    plainpost_check_set_client(c, "192.0.2.7", "mx.example.org");
    plainpost_check_set_sender(c, "alice@example.org");
    plainpost_check_set_message(c, whole, strlen(whole));
    while (!plainpost_check_run(c))
        for (const struct plainpost_question *q; (q = plainpost_check_ask(c));)
            answer(c, q);
    int right = plainpost_check_spf(c)->outcome == PLAINPOST_PASS &&
                plainpost_dkim_next(c, NULL)->outcome == PLAINPOST_PASS &&
                plainpost_check_dmarc(c)->outcome == PLAINPOST_PASS;
    plainpost_check_free(&c);
    free(whole);
    free(field);
    return right;
}

static void *go(void *right)
{
    for (int i = 0; i < ROUNDS; i++)
        *(int *)right += is_right();
    return NULL;
}

int main(void)
{
    char pem[10000], why[200];
    pthread_t threads[THREADS];
    int right[THREADS] = {0}, all = 0;
    size_t size = fread(pem, 1, sizeof pem, stdin);
    if (plainpost_signer_new(&signer, "example.org", "s1", pem, size, why, sizeof why) !=
        PLAINPOST_AUTH_OK) {
        fprintf(stderr, "%s\n", why);
        return 2;
    }
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, go, &right[i]) != 0)
            return 2;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        all += right[i];
    }
    plainpost_signer_free(&signer);
    printf("%d of %d\n", all, THREADS * ROUNDS);
    return all != THREADS * ROUNDS;
}
