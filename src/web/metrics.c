/* One table a kind: what stands behind a name is found where its row says. Labels have few values,
 * known beforehand: causes, results; never addresses or domains. */
#include "web/metrics.h"

#include "outcome/counts.h"
#include "sys/log.h"
#include "sys/process.h"
#include "sys/tally.h"
#include "web/exposition.h"

/* ---- of the queue and the store */

#define OF(member) (offsetof(struct house_figures, member) + 1)

/* Values of one name, told apart by a label. */
struct part {
    const char *value; /* of the label; NULL: there is no label */
    size_t offset;     /* of a uint64_t in struct house_figures, plus 1; 0: no more parts */
};

static const struct family {
    const char *name, *type, *label, *help;
    struct part parts[5];
} families[] = {
    {"plainpost_recipients_total",
     "counter",
     "origin",
     "Recipients that came into our care: of accepted mail, of notifications that we generated, "
     "those that aliases led to, and those that were in the queue at the start. Their sum is that "
     "of plainpost_recipients_finished_total, plainpost_recipients_failed_total and "
     "plainpost_queue_recipients.",
     {{"accepted", OF(queue.accepted)},
      {"generated", OF(queue.generated)},
      {"expanded", OF(queue.expanded_into)},
      {"recovered", OF(queue.recovered)}}},
    {"plainpost_recipients_finished_total",
     "counter",
     "result",
     "Recipients that are done, but for those that failed: delivered into a mailbox, relayed to "
     "another server, discarded by a rule, or aliases expanded to others.",
     {{"delivered", OF(queue.delivered)},
      {"relayed", OF(queue.relayed)},
      {"discarded", OF(queue.discarded)},
      {"expanded", OF(queue.expanded_from)}}},
    {"plainpost_queue_recipients",
     "gauge",
     NULL,
     "Recipients that are not done yet.",
     {{NULL, OF(queue.queued)}}},
    {"plainpost_failures_reported_total",
     "counter",
     NULL,
     "Of the recipients that failed, those whose sender is told.",
     {{NULL, OF(queue.reported)}}},
    {"plainpost_withheld_notices_total",
     "counter",
     NULL,
     "Recipients that failed or wait, of whom a digest tells, or will tell, since their sender "
     "would get too many notices.",
     {{NULL, OF(queue.in_digests)}}},
    {"plainpost_digests_total",
     "counter",
     NULL,
     "Digests that were made.",
     {{NULL, OF(queue.digests)}}},
    {"plainpost_queue_messages_total",
     "counter",
     "origin",
     "Messages that came into the queue.",
     {{"accepted", OF(queue.messages_accepted)}, {"generated", OF(queue.messages_generated)}}},
    {"plainpost_queue_messages",
     "gauge",
     "state",
     "Messages in the queue: awake while something is under way for them, asleep on disk while "
     "they wait, or being woken.",
     {{"awake", OF(queue.awake)}, {"asleep", OF(queue.asleep)}, {"waking", OF(queue.waking)}}},
    {"plainpost_queue_held_messages",
     "gauge",
     NULL,
     "Messages in the queue that are on hold.",
     {{NULL, OF(queue.held)}}},
    {"plainpost_queue_parked_messages",
     "gauge",
     NULL,
     "Messages in the queue whose next hop has no room for them, counted once for each next hop.",
     {{NULL, OF(queue.parked)}}},
    {"plainpost_destinations",
     "gauge",
     NULL,
     "Next hops that are in use, or were a moment ago.",
     {{NULL, OF(queue.destinations)}}},
    {"plainpost_accounts",
     "gauge",
     "state",
     "Accounts of which something is done because they send unlike themselves: held, none of their "
     "mail goes to other servers; slowed, of those that have sent lately.",
     {{"held", OF(accounts.held)}, {"slowed", OF(accounts.yellow)}}},
    {"plainpost_account_held_messages",
     "gauge",
     NULL,
     "Messages that wait because their account is held.",
     {{NULL, OF(accounts.held_messages)}}},
    {"plainpost_account_recipients_total",
     "counter",
     "result",
     "Recipients on other servers that the guard of accounts has slowed, or has noted that it "
     "would "
     "slow or hold them.",
     {{"slowed", OF(accounts.slowed)}, {"noted", OF(accounts.noted)}}},
    {"plainpost_account_changes_total",
     "counter",
     NULL,
     "Changes of forwarding or filters that the guard of accounts has seen, or was told of.",
     {{NULL, OF(accounts.changes)}}},
    {"plainpost_deliveries",
     "gauge",
     NULL,
     "Deliveries that are under way.",
     {{NULL, OF(queue.deliveries)}}},
    {"plainpost_store_commits_total",
     "counter",
     NULL,
     "Commits that were written to the journal and synced.",
     {{NULL, OF(store.commits)}}},
    {"plainpost_store_written_bytes_total",
     "counter",
     NULL,
     "Bytes of commits that were written to the journal.",
     {{NULL, OF(store.bytes)}}},
    {"plainpost_store_segments",
     "gauge",
     "state",
     "Files of the journal: with something in them that is needed, or spare.",
     {{"used", OF(store.segments)}, {"spare", OF(store.spare_segments)}}},
    {"plainpost_store_live_bytes",
     "gauge",
     NULL,
     "Bytes of messages in the journal that are not done yet.",
     {{NULL, OF(store.live_bytes)}}},
    {"plainpost_certificate_orders_total",
     "counter",
     "result",
     "Certificates that an authority was asked for (ACME): that came, or did not.",
     {{"issued", OF(certificates_issued)}, {"failed", OF(certificates_failed)}}},
    {"plainpost_flooded_mailboxes",
     "gauge",
     NULL,
     "Mailboxes that are flooded with notices about forged mail; these are kept out of them.",
     {{NULL, OF(flooded_mailboxes)}}},
    {"plainpost_events_behind",
     "gauge",
     "sink",
     "Events that wait to be told to programs, by the kind of who is to be told; at most a million "
     "for each.",
     {{"file", OF(events_behind[EVENT_SINK_FILE])},
      {"command", OF(events_behind[EVENT_SINK_COMMAND])},
      {"webhook", OF(events_behind[EVENT_SINK_WEBHOOK])}}},
};

