//! `GetCallerIdentity` of STS.

use definition::Caller;

use crate::{account::Answer, xml::Xml};

pub(crate) fn get(caller: &Caller) -> Answer {
    let mut xml = Xml::default();
    xml.text("Arn", &caller.user_arn);
    xml.text("UserId", &caller.user_id);
    xml.text("Account", &caller.scope.account);
    Answer::Result(xml)
}
