#include "doctor/exam.h"

const char *doctor_topic_name(enum doctor_topic t)
{
    static const char *const names[] = {
        "Mail servers", "Addresses", "Connections", "Certificates", "Reverse DNS", "SPF",  "DKIM",
        "DMARC",        "MTA-STS",   "DANE",        "TLSRPT",       "DNSSEC",      "Clock"};
    return names[t];
}

const char *doctor_topic_word(enum doctor_topic t)
{
    static const char *const words[] = {
        "mx",    "addresses", "connections", "certificates", "reverse-dns", "spf",  "dkim",
        "dmarc", "mta-sts",   "dane",        "tlsrpt",       "dnssec",      "clock"};
    return words[t];
}

const char *doctor_level_word(enum doctor_level l)
{
    static const char *const words[] = {"broken", "warning", "advice", "not-checked", "fine"};
    return words[l];
}

bool doctor_is_fine(const struct doctor_report *r)
{
    return !r->counts[DOCTOR_BROKEN] && !r->counts[DOCTOR_WARNING];
}

bool doctor_examine(const struct doctor_request *r, struct lookups *l, struct doctor_report *report,
                    struct arena *a)
{
    struct exam x = {.request = r, .lookups = l, .report = report, .arena = a};
    *report = (struct doctor_report){.policy_host = SPAN_NONE, .policy_addresses = SPAN_NONE};
    exam_hosts(&x);
    if (x.is_nowhere || (x.is_open && !x.host_count && !x.takes_no_mail))
        return !x.is_open;
    exam_sources(&x);
    exam_spf(&x);
    exam_dkim(&x);
    exam_dmarc(&x);
    exam_sts(&x);
    exam_dane(&x);
    exam_tlsrpt(&x);
    exam_dnssec(&x);
    exam_connections(&x);
    exam_clock(&x);
    return !x.is_open;
}

bool doctor_examine_keys(const struct doctor_request *r, struct lookups *l,
                         struct doctor_report *report, struct arena *a)
{
    struct exam x = {.request = r, .lookups = l, .report = report, .arena = a};
    *report = (struct doctor_report){.policy_host = SPAN_NONE, .policy_addresses = SPAN_NONE};
    exam_our_keys(&x);
    return !x.is_open;
}

bool doctor_examine_forgery(const struct doctor_request *r, struct lookups *l,
                            struct doctor_report *report, struct arena *a)
{
    struct exam x = {.request = r, .lookups = l, .report = report, .arena = a};
    *report = (struct doctor_report){.policy_host = SPAN_NONE, .policy_addresses = SPAN_NONE};
    exam_spf(&x);
    exam_dmarc(&x);
    return !x.is_open;
}
