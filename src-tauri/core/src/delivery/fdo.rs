//! Toasts by D-Bus (Desktop Notifications Specification 1.2): one actor that owns one
//! connection.
//!
//! notify-rust opens a connection per toast. GNOME takes all toasts of an application off the
//! screen when the connection of the first one closes, ids of one connection cannot be watched
//! from another, and nothing of it times out. So notify-rust gives the model, and its fields go
//! out here.

mod bus;
mod hints;

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use self::{
    bus::{Bus, SERVICE, Signal, Trouble},
    hints::hints,
};
use super::{
    Options, ToastHealth,
    toast::{Caps, Failure, Report, Slot, Target, Toast, Verb, model},
};
use crate::model::DeliveryCause;

/// Toasts we remember; the oldest beyond is closed.
const LIVE: usize = 64;
const RETRY_MIN: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(30);

const NO_SERVICE: &str = "no notification service is running: start one, or use a desktop \
                          that has one";
const NO_ANSWER: &str = "the notification service does not answer: it is asked again, \
                         restarting it may help";

/// Shows what comes in until the channel closes. Never fails: without a bus or a service it
/// says so in words and tries again.
pub(super) async fn run(
    options: &Options,
    mut jobs: mpsc::Receiver<Toast>,
    reports: mpsc::Sender<Report>,
) {
    let mut retry = RETRY_MIN;
    let mut first = None;
    let mut told = None;
    loop {
        let began = Instant::now();
        let why = match Bus::connect(options.bus.as_deref()).await {
            Ok(bus) => {
                let mut service = Service::new(bus, &reports);
                match service.serve(&mut first, &mut jobs).await {
                    Ok(()) => return,
                    Err(Gone(why)) => Outage::broke(&why),
                }
            }
            Err(trouble) => Outage {
                cause: DeliveryCause::NoBus,
                message: format!(
                    "there is no message bus to show notifications on ({}): start Tidings in a \
                     desktop session",
                    Outage::of(trouble).message
                ),
            },
        };
        // Once in the log, however long it lasts.
        if told.as_ref() != Some(&why) {
            tracing::warn!(why = %why.message, "toasts are unavailable");
            told = Some(why.clone());
        }
        report(&reports, Report::Health(why.clone().into())).await;
        if began.elapsed() > RETRY_MAX {
            retry = RETRY_MIN;
        }
        let until = Instant::now() + retry;
        retry = (retry * 2).min(RETRY_MAX);
        if first.take().is_some() {
            lose(&reports, &why).await;
        }
        first = loop {
            tokio::select! {
                () = sleep_until(until) => break None,
                job = jobs.recv() => match job {
                    None => return,
                    Some(toast) if toast.asked => break Some(toast),
                    Some(_) => lose(&reports, &why).await,
                },
            }
        };
    }
}

/// Answers a job no connection could take.
async fn lose(reports: &mpsc::Sender<Report>, why: &Outage) {
    report(reports, Report::Done(Err(why.clone().lost(false)))).await;
}

/// Nobody to tell means the program stops.
async fn report(reports: &mpsc::Sender<Report>, report: Report) {
    let _ = reports.send(report).await;
}

/// The connection is dead, and why.
struct Gone(String);

/// Why no toast can be shown now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outage {
    cause: DeliveryCause,
    message: String,
}

impl Outage {
    fn broke(why: &str) -> Self {
        Self {
            cause: DeliveryCause::BusBroke,
            message: format!("the connection to the message bus broke ({why}): it is made again"),
        }
    }

    fn of(trouble: Trouble) -> Self {
        let (cause, message) = match trouble {
            Trouble::NoService => (DeliveryCause::NoService, NO_SERVICE.to_owned()),
            Trouble::NoAnswer => (DeliveryCause::NoAnswer, NO_ANSWER.to_owned()),
            Trouble::Excess => {
                let words = "the notification service wants fewer toasts";
                (DeliveryCause::Rejected, words.to_owned())
            }
            Trouble::Gone(why) => (DeliveryCause::BusBroke, why),
            Trouble::Refused(why) => (DeliveryCause::Rejected, why),
        };
        Self { cause, message }
    }

