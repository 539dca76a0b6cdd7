/* PAM asks for what it wants; we have a name and a password, and say these. It would sleep after a
 * wrong one: we hold the answer back ourselves, and the thread is wanted. */
#include "login/pam.h"

#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

static void free_answers(struct pam_response *answers, int count)
{
    for (int i = 0; i < count; i++) {
        if (answers[i].resp)
            explicit_bzero(answers[i].resp, strlen(answers[i].resp));
        free(answers[i].resp);
    }
    free(answers);
}

static char *copy(struct span s)
{
    char *at = calloc(1, s.len + 1);
    if (at && s.len)
        memcpy(at, s.at, s.len);
    return at;
}

/* The answers become PAM's, which frees them. */
static int converse(int count, const struct pam_message **messages, struct pam_response **answers,
                    void *arg)
{
    const struct login_asked *who = arg;
    struct pam_response *all = count > 0 ? calloc((size_t)count, sizeof *all) : NULL;
    if (!all)
        return PAM_CONV_ERR;
    for (int i = 0; i < count; i++) {
        int style = messages[i]->msg_style;
        bool is_prompt = style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON;
        if (!is_prompt)
            continue;
        all[i].resp = copy(style == PAM_PROMPT_ECHO_OFF ? who->secret : who->name);
        if (!all[i].resp) {
            free_answers(all, count);
            return PAM_BUF_ERR;
        }
    }
    *answers = all;
    return PAM_SUCCESS;
}

static void no_delay(int result, unsigned us, void *arg) {}

static void tell_who(pam_handle_t *h, const struct login_asked *who)
{
    struct buffer client = BUFFER_EMPTY;
    void (*delay)(int, unsigned, void *) = no_delay;
    const void *item;
    memcpy(&item, &delay, sizeof item); /* a function goes as an item, too */
    net_address_add(&client, who->client);
    pam_set_item(h, PAM_RHOST, buffer_text(&client));
    pam_set_item(h, PAM_FAIL_DELAY, item);
    buffer_free(&client);
}

static enum gate_verdict verdict_of(pam_handle_t *h, int result, struct error *e)
{
    switch (result) {
    case PAM_SUCCESS:
        return GATE_IS_RIGHT;
    case PAM_AUTH_ERR:
    case PAM_USER_UNKNOWN:
    case PAM_MAXTRIES:
    case PAM_PERM_DENIED:
    case PAM_ACCT_EXPIRED:
    case PAM_NEW_AUTHTOK_REQD:
        return GATE_IS_WRONG;
    default:
        error_set(e, "PAM can't say: %s", pam_strerror(h, result));
        return GATE_CANNOT_SAY;
    }
}

static bool take_name(pam_handle_t *h, struct buffer *login)
{
    const void *name = NULL;
    if (pam_get_item(h, PAM_USER, &name) != PAM_SUCCESS || !name)
        return false;
    buffer_add_text(login, name);
    return login->len > 0;
}

enum gate_verdict pam_ask(struct span service, const struct login_asked *who, struct buffer *login,
                          struct error *e)
{
    const struct pam_conv talk = {converse, (void *)(uintptr_t)who};
    struct buffer of = BUFFER_EMPTY, name = BUFFER_EMPTY;
    pam_handle_t *h = NULL;
    buffer_add_span(&of, service);
    buffer_add_span(&name, who->name);
    int result = pam_start(buffer_text(&of), buffer_text(&name), &talk, &h);
    if (result == PAM_SUCCESS) {
        tell_who(h, who);
        result = pam_authenticate(h, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK);
    }
    if (result == PAM_SUCCESS)
        result = pam_acct_mgmt(h, PAM_SILENT);
    enum gate_verdict verdict = verdict_of(h, result, e);
    if (verdict == GATE_IS_RIGHT && !take_name(h, login))
        verdict = GATE_IS_WRONG;
    if (h)
        pam_end(h, result);
    buffer_free(&of);
    buffer_free(&name);
    return verdict;
}

bool pam_is_there(struct error *e)
{
    return true;
}
