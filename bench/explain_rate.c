/* How many messages a second are read, judged and written as JSON, on one core, in one process?
 * Usage: explain_rate SECONDS FILE|FOLDER... Messages are read from disk before the clock starts.
 */
#define _GNU_SOURCE
#include "base/memory.h"
#include "bounce/explain_json.h"
#include "cli/mail_files.h"
#include "explain/finding.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct messages {
    struct mail_file *files;
    size_t count, octets;
};

static struct messages read_all(char *const *names, size_t count)
{
    struct messages all = {0};
    struct mail_file m = {0};
    struct error e;
    struct mail_files *f = mail_files_new(names, count);
    for (int got; (got = mail_files_next(f, &m, &e));) {
        if (got < 0) {
            fprintf(stderr, "explain_rate: %s\n", e.text);
            exit(1);
        }
        all.files = memory_resize(all.files, (all.count + 1) * sizeof *all.files);
        all.files[all.count++] = m;
        all.octets += m.message.len;
        m = (struct mail_file){0};
    }
    mail_files_free(&f);
    return all;
}

static size_t explain(const struct mail_file *m)
{
    static const struct evidence nothing = {0};
    struct arena a = ARENA_EMPTY;
    struct buffer line = BUFFER_EMPTY;
    struct finding f;
    const struct advise_wishes wishes = {0};
    finding_read(&f, buffer_span(&m->message), &a);
    finding_judge(&f, &nothing, &a);
    finding_advise(&f, &wishes, &a);
    explain_json(&line, buffer_span(&m->name), &f.notice, &f.verdict, &f.advice);
    size_t written = line.len;
    buffer_free(&line);
    arena_clear(&a);
    return written;
}

static double seconds_of_processor(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: explain_rate SECONDS FILE|FOLDER...\n");
        return 2;
    }
    double wanted = strtod(argv[1], NULL), took;
    struct messages all = read_all(argv + 2, (size_t)argc - 2);
    size_t passes = 0, written = 0;
    double start = seconds_of_processor();
    do {
        for (size_t i = 0; i < all.count; i++)
            written += explain(&all.files[i]);
        passes++;
        took = seconds_of_processor() - start;
    } while (took < wanted && written);
    double count = (double)(all.count * passes);
    printf("%zu messages, %zu passes: %.0f messages/s, %.1f MB/s, %.1f us a message\n", all.count,
           passes, count / took, (double)(all.octets * passes) / took / 1e6, took / count * 1e6);
    for (size_t i = 0; i < all.count; i++)
        mail_file_free(&all.files[i]);
    free(all.files);
    return 0;
}
