use super::*;

#[track_caller]
fn check(network: &str, address: &str, contained: bool) {
    let network: Network = network.parse().expect("a network");
    let address: IpAddr = address.parse().expect("an address");
    assert_eq!(Egress::denying([network]).permits(address), !contained, "{network:?} {address}");
}

#[test]
fn a_network_holds_what_shares_its_prefix() {
    check("10.0.0.0/8", "10.255.0.1", true);
    check("10.0.0.0/8", "11.0.0.1", false);
    check("10.1.2.3", "10.1.2.3", true);
    check("10.1.2.3", "10.1.2.2", false);
    check("0.0.0.0/0", "203.0.113.9", true);
    check("0.0.0.0/0", "::2", false);
    check("10.0.0.0/8", "::ffff:10.0.0.1", true);
    check("fe80::/10", "febf::1", true);
    check("fe80::/10", "fec0::1", false);
    check("::/0", "::1", true);
}

#[test]
fn what_is_no_network_is_refused() {
    for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "host"] {
        assert!(text.parse::<Network>().is_err(), "{text}");
    }
}

#[test]
fn metadata_addresses_are_link_local_and_loopback_is_not() {
    let egress = Egress::not_link_local();
    for address in ["169.254.169.254", "fe80::1", "::ffff:169.254.170.2", "fd00:ec2::254"] {
        assert!(!egress.permits(address.parse().expect("an address")), "{address}");
    }
    for address in ["127.0.0.1", "::1", "10.0.0.1", "203.0.113.9"] {
        assert!(egress.permits(address.parse().expect("an address")), "{address}");
    }
}
