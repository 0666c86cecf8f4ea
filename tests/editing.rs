//! A live source is edited: which secret goes where while URL and secret change together.

mod support;

use std::{sync::Arc, thread, time::Duration};

use support::{chaos::Chaos, rig::Rig};
use tidings_core::{
    error::Result,
    ipc::{HeaderInput, SourceInput},
    model::SourceId,
    secrets::{Headers, SecretStore, SessionSecrets},
};

/// Takes its time to say that it has stored something, as a keychain that asks a person does.
#[derive(Default)]
struct Slow {
    inner: SessionSecrets,
}

impl SecretStore for Slow {
    fn get(&self, source: SourceId) -> Result<Headers> {
        self.inner.get(source)
    }

    fn set(&self, source: SourceId, headers: Headers) -> Result<()> {
        self.inner.set(source, headers)?;
        thread::sleep(Duration::from_secs(4));
        Ok(())
    }
}

fn input(url: &str, token: &str) -> SourceInput {
    SourceInput {
        name: "one".to_owned(),
        url: url.to_owned(),
        headers: vec![HeaderInput {
            name: "X-Token".to_owned(),
            value: Some(token.to_owned()),
        }],
        ..SourceInput::default()
    }
}

fn tokens(chaos: &Chaos) -> Vec<String> {
    let asked = chaos.asked().into_iter();
    asked
        .map(|one| one.headers.get("x-token").cloned().unwrap_or_default())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_token_never_goes_to_the_old_url_nor_the_old_one_to_the_new() {
    let (old, new) = (Chaos::start().await, Chaos::start().await);
    // The old server ends each connection, so that it is asked again and again meanwhile.
    let before = input(old.url("/rst-after?n=1").as_str(), "first");
    let after = input(new.url("/half-open").as_str(), "second");
    let rig = Rig::start_with([], Arc::<Slow>::default()).await;
    let id = rig.handle.add_source(before).await.unwrap().id;
    rig.await_data(id, 1).await;

    let edited = rig.handle.edit_source(id, after).await.unwrap();
    rig.await_data(id, 2).await;

    assert!(edited.url.ends_with("/half-open"));
    let to_old = tokens(&old);
    assert!(to_old.iter().all(|token| token == "first"), "{to_old:?}");
    assert_eq!(tokens(&new), ["second"]);
    rig.stop().await;
}
