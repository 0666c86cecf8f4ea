//! What a person does to the toasts: put them off, set quiet hours, open what an event links to.

use tokio::sync::watch;

use super::Handle;
use crate::{
    error::{Code, Error, Result},
    ipc::{EventDetail, Link, QuietState},
    link,
    model::{RowId, SourceId},
    quiet::{QuietHours, QuietReason, Snooze},
    settings::Preferences,
};

impl Handle {
    /// Whether toasts wait now.
    pub fn quiet(&self) -> QuietState {
        let held = self.toasts.quiet().borrow().held;
        let wishes = self.settings.current().preferences.wishes();
        let standing = wishes.at((self.clock)(), &(self.zone)());
        QuietState {
            reason: standing.reason,
            until: standing.until.map(Into::into),
            held,
        }
    }

    /// Tells when what [`Handle::quiet`] answers may have changed by itself.
    pub fn quiet_changes(&self) -> watch::Receiver<QuietState> {
        self.toasts.quiet()
    }

    /// Puts toasts off, or ends that, and the quiet hours of now with it.
    ///
    /// # Errors
    /// `InvalidOption` for a length nobody can mean; `NotSaved` or `ReadOnly`.
    pub async fn snooze(&self, snooze: Snooze) -> Result<QuietState> {
        let (now, zone) = ((self.clock)(), (self.zone)());
        let until = snooze.until(now, &zone)?;
        self.edit_preferences(|preferences| {
            preferences.snoozed_until = until;
            preferences.hours_off_until = None;
            let standing = preferences.wishes().at(now, &zone);
            if snooze == Snooze::Off && standing.reason == Some(QuietReason::Hours) {
                preferences.hours_off_until = standing.changes;
            }
        })
        .await?;
        Ok(self.quiet())
    }

    /// Puts toasts off for this many minutes at least: a snooze that ends later stays.
    pub(super) async fn snooze_on(&self, minutes: u32) -> Result<()> {
        let until = Snooze::Minutes { minutes }.until((self.clock)(), &(self.zone)())?;
        self.edit_preferences(|preferences| {
            preferences.snoozed_until = preferences.snoozed_until.max(until);
            preferences.hours_off_until = None;
        })
        .await?;
        Ok(())
    }

    /// Sets the quiet hours of the week.
    ///
    /// # Errors
    /// `InvalidOption` for hours nobody can mean; `NotSaved` or `ReadOnly`.
    pub async fn set_quiet_hours(&self, hours: QuietHours) -> Result<Preferences> {
        self.edit_preferences(|preferences| {
            preferences.quiet_hours = hours;
            // What was ended early were other hours.
            preferences.hours_off_until = None;
        })
        .await
    }

    /// All of one event, with the link it may open.
    ///
    /// # Errors
    /// `NotFound`, `HistoryUnavailable`.
    pub async fn event(&self, row: RowId) -> Result<EventDetail> {
        let gone = || Error::new(Code::NotFound, "this event was deleted");
        let mut event = self.history.get(row).await?.ok_or_else(gone)?;
        let url = event.url.as_deref();
        event.link = url.and_then(|url| self.link(url, event.row.source));
        Ok(event)
    }

    /// Opens the link of an event in the browser. One that leads elsewhere than to its source's
    /// host is opened only when that host was confirmed by a person.
    ///
    /// # Errors
    /// `LinkRefused` where there is none, or none that may be opened, or not confirmed; `NotFound`,
    /// `HistoryUnavailable`.
    pub async fn open_link(&self, row: RowId, confirmed_host: Option<&str>) -> Result<()> {
        let refused = |why: &str| Error::new(Code::LinkRefused, why);
        let link = self.event(row).await?.link;
        let link = link.ok_or_else(|| refused("this event has no link that may be opened"))?;
        if link.foreign && confirmed_host != Some(link.host.as_str()) {
            return Err(refused(
                "this link leads to another host: confirm that host first",
            ));
        }
        (self.open)(&link.url)
            .map_err(|error| refused("no browser could be started").because(error))
    }

    /// Opens an address that stands in an event, always with a person's consent to its host.
    ///
    /// # Errors
    /// `LinkRefused` where it may not be opened or leads to another host.
    pub fn open_address(&self, url: &str, confirmed_host: &str) -> Result<()> {
        let refused = |why: &str| Error::new(Code::LinkRefused, why);
        let link = link::check(url, None).map_err(refused)?;
        if link.host != confirmed_host {
            return Err(refused("this address leads to another host"));
        }
        (self.open)(&link.url)
            .map_err(|error| refused("no browser could be started").because(error))
    }

    fn link(&self, url: &str, source: SourceId) -> Option<Link> {
        let settings = self.settings.current();
        let mut sources = settings.sources.iter();
        let source = sources.find(|one| one.id == source).map(|one| &one.url);
        link::check(url, source).ok()
    }
}
