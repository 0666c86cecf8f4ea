//! The spine: receive, ingest, decide, append, and deliver what is really new. Rows and cursors
//! are committed together; only then is anything told or shown.

mod isolate;

use std::{
    collections::{BTreeSet, HashMap},
    future::poll_fn,
    iter::Peekable,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use jiff::tz::TimeZone;
use tokio::{
    sync::{Notify, mpsc, watch},
    time::timeout,
};

use self::isolate::{as_it_came, isolated};
use crate::{
    delivery::{self, Deliver},
    diagnose::Logs,
    error::{Code, Error, Result},
    history::{Appended, Arrival, History, NewEvent},
    ingest::Reader,
    ipc::{Row, Trouble},
    model::{Decision, Frame, Loudness, Notification, Opening, SourceId, Timestamp, Verdict},
    rules::{self, Asked, Compiled, Event, Moment, Place, Rates},
    settings::Settings,
    source::{
        SourceConfig,
        queue::{Inbound, Item, Queued, STORE_AGAIN},
    },
    update::{Fact, Facts},
};

/// Most events of one transaction: what already waits, never waited for.
const BATCH: usize = 256;
/// Waits between tries while the history cannot be written.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = STORE_AGAIN;

/// What the pipeline needs.
#[derive(Debug)]
pub struct Pipeline {
    /// New queues, one for each connection task.
    pub intake: mpsc::Receiver<mpsc::Receiver<Queued>>,
    /// Names and filters of the sources.
    pub settings: watch::Receiver<Arc<Settings>>,
    /// Where events are stored.
    pub history: History,
    /// Where new events are shown.
    pub toasts: delivery::Handle,
    /// Where new events are told.
    pub facts: Facts,
    /// Where duplicates are counted.
    pub logs: Arc<Logs>,
    /// Why events cannot be stored now, for the banner.
    pub storing: watch::Sender<Option<Trouble>>,
    /// Ends the wait between two tries to store.
    pub store_again: Arc<Notify>,
}

impl Pipeline {
    /// Works until every queue has ended and all they held is stored.
    pub async fn run(mut self) {
        let mut queues = Queues::default();
        let mut judge = Judge::default();
        while let Some(batch) = poll_fn(|cx| queues.poll(&mut self.intake, cx)).await {
            judge.follow(&self.settings.borrow());
            self.store(batch, &mut judge).await;
        }
    }

    async fn store(&self, batch: Vec<Queued>, judge: &mut Judge) {
        let settings = Arc::clone(&judge.settings);
        let sources: HashMap<SourceId, &SourceConfig> = settings
            .sources
            .iter()
            .map(|source| (source.id, source))
            .collect();
        // What a removed source still had under way goes with it.
        let batch: Vec<Queued> = batch
            .into_iter()
            .filter(|one| sources.contains_key(&one.inbound.source))
            .collect();
        // Before the rows that follow it: a divider stands in front of them.
        for one in &batch {
            self.record_outage(&one.inbound).await;
        }
        let mut rest = batch.into_iter().peekable();
        while rest.peek().is_some() {
            let lot = judge.next(&mut rest, &sources);
            let appended = self.append(&lot.arrivals).await;
            judge.learn(&lot.places, &appended);
            // Everything is committed: queues get their room back, reconnects go on after it.
            for one in lot.queued {
                one.commit();
            }
            self.tell(lot.arrivals, &appended, &sources, judge).await;
        }
    }

    async fn record_outage(&self, inbound: &Inbound) {
        if let Item::Outage {
            from,
            until,
            replayed,
        } = inbound.item
        {
            let source = inbound.source;
            let outage = self
                .insist(|| self.history.record_outage(source, from, until, replayed))
                .await;
            let _ = self.facts.send(Fact::Outage(outage.into()));
        }
    }

    async fn append(&self, arrivals: &[Arrival]) -> Vec<Appended> {
        if arrivals.is_empty() {
            return Vec::new();
        }
        self.insist(|| self.history.append(arrivals.to_vec())).await
    }

    /// Writes, however long the history refuses: nothing is lost meanwhile, because full queues
    /// stop the reading of the sockets.
    async fn insist<T, Written>(&self, write: impl Fn() -> Written) -> T
    where
        Written: Future<Output = Result<T>>,
    {
        let mut wait = RETRY_FIRST;
        loop {
            match write().await {
                Ok(written) => {
                    if self.storing.borrow().is_some() {
                        self.storing.send_replace(None);
                        let _ = self.facts.send(Fact::Troubles);
                    }
                    return written;
                }
                Err(error) => {
                    self.refused(&error);
                    // Woken early or not: the next try is due.
                    let _ = timeout(wait, self.store_again.notified()).await;
                    wait = (wait * 2).min(RETRY_MAX);
                }
            }
        }
    }

    /// Says why events wait; of a history that is only read the start has said it.
    fn refused(&self, error: &Error) {
        let message = error.message.clone();
        let trouble = Some(match error.code {
            Code::ReadOnly => return,
            Code::DiskFull => Trouble::DiskFull,
            Code::HistoryDamaged => Trouble::HistoryDamaged { message },
            _ => Trouble::HistoryUnavailable { message },
        });
        if *self.storing.borrow() != trouble {
            tracing::error!(%error, "events cannot be stored; they wait");
            self.storing.send_replace(trouble);
            let _ = self.facts.send(Fact::Troubles);
        }
    }

    async fn tell(
        &self,
        arrivals: Vec<Arrival>,
        appended: &[Appended],
        sources: &HashMap<SourceId, &SourceConfig>,
        judge: &Judge,
    ) {
        let mut rows: Vec<Row> = Vec::new();
        let mut toasts: Vec<Deliver> = Vec::new();
        let mut touched: BTreeSet<SourceId> = BTreeSet::new();
        for (arrival, appended) in arrivals.into_iter().zip(appended) {
            if matches!(appended, Appended::Duplicate) {
                self.logs.of(arrival.source).count_duplicate();
            }
            let (Some(event), Appended::New(row)) = (arrival.event, *appended) else {
                continue;
            };
            touched.insert(arrival.source);
            rows.push(event.row(row, arrival.source));
            if event.decision.verdict == Verdict::Notify
                && let Some(source) = sources.get(&arrival.source)
            {
                toasts.push(Deliver {
                    row,
                    source: arrival.source,
                    source_name: source.name.as_str().into(),
                    notification: event.notification,
                    ring: event.decision.ring,
                    rule: event.decision.rule,
                    replayed: event.replayed,
                    backlog: event.replayed && judge.is_start(arrival.source, event.opening),
                });
            }
        }
        // Nobody may be listening.
        if !rows.is_empty() {
            let _ = self.facts.send(Fact::Rows(rows.into()));
        }
        for source in touched {
            let _ = self.facts.send(Fact::Source(source));
        }
        for toast in toasts {
            // After the end of delivery the event stays pending for the next start.
            let _ = self.toasts.deliver(toast).await;
        }
    }
}

/// What is stored in one transaction.
#[derive(Debug, Default)]
struct Lot {
    queued: Vec<Queued>,
    arrivals: Vec<Arrival>,
    /// Where a rule counts the toast of each arrival, if one does.
    places: Vec<Option<Place>>,
}

/// How events are read and judged: the mappings and rules of the settings, made ready once per
/// change, and how often rules let events ring lately.
#[derive(Debug, Default)]
struct Judge {
    settings: Arc<Settings>,
    readers: HashMap<SourceId, Reader>,
    rules: Compiled,
    rates: Rates,
    zone: Option<TimeZone>,
    /// The first connection that brought something, by source.
    first: HashMap<SourceId, u64>,
}

impl Judge {
    fn follow(&mut self, settings: &Arc<Settings>) {
        // A traveller's rules keep the hours of where the computer is now.
        self.zone = Some(TimeZone::system());
        if Arc::ptr_eq(&self.settings, settings) {
            return;
        }
        self.settings = Arc::clone(settings);
        let read = |source: &SourceConfig| {
            Reader::new(&source.mapping)
                .inspect_err(|error| tracing::warn!(%error, "a mapping is not used"))
                .ok()
        };
        self.readers = settings
            .sources
            .iter()
            .filter_map(|source| Some((source.id, read(source)?)))
            .collect();
        let (rules, errors) = rules::compile(&settings.rules);
        self.rules = rules;
        for error in errors {
            tracing::warn!(%error, "a rule is not used");
        }
    }

    /// Judges what comes next. An event whose rule keeps it quiet for another one of the lot waits
    /// until that is stored: it may be known already, and then counts for nothing.
    fn next(
        &mut self,
        rest: &mut Peekable<impl Iterator<Item = Queued>>,
        sources: &HashMap<SourceId, &SourceConfig>,
    ) -> Lot {
        let mut lot = Lot::default();
        while let Some(one) = rest.peek() {
            let source = sources.get(&one.inbound.source);
            let arrival = source.and_then(|source| self.arrival(&one.inbound, source));
            let place = match self.rates.asked() {
                Some(Asked::Folded(window)) => {
                    let mut places = lot.places.iter().flatten();
                    if places.any(|place| place.is_in(window)) {
                        break;
                    }
                    None
                }
                Some(Asked::Took(place)) => Some(place),
                None => None,
            };
            if let Some(arrival) = arrival {
                lot.arrivals.push(arrival);
                lot.places.push(place);
            }
            lot.queued.extend(rest.next());
        }
        lot
    }

    /// What was known before rang then, and takes no place of what is new.
    fn learn(&mut self, places: &[Option<Place>], appended: &[Appended]) {
        for (place, appended) in places.iter().zip(appended) {
            if let (Some(place), Appended::Duplicate) = (place, appended) {
                self.rates.give_back(*place);
            }
        }
    }

    /// Whether this is the first connection of a source: what the server replays to it is part of
    /// the start. One that a person paused and resumed has had another.
    fn is_start(&self, source: SourceId, opening: Option<Opening>) -> bool {
        opening.is_some_and(|one| {
            one.broke_at.is_none() && self.first.get(&source) == Some(&one.connection)
        })
    }

    /// What one inbound leaves in history. Filtered and dropped events and bare IDs move the
    /// cursor only.
    fn arrival(&mut self, inbound: &Inbound, source: &SourceConfig) -> Option<Arrival> {
        if let Some(opening) = inbound.opening {
            let first = self.first.entry(inbound.source);
            first.or_insert(opening.connection);
        }
        match &inbound.item {
            Item::Event(frame) => Some(Arrival {
                source: inbound.source,
                cursor: Some(frame.last_event_id.clone()),
                event: source
                    .events
                    .keeps(&frame.event)
                    .then(|| self.event(inbound, frame, source))
                    .flatten(),
            }),
            Item::Cursor(id) => Some(Arrival {
                source: inbound.source,
                cursor: Some(id.clone()),
                event: None,
            }),
            Item::Outage { .. } => None,
        }
    }

    /// The event as it is stored; none where its mapping or a rule drops it. One that meets a
    /// defect on the way is kept as it came.
    fn event(
        &mut self,
        inbound: &Inbound,
        frame: &Frame,
        source: &SourceConfig,
    ) -> Option<NewEvent> {
        let (notification, decision) = isolated(|| self.judge(inbound.received_at, frame, source))
            .unwrap_or_else(|| Some((as_it_came(frame), unjudged(source))))?;
        Some(NewEvent {
            event: frame.event.clone(),
            own_id: frame.own_id.clone(),
            notification,
            data: frame.data.clone(),
            received_at: inbound.received_at,
            decision,
            replayed: inbound.replayed,
            truncated: frame.truncated,
            opening: inbound.opening,
            dedupe: source.dedupe,
        })
    }

    fn judge(
        &mut self,
        at: Timestamp,
        frame: &Frame,
        source: &SourceConfig,
    ) -> Option<(Notification, Decision)> {
        let read = match self.readers.get(&source.id) {
            Some(reader) => reader.read(&frame.event, &frame.data),
            None => Reader::default().read(&frame.event, &frame.data),
        };
        if !read.kept {
            return None;
        }
        let mut notification = read.notification;
        let event = Event {
            source: source.id,
            source_name: &source.name,
            event: &frame.event,
            notification: &notification,
            data: &frame.data,
            json: read.json.as_ref(),
        };
        let moment = Moment {
            at,
            zone: self.zone.get_or_insert(TimeZone::UTC),
        };
        let judged =
            rules::evaluate(&self.rules, &event, moment, &mut self.rates).at(source.toast.loudness);
        notification.severity = judged.severity;
        Some((notification, judged.into_decision()?))
    }
}

/// What becomes of an event that no rule could look at: it rings, unless its source never does.
fn unjudged(source: &SourceConfig) -> Decision {
    match source.toast.loudness {
        Loudness::Muted => Verdict::Quiet.into(),
        Loudness::All | Loudness::Rules => Decision::default(),
    }
}

/// The queues of all sources, taken from in turn, so that a flood delays nobody else.
#[derive(Debug, Default)]
struct Queues {
    open: Vec<mpsc::Receiver<Queued>>,
    turn: usize,
    closed: bool,
}

impl Queues {
    /// What waits now, one from each queue in turn, at most a batch; none when all have ended.
    fn poll(
        &mut self,
        intake: &mut mpsc::Receiver<mpsc::Receiver<Queued>>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Vec<Queued>>> {
        while !self.closed {
            match intake.poll_recv(cx) {
                Poll::Ready(Some(queue)) => self.open.push(queue),
                Poll::Ready(None) => self.closed = true,
                Poll::Pending => break,
            }
        }
        let mut batch = Vec::new();
        let mut empty = 0;
        while empty < self.open.len() && batch.len() < BATCH {
            self.turn = (self.turn + 1) % self.open.len();
            let Some(queue) = self.open.get_mut(self.turn) else {
                break;
            };
            match queue.poll_recv(cx) {
                Poll::Ready(Some(queued)) => {
                    batch.push(queued);
                    empty = 0;
                }
                Poll::Ready(None) => {
                    self.open.swap_remove(self.turn);
                    empty = 0;
                }
                Poll::Pending => empty += 1,
            }
        }
        if !batch.is_empty() {
            Poll::Ready(Some(batch))
        } else if self.closed && self.open.is_empty() {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }
}
