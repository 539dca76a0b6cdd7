#include "bounce/judge_hosts.h"

#include <stddef.h>

enum { LONGEST_HOST = 255 };

/* A host, or what it ends with behind a dot; "*" is one label. */
/* clang-format off */
static const char *const known[] = {
    /* of services with mailboxes */
    "support.google.com", "mail.google.com", "groups.google.com", "accounts.google.com", "myaccount.google.com",
    "admin.google.com", "postmaster.google.com", "one.google.com", "workspace.google.com", "safebrowsing.google.com",
    "transparencyreport.google.com", "developers.google.com", "productforums.google.com",
    "go.microsoft.com", "aka.ms", "support.microsoft.com", "learn.microsoft.com", "docs.microsoft.com",
    "technet.microsoft.com", "social.technet.microsoft.com", "msdn.microsoft.com", "www.microsoft.com",
    "answers.microsoft.com", "admin.microsoft.com", "security.microsoft.com", "compliance.microsoft.com",
    "products.office.com", "support.office.com", "sender.office.com", "portal.office.com", "outlook.office.com",
    "outlook.office365.com", "admin.exchange.microsoft.com", "protection.office.com", "outlook.live.com",
    "mail.live.com", "postmaster.live.com", "account.live.com", "login.live.com", "mysignins.microsoft.com",
    "sendersupport.olc.protection.outlook.com", "olcsupport.office.com", "www.outlook.com", "outlook.com",
    "help.yahoo.com", "io.help.yahoo.com", "postmaster.yahoo.com", "senders.yahooinc.com", "postmaster.yahooinc.com",
    "postmaster.verizonmedia.com", "mail.yahoo.com", "login.yahoo.com", "www.yahoo-help.jp", "support.yahoo-net.jp",
    "postmaster.aol.com", "postmaster.info.aol.com", "help.aol.com", "mail.aol.com",
    "support.apple.com", "www.icloud.com", "help.mail.ru", "postmaster.mail.ru", "e.mail.ru", "yandex.ru", "yandex.com",
    "mail.yandex.ru", "help.rambler.ru", "mail.i.ua", "mail.qq.com", "service.mail.qq.com", "open.mail.qq.com",
    "mail.163.com", "help.mail.163.com", "qiye.163.com", "mail.naver.com", "help.naver.com", "mail.daum.net",
    "postmaster.gmx.net", "postmaster.gmx.com", "postmaster.web.de", "hilfe.web.de", "hilfe.gmx.net",
    "postmaster.1und1.de", "postmaster.kundenserver.de", "postmaster.t-online.de", "telekom.de", "www.telekom.de",
    "postmaster.comcast.net", "xfinity.com", "www.xfinity.com", "postmaster.att.net", "rbl.att.net", "postmaster.cox.net",
    "postmaster.charter.net", "postmaster.orange.fr", "assistance.orange.fr", "postmaster.free.fr", "postmaster.sfr.fr",
    "postmaster.laposte.net", "postmaster.libero.it", "postmaster.virgilio.it", "postmaster.terra.com.br",
    "www.zoho.com", "help.zoho.com", "mail.zoho.com", "www.fastmail.com", "app.fastmail.com", "www.fastmail.help", "proton.me",
    "protonmail.com", "postmaster.uol.com.br", "www.secureserver.net", "support.rackspace.com", "help.dreamhost.com",
    "help.ovhcloud.com", "docs.gandi.net", "www.docomo.ne.jp", "www.au.com", "www.softbank.jp", "faq.docomo.ne.jp",
    /* of services that send */
    "sendgrid.com", "www.sendgrid.com", "docs.sendgrid.com", "help.mailgun.com", "documentation.mailgun.com",
    "postmarkapp.com", "support.sparkpost.com", "aws.amazon.com", "docs.aws.amazon.com", "sns.*.amazonaws.com",
    "mandrill.com", "help.brevo.com",
    /* of gateways and filters */
    "barracudanetworks.com", "barracudacentral.org", "barracuda.com", "proofpointessentials.com", "ppe-hosted.com",
    "mimecast.com", "mimecastprotect.com", "spamtitan.com", "antispamcloud.com", "forcepoint.com", "mailcontrol.com",
    "proofpoint.com", "pphosted.com", "messagelabs.com",
    "symanteccloud.com", "symantec.com", "trendmicro.com", "trendmicro.eu",
    "mail-abuse.com", "sophos.com", "talosintelligence.com", "www.talosintelligence.com",
    "www.cisco.com", "www.ironport.com", "www.senderbase.org", "senderbase.org", "csi.cloudmark.com",
    "cloudmark.com", "www.cloudmark.com", "www.fortinet.com", "fortiguard.com", "www.fortiguard.com", "www.spamexperts.com",
    "www.mailchannels.net", "mailchannels.zendesk.com", "sitelookup.mcafee.com", "www.mcafee.com", "www.mxlogic.com",
    "www.eset.com", "www.nod32.com", "www.avg.com", "www.avast.com", "www.kaspersky.com", "www.clamav.net",
    "www.mailscanner.info", "www.bitdefender.com", "hornetsecurity.com", "retarus.com", "antispameurope.com", "mailprotector.com", "zerospam.ca", "www.postini.com",
    "www.appriver.com", "www.exclaimer.com", "cpanel.net", "www.cpanel.net", "www.plesk.com", "www.zimbra.com",
    "www.kerio.com", "www.altn.com", "www.ipswitch.com",
    /* lists of spammers */
    "spamhaus.org", "spamcop.net", "sorbs.net", "uribl.com", "surbl.org", "abusix.com", "abuseat.org", "njabl.org",
    "uceprotect.net", "backscatterer.org", "senderscore.org", "senderscore.net", "spfbl.net", "mailspike.org",
    "mailspike.net", "invaluement.com", "dnswl.org", "nixspam.org", "manitu.net", "ordb.org", "dsbl.org", "rfc-ignorant.org",
    "ahbl.org", "five-ten-sg.com", "spamrats.com", "psbl.org", "junkemailfilter.com", "rbl-dns.com", "dronebl.org",
    "team-cymru.org", "mxtoolbox.com", "multirbl.valli.org", "dnsbl.info", "anti-spam.org.cn", "truncate.gbudb.net",
    /* standards, and those who explain them */
    "rfc-editor.org", "ietf.org", "openspf.org", "openspf.net", "open-spf.org", "spf.pobox.com", "spf.mxtools.com",
    "dmarc.org", "postfix.org", "exim.org", "sendmail.org", "sendmail.com", "qmail.org", "cr.yp.to", "courier-mta.org",
    "mipassoc.org", "m3aawg.org", "maawg.org", "iana.org", "w3.org", NULL};

