#include "cli/trial_text.h"

#include "base/visible.h"
#include "mail/address.h"
#include "mail/date.h"
#include "sys/net.h"

#include <string.h>

enum { LONGEST_SHOWN = 254, LONGEST_WORDS = 500, MOST_MEMBERS = 8, MOST_RECIPIENTS = 100 };

static void add(struct buffer *out, struct span s)
{
    visible_add(out, s, LONGEST_SHOWN);
}

/* As options are written: units are powers of 1024. */
static void add_size(struct buffer *out, uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB"};
    double size = (double)bytes;
    size_t unit = 0;
    for (; size >= 1024 && unit < 4; unit++)
        size /= 1024;
    buffer_printf(out, unit && size < 10 && bytes % 1024 ? "%.1f %s" : "%.0f %s", size,
                  units[unit]);
}

/* ---- words */

/* "28 Nov 2026" */
static void add_day(struct buffer *out, int64_t day)
{
    struct buffer words = BUFFER_EMPTY;
    date_add_words(&words, day * 86400000, 0);
    struct span rest = buffer_span(&words), date = span_cut(&rest, ',');
    span_word(&date); /* the day of the week */
    buffer_add_span(out, span_trim(date));
    buffer_free(&words);
}

static void print_tag(struct buffer *out, const struct return_tag *t)
{
    buffer_add_text(out, "  is a return path that this server has signed, ");
    if (t->is_steady)
        buffer_add_text(out, "for all mail of ");
    else
        buffer_printf(out, "for the message %.*s of ", SPAN_F(t->id));
    add(out, t->sender);
    buffer_add_text(out, t->is_steady ? " to one domain, on " : ", on ");
    add_day(out, t->day);
    buffer_add_text(out, "; good until ");
    add_day(out, t->day + RETURN_TAG_DAYS_VALID);
    buffer_add_char(out, '\n');
}

static void print_return(struct buffer *out, const struct address_trial *t)
{
    switch (t->is_return) {
    case RETURN_TAG_NONE:
        break;
    case RETURN_TAG_TRUE:
    case RETURN_TAG_TOO_OLD:
        print_tag(out, &t->tag);
        break;
    case RETURN_TAG_OTHER_SECRET:
        buffer_add_text(out, "  looks like a return path that this server has signed, but with a "
                             "secret that it does not have\n");
        break;
    case RETURN_TAG_FORGED:
        buffer_add_text(out, "  looks like a return path that this server has signed, but it has "
                             "not: what signs it is not right\n");
        break;
    }
}

static void print_members(struct buffer *out, const struct address_trial *t, size_t parent)
{
    size_t count = 0, shown = 0;
    struct span owner = SPAN_NONE;
    for (size_t i = 0; i < t->recipient_count; i++)
        count += t->recipients[i].in.parent == parent + 1;
    bool is_return = !parent && t->is_return == RETURN_TAG_TRUE;
    buffer_printf(out, "  %s%s", is_return ? "stands for the sender " : "is an alias of ",
                  count ? "" : "others that get it already");
    for (size_t i = 0; i < t->recipient_count && shown < MOST_MEMBERS; i++) {
        const struct recipient *r = &t->recipients[i].in;
        if (r->parent != parent + 1)
            continue;
        buffer_add_text(out, shown++ ? ", " : "");
        add(out, r->action.len ? r->action : r->address);
        owner = r->reverse_path;
    }
    if (count > shown)
        buffer_printf(out, " and %zu more", count - shown);
    buffer_add_char(out, '\n');
    if (owner.len && !span_equal(owner, t->settings.sender)) {
        buffer_add_text(out, "  its owner ");
        add(out, owner);
        buffer_add_text(out, " is told when one of them fails\n");
    }
}

static void print_amount(struct buffer *out, const struct trial_recipient *r)
{
    const struct mailbox *box = r->to.mailbox;
    buffer_add_text(out, "  holds ");
    add_size(out, r->used.bytes);
    if (box->quota_bytes) {
        buffer_add_text(out, " of ");
        add_size(out, box->quota_bytes);
    }
    if (box->form == MAILBOX_MAILDIR) {
        bool is_one = r->used.messages == 1 && !box->quota_messages;
        buffer_printf(out, " in %llu", (unsigned long long)r->used.messages);
        if (box->quota_messages)
            buffer_printf(out, " of %llu", (unsigned long long)box->quota_messages);
        buffer_add_text(out, is_one ? " message" : " messages");
    }
    buffer_add_text(out, r->is_full ? ": it is full\n" : "\n");
}

static void print_system_user(struct buffer *out, const struct mailbox *box)
{
    buffer_add_text(out, "  is the system's user ");
    add(out, box->user);
    buffer_printf(out, ", with the %s ", box->system->is_mbox ? "mbox" : "Maildir");
    visible_add(out, box->system->pattern, LONGEST_WORDS);
    buffer_add_text(out, " unless a .forward says otherwise\n");
}

