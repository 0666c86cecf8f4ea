//! One app for each data directory. The lock of the directory is the truth: whoever holds it runs.
//! This only has a second start show the window of the first one. On Linux by a name on the session
//! bus of our own, because the plugin ends a start that holds the lock where somebody else has the
//! name, waits for an answer without an end, and does not outlive the bus; elsewhere by the plugin.

#[cfg(not(target_os = "linux"))]
pub(crate) use self::system::plugin;
pub(crate) use self::system::{listen, show_first};

#[cfg(target_os = "linux")]
mod system {
    use std::{fs, path::Path, time::Duration};

    use tauri::AppHandle;
    use tidings_core::data_dir::DataDir;
    use zbus::{Connection, connection::Builder};

    use crate::window;

    const PATH: &str = "/dev/tidings/desktop";
    const INTERFACE: &str = "dev.tidings.desktop.Instance";
    /// How long the first one may take to answer.
    const PATIENCE: Duration = Duration::from_secs(5);
    /// One that has just started holds the lock before it has the name.
    const TRIES: u32 = 10;
    const BETWEEN: Duration = Duration::from_millis(100);
    /// After this long a bus that was lost is looked for again.
    const RETRY: Duration = Duration::from_secs(10);
    /// No compositor's token is longer.
    const TOKEN_MAX: usize = 256;

    /// What the first one is asked by: the same for each name of the directory.
    fn name(dir: &Path) -> String {
        let dir = fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
        let bytes = dir.as_os_str().as_encoded_bytes().iter();
        let digest = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("dev.tidings.desktop.at{digest:x}")
    }

    /// Asks whoever runs on this directory to show its window; whether it did.
    pub(crate) async fn show_first(dir: &Path, token: Option<String>) -> bool {
        let name = name(dir);
        let token = token.unwrap_or_default();
        for _ in 0..TRIES {
            let error = match tokio::time::timeout(PATIENCE, ask(&name, &token)).await {
                Ok(Ok(())) => return true,
                Ok(Err(zbus::Error::MethodError(name, ..)))
                    if name.ends_with(".ServiceUnknown") =>
                {
                    tokio::time::sleep(BETWEEN).await;
                    continue;
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "the one that runs does not answer".to_owned(),
            };
            tracing::warn!(%error, "no other window could be shown");
            return false;
        }
        false
    }

    async fn ask(name: &str, token: &str) -> zbus::Result<()> {
        let bus = Builder::session()?.method_timeout(PATIENCE).build().await?;
        let asked = bus.call_method(Some(name), PATH, Some(INTERFACE), "Show", &token);
        asked.await.map(drop)
    }

    /// Shows the window whenever a second start asks for it, on every bus there will be.
    pub(crate) async fn listen(app: AppHandle, dir: DataDir) {
        let name = name(dir.path());
        loop {
            match serve(&app, &name).await {
                Ok(bus) => bus.closed().await,
                Err(error) => tracing::debug!(%error, "a second start cannot be heard"),
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn serve(app: &AppHandle, name: &str) -> zbus::Result<Connection> {
        let shown = Shown(app.clone());
        let bus = Builder::session()?.serve_at(PATH, shown)?.build().await?;
        // Where another process has the name, this one is next.
        bus.request_name_with_flags(name, <_>::default()).await?;
        Ok(bus)
    }

    struct Shown(AppHandle);

    #[zbus::interface(name = "dev.tidings.desktop.Instance")]
    impl Shown {
        /// Any process may ask this: all it gets is the window, which is there for the person.
        fn show(&self, token: String) {
            let token = Some(token).filter(|token| (1..=TOKEN_MAX).contains(&token.len()));
            let app = self.0.clone();
            let shows = move || window::show_with(&app, token.as_deref());
            let _ = self.0.run_on_main_thread(shows);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn f21_a_directory_is_the_same_by_each_of_its_names() {
            let home = tempfile::tempdir().unwrap();
            let dir = home.path().join("data");
            fs::create_dir(&dir).unwrap();
            let link = home.path().join("link");
            std::os::unix::fs::symlink(&dir, &link).unwrap();

            assert_eq!(name(&dir), name(&link));
            assert_eq!(name(&dir), name(&dir.join("../data/")));
            assert_ne!(name(&dir), name(home.path()));
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::path::Path;

    use tauri::{AppHandle, Builder, Wry, plugin::TauriPlugin};
    use tidings_core::data_dir::DataDir;

    use crate::window;

    /// Hears a second start, or, in a second one, has the first show its window and ends here.
    pub(crate) fn plugin() -> TauriPlugin<Wry> {
        tauri_plugin_single_instance::Builder::new()
            // Its arguments come from any process that likes to send some: they are not looked at.
            .callback(|app, _arguments, _directory| {
                let shown = app.clone();
                let _ = app.run_on_main_thread(move || window::show(&shown));
            })
            .build()
    }

    /// Asks whoever runs on this directory to show its window. It comes back only where nobody
    /// answered.
    pub(crate) async fn show_first(_: &Path, _: Option<String>) -> bool {
        let builder = Builder::default().plugin(plugin());
        drop(builder.build(tauri::generate_context!()));
        false
    }

    /// The plugin hears.
    pub(crate) async fn listen(_: AppHandle, _: DataDir) {}
}
