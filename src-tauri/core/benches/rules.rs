//! How fast events are read and judged: ingest and 100 rules with JSON paths and patterns over
//! 1 KB of JSON, what storing the same events costs, and a preview over 100,000 of them. CPU time,
//! so that other load does not count. Asserts nothing about speed.
#![cfg_attr(
    unix,
    expect(
        clippy::cast_precision_loss,
        clippy::indexing_slicing,
        clippy::print_stdout,
        clippy::unwrap_used,
        reason = "a benchmark prints, and ends where a step fails"
    )
)]

#[cfg(unix)]
mod measure {
    use std::{hint::black_box, time::Duration};

    use jiff::tz::TimeZone;
    use rustix::time::{ClockId, clock_gettime};
    use serde_json::{Value, json};
    use tidings_core::{
        history::{Arrival, History, NewEvent},
        ingest::Reader,
        ipc::RulePreviewRequest,
        model::{Decision, SourceId, Timestamp},
        preview,
        rules::{self, Compiled, Event, Moment, Rates, Rule},
        settings::Settings,
        source::{Dedupe, SourceConfig},
    };

    const ROUNDS: usize = 7;
    const EVENTS: usize = 20_000;
    const STORED: usize = 100_000;

    /// CPU time of this process; other load on the machine does not count.
    fn cpu() -> Duration {
        clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap()
    }

    fn wall() -> Duration {
        clock_gettime(ClockId::Monotonic).try_into().unwrap()
    }

    /// 1 KB as build servers and alert managers send it.
    fn payload(n: usize) -> String {
        let filler = "a line of the log that nobody reads but everybody sends along; ".repeat(10);
        json!({
            "title": format!("deployment {n} of shop"),
            "message": "rollout finished on 12 of 12 hosts",
            "level": (["debug", "info", "warn", "error"][n % 4]),
            "host": { "name": format!("web-{}", n % 50), "zone": "eu-central-1b", "cpu": 0.25 + (n % 50) as f64 / 100.0 },
            "build": { "number": n, "branch": "main", "commit": "acb5820ced9479c074f688cc328bf03f341a511d" },
            "labels": { "team": "payments", "service": "shop", "tier": "1" },
            "tags": ["deploy", "shop"],
            "url": "https://ci.example.com/job/shop/412/",
            "log": filler
        })
        .to_string()
    }

    /// A hundred rules as a person who likes rules has them: about several sources, most of them
    /// not about the event at hand; none of the first 99 matches.
    fn hundred() -> Vec<Rule> {
        let mut all: Vec<Value> = (0..99)
            .map(|n| {
                let test = match n % 6 {
                    0 => json!({ "field": "$.level", "op": "is", "value": format!("fatal{n}") }),
                    1 => json!({ "field": "$.host.name", "op": "matches", "value": format!("^db-{n}-[0-9]+$") }),
                    2 => json!({ "field": "$.host.cpu", "op": ">", "value": n }),
                    3 => json!({ "field": "title", "op": "matches", "value": format!("(?i)outage of .*{n}") }),
                    4 => json!({ "field": "$.labels.team", "op": "in", "value": ["search", format!("team{n}")] }),
                    _ => json!({ "field": "$.build.branch", "op": "starts_with", "value": format!("release/{n}") }),
                };
                json!({ "name": format!("rule {n}"), "then": "quiet",
                    "when": { "all": [test, { "field": "event", "op": "is", "value": "deploy" }] } })
            })
            .collect();
        all.push(
            json!({ "name": "mine", "then": "notify", "severity": "high",
            "when": { "field": "$.labels.service", "op": "is", "value": "shop" } }),
        );
        rules::read(&json!(all).to_string()).unwrap()
    }

    fn judge(
        reader: &Reader,
        compiled: &Compiled,
        source: SourceId,
        data: &str,
        rates: &mut Rates,
    ) {
        let read = reader.read("deploy", data);
        let event = Event {
            source,
            source_name: "ci",
            event: "deploy",
            notification: &read.notification,
            data,
            json: read.json.as_ref(),
        };
        let zone = TimeZone::UTC;
        let moment = Moment {
            at: Timestamp::UNIX_EPOCH,
            zone: &zone,
        };
        let judged = rules::evaluate(compiled, &event, moment, rates);
        black_box(judged.into_decision());
    }

