#include "bounce/sign_words.h"

#include <stddef.h>

/* clang-format off */
const char *const delay_subjects[] = {
    "(delay)", "delayed", "delay notification", "delivery delay", "mail delivery warning",
    "could not send message for past", "could not send mail for past", "still being retried",
    "not yet delivered", "undelivered mail in queue", "temporary delivery", "warning: message",
    "warning: could not send", "postmaster warning", "delivery temporarily",
    "verzögert", "verzögerung", "noch nicht zugestellt", "retardé", "retard de", "retrasad", "demora",
    "atrasad", "atraso", "ritardo", "ritardat", "vertraagd", "vertraging", "opóźnion", "opóźnieni",
    "задержан", "задержк", "отложен", "配信遅延", "遅延", "延迟", "延遲", "지연", "gecik", "forsinke",
    "försenad", "fördröj", "viivästy", "zpožděn", "oneskoren", "késleltet", NULL};

const char *const success_subjects[] = {
    "(success)", "(relay)", "(relayed)", "(expanded)", "(delivered)", "successful mail delivery",
    "mail delivery success", "delivery succeeded", "delivery confirmation", "delivery receipt",
    "return receipt", "mail relayed", "message relayed", "successfully delivered", "relayed:", "delivered:",
    "expanded:", "zugestellt:", "übermittelt:", "remis :", "relayé :", "entregado:", "retransmitido:",
    "entregue:", "retransmitida:", "recapitato:", "bezorgd:", "dostarczono:", "доставлено:",
    "配信済み", "已送达", "已傳遞", "전송됨", NULL};

const char *const failure_subjects[] = {
    "(failure)", "(fail)", "undeliver", "non-deliver", "nondeliver", "not deliver", "returned mail",
    "returned to sender", "return to sender", "returned email", "returned message", "mail returned",
    "message returned", "delivery fail", "delivery has failed", "failed delivery", "failure delivery",
    "failure notice", "failure notification", "failed mail", "mail failure", "mail fail",
    "delivery error", "delivery problem",
    "delivery unsuccessful", "delivery incomplete", "could not be delivered", "couldn't be delivered",
    "could not deliver", "cannot be delivered", "can't be delivered", "unable to deliver",
    "unable to be delivered", "was not delivered", "wasn't delivered", "unknown user", "user unknown",
    "unknown recipient", "no such user",
    "message rejected", "mail rejected", "rejected mail", "rejected message", "rejected:", "mailbox full", "mailbox is full",
    "over quota", "quota exceed", "bounced", "bounce:", "failed:", "failed to deliver", "failed to send",
    "permanent error", "fatal error",
    "smtp server: errors from", "loop alert", "mail loop", "メールエラー", "error sending your mail", "bounce notification", "address not found", "invalid address", "message blocked", "blocked message", "message not sent",
    "undelivered", "virus found", "virus detected",
    "unzustellbar", "nicht zustellbar", "nicht zugestellt", "nicht zugestelt", "fehlgeschlagen", "zustellfehler",
    "zurückgewiesen", "zurück an absender", "non remis", "non distribu", "non délivr",
    "échec de", "echec de", "échec d'", "retour à l'expéditeur", "erreur de livraison",
    "no se puede entregar", "no se pudo entregar", "no entregado", "no se ha podido entregar",
    "no ha podido", "error de entrega", "devuelto", "devolución", "no entregable", "fallo en la entrega", "rechazado",
    "não entregue", "não foi entregue", "não foi possível entregar", "não pôde ser", "falha na entrega", "falha ao entregar", "devolvid", "devolução", "erro na entrega",
    "non recapitabile", "mancato recapito", "non recapitato", "mancata consegna", "non consegnat", "impossibile recapitare", "errore di consegna", "recapito non",
    "onbestelbaar", "niet bezorgd", "niet afgeleverd", "niet worden bezorgd", "onbezorg",
    "niedostarczon", "nie dostarczono", "nie doręczono", "niedoręczon", "zwrot wiadomości", "odrzucon", "błąd dostarcz",
    "не доставлен", "недоставлен", "недоставк", "не удается доставить", "не удалось доставить", "невозможно доставить", "ошибка доставки", "возврат", "возвращен", "не доставлено",
    "недоставлено", "не вдалося доставити",
    "配信不能", "配信できません", "配信エラー", "配信失敗", "配達不能", "配達できません", "配達エラー", "送信できません", "送信エラー", "送信失敗", "未送達", "不達", "エラーメール", "返送",
    "メール送信エラー", "届きません", "退信", "退回", "无法投递", "无法送达", "未送达", "投递失败", "发送失败", "系统退信", "無法傳遞", "無法投遞", "無法送達", "未送達", "傳送失敗", "退件",
    "반송", "전송 실패", "전달되지", "배달되지", "배달 실패", "배달 못함", "발송 실패", "수신 실패", "전송실패", "발송실패",
    "teslim edilemedi", "teslim edilemeyen", "iletilemedi", "iletilemeyen", "gönderilemedi", "teslim hatası",
    "kézbesíthetetlen", "nem kézbesít", "sikertelen", "nedoručiteln", "nedoručen", "nedoručiteľn", "nelze doručit", "nepodařilo", "vráceno",
    "olevererbar", "ej levererat", "inte levererat", "kan ikke leveres", "kunne ikke leveres", "ikke leveret", "ikke levert", "uleverbar", "returneret", "returnert",
    "toimittaminen epäonnistui", "toimitus epäonnistui", "ei voitu toimittaa", "ei toimitettu", "palautettu", "nepiegādāt", "nav piegādāt", "neizdevās piegādāt", "nepristatyt", "neįteikt", "ei õnnestunud", "kohaletoimetamine",
    "μη παραδοτέο", "αποτυχία παράδοσης", "δεν παραδόθηκε", "לא נמסר", "מסירה נכשלה", "تعذر التسليم", "فشل التسليم", "لم يتم تسليم",
    "nelivrat", "nu a putut fi livrat", "nu s-a putut livra", "nedostavljen", "nije isporučen", "ni mogoče dostaviti", "ni dostavljen", "не може да бъде доставен",
    "gagal terkirim", "tidak terkirim", "không gửi được", "không thể gửi", "ส่งไม่สำเร็จ", "ไม่สามารถส่ง", NULL};

