//! Where host names lead: as the system says, but a name that a public server redirects to never
//! into the private network, whatever its owner has the DNS answer, and whenever (rebinding).

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Mutex, PoisonError},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use url::{Host, Url};

use super::trouble::Refusal;
use crate::source::{Cause, CauseCode, config::is_loopback};

/// Resolves names for one client.
#[derive(Debug, Default)]
pub struct Names {
    outside: Mutex<HashSet<String>>,
}

impl Names {
    /// From now on this host is looked for outside the private network only.
    pub fn keep_outside(&self, host: &str) {
        let mut outside = self.outside.lock().unwrap_or_else(PoisonError::into_inner);
        outside.insert(host.to_owned());
    }

    fn is_kept_outside(&self, host: &str) -> bool {
        let outside = self.outside.lock().unwrap_or_else(PoisonError::into_inner);
        outside.contains(host)
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let is_kept_outside = self.is_kept_outside(&host);
        Box::pin(async move {
            let mut found: Vec<SocketAddr> = lookup_host((host.as_str(), 0)).await?.collect();
            if is_kept_outside {
                found = outside(&host, found)?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Those of the addresses that are not of this machine or its network.
fn outside(host: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refusal> {
    let is_known = !found.is_empty();
    let outside: Vec<SocketAddr> = found
        .into_iter()
        .filter(|address| !is_inner_address(address.ip()))
        .collect();
    if is_known && outside.is_empty() {
        return Err(into_the_private_network(host).into());
    }
    Ok(outside)
}

/// Why a redirect of a public server to this host is refused.
pub fn into_the_private_network(host: &str) -> Cause {
    Cause::new(
        CauseCode::RedirectRefused,
        format!("a public server redirects into the private network ({host})"),
    )
}

/// An address that only this machine or its network reaches, as far as the URL shows it.
pub fn is_inner(url: &Url) -> bool {
    is_loopback(url)
        || match url.host() {
            Some(Host::Ipv4(address)) => is_inner_address(address.into()),
            Some(Host::Ipv6(address)) => is_inner_address(address.into()),
            _ => false,
        }
}

/// An address that only this machine or its network reaches: of the special-purpose blocks
/// (RFC 6890) those in which a router, a provider or a cloud answers.
pub fn is_inner_address(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || matches!(
                    address.octets(),
                    // "This" network, what a provider shares among its customers, and the
                    // protocols' own block.
                    [0, ..] | [100, 64..=127, ..] | [192, 0, 0, _]
                )
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_unspecified()
                || translated(address).is_some_and(|address| is_inner_address(address.into()))
        }
    }
}

/// The IPv4 address behind one of NAT64 (RFC 6052, `64:ff9b::/96`).
fn translated(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() else {
        return None;
    };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b59_of_a_name_that_was_redirected_to_only_the_public_addresses_count() {
        let public = "203.0.113.9:0";
        for (answer, expected) in [
            (vec![public], Some(vec![public])),
            (vec!["127.0.0.1:0", public], Some(vec![public])),
            (vec!["127.0.0.1:0"], None),
            (vec!["169.254.169.254:0", "10.0.0.1:0"], None),
            (vec!["192.168.1.1:0", "172.16.0.1:0", "0.0.0.0:0"], None),
            (
                vec!["[::1]:0", "[::]:0", "[fe80::1]:0", "[fd00::1]:0"],
                None,
            ),
            (vec!["[::ffff:127.0.0.1]:0"], None),
            (vec!["100.100.100.200:0", "100.64.0.1:0"], None),
            (vec!["0.1.2.3:0", "192.0.0.192:0"], None),
            (vec!["[64:ff9b::a00:1]:0", "[64:ff9b::7f00:1]:0"], None),
            (
                vec!["100.63.0.1:0", "100.128.0.1:0", "[64:ff9b::cb00:7109]:0"],
                Some(vec![
                    "100.63.0.1:0",
                    "100.128.0.1:0",
                    "[64:ff9b::cb00:7109]:0",
                ]),
            ),
            (vec![], Some(vec![])),
        ] {
            let parse = |all: &[&str]| -> Vec<SocketAddr> {
                all.iter().map(|one| one.parse().unwrap()).collect()
            };

            let kept = outside("evil.example", parse(&answer));

            let code = kept.as_ref().err().map(|refusal| refusal.cause.code);
            assert_eq!(kept.ok(), expected.as_deref().map(parse), "{answer:?}");
            let refused = expected.is_none().then_some(CauseCode::RedirectRefused);
            assert_eq!(code, refused);
        }
    }

    #[tokio::test]
    async fn b59_the_sources_own_name_may_lead_anywhere() {
        let names = Names::default();
        let ask = |names: &Names| names.resolve("localhost".parse().unwrap());

        assert!(ask(&names).await.unwrap().next().is_some());
        names.keep_outside("localhost");
        let refused = ask(&names).await.err().unwrap();

        assert!(refused.downcast_ref::<Refusal>().is_some());
    }
}
