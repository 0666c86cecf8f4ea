use super::*;

fn now() -> ZonedDateTime {
    "2026-11-23T01:30:00+09:00[Asia/Seoul]".parse().unwrap()
}

fn read(text: &str) -> Expr {
    parse(text, &now()).unwrap()
}

fn text(text: &str) -> Expr {
    Expr::Leaf(Leaf::Text {
        text: text.to_owned(),
        prefix: false,
    })
}

fn name(text: &str) -> Name {
    Name {
        text: text.to_owned(),
        prefix: false,
    }
}

#[test]
fn words_are_all_meant_and_or_joins_its_neighbours() {
    assert_eq!(read("  "), Expr::All(vec![]));
    assert_eq!(read("deploy"), text("deploy"));
    assert_eq!(
        read("deploy failed OR error"),
        Expr::All(vec![
            text("deploy"),
            Expr::Any(vec![text("failed"), text("error")])
        ])
    );
    assert_eq!(
        read("a OR b OR c AND d"),
        Expr::All(vec![
            Expr::Any(vec![text("a"), text("b"), text("c")]),
            text("d")
        ])
    );
    assert_eq!(
        read("(a b) OR -c"),
        Expr::Any(vec![
            Expr::All(vec![text("a"), text("b")]),
            Expr::Not(Box::new(text("c")))
        ])
    );
    assert_eq!(read("or ORDER"), Expr::All(vec![text("or"), text("ORDER")]));
}

#[test]
fn punctuation_alone_is_passed_over_and_inside_a_word_joins_it() {
    assert_eq!(read("a & b"), Expr::All(vec![text("a"), text("b")]));
    assert_eq!(read("web-3"), text("web-3"));
    assert_eq!(read("- a"), text("a"));
    assert_eq!(read("https://example.com/x"), text("https://example.com/x"));
    assert_eq!(read("12:30"), text("12:30"));
    assert_eq!(
        read("Error: full"),
        Expr::All(vec![text("Error:"), text("full")])
    );
    assert_eq!(read("localhost:3000"), text("localhost:3000"));
}

#[test]
fn quotes_and_stars_say_how_to_look() {
    assert_eq!(read("\"disk full\""), text("disk full"));
    assert_eq!(read("“결제 실패”"), text("결제 실패"));
    assert_eq!(
        read("depl*"),
        Expr::Leaf(Leaf::Text {
            text: "depl".to_owned(),
            prefix: true
        })
    );
}

#[test]
fn keys_take_their_values() {
    for (query, leaf) in [
        ("source:\"staging CI\"", Leaf::Source(name("staging CI"))),
        ("EVENT:deploy", Leaf::Event(name("deploy"))),
        ("rule:밤", Leaf::Rule(name("밤"))),
        ("level:high", Leaf::Level(Severity::High, Severity::High)),
        (
            "level:high+",
            Leaf::Level(Severity::High, Severity::Critical),
        ),
        (
            "level:normal-",
            Leaf::Level(Severity::Low, Severity::Normal),
        ),
        ("is:unread", Leaf::Is(Is::Unread)),
        (
            "after:2h",
            Leaf::After("2026-11-22T14:30:00Z".parse().unwrap()),
        ),
        (
            "before:today",
            Leaf::Before("2026-11-22T15:00:00Z".parse().unwrap()),
        ),
        (
            "$.user.name:\"Kim S\"",
            Leaf::Path {
                path: "$.\"user\".\"name\"".to_owned(),
                value: name("Kim S"),
            },
        ),
    ] {
        assert_eq!(read(query), Expr::Leaf(leaf), "{query}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (query, code, range) in [
        ("a \"b c", Code::QueryQuote, (2, 6)),
        ("결제 \"x", Code::QueryQuote, (3, 5)),
        ("🎉 (a b", Code::QueryQuote, (3, 4)),
        ("a )", Code::QueryOperand, (2, 3)),
        ("a ()", Code::QueryOperand, (2, 4)),
        ("OR a", Code::QueryOperand, (0, 2)),
        ("a OR", Code::QueryOperand, (2, 4)),
        ("a OR OR b", Code::QueryOperand, (5, 7)),
        ("*", Code::QueryOperand, (0, 1)),
        ("\"--\"", Code::QueryOperand, (0, 4)),
        ("?!", Code::QueryOperand, (0, 2)),
        ("a levl:high", Code::QueryKey, (2, 6)),
        ("level:loud", Code::QueryValue, (6, 10)),
        ("is:", Code::QueryValue, (0, 3)),
        ("x after:soon", Code::QueryTime, (8, 12)),
        ("$.a.:x", Code::QueryPath, (0, 6)),
        ("$.a", Code::QueryPath, (0, 3)),
        ("$.a: x", Code::QueryValue, (0, 4)),
    ] {
        let error = parse(query, &now()).unwrap_err();
        assert_eq!(
            (error.code, error.range),
            (code, Some(range)),
            "{query}: {error}"
        );
    }
    let many = "a ".repeat(65);
    assert_eq!(parse(&many, &now()).unwrap_err().code, Code::QueryLong);
    let long = "a".repeat(1001);
    assert_eq!(parse(&long, &now()).unwrap_err().code, Code::QueryLong);
    let deep = format!("{}a{}", "(".repeat(20), ")".repeat(20));
    assert_eq!(parse(&deep, &now()).unwrap_err().code, Code::QueryLong);
}

#[test]
fn no_text_breaks_the_parser() {
    use proptest::prelude::*;

    proptest!(|(text in r#"[-a결🎉 "“()*:$.\[\]OR0levision]{0,40}"#)| {
        let _ = parse(&text, &now());
    });
}