    fn lost(self, uncertain: bool) -> Failure {
        Failure::Lost {
            cause: self.cause,
            message: self.message,
            uncertain,
        }
    }
}

impl From<Outage> for ToastHealth {
    fn from(Outage { cause, message }: Outage) -> Self {
        Self::Unavailable { cause, message }
    }
}

/// The notification service as one connection sees it.
struct Service<'a> {
    bus: Bus,
    reports: &'a mpsc::Sender<Report>,
    /// Unique name of whoever is the service now: the epoch every id belongs to.
    owner: Option<String>,
    /// What the owner can do; none until it was asked.
    caps: Option<Caps>,
    /// Why toasts are lost now, if they are.
    trouble: Option<Outage>,
    /// When to ask a lost service again.
    ask_at: Option<Instant>,
    retry: Duration,
    /// What this owner shows, by id. Emptied with every new owner, whose ids start again.
    live: HashMap<u32, Live>,
    /// Its ids, oldest first.
    order: VecDeque<u32>,
}

struct Live {
    slot: Option<Slot>,
    actions: Vec<Verb>,
    target: Target,
    token: Option<String>,
}

impl<'a> Service<'a> {
    fn new(bus: Bus, reports: &'a mpsc::Sender<Report>) -> Self {
        Self {
            bus,
            reports,
            owner: None,
            caps: None,
            trouble: None,
            ask_at: None,
            retry: RETRY_MIN,
            live: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Ends well only when the channel of jobs closes. `first` is left if it was not reached.
    async fn serve(
        &mut self,
        first: &mut Option<Toast>,
        jobs: &mut mpsc::Receiver<Toast>,
    ) -> Result<(), Gone> {
        self.probe().await?;
        if let Some(toast) = first.take() {
            self.take(toast).await?;
        }
        loop {
            let ask_at = self.ask_at;
            tokio::select! {
                signal = self.bus.next() => match signal {
                    Some(signal) => self.on_signal(signal).await?,
                    None => return Err(Gone("it was closed".to_owned())),
                },
                job = jobs.recv() => match job {
                    Some(toast) => self.take(toast).await?,
                    None => return Ok(()),
                },
                () = sleep_until(ask_at.unwrap_or_else(Instant::now)), if ask_at.is_some() => {
                    self.probe().await?;
                }
            }
        }
    }

    async fn on_signal(&mut self, signal: Signal) -> Result<(), Gone> {
        match signal {
            Signal::Owner(owner) => self.on_owner(owner).await?,
            // Any process of the session can send us a signal; only the service's own count.
            Signal::Action { sender, id, key } if self.is_owner(&sender) => {
                self.on_action(id, &key).await?;
            }
            Signal::Token { sender, id, token } if self.is_owner(&sender) => {
                if let Some(live) = self.live.get_mut(&id) {
                    live.token = Some(token);
                }
            }
            Signal::Closed { sender, id } if self.is_owner(&sender) => {
                if let Some(Live {
                    slot: Some(slot), ..
                }) = self.forget(id)
                {
                    report(self.reports, Report::Closed(slot)).await;
                }
            }
            Signal::Action { sender, .. }
            | Signal::Token { sender, .. }
            | Signal::Closed { sender, .. } => {
                tracing::debug!(%sender, "ignored a signal that is not the service's");
            }
        }
        Ok(())
    }

    /// The signal only names the toast and one of the verbs we gave it. Acted on, the toast is done
    /// with: one that stays until a person takes it away stays everywhere else.
    async fn on_action(&mut self, id: u32, key: &str) -> Result<(), Gone> {
        let given = self.live.get(&id).map(|live| live.actions.as_slice());
        let mut given = given.unwrap_or_default().iter().copied();
        let Some(verb) = given.find(|verb| verb.key() == key) else {
            return Ok(());
        };
        let (Some(live), Some(owner)) = (self.forget(id), self.owner.clone()) else {
            return Ok(());
        };
        let activated = Report::Activated {
            verb,
            target: live.target,
            token: live.token,
        };
        report(self.reports, activated).await;
        if let Some(slot) = live.slot {
            report(self.reports, Report::Closed(slot)).await;
        }
        match self.close(&owner, id).await {
            Ok(()) => Ok(()),
            Err(trouble) => self.lost(trouble).await,
        }
    }

    async fn on_owner(&mut self, owner: Option<String>) -> Result<(), Gone> {
        if owner == self.owner {
            return Ok(());
        }
        self.new_epoch(owner);
        if self.owner.is_some() {
            return self.probe().await;
        }
        // Services that the bus can start may end when idle. The next toast starts it again.
        match self.bus.is_activatable().await {
            Ok(true) => {}
            Ok(false) => self.lost(Trouble::NoService).await?,
            Err(trouble) => self.lost(trouble).await?,
        }
        Ok(())
    }

    fn is_owner(&self, sender: &str) -> bool {
        self.owner.as_deref() == Some(sender)
    }

    fn new_epoch(&mut self, owner: Option<String>) {
        self.owner = owner;
        self.caps = None;
        self.live.clear();
        self.order.clear();
    }

    /// Asks the service who it is and what it can do, and says whether toasts can be shown.
    async fn probe(&mut self) -> Result<(), Gone> {
        match self.ask().await {
            Ok((server, version)) => {
                tracing::info!(%server, %version, "the notification service answers");
                self.trouble = None;
                self.ask_at = None;
                self.retry = RETRY_MIN;
                let health = ToastHealth::Ready { server, version };
                report(self.reports, Report::Health(health)).await;
                Ok(())
            }
            Err(trouble) => self.lost(trouble).await,
        }
    }

    async fn ask(&mut self) -> Result<(String, String), Trouble> {
        let reply = self.bus.call(SERVICE, "GetServerInformation", &()).await?;
        let (server, _vendor, version, _spec): (String, String, String, String) =
            bus::read(&reply)?;
        let owner = self.bus.owner().await?;
        if !self.is_owner(&owner) {
            self.new_epoch(Some(owner.clone()));
        }
        let caps = match self.bus.call(&owner, "GetCapabilities", &()).await {
            Ok(reply) => {
                let names: Vec<String> = bus::read(&reply)?;
                let has = |wanted: &str| names.iter().any(|name| name == wanted);
                Caps {
                    markup: has("body-markup"),
                    actions: has("actions"),
                }
            }
            Err(Trouble::Refused(_)) => Caps::UNKNOWN,
            Err(trouble) => return Err(trouble),
        };
        self.caps = Some(caps);
        Ok((
            super::text::summary(&server, "?"),
            super::text::line(&version),
        ))
    }

    async fn lost(&mut self, trouble: Trouble) -> Result<(), Gone> {
        if let Trouble::Gone(why) = trouble {
            return Err(Gone(why));
        }
        self.unavailable(Outage::of(trouble)).await;
        Ok(())
    }

    /// From now on toasts are lost, until the service answers a question again.
    async fn unavailable(&mut self, outage: Outage) {
        self.ask_at = Some(Instant::now() + self.retry);
        self.retry = (self.retry * 2).min(RETRY_MAX);
        if self.trouble.as_ref() != Some(&outage) {
            tracing::warn!(why = %outage.message, "toasts are unavailable");
            self.trouble = Some(outage.clone());
            report(self.reports, Report::Health(outage.into())).await;
        }
    }

    /// Shows one toast and reports its end, whatever that is.
    async fn take(&mut self, toast: Toast) -> Result<(), Gone> {
        let mut gone = None;
        let done = match self.show(&toast).await {
            Ok(()) => Ok(()),
            Err(Trouble::Excess) => Err(Failure::Excess),
            Err(Trouble::Refused(words)) => Err(Failure::Refused(words)),
            Err(Trouble::Gone(why)) => {
                let outage = Outage::broke(&why);
                self.unavailable(outage.clone()).await;
                gone = Some(Gone(why));
                Err(outage.lost(true))
            }
            Err(trouble @ (Trouble::NoService | Trouble::NoAnswer)) => {
                let uncertain = matches!(trouble, Trouble::NoAnswer);
                let known = self.trouble.clone();
                let outage = known.unwrap_or_else(|| Outage::of(trouble));
                if self.trouble.is_none() {
                    self.unavailable(outage.clone()).await;
                }
                Err(outage.lost(uncertain))
            }
        };
        report(self.reports, Report::Done(done)).await;
        if gone.is_none() && self.live.len() > LIVE {
            gone = self.close_oldest().await.err();
        }
        gone.map_or(Ok(()), Err)
    }

    async fn show(&mut self, toast: &Toast) -> Result<(), Trouble> {
        let gone = |Gone(why)| Trouble::Gone(why);
        // A click or a new owner that came with the last reply comes before this toast.
        while let Some(signal) = self.bus.next_held() {
            self.on_signal(signal).await.map_err(gone)?;
        }
        if self.trouble.is_some() {
            if toast.asked {
                self.probe().await.map_err(gone)?;
            }
            if self.trouble.is_some() {
                return Err(Trouble::NoService);
            }
        }
        let shown = self.notify(toast).await;
        if !matches!(shown, Err(Trouble::NoService)) {
            return shown;
        }
        // Whoever was the service left before it got the toast; another may be there already.
        self.new_epoch(None);
        self.probe().await.map_err(gone)?;
        self.notify(toast).await
    }

    async fn notify(&mut self, toast: &Toast) -> Result<(), Trouble> {
        // The unique name, so that an id of this owner never reaches another one, where it
        // may be some other application's toast.
        let (Some(owner), Some(caps)) = (self.owner.clone(), self.caps) else {
            return Err(Trouble::NoService);
        };
        let Some(model) = model(toast, caps) else {
            let why = "the file name of the program is not valid Unicode";
            return Err(Trouble::Refused(why.to_owned()));
        };
        let replaces = toast.slot.and_then(|slot| {
            let mut live = self.live.iter();
            live.find(|(_, live)| live.slot == Some(slot))
                .map(|(id, _)| *id)
        });
        let message = (
            model.appname.as_str(),
            replaces.unwrap_or(0),
            model.icon.as_str(),
            model.summary.as_str(),
            model.body.as_str(),
            &model.actions,
            hints(&model),
            i32::from(model.timeout),
        );
        let reply = self.bus.call(&owner, "Notify", &message).await?;
        let id: u32 = bus::read(&reply)?;
        if let Some(replaced) = replaces {
            self.forget(replaced);
        }
        self.forget(id);
        self.order.push_back(id);
        let live = Live {
            slot: toast.slot,
            actions: toast.actions.iter().map(|(verb, _)| *verb).collect(),
            target: toast.target.clone(),
            token: None,
        };
        self.live.insert(id, live);
        Ok(())
    }

    /// After the newest shows, so that it does not wait.
    async fn close_oldest(&mut self) -> Result<(), Gone> {
        let (Some(id), Some(owner)) = (self.order.pop_front(), self.owner.clone()) else {
            return Ok(());
        };
        self.live.remove(&id);
        match self.close(&owner, id).await {
            Ok(()) => Ok(()),
            Err(trouble) => self.lost(trouble).await,
        }
    }

    /// Waits for no answer, which could only be that it is gone already: toasts behind it would
    /// wait, too.
    async fn close(&self, owner: &str, id: u32) -> Result<(), Trouble> {
        self.bus.tell(owner, "CloseNotification", &id).await
    }

    fn forget(&mut self, id: u32) -> Option<Live> {
        let live = self.live.remove(&id)?;
        self.order.retain(|known| *known != id);
        Some(live)
    }
}