static const char *const anybodys[] = {
    /* pages */
    "web.app", "firebaseapp.com", "pages.dev", "workers.dev", "r2.dev", "github.io", "gitlab.io", "netlify.app",
    "vercel.app", "herokuapp.com", "onrender.com", "fly.dev", "surge.sh", "glitch.me", "repl.co", "replit.app",
    "weebly.com", "weeblysite.com", "wixsite.com", "wixstudio.io", "godaddysites.com", "webflow.io", "framer.app",
    "framer.website", "square.site", "carrd.co", "strikingly.com", "wordpress.com", "blogspot.com", "tumblr.com",
    "medium.com", "notion.site", "canva.site", "my.canva.site", "gitbook.io", "webnode.page", "jimdosite.com",
    "000webhostapp.com", "infinityfreeapp.com", "duckdns.org", "no-ip.org", "ddns.net", "ngrok.io", "ngrok.app",
    "ngrok-free.app", "trycloudflare.com", "loca.lt", "sites.google.com", "storage.googleapis.com", "appspot.com",
    "script.google.com", "translate.goog", "s3.amazonaws.com", "s3.*.amazonaws.com", "*.s3.*.amazonaws.com",
    "amplifyapp.com", "cloudfront.net", "blob.core.windows.net", "web.core.windows.net", "azurewebsites.net",
    "azurestaticapps.net", "azureedge.net", "sharepoint.com", "1drv.ms", "onedrive.live.com", "dropbox.com",
    "digitaloceanspaces.com", "ondigitalocean.app", "backblazeb2.com", "wasabisys.com", "ipfs.io", "dweb.link",
    "cloudflare-ipfs.com", "ipfs.infura.io", "pinata.cloud", "fleek.co", "linodeobjects.com", "myqcloud.com",
    "aliyuncs.com", "oraclecloud.com", "plesk.page", "codesandbox.io", "bubbleapps.io", "softr.app", "typedream.app",
    /* forms */
    "docs.google.com", "forms.gle", "forms.office.com", "forms.microsoft.com", "customervoice.microsoft.com",
    "jotform.com", "typeform.com", "surveymonkey.com", "formstack.com", "cognitoforms.com", "123formbuilder.com",
    "forms.zoho.com", "zohopublic.com", "airtable.com", "wufoo.com", "formspree.io", "tally.so", "paperform.co",
    /* short links, and links through others */
    "bit.ly", "tinyurl.com", "t.co", "goo.gl", "is.gd", "ow.ly", "rb.gy", "cutt.ly", "shorturl.at", "rebrand.ly", "t.ly",
    "buff.ly", "tiny.cc", "bl.ink", "qrco.de", "s.id", "linktr.ee", "lnkd.in", "v.gd", "u.to", "clck.ru", "x.gd",
    "googleadservices.com", "doubleclick.net", NULL};