static void print_mailbox(struct buffer *out, const struct trial_recipient *r)
{
    if (r->to.mailbox->system) {
        print_system_user(out, r->to.mailbox);
        return;
    }
    buffer_add_text(out, "  is the mailbox ");
    visible_add(out, r->to.mailbox->path, LONGEST_WORDS);
    buffer_add_char(out, '\n');
    if (r->usage_error)
        buffer_printf(out, "  can't be looked into: %s\n", strerror(-r->usage_error));
    else
        print_amount(out, r);
}

static void print_way(struct buffer *out, const struct way *w, bool has_preference)
{
    buffer_add_text(out, "    ");
    if (has_preference)
        buffer_printf(out, "%5u ", w->preference);
    add(out, w->host);
    buffer_add_text(out, "  ");
    net_address_add_endpoint(out, &w->address);
    if (w->demand->who.len) {
        buffer_add_text(out, "  by TLS, which ");
        add(out, w->demand->who);
        buffer_add_text(out, " demands");
    }
    buffer_add_char(out, '\n');
}

static void print_hop(struct buffer *out, const struct trial_recipient *r)
{
    const struct ways *ways = trial_hop_ways(r->hop);
    buffer_add_text(out, "  goes to ");
    add(out, trial_hop_name(r->hop));
    if (!ways) {
        buffer_add_text(out, "; the DNS has not answered\n");
        return;
    }
    if (!ways->problem.status.class) {
        buffer_add_text(out, ", by these ways in this order:\n");
        for (size_t i = 0; i < ways->count; i++)
            print_way(out, &ways->at[i], r->to.target->kind == TARGET_MX);
        return;
    }
    buffer_add_text(out, ", but there is no way: ");
    status_add(out, ways->problem.status);
    buffer_add_char(out, ' ');
    visible_add(out, ways->problem.text, LONGEST_WORDS);
    buffer_add_char(out, '\n');
}

static void print_relay(struct buffer *out, const struct relay_domain *relay)
{
    static const char *const whose[] = {[RELAY_ANY] = "all of it get mail",
                                        [RELAY_ASK] = "its next hop says who gets mail",
                                        [RELAY_RECIPIENTS] = "a table says who gets mail"};
    buffer_add_text(out, "  is in the relay domain ");
    add(out, relay->match);
    buffer_printf(out, ": %s\n", whose[relay->check]);
}

static void print_language(struct buffer *out, const struct directory_language *l)
{
    if (l->of_user.len)
        buffer_printf(out, "  is told in the language \"%.*s\" what becomes of its mail\n",
                      SPAN_F(l->of_user));
    else if (l->of_domain.len)
        buffer_printf(out,
                      "  is told in the language \"%.*s\", that of its domain, what becomes of its "
                      "mail, unless the mail names another\n",
                      SPAN_F(l->of_domain));
}

static void print_recipient(struct buffer *out, const struct address_trial *t, size_t i)
{
    const struct trial_recipient *r = &t->recipients[i];
    add(out, r->in.address);
    buffer_add_char(out, '\n');
    if (!i)
        print_return(out, t);
    if (r->in.is_expanded) {
        print_members(out, t, i);
        return;
    }
    if (r->in.action.len) {
        buffer_add_text(out, "  is a command: ");
        visible_add(out, span_skip(r->in.action, 1), LONGEST_WORDS);
        buffer_add_char(out, '\n');
        return;
    }
    if (r->to.relay)
        print_relay(out, r->to.relay);
    print_language(out, &r->language);
    switch (r->to.kind) {
    case DESTINATION_MAILBOX:
        print_mailbox(out, r);
        break;
    case DESTINATION_ROUTE:
        if (r->hop) {
            print_hop(out, r);
            break;
        }
        buffer_add_text(out, "  has a route: ");
        target_print(out, r->to.target);
        buffer_add_char(out, '\n');
        break;
    case DESTINATION_NO_SUCH_USER:
        buffer_add_text(out,
                        "  is not there: its domain is ours, and nobody in it has this address\n");
        break;
    case DESTINATION_NO_ROUTE:
        buffer_add_text(out, "  leads nowhere: its domain is not ours, and no route leads there\n");
        break;
    }
}

static const char *who(const struct address_trial *t, const struct trial_reply *r)
{
    if (t->settings.client)
        return r->is_trusted ? "this client, which is trusted" : "this client";
    return r->is_trusted ? "a trusted client" : "a stranger";
}

