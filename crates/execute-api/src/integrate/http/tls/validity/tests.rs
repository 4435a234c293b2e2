use std::time::Duration;

use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use super::*;

fn certificate(not_before: (i32, u8, u8), not_after: (i32, u8, u8)) -> Vec<u8> {
    let mut params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    params.not_before = date_time_ymd(not_before.0, not_before.1, not_before.2);
    params.not_after = date_time_ymd(not_after.0, not_after.1, not_after.2);
    let key = KeyPair::generate().expect("a key");
    params.self_signed(&key).expect("a certificate").der().to_vec()
}

#[test]
fn a_certificate_is_valid_from_its_first_to_its_last_second() {
    // 2026-01-02 to 2051-03-04: years before 2050 are written with two digits, later ones with four.
    let validity = Validity::of(&certificate((2026, 1, 2), (2051, 3, 4))).expect("a validity");
    let (first, last) = (1_767_312_000, 2_561_500_800);
    assert_eq!(validity, Validity { not_before: first, not_after: last });
    let cases = [
        (first - 1, Err(CertificateError::NotValidYet)),
        (first, Ok(())),
        (last, Ok(())),
        (last + 1, Err(CertificateError::Expired)),
    ];
    for (now, expected) in cases {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now.try_into().expect("a time")));
        assert_eq!(validity.check(now), expected);
    }
}

#[test]
fn the_last_century_is_before_this_one() {
    let validity = Validity::of(&certificate((1999, 12, 31), (2000, 1, 1))).expect("a validity");
    assert_eq!(validity, Validity { not_before: 946_598_400, not_after: 946_684_800 });
}

proptest! {
    /// Whatever a backend sends is a validity or none, never a panic.
    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = Validity::of(&bytes);
    }

    #[test]
    fn no_damage_is_a_panic(at in 0_usize..400, byte in any::<u8>(), length in 0_usize..400) {
        let mut der = certificate((2026, 1, 2), (2051, 3, 4));
        let at = at % der.len();
        der[at] = byte;
        der.truncate(length);
        let _ = Validity::of(&der);
    }
}