static uint64_t number_at(const struct house_figures *f, size_t offset)
{
    return *(const uint64_t *)(const void *)((const char *)f + offset - 1);
}

static void write_families(struct buffer *out, const struct house_figures *f)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        const struct family *family = &families[i];
        exposition_family(out, family->name, family->type, family->help);
        for (const struct part *p = family->parts; p->offset; p++)
            exposition_number(out, family->name, family->label, p->value, number_at(f, p->offset));
    }
}

/* ---- by cause */

static void write_causes(struct buffer *out, const char *name, const char *help,
                         const uint64_t counts[CAUSE_COUNT])
{
    exposition_family(out, name, "counter", help);
    for (int i = 0; i < CAUSE_COUNT; i++)
        exposition_number(out, name, "cause", cause_name((enum cause)i), counts[i]);
}

static void write_refusals(struct buffer *out)
{
    static const char name[] = "plainpost_smtp_refusals_total";
    uint64_t counts[CAUSE_COUNT];
    for (unsigned i = 0; i < CAUSE_COUNT; i++)
        counts[i] = tally_sum(COUNT_REFUSALS + i);
    write_causes(out, name,
                 "Negative replies to SMTP clients, by the cause that their words tell; "
                 "protocol: a command was wrong.",
                 counts);
    exposition_number(out, name, "cause", "protocol", tally_sum(COUNT_REFUSALS_OF_PROTOCOL));
}

/* ---- counted by threads */

static void write_sessions(struct buffer *out)
{
    uint64_t ended = tally_sum(COUNT_CONNECTIONS_ENDED), all = tally_sum(COUNT_CONNECTIONS);
    exposition_family(out, "plainpost_smtp_sessions", "gauge", "Clients that are connected.");
    exposition_number(out, "plainpost_smtp_sessions", NULL, NULL, all > ended ? all - ended : 0);
}

enum { MOST_PARTS = 8 };

