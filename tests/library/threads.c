/* Prints the JSON of each file; then eight threads explain them all, in several languages, and each
 * must get what the first one got.
 * Usage: threads FILE... */
#include <plainpost/explain.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 8, MOST_FILES = 100, LARGEST = 1 << 20, ROUNDS = 3 };

static const char *const languages[] = {"en", "ar", "de", "ja", "ru"};
enum { LANGUAGES = sizeof languages / sizeof *languages };

static struct file {
    const char *name;
    char *octets;
    size_t size;
    char *told[LANGUAGES]; /* all of it, in each language */
} files[MOST_FILES];
static size_t file_count;

static char *tell(const struct file *f, const char *language)
{
    struct plainpost_message *m;
    char *told = calloc(1, 1);
    size_t size = 0;
    if (plainpost_message_read(&m, f->octets, f->size) != PLAINPOST_OK)
        exit(2);
    plainpost_message_set_language(m, language);
    plainpost_message_set_name(m, f->name);
    for (int form = PLAINPOST_TEXT; form <= PLAINPOST_LETTER; form++) {
        size_t more;
        const char *text = plainpost_message_form(m, (enum plainpost_form)form, &more);
        told = realloc(told, size + more + 1);
        memcpy(told + size, text, more + 1);
        size += more;
    }
    for (const struct plainpost_recipient *r = NULL; (r = plainpost_recipient_next(m, r));)
        if (!r->address)
            exit(2);
    plainpost_message_free(&m);
    return told;
}

static void *explain_all(void *differing)
{
    for (size_t n = 0; n < ROUNDS * file_count * LANGUAGES; n++) {
        const struct file *f = &files[n % file_count];
        size_t language = n / file_count % LANGUAGES;
        char *told = tell(f, languages[language]);
        *(size_t *)differing += strcmp(told, f->told[language]) != 0;
        free(told);
    }
    return NULL;
}

static void read_file(const char *name)
{
    struct file *f = &files[file_count++];
    FILE *in = fopen(name, "rb");
    f->name = name;
    f->octets = malloc(LARGEST);
    if (!in || !f->octets)
        exit(2);
    f->size = fread(f->octets, 1, LARGEST, in);
    fclose(in);
    for (size_t i = 0; i < LANGUAGES; i++)
        f->told[i] = tell(f, languages[i]);
}

static void print_json(const struct file *f)
{
    struct plainpost_message *m;
    if (plainpost_message_read(&m, f->octets, f->size) != PLAINPOST_OK)
        exit(2);
    plainpost_message_set_name(m, f->name);
    puts(plainpost_message_form(m, PLAINPOST_JSON, NULL));
    plainpost_message_free(&m);
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    size_t differing[THREADS] = {0}, all = 0;
    for (int i = 1; i < argc && i <= MOST_FILES; i++)
        read_file(argv[i]);
    for (size_t i = 0; i < file_count; i++)
        print_json(&files[i]);
    for (size_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, explain_all, &differing[i]) != 0)
            return 2;
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        all += differing[i];
    }
    for (size_t i = 0; i < file_count; i++) {
        for (size_t k = 0; k < LANGUAGES; k++)
            free(files[i].told[k]);
        free(files[i].octets);
    }
    return all != 0;
}
