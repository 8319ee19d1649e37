//! Where a request comes from, as far as an address says: the network that it is in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The network of an address: the first 24 bits of IPv4, the first 48 of IPv6. It is neither a
/// town nor a person: a phone changes it on the way home, and an office shares one.
pub(crate) fn place(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => v4(address),
        // `localhost` may lead to either address of the machine.
        IpAddr::V6(Ipv6Addr::LOCALHOST) => v4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

fn v4(address: Ipv4Addr) -> String {
    let [a, b, c, _] = address.octets();
    format!("{}/24", Ipv4Addr::new(a, b, c, 0))
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_is_a_network() {
        for (address, network) in [
            ("203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:7:1:2:3:4:5", "2001:db8:7::/48"),
            ("127.0.0.1", "127.0.0.0/24"),
            ("::1", "127.0.0.0/24"),
        ] {
            assert_eq!(place(address.parse().unwrap()), network);
        }
    }
}
