//! Toasts by D-Bus (Desktop Notifications Specification 1.2): one actor that owns one
//! connection.
//!
//! notify-rust opens a connection per toast. GNOME takes all toasts of an application off the
//! screen when the connection of the first one closes, ids of one connection cannot be watched
//! from another, and nothing of it times out. So notify-rust gives the model, and its fields go
//! out here.

mod bus;

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use zbus::Variant;

use self::bus::{Bus, SERVICE, Signal, Trouble};
use super::{
    Options, ToastHealth,
    toast::{Caps, Failure, Report, Target, Toast, model},
};

/// Toasts we remember; the oldest is closed before another one is shown.
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
    let mut told = String::new();
    loop {
        let began = Instant::now();
        let why = match Bus::connect(options.bus.as_deref()).await {
            Ok(bus) => {
                let mut service = Service::new(bus, options, &reports);
                match service.serve(&mut first, &mut jobs).await {
                    Ok(()) => return,
                    Err(Gone(why)) => broken(&why),
                }
            }
            Err(trouble) => format!(
                "there is no message bus to show notifications on ({}): start Tidings in a \
                 desktop session",
                words(trouble)
            ),
        };
        // Once in the log, however long it lasts.
        if told != why {
            tracing::warn!(%why, "toasts are unavailable");
            told.clone_from(&why);
        }
        let message = why.clone();
        report(
            &reports,
            Report::Health(ToastHealth::Unavailable { message }),
        )
        .await;
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
async fn lose(reports: &mpsc::Sender<Report>, why: &str) {
    let message = why.to_owned();
    let uncertain = false;
    report(
        reports,
        Report::Done(Err(Failure::Lost { message, uncertain })),
    )
    .await;
}

/// Nobody to tell means the program stops.
async fn report(reports: &mpsc::Sender<Report>, report: Report) {
    let _ = reports.send(report).await;
}

/// The connection is dead, and why.
struct Gone(String);

/// The notification service as one connection sees it.
struct Service<'a> {
    bus: Bus,
    options: &'a Options,
    reports: &'a mpsc::Sender<Report>,
    /// Unique name of whoever is the service now: the epoch every id belongs to.
    owner: Option<String>,
    /// What the owner can do; none until it was asked.
    caps: Option<Caps>,
    /// Why toasts are lost now, if they are.
    trouble: Option<String>,
    /// When to ask a lost service again.
    ask_at: Option<Instant>,
    retry: Duration,
    /// What this owner shows, by id. Emptied with every new owner, whose ids start again.
    live: HashMap<u32, Live>,
    /// Its ids, oldest first.
    order: VecDeque<u32>,
}

struct Live {
    digest: Option<u64>,
    target: Target,
    token: Option<String>,
}

impl<'a> Service<'a> {
    fn new(bus: Bus, options: &'a Options, reports: &'a mpsc::Sender<Report>) -> Self {
        Self {
            bus,
            options,
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
            Signal::Action { sender, id, key } if self.is_owner(&sender) && key == "default" => {
                if let Some(live) = self.live.get_mut(&id) {
                    let (target, token) = (live.target, live.token.take());
                    report(self.reports, Report::Activated { target, token }).await;
                }
            }
            Signal::Token { sender, id, token } if self.is_owner(&sender) => {
                if let Some(live) = self.live.get_mut(&id) {
                    live.token = Some(token);
                }
            }
            Signal::Closed { sender, id } if self.is_owner(&sender) => self.forget(id),
            Signal::Action { sender, .. }
            | Signal::Token { sender, .. }
            | Signal::Closed { sender, .. } => {
                tracing::debug!(%sender, "ignored a signal that is not the service's");
            }
        }
        Ok(())
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
        self.unavailable(words(trouble)).await;
        Ok(())
    }

    /// From now on toasts are lost, until the service answers a question again.
    async fn unavailable(&mut self, message: String) {
        self.ask_at = Some(Instant::now() + self.retry);
        self.retry = (self.retry * 2).min(RETRY_MAX);
        if self.trouble.as_ref() != Some(&message) {
            tracing::warn!(why = %message, "toasts are unavailable");
            self.trouble = Some(message.clone());
            let health = ToastHealth::Unavailable { message };
            report(self.reports, Report::Health(health)).await;
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
                let message = broken(&why);
                self.unavailable(message.clone()).await;
                gone = Some(Gone(why));
                let uncertain = true;
                Err(Failure::Lost { message, uncertain })
            }
            Err(trouble @ (Trouble::NoService | Trouble::NoAnswer)) => {
                let uncertain = matches!(trouble, Trouble::NoAnswer);
                let message = match &self.trouble {
                    Some(known) => known.clone(),
                    None => words(trouble),
                };
                if self.trouble.is_none() {
                    self.unavailable(message.clone()).await;
                }
                Err(Failure::Lost { message, uncertain })
            }
        };
        report(self.reports, Report::Done(done)).await;
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
        let Some(model) = model(toast, caps, &self.options.desktop_entry) else {
            let why = "the file name of the program is not valid Unicode";
            return Err(Trouble::Refused(why.to_owned()));
        };
        let replaces = toast.digest.and_then(|digest| {
            let mut live = self.live.iter();
            live.find(|(_, live)| live.digest == Some(digest))
                .map(|(id, _)| *id)
        });
        if replaces.is_none() && self.live.len() >= LIVE {
            self.close_oldest(&owner).await?;
        }
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
            digest: toast.digest,
            target: toast.target,
            token: None,
        };
        self.live.insert(id, live);
        Ok(())
    }

    async fn close_oldest(&mut self, owner: &str) -> Result<(), Trouble> {
        let Some(id) = self.order.pop_front() else {
            return Ok(());
        };
        self.live.remove(&id);
        match self.bus.call(owner, "CloseNotification", &id).await {
            // Gone from the screen already.
            Ok(_) | Err(Trouble::Refused(_) | Trouble::Excess) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    fn forget(&mut self, id: u32) {
        if self.live.remove(&id).is_some() {
            self.order.retain(|known| *known != id);
        }
    }
}

fn hints(model: &notify_rust::Notification) -> HashMap<&str, Variant<'_>> {
    use notify_rust::Hint;
    model
        .hints
        .iter()
        .filter_map(|hint| match hint {
            Hint::Urgency(urgency) => Some(("urgency", Variant::U8(*urgency as u8))),
            Hint::DesktopEntry(name) => Some(("desktop-entry", Variant::from(name.as_str()))),
            Hint::Category(name) => Some(("category", Variant::from(name.as_str()))),
            // The model has no other.
            _ => None,
        })
        .collect()
}

fn broken(why: &str) -> String {
    format!("the connection to the message bus broke ({why}): it is made again")
}

fn words(trouble: Trouble) -> String {
    match trouble {
        Trouble::NoService => NO_SERVICE.to_owned(),
        Trouble::NoAnswer => NO_ANSWER.to_owned(),
        Trouble::Excess => "the notification service wants fewer toasts".to_owned(),
        Trouble::Gone(why) | Trouble::Refused(why) => why,
    }
}
