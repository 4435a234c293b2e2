//! Which addresses HTTP integrations may reach: whoever may define an API must not reach what only the gateway's host may.

use std::{net::IpAddr, str::FromStr};

/// Addresses that HTTP integrations may not reach; everything else they may.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Egress {
    denied: Vec<Network>,
}

/// A network such as `169.254.0.0/16`, or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u32,
}

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is neither an address nor a network such as 10.0.0.0/8")]
pub struct InvalidNetwork {
    /// The offending text.
    pub text: Box<str>,
}

impl Egress {
    /// Everything may be reached, loopback included.
    #[must_use]
    pub fn anywhere() -> Self {
        Self::default()
    }

    /// Link-local addresses, under which clouds serve credentials, may not be reached.
    #[must_use]
    pub fn not_link_local() -> Self {
        let link_local = [([169, 254, 0, 0].into(), 16), ([0xfe80, 0, 0, 0, 0, 0, 0, 0].into(), 10)];
        let metadata_v6 = ([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254].into(), 128);
        let networks = link_local.into_iter().chain([metadata_v6]);
        Self::denying(networks.map(|(address, prefix_bits)| Network { address, prefix_bits }))
    }

    /// These networks may not be reached.
    #[must_use]
    pub fn denying(networks: impl IntoIterator<Item = Network>) -> Self {
        Self { denied: networks.into_iter().collect() }
    }

    /// Whether an address may be reached. An IPv4 address inside an IPv6 one counts as itself.
    pub(super) fn permits(&self, address: IpAddr) -> bool {
        !self.denied.iter().any(|network| network.contains(address.to_canonical()))
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        // The bits beyond the prefix do not count; a prefix of no bits leaves nothing to compare.
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(u32::BITS - self.prefix_bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.checked_shr(u128::BITS - self.prefix_bits).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let invalid = || InvalidNetwork { text: text.into() };
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let bits_max = if address.is_ipv4() { u32::BITS } else { u128::BITS };
        let prefix_bits = prefix.map_or(Ok(bits_max), str::parse).map_err(|_| invalid())?;
        if prefix_bits > bits_max {
            return Err(invalid());
        }
        Ok(Self { address, prefix_bits })
    }
}

#[cfg(test)]
mod tests;
