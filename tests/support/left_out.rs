//! Tests that take what a machine may not have.

/// Says that a test is left out; where every test must run (a hosted run, `TIDINGS_FULL`), it
/// fails.
pub fn left_out(why: &str) {
    let all = ["CI", "TIDINGS_FULL"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    assert!(!all, "it has to run here: {why}");
    println!("left out: {why}");
}

/// The same for what only root may do: whoever is not root is told so, and nothing fails.
pub fn left_out_without_root(why: &str) {
    if is_root() {
        left_out(why);
    } else {
        println!("left out, it takes root: {why}");
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
