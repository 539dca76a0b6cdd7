#include "cli/commands.h"

#include "login/gate.h"
#include "login/keyring.h"
#include "receive/notice_language.h"
#include "receive/session.h"
#include "signing/signing.h"
#include "sys/country.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char how[] = "use it as: plainpost [-c FILE] config check|show\n"
                          "                      plainpost config default|manual";

static int print(void (*printer)(struct buffer *out, const struct options *o),
                 const struct options *o)
{
    struct buffer out = BUFFER_EMPTY;
    printer(&out, o);
    fputs(buffer_text(&out), stdout);
    buffer_free(&out);
    return 0;
}

static void print_manual(struct buffer *out, const struct options *o)
{
    options_print_manual(out);
}

static bool is_there(struct span file)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_add_span(&path, file);
    bool is = access(buffer_text(&path), F_OK) == 0;
    buffer_free(&path);
    return is;
}

static void text_is_left_out(void *arg, const char *words)
{
    complain(0, "%s; it is left out", words);
}

static bool certificates_are_fine(const struct options *o, struct error *e)
{
    struct tls_context *serving = NULL;
    struct tls_context *calling = tls_client_new(o->tls_authorities, e);
    bool are = calling && receive_load_certificates(o, &serving, e);
    tls_context_unref(&serving);
    tls_context_unref(&calling);
    return are;
}

static bool countries_are_fine(const struct options *o, struct error *e)
{
    struct countries *c = o->country_database.len ? countries_open(o->country_database, e) : NULL;
    bool are = c || !o->country_database.len;
    countries_free(&c);
    return are;
}

/* The configuration has been read when we come here; what is left are the files that it names. */
static int check(const struct invocation *i)
{
    struct error e;
    if (!certificates_are_fine(i->options, &e))
        return complain(1, "%s", e.text);
    struct file_marks tables = {0};
    struct directory *d = directory_load(i->options, &tables, &e);
    file_marks_free(&tables);
    if (!d)
        return complain(1, "%s", e.text);
    directory_unref(&d);
    struct keyring *keyring = keyring_new(i->options, &e);
    if (!keyring)
        return complain(1, "%s", e.text);
    keyring_unref(&keyring);
    struct signing *keys = signing_new(i->options, &e);
    if (!keys)
        return complain(1, "%s", e.text);
    signing_unref(&keys);
    if (!countries_are_fine(i->options, &e) || !gate_check(i->options, &e))
        return complain(1, "%s", e.text);
    struct own_texts *texts = notice_texts_load(i->options, text_is_left_out, NULL, &e);
    if (!texts)
        return complain(1, "%s", e.text);
    own_texts_unref(&texts);
    const char *configuration = i->file ? i->file : "The built-in configuration";
    struct span users = i->options->users;
    bool is_database = span_starts(users, SPAN("sqlite:"));
    if (is_database || is_there(users))
        printf("%s and the users%s %.*s%s are fine.\n", configuration,
               is_database ? " of" : " file", SPAN_F(users),
               i->options->alias_file_count ? " and the aliases" : "");
    else
        printf("%s is fine. There is no users file %.*s: for trying things out, postmaster, alice "
               "and bob have mailboxes at %.*s.\n",
               configuration, SPAN_F(users), SPAN_F(i->options->hostname));
    return 0;
}

int config_main(const struct invocation *i)
{
    const char *verb = i->argc == 2 ? i->argv[1] : "";
    if (strcmp(verb, "check") == 0)
        return check(i);
    if (strcmp(verb, "show") == 0)
        return print(options_print, i->options);
    if (strcmp(verb, "manual") == 0)
        return print(print_manual, i->options);
    if (strcmp(verb, "default") != 0)
        return complain(2, "%s", how);
    struct options standard;
    options_defaults(&standard);
    int status = print(options_print, &standard);
    options_free(&standard);
    return status;
}
