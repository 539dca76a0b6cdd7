/* Those that this system trusts are some hundred and fifty; to read them takes longer than all else
 * at a start, and a server needs a few of them. Most systems have a directory beside the file with
 * all of them, where each has a link that is named by a hash: there OpenSSL looks for the one that
 * it needs, in a handshake, and remembers it. Handshakes are done by worker threads, and the
 * look-up locks for itself.
 *
 * A directory may have links for some only, where somebody has put a certificate of his own into
 * it: so it counts when it has as many as the file has certificates, and all can be read. */
#include "sys/tls_inside.h"

#include "sys/whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST = 8 * 1024 * 1024, HASH_DIGITS = 8 };

/* As OpenSSL has it: the environment may name another. */
static const char *place_of(const char *variable, const char *usual)
{
    const char *named = getenv(variable);
    return named ? named : usual;
}

/* "5ad8a5d6.0" */
static bool is_link(struct span name)
{
    struct span number = span_skip(name, HASH_DIGITS + 1);
    bool is = number.len && name.at[HASH_DIGITS] == '.';
    for (size_t i = 0; i < HASH_DIGITS && is; i++)
        is = strchr("0123456789abcdef", name.at[i]);
    for (size_t i = 0; i < number.len && is; i++)
        is = number.at[i] >= '0' && number.at[i] <= '9';
    return is;
}

/* 0: there is none, or one that can't be read. */
static size_t count_links(const char *directory)
{
    DIR *d = opendir(directory);
    size_t count = 0;
    bool are_read = d;
    for (const struct dirent *e; are_read && (e = readdir(d));)
        if (is_link(span_of(e->d_name))) {
            are_read = faccessat(dirfd(d), e->d_name, R_OK, AT_EACCESS) == 0;
            count++;
        }
    if (d)
        closedir(d);
    return are_read ? count : 0;
}

/* SIZE_MAX: nobody knows. */
static size_t count_certificates(const char *file)
{
    struct buffer text = BUFFER_EMPTY;
    bool is_read = whole_file_read(file, 0, LARGEST, &text);
    size_t count = is_read || errno == ENOENT ? 0 : SIZE_MAX;
    struct span rest = buffer_span(&text), begin = SPAN("-----BEGIN ");
    for (size_t at; is_read && (at = span_find(rest, begin)) != SPAN_NOT_FOUND; count++)
        rest = span_skip(rest, at + begin.len);
    buffer_free(&text);
    return count;
}

bool tls_trust_system(SSL_CTX *ctx)
{
    size_t links =
        count_links(place_of(X509_get_default_cert_dir_env(), X509_get_default_cert_dir()));
    size_t certificates = count_certificates(
        place_of(X509_get_default_cert_file_env(), X509_get_default_cert_file()));
    bool has_all = links >= certificates;
    return (has_all ? SSL_CTX_set_default_verify_dir(ctx)
                    : SSL_CTX_set_default_verify_paths(ctx)) == 1;
}
