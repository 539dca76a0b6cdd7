#include "bounce/dialect_gate.h"

/* Folded, as folded.h has it. */
/* clang-format off */
/* In the sender. */
static const char *const daemons[] = {
    "mailer-daemon", "mailer_daemon", "mail-daemon", "maildaemon", "mailerdaemon", "mail daemon", "mailer daemon", "postmaster", "mdaemon", "mmdf", "mail delivery", "maildelivery", "mail.delivery", "mail system", "mail-system", "mail deliver", "delivery subsystem", "system administrator", "systemadministrator", "administrateur syst", "internet mail delivery", "bounce@", "bounces@", "bounce-", "mail gateway", "mail server", "mailserver", "mail administrator", "message delivery", "microsoft outlook", "microsoftexchange", "interscan", "mailsweeper", "scanmail", "smtp gateway", "non-delivery", "delivery agent", "delivery-agent", "mail router", "uucp", "daemon@", "mail-admin", "mailgate", NULL};

/* In the text. */
static const char *const words[] = {
    "nie można dostarczyć", "nie można było dostarczyć", "nie udało się dostarczyć", "nie została dostarczona", "niedostarczaln", "не может быть", "не была доставлена", "невозможно доставить", "не удалось доставить", "недоставлен", "недоставка", "не вдалося", "не беше доставен", "kunde inte levereras", "gick inte att leverera", "kunne ikke leveres", "ikke leveret", "ikke levert", "ei voitu toimittaa", "toimitus epäonnistui", "nelze doručit", "nepodařilo se doručit", "nebyla doručena", "nedoručitelná", "sa nepodarilo doručiť", "nem kézbesíthető", "nem sikerült kézbesíteni", "kézbesíthetetlen", "nu a putut fi", "nevar piegādāt", "neizdevās piegādāt", "nepavyko pristatyti", "δεν ήταν δυνατή", "δεν παραδόθηκε", "isporuka nije", "tidak dapat", "gagal dikirim", "không thể gửi", "ไม่สามารถส่ง", "تعذر", "لم يتم تسليم", "לא ניתן", "無法遞送", "無法投遞", "投递失败", "投遞失敗", "被退回", "退信", "전송 실패", "전송하지 못", "배달할 수", "보낼 수 없", "送信エラー", "配信エラー", "あて先不明", "宛先が見つかり", "お届けできません", "échec de la remise", "n'a pas été remis", "remise impossible", "non remis", "adresse introuvable", "no se pudo entregar", "no se puede entregar", "error de entrega", "no entregado", "no se encontró", "falha na entrega", "não foi entregue", "não pôde ser entregue", "mancata consegna", "non è stato consegnato", "non è stato recapitato", "impossibile consegnare", "impossibile recapitare", "kon niet worden bezorgd", "niet afgeleverd", "niet bezorgd", "unzustellbar", "konnten nicht", "fehler bei der nachrichtenzustellung", "nicht erreicht werden", "zustellung fehlgeschlagen", "rückläufer", "teslim edilemiyor", "gönderilemedi", "delivery problem", "failed recipients", "failed addresses", "failure reasons", "unknown address error", "unable to find user", "message was blocked", "has been blocked", "could not be reached", "could not reach", "delivery report", "could not be delivered", "couldn't be delivered", "could not deliver", "couldn't deliver", "can not be delivered", "cannot be delivered", "can't be delivered", "cannot deliver", "not be delivered", "was not delivered", "wasn't delivered", "were not delivered", "not delivered", "been delivered", "undeliverable", "unable to deliver", "delivery failed", "delivery has failed", "delivery to the following", "failed to deliver", "failure to deliver", "delivery failure", "did not reach", "didn't reach", "has not yet been", "not reach", "permanent fatal errors", "transient non-fatal errors", "permanent error", "delivery error", "error delivering", "error while attempting to deliver", "error occurred while", "had delivery errors", "trying to deliver", "problem delivering", "problems delivering", "did not receive", "was rejected", "has been rejected", "were rejected", "rejected your message", "rejected by", "could not be sent", "couldn't be sent", "cannot be sent", "unable to send", "not been sent", "failed addresses follow", "transcript of session", "returned to you", "bounced", "being returned", "returned undeliver", "was returned", "could not be completed", "undelivered", "does not exist", "user unknown", "unknown user", "no such user", "unknown recipient", "mailbox is full", "mailbox full", "over quota", "exceeds allowed size", "has been delayed", "failure reasons", "delivery attempts", "message could not", "mail could not", "not accepted", "may not exist", "nicht zugestellt", "nicht zustell", "konnte nicht", "n'a pas pu", "n'ont pas pu", "n'a pas été", "impossible de remettre", "no se pudo", "no pudo", "no se ha podido", "no ha sido entregad", "não pôde ser", "não foi poss", "não pode ser", "non è stato possibile", "non può essere", "non recapit", "kon niet", "niet worden", "nie może być", "nie mogła", "nie została", "не может быть достав", "не было доставлено", "не доставлено", "не удалось", "送信できません", "配信できません", "配信ができません", "送信に失敗", "配信に失敗", "届けることができ", "お届けでき", "宛先不明", "送ることができ", "无法", "無法", "未能", "退回", "전달되지", "전송할 수", "보낼 수", "iletilemedi", "teslim edilemedi", NULL};

/* In the text: it is still tried. */
static const char *const delays[] = {
    "will be retried", "will retry", "will be re-tried", "continue to try", "continue trying", "keep trying", "still trying", "still being", "will try again", "will continue", "has not yet been delivered", "not yet delivered", "not been delivered yet", "delivery attempts will continue", "do not need to resend", "no need to resend", "no action is required", "warning message only", "is delayed", "been delayed", "delivery is delayed", "delayed for", "transient non-fatal", "temporarily delayed", "could not be delivered for the last", "delay reason", "will attempt", "retried for", "has been deferred", NULL};

/* In the text: it is not. */
static const char *const over[] = {
    "permanent fatal errors", "permanent error", "permanently", "giving up", "gave up", "not continue trying", "not be retried", "no longer", "will not be retried", "will not retry", "has expired", "message expired", "timed out after", "returned to you", "has failed", "have failed", "could not be delivered for more than", "too long", "retry timeout exceeded", "retry time not reached for any host after a long", NULL};

/* clang-format on */

void dialect_look(struct gate *g, const struct reading *r)
{
    const struct signs *signs = &r->signs;
    bool is_daemon = signs->is_daemon || signs->is_null_sender || folded_has_any(&r->from, daemons);
    *g =
        (struct gate){.is_daemon = is_daemon,
                      .has_subject = signs->claim == NOTICE_FAILURE || signs->claim == NOTICE_DELAY,
                      .has_words = folded_has_any(&r->words, words),
                      .names_failed = survey_has_field(r->survey, "X-Failed-Recipients")};
    bool claims_success = signs->claim == NOTICE_SUCCESS;
    g->is_success = claims_success && !g->has_words;
    g->has_subject |= claims_success && signs->is_daemon;
    g->is_delay = folded_has_any(&r->words, delays) && !folded_has_any(&r->words, over);
}

bool dialect_is_notice(const struct gate *g)
{
    return (g->names_failed && g->has_words) ||
           (g->is_daemon && (g->has_words || g->has_subject)) || (g->has_subject && g->has_words);
}
