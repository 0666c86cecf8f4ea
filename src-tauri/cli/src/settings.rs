//! `settings`: carry them elsewhere, take them in after a look, and say what is kept.

use std::{path::Path, process::ExitCode};

use tidings_core::{
    error::Result,
    ipc::{ImportPlan, ImportedSource, Reach},
    settings::{
        Settings,
        transfer::{self, Import},
    },
};

use crate::{
    args::{Cli, SettingsCommand},
    exit,
    output::{Output, printable},
    retention, workspace,
};

/// Runs one of the settings commands.
pub(crate) async fn settings(
    cli: &Cli,
    command: &SettingsCommand,
    output: Output,
) -> Result<ExitCode> {
    match command {
        SettingsCommand::Export { file } => export(cli, file, output)?,
        SettingsCommand::Import { file, yes } => import(cli, file, *yes, output).await?,
        SettingsCommand::GiveUpKeychain => give_up_keychain(cli, output).await?,
        SettingsCommand::Retention { keep } => retention::retention(cli, keep, output).await?,
    }
    Ok(exit::DONE)
}

fn export(cli: &Cli, file: &Path, output: Output) -> Result<()> {
    let (text, left_out) = transfer::export(&workspace::look_at_settings(cli)?)?;
    if file == Path::new("-") {
        output.line(text.trim_end());
    } else {
        transfer::write_file(file, &text)?;
    }
    if left_out > 0 {
        output.hint(&format!(
            "{left_out} values in URLs whose names sound like a secret were left out"
        ));
    }
    Ok(())
}

async fn import(cli: &Cli, file: &Path, yes: bool, output: Output) -> Result<()> {
    let bytes = transfer::read_file(file)?;
    if !yes {
        let current = workspace::look_at_settings(cli).unwrap_or_default();
        tell(&Import::plan(&bytes, &current)?.plan, output);
        output.hint("nothing was changed; to do this, run it again with --yes");
        return Ok(());
    }
    let held = workspace::hold(cli, output)?;
    let current: Settings = (*held.settings.current()).clone();
    let import = Import::plan(&bytes, &current)?;
    tell(&import.plan, output);
    held.settings
        .update(|settings| import.apply(settings, &current))
        .await
}

async fn give_up_keychain(cli: &Cli, output: Output) -> Result<()> {
    let held = workspace::hold(cli, output)?;
    let lost = held.register().give_up_keychain().await?;
    if lost.is_empty() {
        output.hint("-- nothing was given up: the keychain answers, or holds nothing");
    }
    for source in &held.settings.current().sources {
        if lost.contains(&source.id) {
            output.hint(&format!(
                "-- {}: its header values are lost; enter them again with: source edit",
                printable(&source.name)
            ));
        }
    }
    Ok(())
}

fn tell(plan: &ImportPlan, output: Output) {
    if output.json {
        output.line(&serde_json::to_string(plan).unwrap_or_default());
        return;
    }
    for source in &plan.sources {
        output.line(&line(source));
    }
    if plan.rules > 0 {
        output.line(&format!("+ {} rules", plan.rules));
    }
    if plan.preferences {
        output.line("* preferences are replaced");
    }
    if plan.secrets_dropped > 0 {
        output.line(&format!(
            "! {} secrets in the file are left out; enter them here",
            plan.secrets_dropped
        ));
    }
}

fn line(source: &ImportedSource) -> String {
    let name = printable(&source.name);
    if let Some(why) = &source.refused {
        return format!("! {name}: left out: {}", printable(why));
    }
    let url = printable(&source.url);
    if source.already_there {
        return format!("= {name}  {url}  (there already)");
    }
    let name = match &source.renamed_to {
        Some(new) => format!("{} (from {name})", printable(new)),
        None => name,
    };
    let reach = match source.reach {
        Reach::ThisMachine => ", on this machine",
        Reach::PrivateNetwork => ", in a private network",
        Reach::LinkLocal => ", a link-local address such as cloud metadata",
        Reach::Public => "",
    };
    format!("+ {name}  {url}  (paused{reach})")
}
