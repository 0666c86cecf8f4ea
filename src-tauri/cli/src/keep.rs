//! How much history is kept: the same options for everything and for one source.

use std::{fmt, str::FromStr};

use clap::Args;
use tidings_core::{error::Result, settings::Retention};

use crate::connection::Given;

/// What goes first; pinned events stay. An empty value takes a limit back.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "History kept ('' as a value takes a limit back)")]
pub(crate) struct KeepArgs {
    /// Delete events older than this [default: never]
    #[arg(id = "keep-days", long = "keep-days", value_name = "DAYS|none", value_parser = given::<u32>)]
    days: Option<Given<u32>>,
    /// Delete the oldest events beyond this number [default: never]
    #[arg(id = "keep-events", long = "keep-events", value_name = "N|none", value_parser = given::<u64>)]
    events: Option<Given<u64>>,
    /// Delete the oldest events while they take more of the disk [default: never]
    #[arg(id = "keep-megabytes", long = "keep-megabytes", value_name = "MB|none", value_parser = given::<u32>)]
    megabytes: Option<Given<u32>>,
}

fn given<T: FromStr<Err: fmt::Display>>(text: &str) -> Result<Given<T>, String> {
    match text {
        "" | "none" => Ok(Given::Back),
        text => text
            .parse()
            .map(Given::Value)
            .map_err(|error: T::Err| error.to_string()),
    }
}

impl KeepArgs {
    /// Changes what is given and leaves the rest.
    pub(crate) fn apply(&self, retention: &mut Retention) -> Result<()> {
        if let Some(days) = self.days {
            retention.days = days.value();
        }
        if let Some(events) = self.events {
            retention.events = events.value();
        }
        if let Some(megabytes) = self.megabytes {
            retention.megabytes = megabytes.value();
        }
        retention.validate()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.days.is_none() && self.events.is_none() && self.megabytes.is_none()
    }
}