static const struct tally_family {
    const char *name, *label, *help;
    struct {
        const char *value;
        unsigned count;
    } parts[MOST_PARTS];
} tally_families[] = {
    {"plainpost_smtp_connections_total",
     NULL,
     "Connections of clients.",
     {{NULL, COUNT_CONNECTIONS}}},
    {"plainpost_smtp_connections_refused_total",
     NULL,
     "Connections of clients that were refused by the greeting, because of a limit.",
     {{NULL, COUNT_CONNECTIONS_REFUSED}}},
    {"plainpost_tls_handshakes_total",
     "result",
     "Handshakes of TLS with clients: for a new session, for one that is begun again, or in vain.",
     {{"new", COUNT_TLS_NEW}, {"resumed", COUNT_TLS_RESUMED}, {"failed", COUNT_TLS_FAILED}}},
    {"plainpost_messages_accepted_total",
     "by",
     "Messages that were accepted: over SMTP, or from programs through the drop folder.",
     {{"smtp", COUNT_MESSAGES}, {"drop", COUNT_HANDED_IN}}},
    {"plainpost_filter_results_total",
     "result",
     "What filters did but take mail: they refused it, discarded it, had it held, or failed.",
     {{"refused", COUNT_FILTER_REFUSED},
      {"discarded", COUNT_FILTER_DISCARDED},
      {"held", COUNT_FILTER_HELD},
      {"failed", COUNT_FILTER_FAILED}}},
    {"plainpost_signed_total",
     "result",
     "Messages of users whose domain has a key (dkim-key): signed by it, signed by the domain "
     "already, "
     "or not to be signed.",
     {{"signed", COUNT_SIGNED}, {"already", COUNT_SIGNED_ALREADY}, {"failed", COUNT_NOT_SIGNED}}},
    {"plainpost_spf_results_total",
     "result",
     "What SPF says of the senders of strangers' messages.",
     {{"none", COUNT_SPF},
      {"neutral", COUNT_SPF + 1},
      {"pass", COUNT_SPF + 2},
      {"fail", COUNT_SPF + 3},
      {"softfail", COUNT_SPF + 4},
      {"temperror", COUNT_SPF + 5},
      {"permerror", COUNT_SPF + 6}}},
    {"plainpost_dkim_results_total",
     "result",
     "What is found of the DKIM signatures of strangers' messages; none: it has no signature.",
     {{"pass", COUNT_DKIM},
      {"fail", COUNT_DKIM + 1},
      {"temperror", COUNT_DKIM + 2},
      {"permerror", COUNT_DKIM + 3},
      {"none", COUNT_DKIM_NONE}}},
    {"plainpost_dmarc_results_total",
     "result",
     "What DMARC says of the authors of strangers' messages.",
     {{"none", COUNT_DMARC},
      {"pass", COUNT_DMARC + 1},
      {"fail", COUNT_DMARC + 2},
      {"temperror", COUNT_DMARC + 3},
      {"permerror", COUNT_DMARC + 4}}},
    {"plainpost_arc_results_total",
     "result",
     "What is found of the ARC chains of strangers' messages; none: it has none.",
     {{"none", COUNT_ARC}, {"pass", COUNT_ARC + 1}, {"fail", COUNT_ARC + 2}}},
    {"plainpost_unauthentic_total",
     "refused",
     "Messages that were refused because nothing proves whom they are from, as their domain wants.",
     {{"for-good", COUNT_UNAUTHENTIC}, {"for-now", COUNT_UNAUTHENTIC_FOR_NOW}}},
    {"plainpost_notices_judged_total",
     "class",
     "Notices that came for mailboxes here, by what they were found to be; unjudged: there was no "
     "time.",
     {{"genuine", COUNT_NOTICES_JUDGED + VERDICT_GENUINE},
      {"not-yours", COUNT_NOTICES_JUDGED + VERDICT_NOT_YOURS},
      {"account-abused", COUNT_NOTICES_JUDGED + VERDICT_ACCOUNT_ABUSED},
      {"phishing", COUNT_NOTICES_JUDGED + VERDICT_PHISHING},
      {"spam-in-bounce", COUNT_NOTICES_JUDGED + VERDICT_SPAM_IN_BOUNCE},
      {"auto-reply", COUNT_NOTICES_JUDGED + VERDICT_AUTO_REPLY},
      {"unknown", COUNT_NOTICES_JUDGED + VERDICT_UNKNOWN},
      {"unjudged", COUNT_NOTICES_UNJUDGED}}},
    {"plainpost_notices_refused_total",
     NULL,
     "Notices that were refused: certainly tricks, or about mail that never left from here.",
     {{NULL, COUNT_NOTICES_REFUSED}}},
    {"plainpost_harmful_links_total",
     "kind",
     "Messages of our own accounts with a harmful link (check-links): by our own table, by a list "
     "in "
     "the DNS, because its host looks like a known one, or because its text names another; and "
     "messages of which a list in the DNS did not answer.",
     {{"bad", COUNT_HARMFUL_LINKS},
      {"listed", COUNT_HARMFUL_LINKS + 1},
      {"alike", COUNT_HARMFUL_LINKS + 2},
      {"other", COUNT_HARMFUL_LINKS + 3},
      {"unknown", COUNT_LINKS_UNKNOWN}}},
    {"plainpost_forged_domains_told_total",
     NULL,
     "How often postmaster was told that somebody forges addresses of a domain of ours.",
     {{NULL, COUNT_FORGED_DOMAINS_TOLD}}},
    {"plainpost_notices_of_floods_total",
     "what",
     "Notices about forged mail that came in a flood, by what became of them: kept out of a "
     "mailbox "
     "(and told in a digest), or refused.",
     {{"kept-out", COUNT_NOTICES_KEPT_OUT}, {"refused", COUNT_NOTICES_REFUSED_IN_FLOOD}}},
    {"plainpost_client_results_total",
     "result",
     "Recipients of clients with points (dns-list and others): taken, greylisted, or refused; and "
     "clients of which the DNS did not answer all.",
     {{"welcome", COUNT_CLIENT_WELCOME},
      {"greylisted", COUNT_CLIENT_GREYLISTED},
      {"refused", COUNT_CLIENT_REFUSED},
      {"unknown", COUNT_CLIENT_UNKNOWN}}},
    {"plainpost_refusals_not_kept_total",
     NULL,
     "Refusals of which plainpost trace knows nothing, because there were too many.",
     {{NULL, COUNT_REFUSALS_NOT_KEPT}}},
    {"plainpost_complaints_total",
     "result",
     "What mail providers tell at a feedback-address: a recipient calls a message of ours spam. "
     "New: it was noted; repeated: that recipient of that message was noted before; unproven: "
     "about nothing that left from here.",
     {{"new", COUNT_COMPLAINTS},
      {"repeated", COUNT_COMPLAINTS_AGAIN},
      {"unproven", COUNT_COMPLAINTS_UNPROVEN}}},
    {"plainpost_smtp_received_bytes_total",
     NULL,
     "Bytes of the messages that were accepted over SMTP, as they are stored.",
     {{NULL, COUNT_MESSAGE_BYTES}}},
    {"plainpost_relay_connections_total",
     "result",
     "Connections to next hops: made, or to none of the addresses to be had.",
     {{"connected", COUNT_CONNECTED}, {"unreachable", COUNT_UNREACHABLE}}},
    {"plainpost_dns_answers_total",
     "result",
     "Answers of the DNS, also those that were still known.",
     {{"found", COUNT_LOOKUPS + DNS_FOUND},
      {"no-record", COUNT_LOOKUPS + DNS_NO_RECORD},
      {"no-name", COUNT_LOOKUPS + DNS_NO_NAME},
      {"failed", COUNT_LOOKUPS + DNS_FAILED}}},
};

