#include "bounce/sign_words.h"

/* clang-format off */
const char *const receipt_starts[] = {
    "read:", "not read:", "read receipt", "return receipt (displayed)", "return receipt", "disposition notification", "message disposition", "deleted:", "gelesen:", "ungelesen:", "nicht gelesen:", "ungelesen gelöscht:", "lesebestätigung", "lu :", "lu:", "non lu :", "accusé de lecture", "accusé de réception (lu)", "leído:", "no leído:", "confirmación de lectura", "lida:", "não lida:", "confirmação de leitura", "letto:", "non letto:", "conferma di lettura", "gelezen:", "niet gelezen:", "leesbevestiging", "przeczytane:", "nieprzeczytane:", "прочитано:", "не прочитано:", "開封済み:", "開封確認", "開封通知", "已读:", "未读:", "已讀:", "읽음:", "okundu:", "läst:", "läst ", "lest:", "læst:", "luettu:", "přečteno:", "přečtené:", "elolvasva:", "citit:", "return receipt for", NULL};

const char *const answer_starts[] = {
    "re:", "re ", "re[", "aw:", "antw:", "sv:", "vs:", "rv:", "fw:", "fwd:", "wg:", "tr:", "odp:", "ynt:", "回复:", "回覆:", "回复：", "转发:", "答复:", "答复：", "res:", "enc:", "i:", "r:", NULL};

const char *const daemon_names[] = {
    "mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "mdaemon", "mailer_daemon", "mailer daemon", "postmaster", "postmaster1", "post_master", "post-master", "mail.daemon", "mailsystem", "mail-system", "mail_system", "mail-delivery", "maildelivery", "delivery-notification", "bounce-notification", "nondelivery", "no-reply-mta", "mailsweeper", "symantec_antivirus_for_smtp_gateways", "microsoftexchange", "mmdf", "smtp", "smtpd", "uucp", "mailadm", "mail-gateway", "antispam", "mailmarshal", "scanmail", "mailguard", "mailscanner", "non-delivery", "mailer", NULL};
/* clang-format on */
