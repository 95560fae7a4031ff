//! `orthant data fetch` as a user runs it, beside servers of the tests' own.
#![cfg(feature = "fetch")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use assert_cmd::Command;

fn orthant(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("orthant").expect("the binary is built");
    command.current_dir(directory).arg("data").args(arguments);
    // What the machine has set is no part of a test.
    for proxy in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(proxy).env_remove(proxy.to_lowercase());
    }
    command.env("ORTHANT_DATA", directory.join("store"));
    command
}

/// What a command says that must fail with exit code 2.
fn refusal(mut command: Command) -> String {
    let done = command.assert().code(2);
    assert!(done.get_output().stdout.is_empty());
    String::from_utf8(done.get_output().stderr.clone()).unwrap()
}

/// A server that gives every request one answer; its URL and the first lines that it read.
fn server(answer: Vec<u8>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let requests = Arc::clone(&seen);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let lines = lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty());
            let lines: Vec<String> = lines.collect();
            requests.lock().unwrap().extend(lines.first().cloned());
            // The client may have seen enough.
            let _ = stream.write_all(&answer);
            let _ = stream.shutdown(Shutdown::Write);
        }
    });
    (url, seen)
}

fn not_found() -> Vec<u8> {
    b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
}

/// A command beside a server of one's own.
fn fetch(directory: &Path, name: &str, url: &str) -> Command {
    orthant(directory, &["fetch", name, "--from", url])
}

#[test]
fn what_cannot_be_fetched_is_said_how_to_do_by_hand() {
    let directory = tempfile::tempdir().unwrap();
    let (url, requests) = server(not_found());
    let text = refusal(fetch(directory.path(), "cifar10", &url));
    let place = directory.path().join("store/cifar10");
    for expected in [
        "cifar-10-binary.tar.gz answers with HTTP status 404",
        &format!("by hand, download to {}:", place.display()),
        "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        "170052171 bytes, SHA-256 c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        &format!(
            "use it as cifar10:{}/cifar-10-binary.tar.gz",
            place.display()
        ),
    ] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
    assert_eq!(
        *requests.lock().unwrap(),
        ["GET /cifar-10-binary.tar.gz HTTP/1.1"]
    );
    assert_eq!(fs::read_dir(&place).unwrap().count(), 0, "nothing is left");
}

#[test]
fn another_file_of_a_mirror_is_not_taken() {
    let directory = tempfile::tempdir().unwrap();
    let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    answer.extend(vec![7; 9_912_422]);
    let (url, _) = server(answer);
    let to = ["fetch", "mnist", "--to", "here", "--from", &url];
    let text = refusal(orthant(directory.path(), &to));
    let expected = "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609";
    assert!(
        text.contains(&format!(
            "expected {expected}; what was downloaded is removed"
        )),
        "{text}"
    );
    assert_eq!(
        fs::read_dir(directory.path().join("here")).unwrap().count(),
        0
    );
    // A file that is there stays, and is not asked of the network.
    let path = directory.path().join("here/train-images-idx3-ubyte.gz");
    fs::write(&path, b"mine").unwrap();
    let text = refusal(orthant(directory.path(), &to));
    assert!(
        text.contains(expected) && text.contains("replace it with --force"),
        "{text}"
    );
    assert!(!text.contains("by hand"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}

#[test]
fn the_environments_proxy_is_used_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let refuses = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".to_vec();
    let (proxy, requests) = server(refuses);
    for (variable, url, host) in [
        ("HTTP_PROXY", "http://data.invalid", "data.invalid:80"),
        ("HTTPS_PROXY", "https://data.invalid", "data.invalid:443"),
    ] {
        let mut command = fetch(directory.path(), "mnist", url);
        command.env(variable, &proxy);
        let text = refusal(command);
        assert!(text.contains("proxy") && text.contains("by hand"), "{text}");
        assert!(text.contains(proxy.trim_start_matches("http://")), "{text}");
        let asked = requests.lock().unwrap().pop();
        assert_eq!(asked.as_deref(), Some(&*format!("CONNECT {host} HTTP/1.1")));
    }
    // What is excepted goes past it.
    let (url, seen) = server(not_found());
    let mut command = fetch(directory.path(), "mnist", &url);
    command
        .env("HTTP_PROXY", &proxy)
        .env("NO_PROXY", "127.0.0.1");
    refusal(command);
    assert_eq!(seen.lock().unwrap().len(), 1);
    assert!(requests.lock().unwrap().is_empty());
}

/// A SOCKS proxy that refuses; its URL and the names of the hosts that it was asked for.
fn socks() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("socks5h://{}", listener.local_addr().unwrap());
    let hosts = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&hosts);
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            // Version and number of methods, then these; none of them needs a password.
            let mut head = [0; 2];
            stream.read_exact(&mut head).unwrap();
            stream.read_exact(&mut vec![0; head[1].into()]).unwrap();
            stream.write_all(&[5, 0]).unwrap();
            // Version, connect, 0, a name, its length, then it and the port.
            let mut head = [0; 5];
            stream.read_exact(&mut head).unwrap();
            let mut name = vec![0; head[4].into()];
            stream.read_exact(&mut name).unwrap();
            asked.lock().unwrap().push(String::from_utf8(name).unwrap());
            // Not allowed, and no address.
            stream.write_all(&[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        }
    });
    (url, hosts)
}

