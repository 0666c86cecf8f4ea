//! One D-Bus connection: calls that end, and the signals that matter, in their order.

use std::{collections::VecDeque, io::ErrorKind, time::Duration};

use futures_util::StreamExt as _;
use zbus::{
    Connection, Message, MessageStream,
    connection::Builder,
    message::{Flags, Type},
};

/// The name, the interface and, with slashes, the path of the notification service.
pub(super) const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const BUS: &str = "org.freedesktop.DBus";

/// How long a call may take.
pub(super) const CALL: Duration = Duration::from_secs(3);
/// When not even sending ends: the connection is of no use then. Longer than [`CALL`], because
/// a call given up while it is written leaves half a message behind.
const STUCK: Duration = Duration::from_secs(4);
const TAKES_NONE: &str = "the message bus takes no calls";
/// Signals kept while a call runs. More than any service sends in that time.
const HELD: usize = 256;

/// Why a call failed, by what there is to do.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The connection is dead: make another.
    Gone(String),
    /// Nobody owns the name, so the call reached nobody.
    NoService,
    /// The call was sent and not answered: it may have worked.
    NoAnswer,
    /// The service wants fewer toasts.
    Excess,
    /// An error reply, in the service's words.
    Refused(String),
}

#[derive(Debug)]
pub(super) struct Bus {
    connection: Connection,
    /// Every message of the connection. One stream for its whole life: between two, signals
    /// would be lost.
    messages: MessageStream,
    held: VecDeque<Message>,
}

/// A signal worth knowing, with its sender as the bus vouches for it.
#[derive(Debug)]
pub(super) enum Signal {
    /// The service has another owner, or none.
    Owner(Option<String>),
    Action {
        sender: String,
        id: u32,
        key: String,
    },
    Token {
        sender: String,
        id: u32,
        token: String,
    },
    Closed {
        sender: String,
        id: u32,
    },
}

impl Bus {
    /// Connects and subscribes.
    pub(super) async fn connect(address: Option<&str>) -> Result<Self, Trouble> {
        let builder = match address {
            Some(address) => Builder::address(address),
            None => Builder::session(),
        };
        let builder = builder.map_err(|error| Trouble::Gone(error.to_string()))?;
        let connection = tokio::time::timeout(CALL, builder.method_timeout(CALL).build())
            .await
            .map_err(|_| Trouble::Gone("the message bus does not answer".to_owned()))?
            .map_err(|error| Trouble::Gone(error.to_string()))?;
        let messages = MessageStream::from(&connection);
        let mut bus = Self {
            connection,
            messages,
            held: VecDeque::new(),
        };
        let rules = [
            format!("type='signal',interface='{SERVICE}',path='{PATH}'"),
            format!("type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{SERVICE}'"),
        ];
        for rule in rules {
            bus.ask_bus("AddMatch", &rule).await?;
        }
        Ok(bus)
    }

    /// The unique name of the service's owner.
    pub(super) async fn owner(&mut self) -> Result<String, Trouble> {
        let reply = self.ask_bus("GetNameOwner", &SERVICE).await?;
        read(&reply)
    }

    /// Whether the bus can start the service.
    pub(super) async fn is_activatable(&mut self) -> Result<bool, Trouble> {
        let reply = self.ask_bus("ListActivatableNames", &()).await?;
        let names: Vec<String> = read(&reply)?;
        Ok(names.iter().any(|name| name == SERVICE))
    }

