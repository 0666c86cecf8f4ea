//! The tray: its icon says how things stand, its menu opens, pauses, snoozes and quits. It follows the
//! engine; without a tray host it is simply not seen.

use std::{future::Future, time::Duration};

use tauri::{
    App, AppHandle, Manager as _, Wry,
    image::Image,
    include_image,
    menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu},
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent},
};
use tidings_core::{
    engine::Handle,
    error::Result,
    ipc::{PageRequest, SourceView},
    model::SourceId,
    quiet::{QuietReason, Snooze},
    settings::Language,
    source::SourceState,
    update::{Fact, Wanted},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::{window, words::Catalogue};

/// What the tray says, in the order of its items.
pub(crate) const KEYS: [&str; 8] = [
    "tray.open",
    "tray.pause",
    "tray.snooze",
    "tray.snooze_half",
    "tray.snooze_hour",
    "tray.snooze_tomorrow",
    "tray.snooze_off",
    "tray.quit",
];

/// The choices of the snooze menu: their ids and what they do.
const SNOOZES: [(&str, Snooze); 4] = [
    ("snooze_half", Snooze::Minutes { minutes: 30 }),
    ("snooze_hour", Snooze::Minutes { minutes: 60 }),
    ("snooze_tomorrow", Snooze::Tomorrow),
    ("snooze_off", Snooze::Off),
];

const ID: &str = "tray";
/// Most sources listed with what is unread of them.
const LISTED: usize = 8;
/// Changes that come together are shown together.
const PAUSE: Duration = Duration::from_millis(300);
/// Before these, an icon says nothing of a try that failed: most are over at once.
const TRIES: u32 = 2;

/// How things stand, as far as the tray shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Standing {
    trouble: bool,
    quiet: Option<QuietReason>,
    unread: u64,
    /// The sources with unread events: the most first.
    sources: Vec<(SourceId, String, u64)>,
    language: Language,
}

impl Standing {
    async fn of(engine: &Handle) -> Self {
        let preferences = engine.settings.current().preferences.clone();
        let views = engine.sources().await.unwrap_or_default();
        let mut sources: Vec<_> = views
            .iter()
            .filter(|view| view.unread > 0)
            .map(|view| (view.id, view.name.clone(), view.unread))
            .collect();
        // Those of sources that are gone count, as they do in the window.
        let unread = engine
            .history
            .unread()
            .await
            .unwrap_or_default()
            .counts()
            .unread;
        sources.sort_by_key(|(.., unread)| std::cmp::Reverse(*unread));
        sources.truncate(LISTED);
        Self {
            trouble: !engine.troubles().is_empty() || views.iter().any(is_troubled),
            quiet: engine.quiet().reason,
            unread,
            sources,
            language: preferences.language,
        }
    }

    /// Trouble keeps the tray; that toasts wait shows in the window then.
    fn icon(&self) -> Image<'static> {
        match (self.trouble, self.quiet.is_some(), self.unread > 0) {
            (true, _, true) => include_image!("icons/tray/tray-trouble-unread.png"),
            (true, _, false) => include_image!("icons/tray/tray-trouble.png"),
            (false, true, true) => include_image!("icons/tray/tray-paused-unread.png"),
            (false, true, false) => include_image!("icons/tray/tray-paused.png"),
            (false, false, true) => include_image!("icons/tray/tray-unread.png"),
            (false, false, false) => include_image!("icons/tray/tray-live.png"),
        }
    }

    /// Beside the icon, where the desktop shows it.
    fn label(&self) -> Option<String> {
        match self.unread {
            0 => None,
            1..=99 => Some(self.unread.to_string()),
            _ => Some("99+".to_owned()),
        }
    }

    fn tooltip(&self) -> String {
        self.label().map_or_else(
            || "Tidings".to_owned(),
            |unread| format!("Tidings ({unread})"),
        )
    }

    /// The whole menu; whoever adds to it adds here.
    fn menu(&self, app: &AppHandle) -> tauri::Result<Menu<Wry>> {
        let words = Catalogue::of(self.language);
        let [open, pause, snooze, half, hour, tomorrow, off, quit] = KEYS.map(|key| words.get(key));
        let item = |id: &str, text: &str| MenuItem::with_id(app, id, text, true, None::<&str>);
        let menu = Menu::new(app)?;
        menu.append(&item("open", &open)?)?;
        for (id, name, unread) in &self.sources {
            let text = format!("{} ({unread})", one_line(name));
            menu.append(&item(&format!("unread:{id}"), &text)?)?;
        }
        menu.append(&PredefinedMenuItem::separator(app)?)?;
        menu.append(&CheckMenuItem::with_id(
            app,
            "pause",
            pause,
            true,
            self.quiet == Some(QuietReason::Paused),
            None::<&str>,
        )?)?;
        let snoozes = Submenu::with_id(app, "snooze", snooze, true)?;
        for ((id, choice), text) in SNOOZES.into_iter().zip([half, hour, tomorrow, off]) {
            // There is nothing to end where nothing is put off.
            let ends = matches!(self.quiet, Some(QuietReason::Snoozed | QuietReason::Hours));
            let on = choice != Snooze::Off || ends;
            snoozes.append(&MenuItem::with_id(app, id, text, on, None::<&str>)?)?;
        }
        menu.append(&snoozes)?;
        menu.append(&PredefinedMenuItem::separator(app)?)?;
        menu.append(&item("quit", &quit)?)?;
        Ok(menu)
    }
}