const char *const notice_subjects[] = {
    "mail delivery", "delivery status", "delivery report", "delivery notif", "delivery to the following", "email delivery", "message delivery", "message status", "zustellung", "zustellungs", "übermittlung", "notification d'état", "état de remise", "estado de la entrega", "status da entrega", "sent message", "delivery not", "mail daemon", "postmaster notify", "mdaemon notification", "mail error", "mail system error", NULL};

const char *const auto_reply_subjects[] = {
    "automatic reply", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse",
    "automatic response", "automated response", "automated reply", "automatically generated reply", "autoresponder", "auto responder", "autorespons?", "autorespons",
    "out of office", "out-of-office", "out of the office", "out of town", "away from my mail", "away from my email", "away from the office", "away from office", "vacation reply", "vacation message", "vacation notice", "on vacation", "on holiday", "on annual leave", "on leave", "ooo:",
    "automatische antwort", "automatische rückantwort", "abwesenheitsnotiz", "abwesenheitsnachricht", "abwesenheitsmeldung", "abwesenheit", "abwesenheitsassistent", "ich bin nicht im büro", "nicht im büro", "autoantwort",
    "réponse automatique", "reponse automatique", "message d'absence", "absence du bureau", "absent du bureau", "notification d'absence", "réponse d'absence",
    "respuesta automática", "respuesta automatica", "contestación automática", "fuera de la oficina", "fuera de oficina", "autorespuesta", "mensaje automático",
    "resposta automática", "resposta automatica", "fora do escritório", "ausência temporária", "mensagem automática",
    "risposta automatica", "fuori sede", "fuori ufficio", "assente dall'ufficio", "messaggio automatico",
    "automatisch antwoord", "automatische reactie", "afwezigheidsbericht", "afwezig", "niet aanwezig",
    "automatyczna odpowiedź", "odpowiedź automatyczna", "autoodpowiedź", "poza biurem", "nieobecność",
    "автоответ", "автоматический ответ", "автоматична відповідь", "автоматичен отговор", "нет на месте", "вне офиса", "в отпуске",
    "自動応答", "自動返信", "不在通知", "不在のお知らせ", "外出中", "自动回复", "自动答复", "自動回覆", "自動回復", "外出自动", "休假中", "자동 회신", "자동회신", "자동 응답", "자동응답", "부재중", "부재 중",
    "otomatik yanıt", "otomatik cevap", "ofis dışında", "autosvar", "automatiskt svar", "automatisk svar", "automatsvar", "frånvaro", "fraværsmelding", "fravær", "ikke på kontoret", "ikke til stede", "ej på kontoret", "inte på kontoret",
    "automaattinen vastaus", "poissa toimistosta", "poissaolo", "automatická odpověď", "automatická odpoveď", "mimo kancelář", "mimo kancelárie", "automatikus válasz", "házon kívül", "irodán kívül",
    "automātiskā atbilde", "automatiska atbilde", "automatinis atsakymas", "automaatvastus", "automaatne vastus", "αυτόματη απάντηση", "εκτός γραφείου", "תשובה אוטומטית", "מענה אוטומטי", "الرد التلقائي", "رد تلقائي", "răspuns automat", "automatski odgovor", "samodejni odgovor", "balasan otomatis", "trả lời tự động", "ตอบกลับอัตโนมัติ", NULL};

