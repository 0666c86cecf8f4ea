//! The window: built when it is wanted, destroyed when it is closed. The engine goes on without.

use tauri::{
    AppHandle, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Wry,
    webview::NewWindowResponse,
};

use crate::zoom::Zoom;

/// The label the capability names.
pub(crate) const LABEL: &str = "main";

/// Shows the window, in front of the others.
pub(crate) fn show(app: &AppHandle<Wry>) {
    show_with(app, None);
}

/// The same with what the compositor gave for it: on Wayland a window comes to the front only
/// with the token of the click that asked for it.
pub(crate) fn show_with(app: &AppHandle<Wry>, token: Option<&str>) {
    if let Some(window) = app.get_webview_window(LABEL) {
        let _ = window.unminimize();
        let _ = window.show();
        redeem(&window, token);
        let _ = window.set_focus();
        return;
    }
    let built = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Tidings")
        .inner_size(1080.0, 720.0)
        .min_inner_size(420.0, 480.0)
        .on_navigation(is_our_own)
        // The page counts what is unread in its title.
        .on_document_title_changed(|window, title| {
            tracing::debug!(title, "the page titles the window");
            let _ = window.set_title(&title);
        })
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .disable_drag_drop_handler()
        .build();
    match built {
        Ok(window) => {
            redeem(&window, token);
            app.state::<Zoom>().apply(&window);
            lighten(&window);
            recover(&window);
        }
        Err(error) => tracing::error!(%error, "the window could not be shown"),
    }
}

/// A list of text is drawn as fast without the graphics driver, which costs every window tens of
/// megabytes and some of them their content.
fn lighten(window: &WebviewWindow) {
    #[cfg(target_os = "linux")]
    {
        use webkit2gtk::{
            CacheModel, HardwareAccelerationPolicy, SettingsExt as _, WebContextExt as _,
            WebViewExt as _,
        };
        let _ = window.with_webview(|view| {
            let view = view.inner();
            if let Some(settings) = view.settings() {
                settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
                // There is one page: none to go back to, none to fetch again.
                settings.set_enable_page_cache(false);
            }
            if let Some(context) = view.context() {
                context.set_cache_model(CacheModel::DocumentViewer);
            }
        });
    }
    #[cfg(not(target_os = "linux"))]
    let _ = window;
}

/// A web process that crashes leaves an empty window: its page is loaded anew, and attaches anew.
fn recover(window: &WebviewWindow) {
    #[cfg(target_os = "linux")]
    {
        use webkit2gtk::WebViewExt as _;
        let _ = window.with_webview(|view| {
            view.inner().connect_web_process_terminated(|view, reason| {
                tracing::warn!(?reason, "the window's web process ended; it starts anew");
                view.reload();
            });
        });
    }
    #[cfg(not(target_os = "linux"))]
    let _ = window;
}

#[cfg(target_os = "linux")]
fn redeem(window: &WebviewWindow, token: Option<&str>) {
    use gtk::prelude::GtkWindowExt as _;

    if let (Some(token), Ok(window)) = (token, window.gtk_window()) {
        window.set_startup_id(token);
        window.present();
    }
}

#[cfg(not(target_os = "linux"))]
fn redeem(_: &WebviewWindow, _: Option<&str>) {}

/// The window shows what is embedded in the app and nothing else.
fn is_our_own(url: &Url) -> bool {
    if cfg!(windows) {
        // There a scheme of the app's own is a host that is asked of nobody.
        matches!(url.scheme(), "http" | "https")
            && url.host_str() == Some("tauri.localhost")
            && url.port().is_none()
    } else {
        url.scheme() == "tauri"
    }
}