static void print_reply(struct buffer *out, const struct address_trial *t,
                        const struct trial_reply *r)
{
    struct span rest = r->text;
    buffer_printf(out, "At %s %s hears%s:\n", r->is_of_mail ? "MAIL" : "RCPT", who(t, r),
                  r->was_asked ? " (the next hop was asked)" : "");
    while (rest.len) {
        struct span line = span_trim(span_cut(&rest, '\n'));
        buffer_add_text(out, "  ");
        visible_add(out, line, 1000);
        buffer_add_char(out, '\n');
    }
    if (r->has_points) {
        buffer_printf(out, "It has %d point%s", r->points, r->points == 1 ? "" : "s");
        buffer_add_text(out, r->is_for_points
                                 ? ", and hears this for them; see plainpost-test-client(1).\n"
                                 : ", and is let in.\n");
    }
}

static void print_end(struct buffer *out, const struct address_trial *t)
{
    size_t failing = 0, all = 0;
    bool is_taken = address_trial_reply(t)->code < 400 && t->fits;
    for (size_t i = 0; i < t->recipient_count; i++) {
        all += !t->recipients[i].in.is_expanded;
        failing += !t->recipients[i].in.is_expanded && t->recipients[i].end != TRIAL_REACHED;
    }
    switch (address_trial_end(t)) {
    case TRIAL_REACHED:
        buffer_add_text(
            out, "Mail to this address can be delivered, as far as can be seen from here.\n");
        break;
    case TRIAL_NOT_NOW:
        buffer_add_text(out, "Mail to this address can't be delivered right now.\n");
        break;
    case TRIAL_NEVER:
        if (is_taken && all > 1)
            buffer_printf(out,
                          "Mail to this address is taken, but %zu of the %zu that it leads to "
                          "would not get it.\n",
                          failing, all);
        else
            buffer_add_text(out, "Mail to this address can't be delivered.\n");
        break;
    }
}

void trial_print(struct buffer *out, const struct address_trial *t)
{
    for (size_t i = 0; i < t->recipient_count && i < MOST_RECIPIENTS; i++)
        print_recipient(out, t, i);
    if (t->recipient_count > MOST_RECIPIENTS)
        buffer_printf(out, "and %zu more\n", t->recipient_count - MOST_RECIPIENTS);
    buffer_add_text(out, "A message may have up to ");
    add_size(out, t->largest_message);
    buffer_add_text(out, t->fits ? ".\n"
                                 : ", but none to so many recipients is taken: divide the list, or "
                                   "make segment-size larger.\n");
    for (size_t i = 0; i < t->reply_count; i++)
        print_reply(out, t, &t->replies[i]);
    print_end(out, t);
}

/* ---- JSON */

static void json_ways(struct json *j, const struct ways *ways)
{
    json_member_array(j, "ways");
    for (size_t i = 0; i < ways->count; i++) {
        struct buffer address = BUFFER_EMPTY;
        net_address_add_endpoint(&address, &ways->at[i].address);
        json_object(j);
        json_number(j, "preference", ways->at[i].preference);
        json_text(j, "host", ways->at[i].host);
        json_text(j, "address", buffer_span(&address));
        json_text(j, "tls", span_of(transport_rule_name(ways->at[i].demand->rule)));
        json_end(j);
        buffer_free(&address);
    }
    json_end(j);
}

static void json_hop(struct json *j, const struct trial_hop *h)
{
    const struct ways *ways = trial_hop_ways(h);
    json_text(j, "leads_to", SPAN("next-hop"));
    json_text(j, "next_hop", trial_hop_name(h));
    if (!ways) {
        json_text(j, "problem", SPAN("the DNS has not answered"));
    } else if (ways->problem.status.class) {
        struct buffer text = BUFFER_EMPTY;
        status_add(&text, ways->problem.status);
        buffer_printf(&text, " %.*s", SPAN_F(ways->problem.text));
        json_text(j, "problem", buffer_span(&text));
        buffer_free(&text);
    } else {
        json_ways(j, ways);
    }
}

static void json_mailbox(struct json *j, const struct trial_recipient *r)
{
    const struct mailbox *box = r->to.mailbox;
    if (box->system) {
        json_text(j, "leads_to", SPAN("system-user"));
        json_text(j, "user", box->user);
        json_text(j, "mailbox", box->system->pattern);
        return;
    }
    json_text(j, "leads_to", SPAN("mailbox"));
    json_text(j, "mailbox", box->path);
    if (box->quota_bytes)
        json_number(j, "quota_bytes", (int64_t)box->quota_bytes);
    if (box->quota_messages)
        json_number(j, "quota_messages", (int64_t)box->quota_messages);
    if (r->usage_error) {
        json_text(j, "problem", span_of(strerror(-r->usage_error)));
        return;
    }
    json_number(j, "used_bytes", (int64_t)r->used.bytes);
    if (box->form == MAILBOX_MAILDIR)
        json_number(j, "used_messages", (int64_t)r->used.messages);
}