const char *const auto_reply_hints[] = {
    "vacation", "absence", "absent", "holiday", "away", "leave", "urlaub", "vacances", "congé", "vacaciones", "férias", "ferie", "vakantie", "urlop", "отпуск", "thank you for your", "thank you for contacting", "we have received", "we received your", "your message has been received", "received your", "acknowledg", "confirmation of receipt", "message received", "request received", "[ticket", "ticket", "eingangsbestätigung", "ihre anfrage", "accusé de réception", "acuse de recibo", "受付", "お問い合わせ", NULL};

const char *const challenge_subjects[] = {
    "please confirm your message", "please confirm (conf", "confirmation required", "verification required", "requires verification", "requires confirmation", "your email requires verification", "sender verification", "verify your email to", "challenge response", "challenge-response", "sender confirmation", "please verify your email", "please authenticate", "your message is awaiting verification", "antispam uol", "confirmation needed", "authorization requested", "authentication required for your", "one-time verification", "spam arrest", "sender address verification", "release your message", NULL};

const char *const receipt_starts[] = {
    "read:", "not read:", "read receipt", "return receipt (displayed)", "return receipt", "disposition notification", "message disposition", "deleted:", "gelesen:", "ungelesen:", "nicht gelesen:", "ungelesen gelöscht:", "lesebestätigung", "lu :", "lu:", "non lu :", "accusé de lecture", "accusé de réception (lu)", "leído:", "no leído:", "confirmación de lectura", "lida:", "não lida:", "confirmação de leitura", "letto:", "non letto:", "conferma di lettura", "gelezen:", "niet gelezen:", "leesbevestiging", "przeczytane:", "nieprzeczytane:", "прочитано:", "не прочитано:", "開封済み:", "開封確認", "開封通知", "已读:", "未读:", "已讀:", "읽음:", "okundu:", "läst:", "läst ", "lest:", "læst:", "luettu:", "přečteno:", "přečtené:", "elolvasva:", "citit:", "return receipt for", NULL};

const char *const answer_starts[] = {
    "re:", "re ", "re[", "aw:", "antw:", "sv:", "vs:", "rv:", "fw:", "fwd:", "wg:", "tr:", "odp:", "ynt:", "回复:", "回覆:", "回复：", "转发:", "答复:", "答复：", "res:", "enc:", "i:", "r:", NULL};