_Static_assert((int)COUNTS <= (int)TALLIES, "all of them have a place");

static void write_tallies(struct buffer *out)
{
    for (size_t i = 0; i < sizeof tally_families / sizeof *tally_families; i++) {
        const struct tally_family *family = &tally_families[i];
        exposition_family(out, family->name, "counter", family->help);
        for (size_t k = 0; k < MOST_PARTS && (!k || family->parts[k].value); k++)
            exposition_number(out, family->name, family->label, family->parts[k].value,
                              tally_sum(family->parts[k].count));
    }
}

/* ---- histograms */

static void write_histogram(struct buffer *out, const char *name, const char *help,
                            const struct histogram *h)
{
    exposition_family(out, name, "histogram", help);
    exposition_histogram(out, name, h);
}

static void write_histograms(struct buffer *out, const struct house_figures *f)
{
    struct histogram accept = {.shape = &accept_times, .sum = tally_sum(COUNT_ACCEPT_TIMES_SUM)};
    for (unsigned i = 0; i <= accept_times.count; i++)
        accept.counts[i] = tally_sum(COUNT_ACCEPT_TIMES + i);
    write_histogram(out, "plainpost_accept_seconds",
                    "From the end of a message to the reply that it is safely stored.", &accept);
    write_histogram(out, "plainpost_delivery_seconds",
                    "From the acceptance of a message to its delivery into a mailbox or to the "
                    "next server, for each recipient.",
                    &f->queue.times);
    write_histogram(out, "plainpost_store_group_commits",
                    "How many commits were made durable by one sync.", &f->store.group_sizes);
    write_histogram(out, "plainpost_store_sync_seconds",
                    "How long the disk took to make a group of commits durable.",
                    &f->store.sync_times);
}

