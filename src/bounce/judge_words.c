#include "bounce/judge_words.h"

#include <stddef.h>

/* clang-format off */
const char *const asks_to_sign_in[] = {
    "sign in to", "sign in here", "and sign in", "sign-in here", "log in to", "log in here", "login to", "login here", "click here to login", "and log in", "please login", "please log in", "please sign in",
    "melden sie sich an", "loggen sie sich ein", "sich anmelden", "jetzt anmelden", "hier anmelden",
    "identifiez-vous", "connectez-vous", "se connecter", "vous connecter", "veuillez vous identifier",
    "inicie sesión", "iniciar sesión", "inicia sesión", "identifíquese", "acceda a su cuenta", "acceda con",
    "faça login", "inicie sessão", "iniciar sessão", "entre na sua conta", "acesse sua conta",
    "effettua il login", "effettua l'accesso", "accedi al", "accedi per", "acceda al suo",
    "log in op", "meld u aan", "inloggen", "zaloguj", "войдите", "авторизуйтесь", "войти в",
    "ログインして", "ログイン画面", "サインイン", "登录", "登入", "로그인", "oturum açın", "giriş yapın", NULL};

const char *const asks_to_verify[] = {
    "confirm your account", "confirm your identity", "confirm your mailbox", "confirm your email", "confirm your e-mail", "confirm it below", "confirm below", "confirm ownership", "confirm you are",
    "verify your account", "verify your identity", "verify your mailbox", "verify your email", "verify your e-mail", "verify now", "verify it below", "verify ownership", "validate your", "re-validate", "revalidate", "reconfirm", "authenticate your", "reactivate your", "restore access", "update your account", "upgrade your mailbox", "upgrade your account", "account needs to be verified", "account must be verified", "account is not validated", "until the sender has been validated", "validation error on your account", "account was not validated", "unverified account", "keep your account", "sync your account", "synchronise your account", "synchronize your account", "synchronise your mailbox", "synchronize your mailbox", "sync your mailbox", "not synchronised with", "not synchronized with",
    "bestätigen sie ihr", "bestätigen sie ihre identität", "bestätigen sie es", "konto bestätigen", "konto verifizieren", "verifizieren sie", "konto muss bestätigt", "konto muss verifiziert", "ohne ihre bestätigung", "nicht bestätigt wurde", "absender bestätigt", "absender überprüft", "nicht synchronisiert", "konto überprüfen", "ihr konto zu bestätigen", "postfach bestätigen", "nicht validiert",
    "confirmez votre", "confirmer votre", "vérifiez votre", "vérifier votre compte", "validez votre", "valider votre", "compte doit être vérifié", "compte n'est pas validé", "compte n'a pas été validé", "n'est pas synchronis", "n'a pas été synchronis", "expéditeur ait été validé", "validation de l'expéditeur", "valider et renvoyer", "expéditeur n'est pas validé", "confirmez-le", "mise à jour de votre compte",
    "confirme su", "confirmar su", "verifique su", "verificar su cuenta", "valide su", "validar su", "cuenta no está validada", "cuenta no ha sido validada", "cuenta debe ser verificada", "debe verificar", "no está sincronizad", "no se sincronizó", "remitente sea validado", "remitente haya sido validado", "confírmela", "confirmela",
    "confirme sua", "verifique sua", "valide sua", "conta não verificada", "conta precisa ser verificada", "conferma il tuo", "verifica il tuo account", "verifica la tua", "convalida", "bevestig uw", "verifieer uw", "controleer uw account", "potwierdź swoje", "zweryfikuj", "подтвердите", "проверьте свой аккаунт", "подтверждение учетной записи",
    "アカウントの確認", "アカウントを確認", "アカウントが確認されていない", "確認してください", "確認して再送信", "確認を求めて", "認証が必要", "同期されていない", "本人確認", "アカウント認証", "确认您的", "验证您的", "验证账户", "驗證您的", "確認您的帳", "계정을 확인", "계정 인증", "인증하", "hesabınızı doğrula", "hesabınızı onayla", NULL};