const char *const daemon_names[] = {
    "mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "mdaemon", "mailer_daemon", "mailer daemon", "postmaster", "postmaster1", "post_master", "post-master", "mail.daemon", "mailsystem", "mail-system", "mail_system", "mail-delivery", "maildelivery", "delivery-notification", "bounce-notification", "nondelivery", "no-reply-mta", "mailsweeper", "symantec_antivirus_for_smtp_gateways", "microsoftexchange", "mmdf", "smtp", "smtpd", "uucp", "mailadm", "mail-gateway", "antispam", "mailmarshal", "scanmail", "mailguard", "mailscanner", "non-delivery", "mailer", NULL};

const char *const daemon_calls[] = {
    "mail delivery s", "mail deliver s", "mailer-daemon", "mailer daemon", "mail system", "mail administrator", "system administrator", "systemadministrator", "postmaster", "mail transfer agent", "delivery subsystem", "delivery agent", "internet mail delivery", "mail router", "administrateur système", "administrador del sistema", "administrador do sistema", "amministratore del sistema", "amministratore di sistema", "systeembeheerder", "administrator systemu", "системный администратор", "システム管理者", "系统管理员", "系統管理員", "시스템 관리자", "rendszergazda", "mailadministrator", "smtp gateway", "system attendant", NULL};

const char *const still_trying[] = {
    "will be retried", "will retry", "will keep trying", "will continue trying", "will continue to try", "continue to be made", "attempts will continue", "keep trying", "still trying", "warning message only", "this is a warning", "advisory-only", "do not need to resend", "don't need to resend", "no need to resend", "not yet been delivered", "has not been delivered yet", "hasn't been delivered yet", "has been delayed", "is delayed", "delivery is delayed", "delivery incomplete", "still undelivered", "has been postponed", "will be attempted", "be tried again", "will try again", "we'll try again", "we'll keep trying", "server will continue", "no action is required", "(delay)", "will be delivered to recipient with delay", "could not send message for past", "could not send mail for past",
    "weiterhin versuch", "weitere zustellversuche", "erneut versuch", "noch nicht zugestellt", "keine aktion erforderlich", "n'a pas encore été", "de nouvelles tentatives", "sera retent", "todavía no se ha", "aún no se ha", "se seguirá intentando", "se volverá a intentar", "reintentando", "ainda não foi", "continuará tentando", "não é necessário reenviar", "non è stato ancora", "verranno effettuati ulteriori", "nog niet bezorgd", "wordt opnieuw", "zostaną podjęte", "jeszcze nie", "будут продолжены", "еще не доставлен", "ещё не доставлен", "再送を試み", "再試行", "まだ配信", "将继续尝试", "会继续", "將繼續嘗試", "다시 시도", "계속 시도", "denenmeye devam", NULL};

const char *const given_up[] = {
    "giving up", "given up", "gave up", "not continue trying", "has expired", "will be deleted from queue", "message will be deleted", "will not be retried", "no longer be tried", "won't be retried", "no further attempts", "could not be delivered for", "been in the queue too long", "on the queue too long", "in the queue too long", "queue too long", "retry timeout exceeded", "retry time not reached for any host after a long failure", "maximum time", "delivery time expired", "message expired", "timed out while waiting", "permanent fatal error", "permanent error", "permanently fail", "failed permanently", "permanent failure", "delivery has failed", "aufgegeben", "endgültig", "définitivement", "de manera permanente", "permanentemente", "in modo permanente", NULL};

const char *const your_message[] = {
    "your message", "your mail", "your email", "your e-mail", "message you sent", "message that you sent", "email you sent", "e-mail you sent", "mail you sent", "ihre nachricht", "ihre e-mail", "ihre mail", "deine nachricht", "deine e-mail", "votre message", "votre e-mail", "votre mail", "votre courriel", "votre courrier", "su mensaje", "tu mensaje", "su correo", "tu correo", "sua mensagem", "seu e-mail", "seu email", "il tuo messaggio", "il suo messaggio", "messaggio inviato", "la tua e-mail", "uw bericht", "je bericht", "uw e-mail", "twoja wiadomość", "wiadomość wysłana", "państwa wiadomość", "ваше сообщение", "ваше письмо", "ditt meddelande", "din besked", "din melding", "ditt mejl", "viestisi", "mesajınız", "iletiniz", "vaše zpráva", "az üzenet", "送信されたメール", "宛のメール", "宛てのメール", "あてのメール", "へのメール", "送信いただいた", "お客様のメール", "ご送信", "このメールは", "您的邮件", "你的邮件", "您发送的", "您的郵件", "您寄出的", "귀하의 메일", "보낸 메일", "귀하가 보낸", NULL};

const char *const failure_texts[] = {
    "could not be delivered to the following", "couldn't be delivered to", "wasn't delivered to", "did not reach the following", "delivery to the following recipient", "delivery has failed to these recipients", "permanent fatal errors", "transcript of session follows", "created automatically by mail delivery software", "non-delivery report", "i'm sorry to have to inform you that your message could not", "i wasn't able to deliver your message", "addresses had permanent", "undeliverable to the following", "failed addresses follow", "failure report follows", NULL};

const char *const challenge_texts[] = {
    "i now allow incoming messages only from senders i have approved", "allow incoming messages only from senders", "spam arrest", "spamarrest", "boxtrapper", "tmda", "tagged message delivery agent", "active spam killer", "to deliver your message, please reply", "confirm that you are a human", "verify that you are a human", "prove you are a human", "prove that you are human", "prove that you're human", "you are a real person", "you're a real person", "not a spammer", "challenge/response", "challenge-response", "challenge response", "click the link below to complete the verification", "click on the link below to complete the verification", "complete the verification process", "one-time process", "one time verification", "just this once", "will not have to do this again", "will only have to do this once", "you only have to do this once", "this is a one-time", "your message is being held until", "your message will be held until", "hold your message until", "held in quarantine until you", "only accept mail from people", "is protecting himself from receiving junk", "is protecting themselves from receiving junk", "protecting from receiving junk", "bitbounce", "choicemail", "mailblocks", "vanquish", "antispam uol", "bluebottle", "confirm your e-mail by simply replying", "by replying to this message, you", "reply to this message to confirm", "replying to this email to confirm", "confirmar su mensaje", "para confirmar", "bestätigen sie, dass sie ein mensch", "knowspam", "sendio", "in order to deliver your message you must", "message will be delivered once you", "to have your message delivered", "to ensure delivery of your message", "add you to my list of approved senders", "be added to the list of allowed senders", "approved senders list", NULL};

const char *const auto_reply_texts[] = {
    "has been received and is", "we have received your", "we've received your", "we received your", "acknowledge receipt of", "ist bei uns eingegangen", "haben ihre nachricht erhalten", "haben ihre anfrage erhalten", "avons bien reçu votre", "hemos recibido su", "hemos recibido tu", "recebemos sua", "recebemos a sua", "abbiamo ricevuto", "hebben uw bericht ontvangen", "受け付けました", "受付けました", "out of the office", "out of office", "on vacation", "on annual leave", "on holiday", "away from my desk", "away from the office", "currently away", "automatic reply", "automated response", "automated reply", "automatic response", "auto-reply", "autoreply", "this is an automat", "i will be back", "will be out of", "limited access to email", "upon my return", "when i return", "no longer with", "no longer works", "no longer employed", "no longer in use", "no longer monitored", "not monitored", "unattended mailbox", "nicht im büro", "nicht im hause", "außer haus", "im urlaub", "automatische antwort", "absent du bureau", "réponse automatique", "en vacances", "fuera de la oficina", "de vacaciones", "respuesta automática", "fora do escritório", "de férias", "fuori ufficio", "in ferie", "op vakantie", "niet aanwezig", "na urlopie", "в отпуске", "нахожусь", "自動返信", "不在", "自动回复", "休假", "부재중", NULL};
/* clang-format on */
