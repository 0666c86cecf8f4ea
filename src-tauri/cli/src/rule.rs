//! `rule`: list, add and remove rules, and say what one would do.

use std::{fmt::Write as _, process::ExitCode};

use jiff::tz::TimeZone;
use serde_json::json;
use tidings_core::{
    error::{Code, Error, Result},
    ipc::{Row, RulePreview, RulePreviewRequest},
    preview,
    rules::{self, Condition, Operand, Outcome, Rule},
    settings::Settings,
};

use crate::{
    args::{Cli, RuleCommand},
    connection::read_input,
    exit, now,
    output::{Output, printable},
    workspace,
};

/// Runs one of the rule commands.
pub(crate) async fn rule(cli: &Cli, command: &RuleCommand, output: Output) -> Result<ExitCode> {
    match command {
        RuleCommand::List => list(cli, output)?,
        RuleCommand::Add { file, first } => {
            let added = rules::read(&read_input(file)?)?;
            let held = workspace::hold(cli, output)?;
            held.settings
                .update(|settings| {
                    settings.rules = with(&settings.rules, added.clone(), *first);
                    Ok(())
                })
                .await?;
            let settings = held.settings.current();
            for rule in &added {
                show(&settings, rule, output);
            }
            warn_of_drops(&added, output);
        }
        RuleCommand::Remove { id } => {
            let held = workspace::hold(cli, output)?;
            held.settings
                .update(|settings| {
                    let at = find(&settings.rules, id)?;
                    settings.rules.remove(at);
                    Ok(())
                })
                .await?;
        }
        RuleCommand::Test { file, first, last } => {
            let draft = rules::read(&read_input(file)?)?;
            test(cli, draft, *first, *last, output).await?;
        }
    }
    Ok(exit::DONE)
}

/// The rules once these are added: in the place of those with the same id, else at one end.
fn with(rules: &[Rule], added: Vec<Rule>, first: bool) -> Vec<Rule> {
    let mut rules = rules.to_vec();
    let mut new = Vec::new();
    for rule in added {
        match rules.iter_mut().find(|known| known.id == rule.id) {
            Some(known) => *known = rule,
            None => new.push(rule),
        }
    }
    let at = if first { 0 } else { rules.len() };
    rules.splice(at..at, new);
    rules
}

fn find(rules: &[Rule], wanted: &str) -> Result<usize> {
    let by_id = rules.iter().position(|rule| rule.id.to_string() == wanted);
    let named: Vec<usize> = (0..rules.len())
        .filter(|at| rules.get(*at).is_some_and(|rule| rule.name == wanted))
        .collect();
    match (by_id, named.as_slice()) {
        (Some(at), _) => Ok(at),
        (None, [at]) => Ok(*at),
        (None, []) => Err(Error::new(
            Code::NotFound,
            format!("there is no rule {wanted}; see: tidings-cli rule list"),
        )),
        (None, _) => Err(Error::new(
            Code::InvalidOption,
            format!("several rules are named {wanted}; give the id of one"),
        )),
    }
}

fn list(cli: &Cli, output: Output) -> Result<()> {
    let settings = workspace::look(cli, output)?.settings;
    if settings.rules.is_empty() {
        output.hint(
            "no rule yet: every event rings; add one with: tidings-cli rule add --file RULE.json",
        );
    }
    for rule in &settings.rules {
        if !show(&settings, rule, output) {
            break;
        }
    }
    Ok(())
}

/// False when nobody reads any more.
fn show(settings: &Settings, rule: &Rule, output: Output) -> bool {
    if output.json {
        let text = serde_json::to_string(rule).unwrap_or_default();
        return output.line(&text);
    }
    let off = if rule.enabled { "" } else { "  (off)" };
    output.line(&format!(
        "{}  {}: {}{off}",
        rule.id,
        printable(&rule.name),
        printable(&sentence(settings, rule))
    ))
}

