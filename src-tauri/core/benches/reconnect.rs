//! How a thousand clients come back after their server restarts: spread out, and thinner with
//! every try. Virtual time and seeded random numbers: every run prints the same.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::time::Duration;

use tidings_core::source::{
    Cause, CauseCode,
    backoff::{Backoff, Next},
};

const CLIENTS: usize = 1_000;
const TRIES: usize = 3;
const BIN: Duration = Duration::from_millis(100);
const WIDTH: usize = 60;

fn main() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    for (name, server, retry_after) in [
        ("the server names no reconnection time", None, None),
        ("retry: 3000", seconds(3), None),
        ("each answer is 503 with Retry-After: 10", None, seconds(10)),
    ] {
        println!("{CLIENTS} clients lose their server at 0 s; {name}\n");
        for (number, tries) in (1..).zip(tries(server, retry_after)) {
            print_try(number, &tries);
        }
    }
}

/// When each client makes its first try, its second, and so on, if every one before failed.
fn tries(server: Option<Duration>, retry_after: Option<Duration>) -> [Vec<Duration>; TRIES] {
    let mut random = fastrand::Rng::with_seed(9);
    let mut tries: [Vec<Duration>; TRIES] = Default::default();
    for _ in 0..CLIENTS {
        let mut backoff = Backoff::default();
        let mut at = Duration::ZERO;
        let (mut code, mut asked) = (CauseCode::Closed, None);
        for times in &mut tries {
            let cause = Cause::new(code, "the server restarts");
            let Next::Retry(delay) = backoff.next(&cause, server, asked, random.f64()) else {
                continue;
            };
            at += delay;
            times.push(at);
            (code, asked) = match retry_after {
                Some(_) => (CauseCode::ServerError, retry_after),
                None => (CauseCode::Refused, None),
            };
        }
    }
    tries
}

fn print_try(number: usize, times: &[Duration]) {
    let bin = |time: &Duration| time.as_millis() / BIN.as_millis();
    let (Some(first), Some(last)) = (times.iter().map(bin).min(), times.iter().map(bin).max())
    else {
        return;
    };
    let counts: Vec<usize> = (first..=last)
        .map(|number| times.iter().filter(|time| bin(time) == number).count())
        .collect();
    let most = counts.iter().copied().max().unwrap_or_default().max(1);
    println!("try {number}: at most {most} clients within 100 ms (all {CLIENTS} without jitter)");
    for (number, count) in (first..).zip(counts) {
        let bar = "#".repeat((count * WIDTH).div_ceil(most));
        println!("{:>4}.{} s {count:>4} {bar}", number / 10, number % 10);
    }
    println!();
}
