# A mail was moved or copied out of Junk: it is ham, unless it was thrown away.
require ["copy", "environment", "imapsieve", "mailbox", "special-use", "variables", "vnd.dovecot.imapsieve", "vnd.dovecot.pipe"];

if environment :matches "imap.mailbox" "*" {
    set "mailbox" "${1}";
}
# Whatever the trash is called; and its subfolders, where it is called Trash.
if anyof (specialuse_exists "${mailbox}" "\\Trash",
          string :matches "${mailbox}" ["Trash", "Trash/*", "Trash.*", "Junk", "Junk/*", "Junk.*"]) {
    stop;
}
if environment :matches "imap.user" "*" {
    set "user" "${1}";
}
pipe :copy "chaffinch-flag" ["ham", "${user}"];
