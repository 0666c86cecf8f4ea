//! Hands tauri-build the capabilities path and the command list; nothing else.

/// Every command of the window. One that is not listed in the capability is refused.
const COMMANDS: &[&str] = &[
    "attach",
    "history_page",
    "history_get",
    "history_mark_read",
    "history_pin",
    "history_delete",
    "history_undo",
    "history_clear",
    "history_figures",
    "history_export",
    "history_export_cancel",
    "source_add",
    "source_edit",
    "source_remove",
    "source_enable",
    "source_retry",
    "source_probe",
    "source_probe_end",
    "source_pulses",
    "source_activity",
    "source_diagnosis",
    "source_curl",
    "curl_read",
    "report",
    "demo_start",
    "preferences_set",
    "quiet_hours_set",
    "snooze",
    "link_open",
    "address_open",
    "pulse",
    "zoom",
    "toast_test",
    "autostart_get",
    "autostart_set",
    "secrets_keep_in_file",
    "keychain_give_up",
    "settings_export",
    "settings_import",
    "about",
    "data_delete",
    "history_check",
    "path_choose",
    "rules_get",
    "rules_set",
    "rules_preview",
    "rule_draft",
    "mapping_preview",
    "rule_hits",
    "event_types",
    "fields_seen",
];

fn main() {
    // tauri-build watches its default folder only: without this an edited capability is ignored.
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=ui");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning=tauri-build: {error:#}");
        std::process::exit(1);
    }
}
