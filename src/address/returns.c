#include "address/returns.h"
#include "address/directory_inside.h"
#include "address/kept_secrets.h"

#include "config/match.h"
#include "mail/address.h"
#include "sys/clock.h"

static int64_t now_s(void)
{
    return clock_now_ms() / 1000;
}

/* ---- of others */

bool returns_sender(const struct directory *d, struct span sender, struct span *address,
                    struct arena *a)
{
    return d->srs.secrets.count && srs_forward(&d->srs, sender, now_s(), address, a);
}

enum srs_answer returns_find(const struct directory *d, struct span address, struct span *sender,
                             struct arena *a)
{
    return d->srs.secrets.count ? srs_reverse(&d->srs, address, now_s(), sender, a) : SRS_IS_NONE;
}

/* ---- our own */

enum return_path returns_path_for(const struct options *o, struct span sender,
                                  struct span recipient)
{
    if (!match_any(o->return_paths.signs, o->return_paths.sign_count, sender, sender) ||
        match_any(o->return_paths.except, o->return_paths.except_count, sender, recipient))
        return RETURN_PATH_PLAIN;
    return match_any(o->return_paths.steady, o->return_paths.steady_count, sender, recipient)
               ? RETURN_PATH_STEADY
               : RETURN_PATH_TAGGED;
}

bool returns_sign(const struct directory *d, const struct options *o, const struct returns_mail *m,
                  struct span *address, struct arena *a)
{
    enum return_path path = returns_path_for(o, m->sender, m->recipient);
    int64_t day = return_tag_day(m->accepted_ms / 1000, now_s());
    if (path == RETURN_PATH_PLAIN || !d->tags.count)
        return false;
    struct span id =
        path == RETURN_PATH_STEADY
            ? return_tag_token(&d->tags, m->sender, address_domain(m->recipient), day, a)
            : m->queue_id;
    return return_tag_make(&d->tags, m->sender, id, day, address, a);
}

/* Not by the sender, but by whom he writes to. */
static bool has_exceptions(const struct options *o)
{
    bool has = false;
    for (size_t i = 0; i < o->return_paths.except_count && !has; i++)
        has = !match_is_of_sender(o->return_paths.except[i]);
    return has;
}

int64_t returns_signed_since_ms(const struct directory *d, struct span sender,
                                struct span recipient)
{
    struct arena a = ARENA_EMPTY;
    struct span address;
    const struct returns_mail m = {sender, recipient, SPAN("00000000000"), clock_now_ms()};
    bool is_elsewhere = recipient.len ? !directory_find(d, SPAN_NONE, recipient).is_ours
                                      : !has_exceptions(d->options);
    bool is_signed = is_elsewhere && directory_find(d, SPAN_NONE, sender).is_ours &&
                     returns_sign(d, d->options, &m, &address, &a);
    arena_clear(&a);
    return is_signed ? d->tags_since * 1000 : INT64_MAX;
}

enum return_tag_answer returns_check(const struct directory *d, struct span address,
                                     struct return_tag *t, struct arena *a)
{
    return d->tags.count ? return_tag_check(&d->tags, address, now_s(), t, a) : RETURN_TAG_NONE;
}

bool returns_is_for(const struct directory *d, const struct return_tag *t,
                    struct span recipient_domain)
{
    return return_tag_is_for(&d->tags, t, recipient_domain);
}

/* ---- the secrets */

static struct secret_file of_srs(const struct options *o)
{
    return (struct secret_file){"srs-secrets", o->state, o->srs_secrets};
}

static struct secret_file of_tags(const struct options *o)
{
    return (struct secret_file){"return-path-secrets", o->state, o->return_paths.secrets};
}

bool returns_load(struct directory *d, const struct options *o, struct file_marks *marks,
                  struct error *e)
{
    const struct secret_file srs = of_srs(o), tags = of_tags(o);
    d->srs = (struct srs){.domain = o->srs};
    bool ok = (!o->srs.len ||
               kept_secrets_read(&srs, &d->srs_secrets, &d->srs.secrets, &d->arena, marks, e)) &&
              kept_secrets_read(&tags, &d->tag_secrets, &d->tags, &d->arena, marks, e);
    d->tags_since = kept_secrets_since(&tags, d->tags.count);
    return ok;
}

bool returns_keep_secrets(const struct options *o, struct error *e)
{
    const struct secret_file srs = of_srs(o), tags = of_tags(o);
    return (!o->srs.len || kept_secrets_renew(&srs, e)) &&
           (!o->return_paths.sign_count || kept_secrets_renew(&tags, e));
}