/* What the addresses of a service have in them, and where it really lives. */
static const struct {
    const char *name;
    const char *homes[12];
} services[] = {
    {"microsoft", {"microsoft.com", "microsoftonline.com", "microsoft365.com", "live.com", "onmicrosoft.com", NULL}},
    {"office365", {"office365.com", "office.com", "microsoft.com", NULL}},
    {"outlook", {"outlook.com", "office365.com", "office.com", "live.com", "microsoft.com", "outlook.*", NULL}},
    {"hotmail", {"hotmail.com", "live.com", "hotmail.*", NULL}},
    {"sharepoint", {"sharepoint.com", "microsoft.com", NULL}},
    {"onedrive", {"live.com", "microsoft.com", "onedrive.com", NULL}},
    {"google", {"google.com", "googleapis.com", "googlemail.com", "googlegroups.com", "googleusercontent.com",
                "googlesource.com", "withgoogle.com", "google.*", "google.co.*", "google.com.*", NULL}},
    {"gmail", {"gmail.com", "google.com", NULL}},
    {"yahoo", {"yahoo.com", "yahooinc.com", "yahoodns.net", "yahoo.*", "yahoo.co.*", "yahoo.com.*", "yahoo-help.jp",
               "yahoo-net.jp", "yahoogroups.com", "yahoo-inc.com", NULL}},
    {"icloud", {"icloud.com", "apple.com", "icloud.com.cn", NULL}},
    {"zimbra", {"zimbra.com", "zimbra.org", NULL}},
};
/* clang-format on */

static bool matches_whole(struct span host, struct span pattern)
{
    while (host.len && pattern.len) {
        struct span wanted = span_cut(&pattern, '.'), label = span_cut(&host, '.');
        if (!span_equal(wanted, SPAN("*")) && !span_equal_nocase(wanted, label))
            return false;
    }
    return !host.len && !pattern.len;
}

static size_t count_labels(struct span s)
{
    size_t n = 1;
    for (size_t i = 0; i < s.len; i++)
        n += s.at[i] == '.';
    return n;
}

static bool ends_with_labels(struct span host, size_t labels, struct span pattern)
{
    size_t wanted = count_labels(pattern);
    if (labels < wanted)
        return false;
    for (; labels > wanted; labels--)
        span_cut(&host, '.');
    return matches_whole(host, pattern);
}

/* Longer ones are no names (RFC 1035 2.3.4). */
static bool is_of(struct span host, const char *const *patterns)
{
    size_t labels = count_labels(host);
    for (; host.len <= LONGEST_HOST && *patterns; patterns++)
        if (ends_with_labels(host, labels, span_of(*patterns)))
            return true;
    return false;
}

bool host_is_anybodys(struct span host)
{
    return is_of(host, anybodys);
}

bool host_is_known(struct span host)
{
    return is_of(host, known) && !host_is_anybodys(host);
}

static bool holds(struct span host, struct span name)
{
    for (size_t i = 0; i + name.len <= host.len; i++)
        if (span_starts_nocase(span_skip(host, i), name))
            return true;
    return false;
}

bool host_wears_a_name(struct span host)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (holds(host, span_of(services[i].name)) && !is_of(host, services[i].homes) &&
            !host_is_known(host))
            return true;
    return false;
}

bool host_is_veiled(struct span host)
{
    bool is_number = host.len > 0;
    if (host.len > LONGEST_HOST)
        return true;
    for (size_t i = 0; i < host.len; i++) {
        if (host.at[i] & 0x80)
            return true;
        is_number &= ascii_is_digit(host.at[i]) || host.at[i] == '.';
    }
    return is_number || span_starts_nocase(host, SPAN("xn--")) ||
           span_find(host, SPAN(".xn--")) != SPAN_NOT_FOUND;
}
