//! A source is edited: which secret goes where while URL and secret change together, and what
//! becomes of an outage.

mod support;

use std::{sync::Arc, thread, time::Duration};

use futures_util::future::join_all;
use support::{chaos::Chaos, rig::Rig};
use tidings_core::{
    error::Result,
    ipc::{HeaderInput, SourceInput},
    model::SourceId,
    secrets::{Headers, SecretStore, SessionSecrets},
};
use tokio::time::sleep;

/// Takes its time to say that it has stored something, as a keychain that asks a person does.
struct Slow {
    inner: SessionSecrets,
    takes: Duration,
}

impl Slow {
    fn store(takes: Duration) -> Arc<Self> {
        let inner = SessionSecrets::default();
        Arc::new(Self { inner, takes })
    }
}

impl SecretStore for Slow {
    fn get(&self, source: SourceId) -> Result<Headers> {
        self.inner.get(source)
    }

    fn set(&self, source: SourceId, headers: Headers) -> Result<()> {
        self.inner.set(source, headers)?;
        thread::sleep(self.takes);
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
    let rig = Rig::start_with([], Slow::store(Duration::from_secs(4))).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_whose_neighbours_are_being_added_connects_at_its_first_try() {
    let chaos = Chaos::start().await;
    let rig = Rig::start_with([], Slow::store(Duration::from_millis(50))).await;
    let added = (0..10).map(|n| {
        let mut input = input(chaos.url("/half-open").as_str(), "secret");
        input.name = format!("number {n}");
        rig.handle.add_source(input)
    });

    for source in join_all(added).await {
        let id = source.unwrap().id;
        rig.await_live(id).await;

        let diagnosis = rig.handle.diagnosis(id).unwrap();
        assert_eq!(diagnosis.timeline.len(), 1, "{:?}", diagnosis.timeline);
    }
    assert_eq!(tokens(&chaos), ["secret"; 10]);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_in_an_outage_leaves_its_divider_and_a_pause_is_none() {
    let mut chaos = Chaos::start().await;
    let rig = Rig::start([]).await;
    let url = chaos.url("/events");
    let mut other = input(url.as_str(), "a");
    let edited = rig.handle.add_source(other.clone()).await.unwrap().id;
    "two".clone_into(&mut other.name);
    let paused = rig.handle.add_source(other).await.unwrap().id;
    rig.await_live(edited).await;
    rig.await_live(paused).await;

    chaos.stop().await;
    rig.handle.enable_source(paused, false).await.unwrap();
    sleep(Duration::from_millis(10_500)).await;
    let other = input(url.as_str(), "b");
    rig.handle.edit_source(edited, other).await.unwrap();
    chaos.resume().await;
    rig.handle.enable_source(paused, true).await.unwrap();
    rig.handle.retry_source(edited).await.unwrap();
    rig.await_live(edited).await;
    rig.await_live(paused).await;

    let outages = rig.await_replayed(edited, 0).await;
    let lasted = outages[0].ended_at.duration_since(outages[0].started_at);
    assert!((10..20).contains(&lasted.as_secs()), "{lasted:?}");
    assert_eq!(rig.outages(paused).await.len(), 0);
    rig.stop().await;
}
