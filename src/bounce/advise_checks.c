/* For whoever runs a mail server: what to look at there, by cause. */
#include "bounce/advise_inside.h"

static const char *const checks[CAUSE_COUNT][MOST_CHECKS] = {
    [CAUSE_UNKNOWN] = {WORDS(
                           "Find this delivery in the log by its queue id or Message-ID, and read "
                           "the whole conversation."),
                       WORDS("Try the recipient by hand over SMTP from the same address, to see "
                             "whether the answer stays the same.")},
    [CAUSE_ADDRESS_NOT_FOUND] =
        {WORDS("Is the address right in the alias, list or form from which the mail came? Take it "
               "out there."),
         WORDS("If addresses that exist are refused too, the other side may be hiding a block "
               "behind this code: compare with other senders.")},
    [CAUSE_DOMAIN_NOT_FOUND] =
        {WORDS("Look up MX, A and AAAA of the domain, also over another resolver."),
         WORDS("A null MX (“MX 0 .”) means that the domain takes no mail on purpose.")},
    [CAUSE_INBOX_FULL] = {WORDS(
        "If you send to lists, count how often this address has been full, and pause it "
        "after some weeks.")},
    [CAUSE_ACCOUNT_DISABLED] = {WORDS("Take the address off your lists; a mailbox that is switched "
                                      "off may become a spam trap later.")},
    [CAUSE_MESSAGE_TOO_LARGE] =
        {WORDS(
             "Compare the size with the limit that the other server announces (SIZE in its answer "
             "to EHLO); attachments grow by a third when they are encoded."),
         WORDS("If your own limit is higher than what most take, lower it, so that people learn of "
               "it at once.")},
    [CAUSE_BLOCKED_CONTENT] =
        {WORDS("Look for a link, an attachment or a template that the refused messages have in "
               "common."),
         WORDS("Check the domains of the links against the usual lists of domains (Spamhaus DBL, "
               "SURBL, URIBL)."),
         WORDS("If one account sends many of them, look whether it has been broken into.")},
    [CAUSE_BLOCKED_REPUTATION] =
        {WORDS("Look up the sending IP address and its network on the list that the reply names, "
               "and ask to be taken off after the reason is gone."),
         WORDS("Look into the log for accounts or programs that sent unusually much."),
         WORDS("Check reverse DNS: the IP address must have a name that leads back to it."),
         WORDS("Look whether mail is forwarded to there that others sent you as spam.")},
    [CAUSE_BLOCKED_POLICY] =
        {WORDS("Read the reply for a code or an address that explains it; many providers document "
               "their codes."),
         WORDS("Check HELO name, reverse DNS, TLS and the sender's domain: most rules look at "
               "these.")},
    [CAUSE_SENDER_AUTH_FAILED] =
        {WORDS("Check that the sending IP address is in the SPF record of the envelope sender's "
               "domain."),
         WORDS("Check that the DKIM signature is there and still valid behind your last server."),
         WORDS(
             "Check that the domain in From is the one that SPF or DKIM prove (DMARC alignment)."),
         WORDS("Forwarded mail loses SPF: sign it with ARC, or rewrite the sender (SRS).")},
    [CAUSE_TOO_MANY] = {WORDS("Send fewer messages at a time, over fewer connections, to this "
                              "destination."),
                        WORDS("Look whether one account or program causes the amount.")},
    [CAUSE_COULD_NOT_REACH] =
        {WORDS("Look up the MX records and try to connect to port 25 of each host, over IPv4 and "
               "IPv6, from this server."),
         WORDS("Check that neither your firewall nor your network provider blocks port 25."),
         WORDS("If it says to come back later, do so from the same IP address.")},
    [CAUSE_SERVER_PROBLEM] =
        {WORDS("Find out whose server it is: the one that reports is named in the details."),
         WORDS("If it is yours, look at its disk, its log and its latest changes.")},
    [CAUSE_RELAY_DENIED] =
        {WORDS(
             "Does the MX of the domain, or a route of yours, lead to a server that does not know "
             "the domain?"),
         WORDS("If the server is yours, add the domain to those that it takes, or let the sender "
               "log in.")},
    [CAUSE_LOOP] =
        {WORDS("Follow the Received lines of the returned message: the hosts that come twice make "
               "the circle."),
         WORDS("Check aliases, forwardings and routes on them.")},
};

void advise_checks(struct advising *g, struct advice_group *group)
{
    for (size_t i = 0; i < MOST_CHECKS && checks[group->cause.cause][i]; i++)
        group->checks[group->check_count++].text = advise_word(g, checks[group->cause.cause][i]);
}