const char *const asks_to_release[] = {
    "release your", "release at", "release it at", "release the message", "release message", "release pending", "release all", "release to inbox", "recover your", "recover the message", "recover message", "retrieve your", "retrieve message", "retrieve pending", "view pending", "pending messages here", "deliver messages", "allow messages", "resend messages", "review and send", "send again:", "review message", "increase storage", "add more space", "get more space", "get more storage", "add space", "add storage", "upgrade storage", "extra storage", "increase your storage", "increase quota", "upgrade storage", "upgrade quota", "free up space here", "see the undelivered message", "read your message", "view the message here", "restore messages", "unblock your",
    "nachrichten hier freigeben", "nachrichten freigeben", "freigeben", "wiederherstellen", "nachrichten abrufen", "hier abrufen", "erneut senden:", "nachrichten erneut senden", "speicher jetzt erweitern", "speicher erweitern", "speicher kostenlos", "um die nachricht zu sehen", "prüfen und erneut senden", "überprüfen und senden",
    "récupérez vos", "récupérer vos", "récupérer les", "libérer", "libérez", "renvoyer les messages", "renvoyer mes", "vérifier et renvoyer", "augmenter mon espace", "augmentez gratuitement", "augmenter l'espace", "consulter le message", "débloquer",
    "recupere sus", "recuperar sus", "recuperar mensajes", "liberar todos", "liberar mensajes", "liberar los", "reenviar mensajes", "reenviar los", "revisar y enviar", "revisar y reenviar", "ampliar espacio", "ampliar mi", "aumentar espacio", "amplíe su", "amplíe gratis", "aumente su", "para ver el mensaje",
    "recuperar mensagens", "liberar mensagens", "reenviar mensagens", "aumentar espaço", "recupera i messaggi", "rilascia", "sblocca", "aumenta lo spazio", "berichten vrijgeven", "berichten ophalen", "opslag uitbreiden", "zwolnij wiadomo", "odzyskaj wiadomo", "zwiększ pojemność", "восстановить письма", "получить письма", "освободить письма", "увеличить объем", "увеличить объём",
    "こちらから受信", "下記より受信", "以下より受信", "下記から受信", "受信してください", "メールを受信する", "すべて解放", "すべて受信する", "受信する:", "解放する", "メールを再送信", "再送信:", "容量を追加", "無料で容量", "保留を解除", "配信を再開", "内容をご確認", "释放邮件", "恢复邮件", "立即扩容", "释放", "釋放", "메일 복구", "메시지 복구", "용량 늘리기", "iletileri serbest", "mesajları kurtar", NULL};

const char *const asks_to_pay[] = {
    "bitcoin", "pay the fee", "payment is required", "pay now", "outstanding invoice", "zahlung erforderlich", "jetzt bezahlen", "payez maintenant", "paiement requis", "pague ahora", "pago requerido", "支払い", "お支払", "付款", NULL};

const char *const asks_for_password[] = {
    "password expires", "password will expire", "password is about to expire", "password has expired", "keep your current password", "keep my password", "keep current password", "keep same password", "enter your password", "your email and password", "update your password", "password expiration",
    "kennwort läuft", "passwort läuft", "kennwort behalten", "passwort behalten", "passwort bestätigen", "kennwort bestätigen", "geben sie ihr passwort", "kennwort ist abgelaufen", "passwort ist abgelaufen",
    "mot de passe expire", "conserver mon mot de passe", "conserver le mot de passe", "garder mon mot de passe", "garder votre mot de passe", "conserver votre mot de passe", "saisissez votre mot de passe",
    "contraseña caduca", "contraseña expira", "mantener mi contraseña", "conservar mi contraseña", "mantener su contraseña", "conservar su contraseña", "introduzca su contraseña",
    "senha expira", "manter minha senha", "manter a senha", "password scade", "mantieni la password", "wachtwoord verloopt", "wachtwoord behouden", "hasło wygasa", "zachowaj hasło", "срок действия пароля", "сохранить пароль",
    "パスワードの有効期限", "パスワードを維持", "パスワードは本日", "パスワードを入力", "密码即将过期", "密码已过期", "保留密码", "密碼即將", "비밀번호 만료", "비밀번호 유지", "şifrenizin süresi", NULL};

