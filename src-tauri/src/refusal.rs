//! Why there is no app: in words, also on the screen where nobody reads what programs say.

use std::{
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
};

/// Says it to whoever started the program.
pub(crate) fn say(why: &str) {
    let _ = writeln!(std::io::stderr(), "tidings: {why}");
}

/// The same to a person who has asked for a window without a terminal. Waits until they have read
/// it.
pub(crate) fn refuse(why: &str, hidden: bool) -> ExitCode {
    say(why);
    if !hidden && !std::io::stderr().is_terminal() {
        show(why);
    }
    ExitCode::FAILURE
}

/// The main thread owns the loop that another thread's dialog would wait for.
#[cfg(target_os = "linux")]
fn show(why: &str) {
    use gtk::prelude::{DialogExt as _, GtkWindowExt as _};

    let (parent, flags) = (None::<&gtk::Window>, gtk::DialogFlags::empty());
    let (kind, buttons) = (gtk::MessageType::Error, gtk::ButtonsType::Close);
    let dialog = gtk::MessageDialog::new(parent, flags, kind, buttons, why);
    dialog.set_title("Tidings");
    dialog.run();
}

#[cfg(not(target_os = "linux"))]
fn show(why: &str) {
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title("Tidings")
        .set_description(why)
        .show();
}