#[test]
fn a_socks_proxy_is_not_gone_past() {
    let directory = tempfile::tempdir().unwrap();
    let (proxy, hosts) = socks();
    let (url, requests) = server(not_found());
    let mut command = fetch(
        directory.path(),
        "mnist",
        &url.replace("127.0.0.1", "localhost"),
    );
    command.env("ALL_PROXY", &proxy);
    let text = refusal(command);
    assert!(
        text.contains(proxy.trim_start_matches("socks5h://")),
        "{text}"
    );
    assert_eq!(*hosts.lock().unwrap(), ["localhost"]);
    assert!(requests.lock().unwrap().is_empty());
}

#[test]
fn a_proxy_that_cannot_be_understood_is_not_gone_past() {
    let directory = tempfile::tempdir().unwrap();
    let (url, requests) = server(not_found());
    for (variable, value) in [
        ("ALL_PROXY", "gopher://user:secret@127.0.0.1:1"),
        ("https_proxy", "http://"),
        ("HTTP_PROXY", "http://a b"),
    ] {
        let mut command = fetch(directory.path(), "mnist", &url);
        command.env(variable, value);
        let text = refusal(command);
        let expected = format!("the environment's {variable} is no proxy, expected one such as");
        assert!(
            text.contains(&expected) && !text.contains("secret"),
            "{text}"
        );
    }
    assert!(requests.lock().unwrap().is_empty());
    // None is meant by an empty value.
    let mut command = fetch(directory.path(), "mnist", &url);
    command.env("ALL_PROXY", "");
    refusal(command);
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[test]
fn a_proxy_is_named_only_where_it_was_asked() {
    let directory = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut command = fetch(directory.path(), "mnist", &nobody);
    command
        .env("ALL_PROXY", "http://proxy.invalid")
        .env("NO_PROXY", "127.0.0.1");
    let text = refusal(command);
    assert!(text.contains(&nobody) && !text.contains("proxy"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_grow_is_said_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    answer.extend(vec![7; 1 << 20]);
    let (url, requests) = server(answer);
    // Half a mebibyte, by the shell's limit on files, which it makes an error and no signal.
    let script = "trap '' XFSZ; ulimit -f 1024; exec \"$@\"";
    let binary = assert_cmd::cargo::cargo_bin("orthant");
    let mut command = Command::new("sh");
    command
        .current_dir(directory.path())
        .args(["-c", script, "sh"]);
    command
        .arg(binary)
        .args(["data", "fetch", "mnist", "--to", "here", "--from", &url]);
    for proxy in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
        command.env_remove(proxy).env_remove(proxy.to_lowercase());
    }
    let text = refusal(command);
    assert!(
        text.contains("cannot write ") && text.contains("too large"),
        "{text}"
    );
    assert!(!text.contains("by hand"), "{text}");
    assert_eq!(requests.lock().unwrap().len(), 1);
    let here = directory.path().join("here");
    let part = here.join("train-images-idx3-ubyte.gz.part");
    assert_eq!(fs::metadata(part).unwrap().len(), 1 << 19);
    assert_eq!(fs::read_dir(here).unwrap().count(), 1);
}
