//! How long to wait before the next try, and when to stop trying. Pure: the random number is a
//! parameter, the delay is drawn once, and what is shown is what is slept.

use std::time::Duration;

use super::state::{Cause, CauseCode};

/// Waits start here where the server names no reconnection time.
const INITIAL: Duration = Duration::from_secs(1);
/// A server's reconnection time is honoured from here...
const SERVER_MIN: Duration = Duration::from_millis(500);
/// ...to here, and no wait of our own is longer.
const CAP: Duration = Duration::from_mins(5);
/// Where something other than a stream answers (a portal, a proxy), we ask at most this often.
const SLOW: Duration = Duration::from_secs(30);
/// A stream that lasted this long, or brought an event, was a good one.
pub const HEALTHY_AFTER: Duration = Duration::from_mins(1);
/// Answers that a deployment may mend are tried this often before we stop.
const TRIES: u32 = 3;

/// What to do after a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again after this delay.
    Retry(Duration),
    /// Only a person can mend it.
    Stop,
}

/// Consecutive failures of one source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backoff {
    failures: u32,
    /// How many of them in a row were answers that a deployment may mend.
    refusals: u32,
}

impl Backoff {
    /// Forgets the failures: the last stream was a good one.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Decides what follows a connection that ended with `cause`.
    ///
    /// `server` is the stream's reconnection time (9.2.6), `retry_after` what an HTTP answer asks
    /// for, `random` a number in `[0, 1)`. The delay is `base + random * base / 2`, never shorter
    /// than the reconnection time, as 9.2.3 allows. Where an answer asks for more than `base`, the
    /// random part comes on top of that: it may name one instant to a thousand clients.
    pub fn next(
        &mut self,
        cause: &Cause,
        server: Option<Duration>,
        retry_after: Option<Duration>,
        random: f64,
    ) -> Next {
        let failures = self.failures;
        self.failures = self.failures.saturating_add(1);
        self.refusals = if may_be_mended(cause.code) {
            self.refusals.saturating_add(1)
        } else {
            0
        };
        if stops(cause, self.refusals) {
            return Next::Stop;
        }
        let initial = server.map_or(INITIAL, |time| time.clamp(SERVER_MIN, CAP));
        let mut base = initial.saturating_mul(1 << failures.min(16)).min(CAP);
        if matches!(
            cause.code,
            CauseCode::NotEventStream | CauseCode::ContentEncoding
        ) {
            base = base.max(SLOW);
        }
        let least = base.max(retry_after.unwrap_or_default());
        Next::Retry(least + base.mul_f64(random.clamp(0.0, 1.0) / 2.0))
    }
}

/// Whether a deployment under way may give this answer, and soon a better one.
fn may_be_mended(code: CauseCode) -> bool {
    matches!(
        code,
        CauseCode::NotFound | CauseCode::BadRedirect | CauseCode::UnexpectedStatus
    )
}

