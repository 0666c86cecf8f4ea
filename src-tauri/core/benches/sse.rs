//! How much CPU the parsing of a stream costs: the filter, the parser, both, and the fastest other
//! parser found, over the same chunks in the same run. Asserts nothing about speed.
#![cfg_attr(
    unix,
    expect(
        unreachable_pub,
        clippy::cast_precision_loss,
        clippy::panic,
        clippy::print_stdout,
        clippy::unwrap_used,
        reason = "a benchmark prints, and ends where a step fails"
    )
)]

#[cfg(unix)]
#[path = "../../../tests/wire/parser.rs"]
mod parser;

#[cfg(unix)]
mod measure {
    use std::{
        fmt::Write as _,
        hint::black_box,
        num::NonZeroUsize,
        sync::{Arc, Mutex},
        time::Duration,
    };

    use bytes::Bytes;
    use rustix::time::{ClockId, clock_gettime};
    use sse_core::{SseDecoder, SseEvent};
    use tidings_core::{
        model::EventId,
        sse::wire::{Fact, WireFilter},
    };

    use crate::parser::Parser;

    const LIMIT: usize = 16 * 1024 * 1024;
    const ROUNDS: usize = 7;
    const MB: usize = 1_000_000;

    /// CPU time of this process; other load on the machine does not count.
    fn cpu() -> Duration {
        clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap()
    }

    fn median(mut run: impl FnMut()) -> Duration {
        let mut took: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let start = cpu();
                run();
                cpu().saturating_sub(start)
            })
            .collect();
        took.sort();
        took.get(ROUNDS / 2).copied().unwrap_or_default()
    }

    fn cut(stream: &Bytes, size: usize) -> Vec<Bytes> {
        (0..stream.len())
            .step_by(size)
            .map(|at| stream.slice(at..stream.len().min(at + size)))
            .collect()
    }

    fn filter(chunks: &[Bytes]) -> usize {
        let mut filter = WireFilter::new(EventId::default(), LIMIT);
        let mut events = 0;
        for chunk in chunks {
            black_box(filter.push(chunk));
            while let Some(fact) = filter.pop() {
                events += usize::from(matches!(fact, Fact::Event { .. }));
            }
        }
        events
    }

    fn bare(chunks: &[Bytes]) -> usize {
        let mut parser = Parser::bare(Vec::from(chunks).into_iter());
        let mut events = 0;
        while let Some(event) = parser.next_event() {
            black_box(event);
            events += 1;
        }
        events
    }

    fn filtered(chunks: &[Bytes]) -> usize {
        let filter = Arc::new(Mutex::new(WireFilter::new(EventId::default(), LIMIT)));
        let mut parser = Parser::filtered(Vec::from(chunks).into_iter(), Arc::clone(&filter));
        let mut events = 0;
        while let Some(event) = parser.next_event() {
            black_box(event);
            let mut filter = filter.lock().unwrap();
            while !matches!(filter.pop(), None | Some(Fact::Event { .. })) {}
            events += 1;
        }
        events
    }

    fn other(chunks: &[Bytes]) -> usize {
        let mut decoder = SseDecoder::with_limit(NonZeroUsize::new(LIMIT).unwrap());
        let mut events = 0;
        for chunk in chunks {
            let mut chunk = chunk.clone();
            while let Some(event) = decoder.next(&mut chunk) {
                events += usize::from(matches!(black_box(event), Ok(SseEvent::Message(_))));
            }
        }
        events
    }

    /// About `total` bytes of events that each hold `data` bytes of data.
    fn events(total: usize, data: usize, end: &str) -> Bytes {
        let text = "x".repeat(data);
        let mut stream = String::new();
        let mut number = 1_000_000;
        while stream.len() < total {
            let _ = write!(stream, "id: {number}{end}data: {text}{end}{end}");
            number += 1;
        }
        stream.into()
    }

    /// Megabytes per CPU-second, side by side.
    pub fn throughput() {
        println!("MB per CPU-second, median of {ROUNDS} rounds");
        println!(
            "{:<34}{:>8}{:>8}{:>8}{:>10}",
            "", "filter", "crate", "both", "sse-core"
        );
        for (name, stream) in [
            ("92 B events", events(16 * MB, 72, "\n")),
            ("92 B events, CR LF", events(16 * MB, 69, "\r\n")),
            ("4 KB events", events(64 * MB, 4_000, "\n")),
            ("10 MB events", events(80 * MB, 10 * MB, "\n")),
        ] {
            for size in [8 * 1024, 64 * 1024] {
                let chunks = cut(&stream, size);
                let count = filter(&chunks);
                let speed = |run: fn(&[Bytes]) -> usize| {
                    let took = median(|| assert_eq!(run(&chunks), count));
                    stream.len() as f64 / 1e6 / took.as_secs_f64()
                };
                println!(
                    "{:<34}{:>8.0}{:>8.0}{:>8.0}{:>10.0}",
                    format!("{name}, {} KiB chunks", size / 1024),
                    speed(filter),
                    speed(bare),
                    speed(filtered),
                    speed(other),
                );
            }
        }
    }

    /// Nanoseconds per byte while the input grows: what is linear stays the same.
    pub fn scaling() {
        println!("\nns of CPU per byte as the input grows, filter / both");
        let row = |name: &str, streams: Vec<Bytes>, chunk: usize| {
            print!("{name:<34}");
            for stream in streams {
                let chunks = cut(&stream, chunk);
                let per_byte = |run: fn(&[Bytes]) -> usize| {
                    median(|| _ = black_box(run(&chunks))).as_secs_f64() * 1e9 / stream.len() as f64
                };
                print!("{:>9.2} /{:>7.2}", per_byte(filter), per_byte(filtered));
            }
            println!();
        };
        let lines = |count: usize, line: &str| Bytes::from(line.repeat(count) + "\n");
        let line = |bytes: usize, byte: &str| format!("data: {}\n\n", byte.repeat(bytes)).into();
        let sizes = [1, 2, 4, 8].map(|mega| mega << 20);
        let counts = [1_000, 10_000, 100_000, 1_000_000];
        let bytewise = [100_000, 200_000, 400_000, 800_000];
        row(
            "one line of 1, 2, 4, 8 MiB",
            sizes.map(|n| line(n, "x")).into(),
            8192,
        );
        row("the same, ill-formed", sizes.map(ill_formed).into(), 8192);
        row(
            "10^3..10^6 lines `data`",
            counts.map(|n| lines(n, "data\n")).into(),
            8192,
        );
        row(
            "10^3..10^6 comments",
            counts.map(|n| lines(n, ":\n")).into(),
            8192,
        );
        row(
            "10^3..10^6 blank lines",
            counts.map(|n| lines(n, "\n")).into(),
            8192,
        );
        row(
            "10^3..10^6 unknown fields",
            counts.map(|n| lines(n, "x\r")).into(),
            8192,
        );
        row(
            "byte by byte, events",
            bytewise.map(|n| events(n, 72, "\n")).into(),
            1,
        );
        row(
            "byte by byte, one line",
            bytewise.map(|n| line(n, "x")).into(),
            1,
        );
    }

    fn ill_formed(bytes: usize) -> Bytes {
        [b"data: ".as_slice(), &vec![0xff; bytes / 3], b"\n\n"]
            .concat()
            .into()
    }
}

fn main() {
    #[cfg(unix)]
    {
        measure::throughput();
        measure::scaling();
    }
}