const char *const urges[] = {
    "within 12 hours", "within 24 hours", "within 48 hours", "in 24 hours", "or you will be locked", "will be locked out", "will be deleted automatically", "if no action is taken", "or they will be deleted", "will be suspended", "will be deactivated", "will be terminated", "expires today", "account will be closed", "final notice", "last warning",
    "in 24 stunden", "innerhalb von 24", "gelöscht, wenn", "sonst gelöscht", "wird gesperrt", "werden gesperrt", "sonst gesperrt", "gesperrt werden", "gesperrt, wenn", "ab morgen", "läuft heute ab",
    "dans les 24", "sous 24 heures", "seront supprimés", "sera bloqué", "sera suspendu", "sans action de votre part",
    "en 24 horas", "dentro de 24", "se eliminarán", "será bloquead", "será suspendid", "si no actúa", "caduca hoy",
    "em 24 horas", "serão excluíd", "entro 24 ore", "verranno eliminat", "binnen 24 uur", "worden verwijderd", "w ciągu 24", "zostaną usunięte", "в течение 24", "будут удалены", "будет заблокирован",
    "24時間以内", "削除されます", "停止されます", "本日まで", "24小时内", "将被删除", "將被刪除", "24시간 이내", "삭제됩니다", "24 saat içinde", NULL};

const char *const about_mailbox[] = {
    "mailbox", "mail box", "inbox", "storage", "quota", "quarantine", "incoming message", "pending message", "pending incoming", "undelivered", "held for", "password for", "password expires", "email account", "e-mail account", "mail administrator", "mail delivery", "it help desk", "it-helpdesk", "it support", "message centre", "message center", "webmail", "mail service", "mail team",
    "postfach", "speicher", "quarantäne", "zurückgehalten", "nicht zugestellt", "kennwort", "passwort", "it-support", "e-mail-zentrale", "mail-administrator",
    "boîte", "messagerie", "quarantaine", "courriers retenus", "messages en attente", "mot de passe", "assistance informatique", "non distribué",
    "buzón", "correo", "cuarentena", "retenidos", "mensajes pendientes", "contraseña", "soporte técnico",
    "caixa de correio", "caixa de entrada", "quarentena", "senha", "casella", "quarantena", "postvak", "wachtwoord", "skrzynka", "hasło", "почтов", "ящик", "карантин", "пароль",
    "メールボックス", "容量", "検疫", "保留", "パスワード", "ヘルプデスク", "メール管理者", "メッセージセンター", "邮箱", "信箱", "隔离", "密码", "密碼", "메일함", "비밀번호", "posta kutusu", "karantina", NULL};

const char *const claims_trouble[] = {
    "mailbox", "mail box", "quarantine", "incoming message", "incoming mail", "incoming email", "incoming e-mail", "pending message", "pending mail", "pending email", "pending incoming", "messages are being held", "messages on hold", "held message", "undelivered m", "undelivered e", "delivery of your message", "message blocked", "messages blocked", "emails blocked", "mail quota", "email quota", "email storage", "mail storage", "gmail storage", "password expire", "password will expire", "password for", "email account", "e-mail account", "mail account", "mail server", "mail synch", "email synch", "mail sync", "email sync", "email service", "email security", "mail administrator", "email administrator", "e-mail administrator", "webmail", "cpanel",
    "postfach", "quarantäne", "zurückgehalten", "eingehende nachricht", "kennwort läuft", "passwort läuft", "e-mail-konto", "mailkonto", "e-mail-speicher", "mail-administrator", "e-mail-administrator", "e-mail-zentrale",
    "boîte mail", "boîte de réception", "boîte aux lettres", "boîte est", "messagerie", "courriers retenus", "messages en attente", "mot de passe expire", "compte e-mail", "compte de messagerie",
    "buzón", "correos pendientes", "mensajes pendientes", "mensajes retenidos", "correo electrónico", "contraseña caduca", "contraseña expira", "cuenta de correo", "administrador de correo",
    "casella", "messaggi in attesa", "messaggi in sospeso", "password scade", "account di posta", "caixa de correio", "caixa postal", "mensagens pendentes", "senha expira", "conta de e-mail", "postvak", "berichten in quarantaine", "wachtwoord verloopt", "skrzynka", "skrzynki", "hasło wygasa", "почтовый ящик", "почтового ящика", "почта", "карантин",
    "メールボックス", "メール容量", "保留中のメール", "保留メール", "パスワードの有効期限", "メールアカウント", "メール管理者", "邮箱", "信箱", "郵箱", "隔离邮件", "메일함", "메일 용량", "posta kutusu", "e-posta hesab", NULL};