/// Whether a cause stops the source, given after `tries` answers of its kind in a row.
fn stops(cause: &Cause, tries: u32) -> bool {
    match cause.code {
        CauseCode::ServerStop
        | CauseCode::Unauthorized
        | CauseCode::Forbidden
        | CauseCode::CleartextSecret
        | CauseCode::BadOption
        | CauseCode::RedirectRefused => true,
        CauseCode::UnexpectedStatus => {
            tries >= TRIES
                || cause
                    .status
                    .is_some_and(|status| (200..300).contains(&status))
        }
        CauseCode::NotFound | CauseCode::BadRedirect => tries >= TRIES,
        CauseCode::Dns
        | CauseCode::Refused
        | CauseCode::Unreachable
        | CauseCode::HeaderTimeout
        | CauseCode::Tls
        | CauseCode::Broken
        | CauseCode::Closed
        | CauseCode::Idle
        | CauseCode::TryLater
        | CauseCode::ServerError
        | CauseCode::NotEventStream
        | CauseCode::ContentEncoding
        | CauseCode::Protocol
        | CauseCode::NotStored
        | CauseCode::Internal => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(code: CauseCode, status: Option<u16>) -> Cause {
        Cause {
            code,
            message: String::new(),
            status,
        }
    }

    fn delays(code: CauseCode, server: Option<Duration>, random: f64, tries: usize) -> Vec<f64> {
        let mut backoff = Backoff::default();
        (0..tries)
            .map(
                |_| match backoff.next(&cause(code, None), server, None, random) {
                    Next::Retry(delay) => delay.as_secs_f64(),
                    Next::Stop => f64::INFINITY,
                },
            )
            .collect()
    }

    #[test]
    fn the_wait_doubles_to_five_minutes_and_is_never_shorter_than_the_reconnection_time() {
        let millis = Duration::from_millis;

        assert_eq!(
            delays(CauseCode::Refused, None, 0.0, 11),
            [
                1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0
            ]
        );
        assert_eq!(delays(CauseCode::Closed, None, 1.0, 2), [1.5, 3.0]);
        assert_eq!(delays(CauseCode::Closed, Some(millis(2)), 0.0, 1), [0.5]);
        assert_eq!(delays(CauseCode::Closed, Some(millis(7000)), 0.0, 1), [7.0]);
        assert_eq!(
            delays(CauseCode::Closed, Some(millis(u64::MAX)), 0.0, 1),
            [300.0]
        );
        assert_eq!(delays(CauseCode::NotEventStream, None, 0.0, 1), [30.0]);
    }

    #[test]
    fn a_server_that_asks_for_patience_gets_it_and_not_all_its_clients_at_once() {
        let busy = cause(CauseCode::TryLater, Some(429));
        let waits = |asked: u64, random: f64| {
            let mut backoff = Backoff::default();
            let asked = Some(Duration::from_secs(asked));
            [(); 3].map(|()| match backoff.next(&busy, None, asked, random) {
                Next::Retry(delay) => delay.as_millis(),
                Next::Stop => u128::MAX,
            })
        };

        assert_eq!(waits(90, 0.0), [90_000; 3]);
        assert_eq!(waits(90, 1.0), [90_500, 91_000, 92_000]);
        assert_eq!(waits(2, 0.5), [2250, 2500, 5000]);
    }

    #[test]
    fn what_no_retry_mends_stops_at_once_and_what_a_deployment_mends_after_three_tries() {
        for code in [
            CauseCode::ServerStop,
            CauseCode::Unauthorized,
            CauseCode::CleartextSecret,
        ] {
            assert!(delays(code, None, 0.0, 1)[0].is_infinite());
        }
        assert_eq!(
            delays(CauseCode::NotFound, None, 0.0, 3),
            [1.0, 2.0, f64::INFINITY]
        );
        let odd = Backoff::default().next(
            &cause(CauseCode::UnexpectedStatus, Some(299)),
            None,
            None,
            0.0,
        );
        assert_eq!(odd, Next::Stop);
    }

    #[test]
    fn an_answer_after_a_long_outage_still_gets_its_three_tries() {
        let mut backoff = Backoff::default();
        for _ in 0..5 {
            backoff.next(&cause(CauseCode::Refused, None), None, None, 0.0);
        }
        let gone = cause(CauseCode::NotFound, Some(404));

        let tries: Vec<bool> = (0..3)
            .map(|_| backoff.next(&gone, None, None, 0.0) == Next::Stop)
            .collect();

        assert_eq!(tries, [false, false, true]);
    }

    #[test]
    fn a_good_stream_starts_the_waits_again() {
        let mut backoff = Backoff::default();
        for _ in 0..5 {
            backoff.next(&cause(CauseCode::Closed, None), None, None, 0.0);
        }

        backoff.reset();

        let next = backoff.next(&cause(CauseCode::Closed, None), None, None, 0.0);
        assert_eq!(next, Next::Retry(INITIAL));
    }
}