static void json_route(struct json *j, const struct trial_recipient *r)
{
    bool is_discard = r->to.target->kind == TARGET_DISCARD;
    if (r->hop) {
        json_hop(j, r->hop);
        return;
    }
    json_text(j, "leads_to", is_discard ? SPAN("discard") : SPAN("refuse"));
    json_text(j, "why", r->to.target->why);
}

/* Lines parted by LF. */
static void json_reply(struct json *j, struct span text)
{
    struct buffer lines = BUFFER_EMPTY;
    while (text.len) {
        buffer_add_text(&lines, lines.len ? "\n" : "");
        buffer_add_span(&lines, span_trim(span_cut(&text, '\n')));
    }
    json_text(j, "reply", buffer_span(&lines));
    buffer_free(&lines);
}

static const struct span ends[] = {[TRIAL_REACHED] = SPAN("deliverable"),
                                   [TRIAL_NOT_NOW] = SPAN("temporary"),
                                   [TRIAL_NEVER] = SPAN("undeliverable")};

static void json_recipient(struct json *j, const struct address_trial *t,
                           const struct trial_recipient *r)
{
    json_object(j);
    json_text(j, "address", r->in.address);
    if (r->in.parent)
        json_text(j, "alias_of", t->recipients[r->in.parent - 1].in.address);
    if (r->in.reverse_path.len)
        json_text(j, "failures_to", r->in.reverse_path);
    if (r->in.is_expanded) {
        json_text(j, "leads_to", SPAN("alias"));
        json_end(j);
        return;
    }
    if (r->in.action.len) {
        json_text(j, "leads_to", SPAN("command"));
        json_text(j, "command", span_skip(r->in.action, 1));
        json_text(j, "end", ends[r->end]);
        json_end(j);
        return;
    }
    if (r->to.relay)
        json_text(j, "relay_domain", r->to.relay->match);
    if (r->language.of_user.len)
        json_text(j, "language", r->language.of_user);
    if (r->language.of_domain.len)
        json_text(j, "domain_language", r->language.of_domain);
    switch (r->to.kind) {
    case DESTINATION_MAILBOX:
        json_mailbox(j, r);
        break;
    case DESTINATION_ROUTE:
        json_route(j, r);
        break;
    case DESTINATION_NO_SUCH_USER:
        json_text(j, "leads_to", SPAN("nobody"));
        break;
    case DESTINATION_NO_ROUTE:
        json_text(j, "leads_to", SPAN("nowhere"));
        break;
    }
    json_text(j, "end", ends[r->end]);
    json_end(j);
}

static void json_return(struct json *j, const struct address_trial *t)
{
    static const struct span states[] = {[RETURN_TAG_TRUE] = SPAN("good"),
                                         [RETURN_TAG_TOO_OLD] = SPAN("too-old"),
                                         [RETURN_TAG_OTHER_SECRET] = SPAN("other-secret"),
                                         [RETURN_TAG_FORGED] = SPAN("forged")};
    if (t->is_return == RETURN_TAG_NONE)
        return;
    bool is_ours = t->is_return == RETURN_TAG_TRUE || t->is_return == RETURN_TAG_TOO_OLD;
    json_member_object(j, "return_path");
    json_text(j, "state", states[t->is_return]);
    json_text(j, "sender", t->tag.sender);
    if (is_ours && !t->tag.is_steady)
        json_text(j, "message", t->tag.id);
    if (is_ours)
        date_json(j, "made", t->tag.day * 86400000);
    json_end(j);
}

void trial_print_json(struct json *j, const struct address_trial *t)
{
    json_object(j);
    json_text(j, "address", t->settings.address);
    json_text(j, "from", t->settings.sender);
    json_return(j, t);
    json_member_array(j, "recipients");
    for (size_t i = 0; i < t->recipient_count; i++)
        json_recipient(j, t, &t->recipients[i]);
    json_end(j);
    json_number(j, "largest_message", (int64_t)t->largest_message);
    json_bool(j, "fits", t->fits);
    json_member_array(j, "replies");
    for (size_t i = 0; i < t->reply_count; i++) {
        const struct trial_reply *r = &t->replies[i];
        json_object(j);
        json_bool(j, "trusted", r->is_trusted);
        json_text(j, "to", r->is_of_mail ? SPAN("MAIL") : SPAN("RCPT"));
        json_bool(j, "asked", r->was_asked);
        json_number(j, "code", r->code);
        json_reply(j, r->text);
        if (r->has_points) {
            json_number(j, "points", r->points);
            json_bool(j, "for_points", r->is_for_points);
        }
        json_end(j);
    }
    json_end(j);
    json_text(j, "end", ends[address_trial_end(t)]);
    json_end(j);
}