const char *const claims_failure[] = {
    "delivery fail", "failed delivery", "delivery error", "delivery notification", "delivery status", "delivery delayed", "delivery problem", "not delivered", "undelivered", "undeliverable", "returned to sender", "failure notice", "returned mail",
    "zustellung fehlgeschlagen", "zustellfehler", "zustellbericht", "nicht zugestellt", "unzustellbar", "nicht zustellbar", "échec de la remise", "échec de remise", "échec de la distribution", "non remis", "non distribué", "non délivré", "error de entrega", "fallo de entrega", "no entregado", "no entregados", "mancata consegna", "non consegnat", "consegna non riuscita", "falha na entrega", "não entregue", "niet bezorgd", "niet afgeleverd", "nie dostarczon", "niedostarczon", "не доставлен", "недоставлен", "ошибка доставки",
    "配信エラー", "配信できません", "配信失敗", "不達", "未配信", "退信", "投递失败", "未送达", "投遞失敗", "전송 실패", "배달 실패", "iletilemedi", "teslim edilemedi", NULL};

const char *const names_mail[] = {
    "message", "mail", "nachricht", "postfach", "courriel", "courrier", "mensaje", "correo", "messaggi", "posta", "mensagem", "mensagens", "bericht", "wiadomo", "сообщени", "письм", "メール", "邮件", "郵件", "메일", "ileti", NULL};

const char *const says_farewell[] = {
    "unsubscri", "opt-out", "opt out", "optout", "preferences", "abmelden", "abbestellen", "désabonn", "désinscri", "darse de baja", "cancelar suscripci", "disiscri", "annulla iscrizione", "cancelar inscri", "uitschrijven", "wypisz", "отписаться", "配信停止", "退订", "退訂", "수신거부", NULL};

const char *const of_mailbox[] = {
    "your mailbox", "your mail box", "mailbox is", "mailbox has", "mailbox storage", "incoming messages", "incoming mails", "incoming emails", "pending messages", "pending emails", "undelivered messages", "undelivered emails", "messages are held", "messages on hold", "held on the server", "in quarantine", "mail quota", "email quota", "mail server upgrade", "webmail account",
    "ihr postfach", "ihres postfachs", "eingehende nachrichten", "zurückgehaltene", "votre boîte", "votre messagerie", "messages en attente", "messages entrants", "su buzón", "mensajes pendientes", "mensajes entrantes", "casella di posta", "messaggi in attesa", "messaggi in sospeso", "caixa de correio", "mensagens pendentes", "uw postvak", "uw mailbox", "inkomende berichten", "twoja skrzynka", "oczekujące wiadomości", "почтовый ящик", "входящие сообщения",
    "メールボックス", "保留中のメール", "受信メッセージ", "您的邮箱", "待处理邮件", "您的郵箱", "메일함", "보류 중인", "posta kutunuz", "bekleyen iletiler", NULL};

const char *const on_buttons[] = {
    "release", "recover", "retrieve", "restore", "unblock", "deliver", "resend", "verify", "validate", "confirm", "keep", "upgrade", "fix",
    "freigeben", "wiederherstellen", "abrufen", "bestätigen", "verifizieren", "zustellen", "beibehalten", "récupérer", "libérer", "débloquer", "restaurer", "confirmer", "vérifier", "valider", "conserver",
    "recuperar", "entregar", "liberar", "restaurar", "desbloquear", "confirmar", "verificar", "mantener", "rilascia", "recupera", "riprova", "ripristina", "conferma", "verifica", "vrijgeven", "ophalen", "herstellen", "bevestigen", "zwolnij", "odzyskaj", "potwierdź", "восстановить", "получить", "подтвердить",
    "受信する", "解放", "復元", "確認する", "クリック", "释放", "恢复", "验证", "釋放", "복구", "확인", "kurtar", "serbest", "doğrula", NULL};

const char *const on_entrances[] = {
    "sign in", "sign-in", "log in", "login", "log on", "anmelden", "einloggen", "se connecter", "connexion", "iniciar sesión", "acceder", "accedi", "entrar", "fazer login", "aanmelden", "inloggen", "zaloguj", "войти", "ログイン", "サインイン", "登录", "登入", "로그인", "giriş yap", "oturum aç", NULL};

const char *const active_files[] = {
    ".html", ".htm", ".shtml", ".xhtml", ".svg", ".js", ".jse", ".vbs", ".vbe", ".wsf", ".hta", ".exe", ".scr", ".pif", ".com", ".bat", ".cmd", ".ps1", ".lnk", ".iso", ".img", ".zip", ".rar", ".7z", ".ace", ".gz", ".jar", ".docm", ".xlsm", ".pptm", ".one", ".cab", ".msi", NULL};
