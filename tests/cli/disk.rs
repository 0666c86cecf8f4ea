//! A disk that is full or fails under the settings: what was saved stays, and the words say why.
//! Through the program, with the kernel's own errors.

use std::{fs, os::unix::process::CommandExt as _, path::Path, process::Command};

use tempfile::TempDir;

use crate::{
    program::{Program, Ran},
    support::left_out::left_out_without_root,
};

const URL: &str = "https://example.com/events";

fn names(program: &Program) -> Vec<String> {
    let listed = program.run(&["source", "list", "--json"]).ok().json();
    listed
        .iter()
        .map(|source| source["name"].as_str().unwrap().to_owned())
        .collect()
}

fn whole(program: &Program) -> bool {
    let dir = fs::read_dir(program.data_dir()).unwrap();
    dir.map(|entry| entry.unwrap().file_name())
        .all(|name| !name.to_string_lossy().contains("corrupt"))
}

/// The program under strace, which lets a system call fail.
fn with_fault(program: &Program, inject: &str, args: &[&str]) -> Ran {
    let command = program.command(args);
    let mut strace = Command::new("strace");
    strace
        .args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=fsync,rename",
            "-e",
            inject,
        ])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    let output = strace.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn t4_a_failing_fsync_or_rename_is_an_error_in_words_and_keeps_what_was_saved() {
    let program = Program::new();
    program.run(&["source", "add", "first", URL]).ok();

    for (inject, fails) in [
        ("inject=fsync:error=EIO:when=1", true),
        ("inject=rename:error=EIO:when=1", true),
        ("inject=rename:error=ENOSPC:when=1", true),
        // The second rename is that of settings.json, which is a cache of the copy by then.
        ("inject=rename:error=EIO:when=2", false),
    ] {
        let ran = with_fault(&program, inject, &["source", "add", "second", URL]);

        if fails {
            assert_eq!(ran.code, 1, "{inject}: {ran:?}");
            assert!(ran.err.contains("not saved"), "{inject}: {}", ran.err);
            assert_eq!(names(&program), ["first"], "{inject}");
        } else {
            assert_eq!(ran.code, 0, "{inject}: {ran:?}");
            assert_eq!(names(&program), ["first", "second"], "{inject}");
        }
        assert!(whole(&program), "{inject}");
    }
}

/// A small disk of its own, for as long as it lives.
pub(crate) struct Disk(TempDir);

impl Disk {
    /// None where this user may not mount one.
    pub(crate) fn mount(size: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(dir.path())
            .status()
            .is_ok_and(|status| status.success());
        mounted.then_some(Self(dir))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn t3_a_full_disk_refuses_a_change_in_words_and_loses_nothing() {
    let Some(disk) = Disk::mount("256k") else {
        // The failing rename above stands for the full disk then.
        return left_out_without_root("no small disk can be mounted");
    };
    let program = Program::new();
    let dir = disk.path().to_str().unwrap();
    let run = |args: &[&str]| program.run(&[&["--data-dir", dir], args].concat());
    run(&["source", "add", "first", URL]).ok();
    let filler = disk.path().join("filler");

    // With ever less space: none for the copy, for the cache, and enough for both.
    for free in [0, 1, 2, 3, 4, 8] {
        fs::write(&filler, vec![0; 256 * 1024]).unwrap_err();
        let full = fs::metadata(&filler).unwrap().len();
        let file = fs::File::options().write(true).open(&filler).unwrap();
        file.set_len(full.saturating_sub(free * 4096)).unwrap();
        let name = format!("with {free}");

        let ran = run(&["source", "add", &name, URL]);

        fs::remove_file(&filler).unwrap();
        let listed = run(&["source", "list", "--json"]).ok().out;
        assert!(listed.contains("\"first\""), "{free}: {listed}");
        assert_eq!(
            listed.contains(&name),
            ran.code == 0,
            "what it says is what is saved, with {free} pages: {ran:?}"
        );
        if ran.code != 0 {
            assert!(ran.err.contains("the disk is full"), "{free}: {}", ran.err);
        }
    }
    run(&["source", "add", "last", URL]).ok();
}

#[test]
fn f22_without_a_home_directory_the_words_say_what_to_do() {
    let program = Program::new();
    let homeless = program
        .command(&["source", "add", "one", URL])
        .env_remove("TIDINGS_DATA_DIR")
        .env_remove("XDG_DATA_HOME")
        .env_remove("HOME")
        // A user without an account has no home that could be looked up either.
        .uid(54_321)
        .output();
    let Ok(added) = homeless else {
        return left_out_without_root("this user cannot become another");
    };
    let words = String::from_utf8(added.stderr).unwrap();

    assert_eq!(added.status.code(), Some(1), "{words}");
    assert!(words.contains("no home directory"), "{words}");
    assert!(words.contains("--data-dir"), "{words}");
    let nowhere = program
        .command(&["source", "add", "one", URL])
        .env_remove("TIDINGS_DATA_DIR")
        .env_remove("XDG_DATA_HOME")
        .env("HOME", "/proc/nowhere")
        .output()
        .unwrap();
    let words = String::from_utf8(nowhere.stderr).unwrap();
    assert_eq!(nowhere.status.code(), Some(1), "{words}");
    assert!(words.contains("/proc/nowhere"), "{words}");
}