/* ---- the rest */

static void write_one(struct buffer *out, const char *name, const char *type, const char *help,
                      uint64_t number, uint64_t per_unit)
{
    exposition_family(out, name, type, help);
    exposition_amount(out, name, number, per_unit);
}

/* The names that every client library of Prometheus has. */
static void write_process(struct buffer *out, const struct house_figures *f)
{
    struct process_figures p;
    process_figures(&p);
    write_one(out, "process_cpu_seconds_total", "counter", "User and system time.", p.cpu_us,
              1000000);
    write_one(out, "process_resident_memory_bytes", "gauge", "Memory in use.", p.resident_bytes, 1);
    write_one(out, "process_virtual_memory_bytes", "gauge", "Size of the address space.",
              p.virtual_bytes, 1);
    write_one(out, "process_open_fds", "gauge", "Open descriptors.", p.descriptors, 1);
    write_one(out, "process_max_fds", "gauge", "Descriptors that may be open.", p.most_descriptors,
              1);
    write_one(out, "process_start_time_seconds", "gauge", "When the process started, since 1970.",
              (uint64_t)f->started_ms, 1000);
}

static uint64_t age_of_oldest(const struct house_figures *f)
{
    int64_t since = f->queue.oldest_ms;
    return since && f->now_ms > since ? (uint64_t)(f->now_ms - since) : 0;
}

void metrics_write(struct buffer *out, const struct house_figures *f)
{
    struct buffer why = BUFFER_EMPTY;
    write_one(out, "plainpost_healthy", "gauge", "1: mail can be taken and delivered; 0: not.",
              health_check(f, &why), 1);
    buffer_free(&why);
    write_families(out, f);
    write_causes(out, "plainpost_recipients_failed_total", "Recipients that failed, by cause.",
                 f->queue.failed);
    write_causes(out, "plainpost_attempts_delayed_total",
                 "Attempts that did not succeed and are repeated, by cause; for each recipient.",
                 f->queue.delayed);
    exposition_family(out, "plainpost_recipients_unaccounted", "gauge",
                      "Recipients that came into our care, without those that are done, failed or "
                      "in the queue: always 0.");
    buffer_printf(out, "plainpost_recipients_unaccounted %lld\n",
                  (long long)queue_figures_difference(&f->queue));
    write_one(out, "plainpost_queue_oldest_seconds", "gauge",
              "Age of the oldest message in the queue; 0 when it is empty.", age_of_oldest(f),
              1000);
    if (f->certificate_ends_ms)
        write_one(out, "plainpost_certificate_ends_seconds", "gauge",
                  "When the first of the certificates by which we serve ends, since 1970.",
                  f->certificate_ends_ms, 1000);
    write_sessions(out);
    write_tallies(out);
    write_refusals(out);
    write_histograms(out, f);
    write_one(out, "plainpost_log_lines_lost_total", "counter",
              "Lines of the log that syslogd or journald did not take.", log_lines_lost(), 1);
    write_process(out, f);
}

bool health_check(const struct house_figures *f, struct buffer *why)
{
    if (f->store.has_failed)
        buffer_add_text(why, "the disk has failed: no mail is accepted until it is repaired and "
                             "the server was started anew\n");
    if (f->store.is_full)
        buffer_add_text(why, "the disk is full: clients are asked to try again later\n");
    if (f->has_stuck_thread)
        buffer_add_text(why, "a thread does not answer; the log says which\n");
    if (f->is_ending)
        buffer_add_text(why, "the server is stopping\n");
    return !why->len;
}
