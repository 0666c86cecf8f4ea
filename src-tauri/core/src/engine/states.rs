//! The state of every source in a file of the data directory, for a program that looks in while
//! this one runs. It is true only while the directory is held: whoever holds it next begins by
//! removing what was left.

use std::{collections::BTreeMap, time::Duration};

use tokio::{sync::broadcast::error::RecvError, time::sleep};

use super::Handle;
use crate::{
    data_dir::{DataDir, STATES_FILE, file},
    model::SourceId,
    source::SourceState,
    update::Fact,
};

/// Changes that follow each other this closely are written once.
const SETTLE: Duration = Duration::from_millis(200);

/// Where each source's connection stands.
pub type States = BTreeMap<SourceId, SourceState>;

impl Handle {
    /// Writes the states now and whenever one changes.
    pub async fn write_states(self, dir: DataDir) {
        let mut facts = self.facts.subscribe();
        let path = dir.path().join(STATES_FILE);
        loop {
            let roster = self.roster.borrow().clone();
            let states: States = roster
                .iter()
                .map(|(id, kept)| (*id, kept.state.borrow().clone()))
                .collect();
            let text = serde_json::to_vec(&states).unwrap_or_default();
            if let Err(error) = file::renew(&path, &text) {
                tracing::debug!(%error, "the states of the sources could not be written");
            }
            loop {
                match facts.recv().await {
                    // Every byte renews a live state: nothing that is worth a write.
                    Ok(Fact::State(_, SourceState::Live { since, last_byte }))
                        if since != last_byte => {}
                    Ok(Fact::State(..) | Fact::SourceRemoved(_)) | Err(RecvError::Lagged(_)) => {
                        break;
                    }
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                }
            }
            sleep(SETTLE).await;
        }
    }
}

/// The states as the process that holds the directory last wrote them; none while nobody does.
pub fn read(dir: &DataDir) -> States {
    if !dir.is_held() {
        return States::new();
    }
    match file::read(&dir.path().join(STATES_FILE)) {
        Ok(file::Content::Bytes(bytes)) => serde_json::from_slice(&bytes).unwrap_or_default(),
        _ => States::new(),
    }
}