    /// Calls the service at this name: [`SERVICE`], which may start it, or its unique name,
    /// which reaches this owner or nobody.
    pub(super) async fn call<B>(
        &mut self,
        to: &str,
        method: &str,
        body: &B,
    ) -> Result<Message, Trouble>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        self.send(to, PATH, SERVICE, method, body).await
    }

    /// Tells the service something that needs no answer. What is called next comes after it.
    pub(super) async fn tell<B>(&self, to: &str, method: &str, body: &B) -> Result<(), Trouble>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let message = Message::method_call(PATH, method)
            .and_then(|call| call.destination(to)?.interface(SERVICE))
            .and_then(|call| call.with_flags(Flags::NoReplyExpected)?.build(body))
            .map_err(trouble)?;
        let sent = tokio::time::timeout(STUCK, self.connection.send(&message)).await;
        sent.map_err(|_| gone(TAKES_NONE))?.map_err(trouble)
    }

    /// The next signal worth knowing; `None` once the connection is dead. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<Signal> {
        loop {
            let message = match self.held.pop_front() {
                Some(message) => message,
                None => self.messages.next().await?.ok()?,
            };
            if let Some(signal) = parse(&message) {
                return Some(signal);
            }
        }
    }

    /// The next signal that came while a call ran.
    pub(super) fn next_held(&mut self) -> Option<Signal> {
        while let Some(message) = self.held.pop_front() {
            if let Some(signal) = parse(&message) {
                return Some(signal);
            }
        }
        None
    }

    async fn ask_bus<B>(&mut self, method: &str, body: &B) -> Result<Message, Trouble>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        self.send(BUS, "/org/freedesktop/DBus", BUS, method, body)
            .await
    }

    async fn send<B>(
        &mut self,
        to: &str,
        path: &str,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<Message, Trouble>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        let connection = self.connection.clone();
        let call = connection.call_method(Some(to), path, Some(interface), method, body);
        let call = tokio::time::timeout(STUCK, call);
        tokio::pin!(call);
        loop {
            // Signals are taken off while the call runs: the reply would else wait behind a
            // full queue.
            tokio::select! {
                biased;
                reply = &mut call => {
                    return reply.map_err(|_| gone(TAKES_NONE))?.map_err(trouble);
                }
                message = self.messages.next() => {
                    let Some(Ok(message)) = message else {
                        return Err(gone("the message bus closed the connection"));
                    };
                    self.hold(message);
                }
            }
        }
    }

    fn hold(&mut self, message: Message) {
        if message.message_type() != Type::Signal {
            return;
        }
        if self.held.len() < HELD {
            self.held.push_back(message);
        } else {
            tracing::debug!("too many signals while a call runs, one is lost");
        }
    }
}

/// Reads the body of a reply.
pub(super) fn read<T>(reply: &Message) -> Result<T, Trouble>
where
    T: serde::de::DeserializeOwned + zbus::zvariant::Type,
{
    let body = reply.body();
    body.deserialize()
        .map_err(|error| Trouble::Refused(error.to_string()))
}

fn gone(why: &str) -> Trouble {
    Trouble::Gone(why.to_owned())
}

fn parse(message: &Message) -> Option<Signal> {
    if message.message_type() != Type::Signal {
        return None;
    }
    let header = message.header();
    let sender = header.sender()?.to_string();
    let interface = header.interface()?.as_str();
    let body = message.body();
    match (interface, header.member()?.as_str()) {
        (BUS, "NameOwnerChanged") if sender == BUS => {
            let (name, _, new): (String, String, String) = body.deserialize().ok()?;
            (name == SERVICE).then(|| Signal::Owner((!new.is_empty()).then_some(new)))
        }
        (SERVICE, "ActionInvoked") => {
            let (id, key) = body.deserialize().ok()?;
            Some(Signal::Action { sender, id, key })
        }
        (SERVICE, "ActivationToken") => {
            let (id, token) = body.deserialize().ok()?;
            Some(Signal::Token { sender, id, token })
        }
        (SERVICE, "NotificationClosed") => {
            let (id, _reason): (u32, u32) = body.deserialize().ok()?;
            Some(Signal::Closed { sender, id })
        }
        _ => None,
    }
}

fn trouble(error: zbus::Error) -> Trouble {
    let (name, message) = match error {
        zbus::Error::InputOutput(io) if io.kind() == ErrorKind::TimedOut => {
            return Trouble::NoAnswer;
        }
        zbus::Error::InputOutput(io) => return Trouble::Gone(io.to_string()),
        zbus::Error::MethodError(name, message, _) => (name, message),
        error => return Trouble::Refused(error.to_string()),
    };
    let message = message.unwrap_or_else(|| name.to_string());
    match name.rsplit('.').next() {
        Some("ServiceUnknown" | "NameHasNoOwner") => Trouble::NoService,
        _ if name.contains(".Spawn.") => Trouble::NoService,
        // The owner died while it had the call, or the bus gave up starting it.
        Some("NoReply" | "Timeout" | "TimedOut") => Trouble::NoAnswer,
        Some("Disconnected") => Trouble::Gone(message),
        Some("ExcessNotificationGeneration") => Trouble::Excess,
        _ => Trouble::Refused(message),
    }
}