fn is_troubled(view: &SourceView) -> bool {
    match &view.state {
        SourceState::Stopped { .. } => true,
        SourceState::Waiting { attempt, .. } => *attempt > TRIES,
        _ => false,
    }
}

/// A name in a menu: an underscore would be its mnemonic, a line break would break it.
fn one_line(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    name.replace('&', "&&")
}

/// Puts the icon into the tray and keeps it true.
pub(crate) fn build(app: &App, engine: &Handle) -> tauri::Result<()> {
    let standing = tauri::async_runtime::block_on(Standing::of(engine));
    TrayIconBuilder::with_id(ID)
        .icon(standing.icon())
        .tooltip(standing.tooltip())
        .title(standing.label().unwrap_or_default())
        .menu(&standing.menu(app.handle())?)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            "open" => window::show(app),
            "pause" => toggle_pause(app),
            "quit" => app.exit(0),
            id => {
                if let Some(source) = id.strip_prefix("unread:") {
                    open_newest(app, source);
                } else if let Some((_, choice)) =
                    SNOOZES.into_iter().find(|(known, _)| *known == id)
                {
                    snooze(app, choice);
                }
            }
        })
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                window::show(tray.app_handle());
            }
        })
        .build(app)?;
    let facts = engine.facts.subscribe();
    tauri::async_runtime::spawn(follow(
        app.handle().clone(),
        engine.clone(),
        facts,
        standing,
    ));
    Ok(())
}

async fn follow(app: AppHandle, engine: Handle, mut facts: Receiver<Fact>, mut shown: Standing) {
    loop {
        match facts.recv().await {
            Ok(fact) if concerns(&fact) => {}
            Ok(_) => continue,
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
        tokio::time::sleep(PAUSE).await;
        facts = facts.resubscribe();
        let now = Standing::of(&engine).await;
        if now == shown {
            continue;
        }
        let before = std::mem::replace(&mut shown, now.clone());
        let here = app.clone();
        let _ = app.run_on_main_thread(move || {
            if let Err(error) = show(&here, &before, &now) {
                tracing::warn!(%error, "the tray could not be changed");
            }
        });
    }
}

/// A beat of a stream that is live changes nothing here.
fn concerns(fact: &Fact) -> bool {
    match fact {
        Fact::State(_, SourceState::Live { since, last_byte }) => since == last_byte,
        Fact::Delivered(_) => false,
        _ => true,
    }
}

fn show(app: &AppHandle, before: &Standing, now: &Standing) -> tauri::Result<()> {
    let Some(tray) = app.tray_by_id(ID) else {
        return Ok(());
    };
    let face = |one: &Standing| (one.trouble, one.quiet.is_some(), one.unread > 0);
    if face(before) != face(now) {
        tray.set_icon(Some(now.icon()))?;
    }
    if before.label() != now.label() {
        tray.set_title(Some(now.label().unwrap_or_default()))?;
        tray.set_tooltip(Some(now.tooltip()))?;
    }
    let list = |one: &Standing| (one.quiet, one.sources.clone(), one.language);
    if list(before) != list(now) {
        tray.set_menu(Some(now.menu(app)?))?;
    }
    Ok(())
}

fn toggle_pause(app: &AppHandle) {
    let engine = app.state::<Handle>().inner().clone();
    keep(async move {
        let paused = engine.settings.current().preferences.toasts_paused;
        let edited = engine.edit_preferences(|preferences| preferences.toasts_paused = !paused);
        edited.await.map(|_| ())
    });
}

fn snooze(app: &AppHandle, snooze: Snooze) {
    let engine = app.state::<Handle>().inner().clone();
    keep(async move { engine.snooze(snooze).await.map(|_| ()) });
}

fn keep(change: impl Future<Output = Result<()>> + Send + 'static) {
    tauri::async_runtime::spawn(async move {
        if let Err(error) = change.await {
            tracing::warn!(%error, "a choice in the tray could not be saved");
        }
    });
}

/// Shows the newest unread event of a source.
fn open_newest(app: &AppHandle, source: &str) {
    let engine = app.state::<Handle>().inner().clone();
    let Ok(source) = source.parse::<SourceId>() else {
        return;
    };
    tauri::async_runtime::spawn(async move {
        let request = PageRequest {
            source: Some(source),
            unread: true,
            limit: 1,
            ..PageRequest::default()
        };
        let page = engine.page(&request).await;
        let row = page
            .ok()
            .and_then(|page| page.rows.first().map(|row| row.row));
        engine.wanted.send_replace(Wanted {
            row,
            ..Wanted::default()
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_elsewhere_is_one_short_line_of_the_menu() {
        assert_eq!(one_line("a&b\n\u{7}c"), "a&&bc");
        assert_eq!(one_line(&"x".repeat(500)).len(), 40);
    }

    #[test]
    fn trouble_keeps_the_tray_and_the_dot_says_unread() {
        let face = |trouble, quiet: bool, unread| {
            let standing = Standing {
                trouble,
                quiet: quiet.then_some(QuietReason::Paused),
                unread,
                ..Standing::default()
            };
            standing.icon().rgba().to_vec()
        };

        assert_eq!(face(true, true, 1), face(true, false, 7));
        let all = [
            face(false, false, 0),
            face(false, false, 1),
            face(false, true, 0),
            face(false, true, 1),
            face(true, false, 0),
            face(true, false, 1),
        ];
        for (n, one) in all.iter().enumerate() {
            assert!(all.iter().skip(n + 1).all(|other| other != one), "{n}");
        }
    }
}