    fn median(mut run: impl FnMut()) -> f64 {
        let mut took: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let start = cpu();
                run();
                cpu().saturating_sub(start)
            })
            .collect();
        took.sort();
        took[ROUNDS / 2].as_secs_f64()
    }

    pub(crate) fn print() {
        let data: Vec<String> = (0..EVENTS).map(payload).collect();
        let source = SourceId::random();
        let reader = Reader::default();
        let parse = median(|| {
            for one in &data {
                black_box(serde_json::from_str::<Value>(one).ok());
            }
        });
        println!("{} bytes of JSON an event, one core", data[0].len());
        let rate = |seconds: f64| EVENTS as f64 / seconds / 1000.0;
        println!(
            "  parsing the JSON alone       {:8.0} k events/s",
            rate(parse)
        );
        for (name, list, goal) in [
            ("ingest, no rules", Vec::new(), ""),
            ("ingest + 100 rules", hundred(), ", goal: at least 100"),
        ] {
            let (compiled, errors) = rules::compile(&list);
            assert!(errors.is_empty());
            let mut rates = Rates::default();
            let took = median(|| {
                for one in &data {
                    judge(&reader, &compiled, source, one, &mut rates);
                }
            });
            println!("  {name:<28} {:8.0} k events/s{goal}", rate(took));
        }
        preview_stored(&data);
    }

    fn preview_stored(data: &[String]) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let history = History::open(dir.path()).unwrap();
        let one = SourceConfig::new("ci", "https://h/".parse().unwrap());
        let source = one.id;
        let settings = Settings {
            sources: vec![one],
            ..Settings::default()
        };
        runtime.block_on(async {
            let (mut waited, mut busy) = (Duration::ZERO, Duration::ZERO);
            for start in (0..STORED).step_by(250) {
                let batch: Vec<Arrival> = (start..start + 250)
                    .map(|n| {
                        let data = data[n % data.len()].clone();
                        Arrival {
                            source,
                            cursor: None,
                            event: Some(NewEvent {
                                event: "deploy".to_owned(),
                                own_id: None,
                                notification: Reader::default().read("deploy", &data).notification,
                                data,
                                received_at: Timestamp::from_second(i64::try_from(n).unwrap())
                                    .unwrap(),
                                decision: Decision::default(),
                                replayed: false,
                                truncated: false,
                                opening: None,
                                dedupe: Dedupe::Never,
                            }),
                        }
                    })
                    .collect();
                let (start, used) = (wall(), cpu());
                history.append(batch).await.unwrap();
                waited += wall().saturating_sub(start);
                busy += cpu().saturating_sub(used);
            }
            let rate = |time: Duration| STORED as f64 / time.as_secs_f64() / 1000.0;
            println!(
                "  {:<28} {:8.0} k events/s ({:.0} k/s with the waits for the disk)",
                "storing the same events",
                rate(busy),
                rate(waited)
            );
            for (name, rules) in [
                ("1 rule", hundred().split_off(99)),
                ("100 rules", hundred()),
            ] {
                let request = RulePreviewRequest {
                    rules,
                    last: 100_000,
                    source: None,
                    rule: None,
                };
                let mut best = (f64::MAX, f64::MAX);
                let mut found = 0;
                for _ in 0..5 {
                    let (start, busy) = (wall(), cpu());
                    let now = Timestamp::from_second(100_000).unwrap();
                    let preview = preview::rules(&history, &settings, &request, now, TimeZone::UTC);
                    found = preview.await.unwrap().looked_at;
                    let took = wall().saturating_sub(start).as_secs_f64();
                    best = (
                        best.0.min(took),
                        best.1.min(cpu().saturating_sub(busy).as_secs_f64()),
                    );
                }
                println!(
                    "preview of {name} over {found} stored events: {:.2} s ({:.2} s of CPU)",
                    best.0, best.1
                );
            }
            history.close().await.unwrap();
        });
    }
}

fn main() {
    #[cfg(unix)]
    measure::print();
}
