/* What a filter is told of a session and a message, with the macros of Sendmail by which the
 * filters that there are know the rest. */
#include "base/buffer.h"
#include "mail/address.h"
#include "receive/filters_inside.h"

#include <string.h>

static struct span keep(struct filtering *f, struct buffer *b)
{
    struct span kept = arena_copy(&f->arena, buffer_span(b));
    buffer_free(b);
    return kept;
}

static void set(struct filtering *f, const char *name, struct span value)
{
    for (size_t i = 0; i < f->facts.macro_count; i++)
        if (strcmp(f->macros[i].name, name) == 0) {
            f->macros[i].value = value;
            return;
        }
    assert(f->facts.macro_count < FILTER_MACROS);
    f->macros[f->facts.macro_count++] = (struct milter_macro){name, value};
}

static void add_client(struct filtering *f, const struct session *s)
{
    struct buffer text = BUFFER_EMPTY;
    arrival_add_client(&text, s);
    struct span address = keep(f, &text), v6 = SPAN("IPv6:");
    bool is_v6 = span_starts_nocase(address, v6);
    bool is_known = !span_equal(address, SPAN("unknown"));
    address = is_v6 ? span_skip(address, v6.len) : address;
    struct span name = s->front ? buffer_span(&s->front->name) : SPAN_NONE;
    f->facts.client_address = address;
    f->facts.client_name = name;
    f->facts.family = !is_known ? 'U' : is_v6 ? '6' : '4';
    f->facts.port = is_known ? net_address_port(&s->peer) : 0;
    set(f, "{client_addr}", address);
    set(f, "{client_port}", arena_printf(&f->arena, "%u", f->facts.port));
    set(f, "{client_name}", name.len ? name : SPAN("unknown"));
    set(f, "{client_ptr}", name.len ? name : SPAN("unknown"));
    set(f, "_",
        arena_printf(&f->arena, "%.*s%s[%.*s]", SPAN_F(name), name.len ? " " : "",
                     SPAN_F(address)));
}

/* "TLS1.3 TLS_AES_256_GCM_SHA384"; filters know the version as "TLSv1.3". */
static void add_tls(struct filtering *f, const struct session *s)
{
    struct buffer text = BUFFER_EMPTY;
    securing_words(s, &text);
    struct span cipher = keep(f, &text), version = span_cut(&cipher, ' ');
    if (!version.len)
        return;
    if (span_starts(version, SPAN("TLS")) && !span_starts(version, SPAN("TLSv")))
        version = arena_printf(&f->arena, "TLSv%.*s", SPAN_F(span_skip(version, 3)));
    set(f, "{tls_version}", version);
    set(f, "{cipher}", cipher);
}

static void add_words(struct buffer *out, const char *key, struct span value)
{
    if (value.len)
        buffer_printf(out, "%s%s=%.*s", out->len ? " " : "", key, SPAN_F(value));
}

static struct span mail_parameters(struct filtering *f, const struct mail_parameters *p)
{
    static const char *const bodies[] = {[BODY_UNSTATED] = "",
                                         [BODY_7BIT] = "7BIT",
                                         [BODY_8BITMIME] = "8BITMIME",
                                         [BODY_BINARYMIME] = "BINARYMIME"};
    static const char *const rets[] = {
        [RET_UNSTATED] = "", [RET_FULL] = "FULL", [RET_HDRS] = "HDRS"};
    struct buffer out = BUFFER_EMPTY;
    if (p->size)
        buffer_printf(&out, "SIZE=%llu", (unsigned long long)p->size);
    add_words(&out, "BODY", span_of(bodies[p->body]));
    if (p->smtputf8)
        buffer_add_text(&out, out.len ? " SMTPUTF8" : "SMTPUTF8");
    add_words(&out, "RET", span_of(rets[p->ret]));
    add_words(&out, "ENVID", p->envid);
    if (p->has_priority)
        buffer_printf(&out, "%sMT-PRIORITY=%d", out.len ? " " : "", p->priority);
    return keep(f, &out);
}

static struct span rcpt_parameters(struct filtering *f, const struct rcpt_parameters *p)
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {{NOTIFY_NEVER, "NEVER"},
                 {NOTIFY_SUCCESS, "SUCCESS"},
                 {NOTIFY_FAILURE, "FAILURE"},
                 {NOTIFY_DELAY, "DELAY"}};
    struct buffer out = BUFFER_EMPTY, list = BUFFER_EMPTY;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (p->notify & words[i].bit)
            buffer_printf(&list, "%s%s", list.len ? "," : "", words[i].word);
    add_words(&out, "NOTIFY", buffer_span(&list));
    add_words(&out, "ORCPT", p->orcpt);
    buffer_free(&list);
    return keep(f, &out);
}

void filter_facts_of_sender(struct filtering *f, struct session *s)
{
    struct transaction *t = server_transaction(s->server);
    struct span login = login_of(s), hostname = s->entrance->server.hostname;
    struct buffer id = BUFFER_EMPTY;
    message_id_add(&id, f->id);
    f->facts = (struct milter_facts){.helo = server_client_name(s->server),
                                     .reverse_path = t->reverse_path,
                                     .mail_parameters = mail_parameters(f, &t->parameters),
                                     .recipient = SPAN_NONE,
                                     .rcpt_parameters = SPAN_NONE,
                                     .message = SPAN_NONE,
                                     .macros = f->macros};
    add_client(f, s);
    add_tls(f, s);
    set(f, "i", keep(f, &id));
    set(f, "j", hostname);
    set(f, "v", SPAN("plainpost"));
    set(f, "{daemon_name}", s->entrance->at->is_submission ? SPAN("MSA") : SPAN("MTA"));
    if (login.len) {
        set(f, "{auth_authen}", login);
        set(f, "{auth_type}", s->login_name.len ? span_of(s->login_mechanism) : SPAN("XCLIENT"));
    }
    set(f, "{mail_addr}", t->reverse_path);
    set(f, "{mail_host}", address_domain(t->reverse_path));
    set(f, "{mail_mailer}", SPAN("esmtp"));
}

void filter_facts_of_recipient(struct filtering *f, const struct server_recipient *r)
{
    f->facts.recipient = r->address;
    f->facts.rcpt_parameters = rcpt_parameters(f, &r->parameters);
    set(f, "{rcpt_addr}", r->address);
    set(f, "{rcpt_host}", address_domain(r->address));
    set(f, "{rcpt_mailer}", SPAN("esmtp"));
}