/// A rule as one sentence.
fn sentence(settings: &Settings, rule: &Rule) -> String {
    let when = if rule.when.is_always() {
        "always".to_owned()
    } else {
        format!("when {}", condition(settings, &rule.when))
    };
    let then = match rule.then {
        Outcome::Notify => "notify",
        Outcome::Quiet => "keep quiet",
        Outcome::Drop => "drop",
    };
    let mut text = format!("{when}, {then}");
    if let Some(severity) = rule.severity {
        text += &format!(" as {severity:?}").to_lowercase();
    }
    if let Some(limit) = &rule.at_most {
        let per = limit
            .per
            .as_ref()
            .map(|per| format!(" per {per}"))
            .unwrap_or_default();
        let _ = write!(
            text,
            ", at most {} in {} s{per}",
            limit.count, limit.seconds
        );
    }
    if rule.active.is_some() {
        text.push_str(", in its hours");
    }
    text
}

fn condition(settings: &Settings, one: &Condition) -> String {
    let join = |all: &[Condition], word: &str| {
        let parts: Vec<String> = all.iter().map(|one| condition(settings, one)).collect();
        format!("({})", parts.join(word))
    };
    match one {
        Condition::All { all } => join(all, " and "),
        Condition::Any { any } => join(any, " or "),
        Condition::Not { not } => format!("not {}", condition(settings, not)),
        Condition::Test { field, op, value } => {
            let named = |value: &rules::Scalar| {
                let text = value.to_string();
                let source = settings
                    .sources
                    .iter()
                    .find(|one| one.id.to_string() == text);
                source.map_or(text, |source| source.name.clone())
            };
            let value = match value {
                None => String::new(),
                Some(Operand::One(one)) => format!(" {}", named(one)),
                Some(Operand::Many(many)) => {
                    let words: Vec<String> = many.iter().map(named).collect();
                    format!(" {}", words.join(", "))
                }
            };
            format!("{field} {}{value}", op.as_str().replace('_', " "))
        }
    }
}

fn warn_of_drops(added: &[Rule], output: Output) {
    for rule in added.iter().filter(|rule| rule.then == Outcome::Drop) {
        output.hint(&format!(
            "{} drops events: they are not kept and cannot be looked up",
            printable(&rule.name)
        ));
    }
}

async fn test(cli: &Cli, draft: Vec<Rule>, first: bool, last: u32, output: Output) -> Result<()> {
    let seen = workspace::look(cli, output)?;
    let ids: Vec<_> = draft.iter().map(|rule| rule.id).collect();
    let request = RulePreviewRequest {
        rules: with(&seen.settings.rules, draft, first),
        last,
        source: None,
        rule: None,
    };
    rules::check(&request.rules)?;
    let Some(history) = seen.history else {
        output.hint("nothing is stored yet: there is nothing to test on");
        return Ok(());
    };
    let zone = TimeZone::system();
    let found = preview::rules(&history, &seen.settings, &request, now(), zone).await?;
    let matched: u32 = found
        .rules
        .iter()
        .filter(|hits| ids.contains(&hits.id))
        .map(|hits| hits.matched)
        .sum();
    if output.json {
        let mut object = serde_json::to_value(&found).unwrap_or_default();
        if let Some(object) = object.as_object_mut() {
            object.insert("matched".to_owned(), json!(matched));
        }
        output.line(&object.to_string());
        return Ok(());
    }
    tell(&found, matched, output);
    Ok(())
}

fn tell(found: &RulePreview, matched: u32, output: Output) {
    output.line(&format!(
        "{} of the newest {} events would notify, about {} a day (now {}); the rule would decide about {matched}, {} would be dropped",
        found.would_notify, found.looked_at, found.would_per_day, found.now_notify, found.dropped
    ));
    let changed = |row: &Row, sign: &str, word: &str| {
        output.line(&format!(
            "{sign} {word}  {}  {}",
            printable(&row.event),
            printable(&row.title)
        ));
    };
    for row in &found.newly_loud {
        changed(row, "+", "newly loud ");
    }
    for row in &found.newly_quiet {
        changed(row, "-", "newly quiet");
    }
    for one in &found.per_day {
        output.line(&format!(
            "  {}  {:>6} events, {:>6} would notify (now {})",
            one.date, one.events, one.would_notify, one.now_notify
        ));
    }
}
