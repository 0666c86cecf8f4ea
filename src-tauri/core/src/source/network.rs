//! Whether the network changed: this machine's addresses and ways out, before and now. Pure but
//! for the look itself, which only Linux offers.

use std::{
    collections::BTreeSet,
    fs,
    net::{IpAddr, Ipv6Addr},
};

use super::SourceState;

/// What the machine is connected to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    addresses: BTreeSet<IpAddr>,
    /// Those of them with a route to their own subnet: a link that is down keeps its IPv4 address
    /// and loses that.
    attached: BTreeSet<IpAddr>,
    /// Interface and router of each default route.
    gateways: BTreeSet<String>,
}

impl Network {
    /// The network as it is now; none where the system does not say. Three small reads from
    /// memory: polling them costs less code than a netlink socket, and no event is missed.
    pub fn look() -> Option<Self> {
        let read = |name: &str| fs::read_to_string(format!("/proc/net/{name}"));
        let ipv4 = read("fib_trie").ok()?;
        // A system without IPv6 has no such file.
        let ipv6 = read("if_inet6").unwrap_or_default();
        Some(Self::parse(&ipv4, &ipv6, &read("route").ok()?))
    }

    /// From the texts of `/proc/net/fib_trie`, `if_inet6` and `route`.
    pub fn parse(fib_trie: &str, if_inet6: &str, route: &str) -> Self {
        let mut network = Self::default();
        let mut leaf: Option<IpAddr> = None;
        for line in fib_trie.lines().map(str::trim) {
            if let Some(address) = line.strip_prefix("|-- ") {
                leaf = address.parse().ok();
            } else if line == "/32 host LOCAL" {
                network.addresses.extend(leaf);
            }
        }
        for line in if_inet6.lines() {
            let digits = line.split_whitespace().next().unwrap_or_default();
            let address = u128::from_str_radix(digits, 16).map(Ipv6Addr::from);
            network.addresses.extend(address.map(IpAddr::V6));
        }
        for line in route.lines().skip(1) {
            network.add_route(&line.split_whitespace().collect::<Vec<_>>());
        }
        network
    }

    fn add_route(&mut self, columns: &[&str]) {
        let [interface, target, router, _, _, _, _, mask, ..] = columns else {
            return;
        };
        // Printed as a number whose bytes in memory are the address.
        let number = |hex: &str| u32::from_str_radix(hex, 16);
        let (Ok(target), Ok(mask)) = (number(target), number(mask)) else {
            return;
        };
        if mask == 0 {
            self.gateways.insert(format!("{interface} {router}"));
            return;
        }
        let inside = |address: &IpAddr| match address {
            IpAddr::V4(address) => u32::from_ne_bytes(address.octets()) & mask == target,
            IpAddr::V6(_) => false,
        };
        let inside = self.addresses.iter().copied().filter(inside);
        self.attached.extend(inside);
    }

    /// Whether a source in this state, connected from `local`, connects anew now that the network
    /// is no longer what it was `before`: who waits where there is a new way out, and who is
    /// live from an address that is gone. All others are left alone: containers come and go.
    pub fn calls_for(&self, before: &Self, state: &SourceState, local: Option<IpAddr>) -> bool {
        match state {
            SourceState::Waiting { .. } => {
                !self.addresses.is_subset(&before.addresses)
                    || !self.attached.is_subset(&before.attached)
                    || !self.gateways.is_subset(&before.gateways)
            }
            SourceState::Live { .. } => local.is_some_and(|local| {
                let gone = |before: &BTreeSet<IpAddr>, now: &BTreeSet<IpAddr>| {
                    before.contains(&local) && !now.contains(&local)
                };
                gone(&before.addresses, &self.addresses) || gone(&before.attached, &self.attached)
            }),
            SourceState::Paused | SourceState::Connecting { .. } | SourceState::Stopped { .. } => {
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ipc::Millis,
        source::{Cause, CauseCode},
    };

    const TRIE: &str = "\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
        |-- 192.0.2.2
           /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
Local:
           |-- 127.0.0.1
              /32 host LOCAL
";
    const INET6: &str = "\
fd000000000000000000000000000002 04 40 00 82     eth0
00000000000000000000000000000001 01 80 10 80       lo
";
    const ROUTE: &str = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
";

    fn waiting() -> SourceState {
        SourceState::Waiting {
            attempt: 1,
            until: Millis(0),
            cause: Cause::new(CauseCode::Unreachable, "no route"),
        }
    }

    fn live() -> SourceState {
        SourceState::Live {
            since: Millis(0),
            last_byte: Millis(0),
        }
    }

    #[test]
    fn addresses_and_default_routes_are_read_and_nothing_else() {
        let network = Network::parse(TRIE, INET6, ROUTE);

        let addresses = ["127.0.0.1", "192.0.2.2", "::1", "fd00::2"];
        let addresses: BTreeSet<IpAddr> =
            addresses.iter().map(|one| one.parse().unwrap()).collect();
        assert_eq!(network.addresses, addresses);
        assert_eq!(
            network.attached,
            BTreeSet::from(["192.0.2.2".parse().unwrap()])
        );
        assert_eq!(network.gateways, BTreeSet::from(["eth0 010200C0".into()]));
        assert_eq!(
            Network::parse("|-- x\n/32 host LOCAL", "zz", "\nlo"),
            Network::default()
        );
    }

    #[test]
    fn who_waits_is_woken_by_a_way_out_and_who_lives_by_the_loss_of_its_address() {
        let home = Network::parse(TRIE, INET6, ROUTE);
        let gone = Network::parse("", INET6, "");
        // A link that is down keeps its address and loses its routes.
        let down = Network::parse(TRIE, INET6, "");
        let tunnel = Network::parse(TRIE, INET6, &ROUTE.replace("010200C0", "FE0200C0"));
        let local = "192.0.2.2".parse().ok();

        // The link comes back, or another router does.
        assert!(home.calls_for(&gone, &waiting(), None));
        assert!(tunnel.calls_for(&home, &waiting(), None));
        // The link goes, and with it the address.
        assert!(gone.calls_for(&home, &live(), local));
        assert!(down.calls_for(&home, &live(), local));
        assert!(home.calls_for(&down, &waiting(), None));
        for (now, before, state, local) in [
            (&home, &home, waiting(), None),
            (&gone, &home, waiting(), None),
            (&home, &gone, live(), local),
            (&tunnel, &home, live(), local),
            (&gone, &home, live(), None),
            (&gone, &home, live(), "fd00::2".parse().ok()),
            (&home, &gone, SourceState::Paused, None),
            (&home, &gone, SourceState::Connecting { attempt: 1 }, None),
        ] {
            assert!(!now.calls_for(before, &state, local), "{state:?}");
        }
    }
}
