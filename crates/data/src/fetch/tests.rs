//! A fetch beside servers that are honest, broken and hostile.

mod disk;
mod server;

use std::path::PathBuf;
use std::sync::{Mutex, mpsc};
use std::time::Instant;

use server::{Request, Server, Step, answer, header, honest, raw};
use sha2::{Digest, Sha256};
use ureq::Timeout;
use ureq::http::Uri;

use super::*;

/// The file of most tests: longer than a few buffers.
fn body() -> Vec<u8> {
    let bytes = (0..300_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8);
    bytes.collect()
}

fn remote(body: &[u8]) -> RemoteFile {
    let hash = base16ct::lower::encode_string(&Sha256::digest(body));
    RemoteFile {
        name: "file.gz",
        base: "https://nowhere.invalid/",
        bytes: body.len() as u64,
        sha256: hash.leak(),
    }
}

fn options(server: &Server) -> FetchOptions {
    FetchOptions {
        mirror: Some(server.url()),
        proxies: false,
        connect_timeout: Duration::from_secs(5),
        stall_timeout: Duration::from_secs(1),
        attempts: 3,
        pause: Duration::from_millis(1),
        ..FetchOptions::default()
    }
}

/// A fetch into an empty directory, or one that holds some files already.
struct Case {
    directory: tempfile::TempDir,
    file: RemoteFile,
}

impl Case {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().expect("a directory"),
            file: remote(&body()),
        }
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.directory.path().join(format!("file.gz{ending}"))
    }

    fn with(self, ending: &str, bytes: &[u8]) -> Self {
        fs::write(self.path(ending), bytes).expect("written");
        self
    }

    /// Fetches, and checks what must hold after every fetch.
    fn fetch(&self, options: &FetchOptions) -> Result<Fetched, FetchError> {
        let before = fs::read(self.path("")).ok();
        let done = fetch(&self.file, self.directory.path(), options, &mut |_| {});
        match (&done, fs::read(self.path("")).ok()) {
            (Ok(_), found) => {
                assert!(found == Some(body()), "the file is whole");
                assert_eq!(self.names(), ["file.gz"], "and alone");
            }
            (Err(_), found) => assert!(found == before, "what was there stays, or nothing"),
        }
        done
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).expect("it is there");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into()).collect();
        names.sort();
        names
    }
}

const ETAG: &str = "\"one\"";
const NEW: Fetched = Fetched::Downloaded { resumed_bytes: 0 };

#[test]
fn a_file_is_downloaded_once() {
    let server = Server::new(|_, request| honest(request, &body(), ETAG));
    let case = Case::new();
    assert_eq!(case.fetch(&options(&server)).expect("it is fetched"), NEW);
    let again = case.fetch(&options(&server)).expect("it is there");
    assert_eq!(again, Fetched::Present);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn another_file_of_that_name_is_left_alone_unless_told() {
    let server = Server::new(|_, request| honest(request, &body(), ETAG));
    let case = Case::new().with("", b"mine");
    let error = case.fetch(&options(&server)).expect_err("it differs");
    let text = error.to_string();
    let mine = remote(b"mine").sha256;
    assert!(
        text.contains(mine) && text.contains(case.file.sha256),
        "{text}"
    );
    assert!(server.requests().is_empty());
    let replaces = FetchOptions {
        replaces: true,
        ..options(&server)
    };
    assert_eq!(case.fetch(&replaces).expect("it is replaced"), NEW);
}

#[test]
fn refusals_are_not_asked_again_and_failures_are() {
    for (status, requests) in [("404 Not Found", 1), ("403 Forbidden", 1), ("503 Later", 3)] {
        let server = Server::new(move |_, _| answer(status, "", b"sorry"));
        let case = Case::new();
        let error = case.fetch(&options(&server)).expect_err("no file");
        let expected = status[..3].parse::<u16>().expect("digits");
        assert!(matches!(error, FetchError::Status { found, .. } if found == expected));
        assert_eq!(server.requests().len(), requests, "{status}");
    }
    let server = Server::new(|number, request| match number {
        0 => answer("500 Oops", "", b""),
        1 => answer("429 Slower", "", b""),
        _ => honest(request, &body(), ETAG),
    });
    assert_eq!(Case::new().fetch(&options(&server)).expect("at last"), NEW);
}

/// The first `len` bytes of an honest answer, then what follows instead.
fn cut(request: &Request, len: usize, then: Vec<Step>) -> Vec<Step> {
    let mut steps = honest(request, &body(), ETAG);
    for step in &mut steps {
        if let Step::Send(bytes) = step {
            let head = bytes.len() - body().len().min(bytes.len());
            bytes.truncate(head + len);
        }
    }
    steps.extend(then);
    steps
}

#[test]
fn a_body_that_breaks_off_is_continued_where_it_broke() {
    for then in [Duration::ZERO, Duration::from_secs(5)] {
        let server = Server::new(move |number, request| match number {
            0 => cut(request, 100_000, vec![Step::Wait(then)]),
            _ => honest(request, &body(), ETAG),
        });
        let case = Case::new();
        assert_eq!(case.fetch(&options(&server)).expect("continued"), NEW);
        let requests = server.requests();
        assert_eq!(requests.len(), 2);
        assert_eq!(header(&requests[0], "range"), None);
        assert_eq!(header(&requests[1], "range"), Some("bytes=100000-"));
        assert_eq!(header(&requests[1], "if-range"), Some(ETAG));
    }
}

#[test]
fn a_silent_server_is_given_up() {
    let server = Server::new(|_, _| vec![Step::Wait(Duration::from_secs(5))]);
    let error = Case::new().fetch(&options(&server)).expect_err("silence");
    assert!(
        matches!(error, FetchError::Network { passing: true, .. }),
        "{error}"
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn the_part_of_an_earlier_fetch_is_continued() {
    let server = Server::new(|_, request| honest(request, &body(), ETAG));
    for version in [None, Some(ETAG)] {
        let mut case = Case::new().with(".part", &body()[..200_000]);
        if let Some(version) = version {
            case = case.with(".part.version", version.as_bytes());
        }
        let done = case.fetch(&options(&server)).expect("continued");
        let resumed_bytes = 200_000;
        assert_eq!(done, Fetched::Downloaded { resumed_bytes });
    }
    let requests = server.requests();
    assert_eq!(header(&requests[0], "if-range"), None);
    assert_eq!(header(&requests[1], "if-range"), Some(ETAG));
    // A whole part needs no network; one that is too long is no beginning.
    let case = Case::new().with(".part", &body());
    case.fetch(&options(&server)).expect("it is whole");
    assert_eq!(server.requests().len(), 2);
    let case = Case::new().with(".part", &[body(), body()].concat());
    assert_eq!(case.fetch(&options(&server)).expect("from the start"), NEW);
}

#[test]
fn a_part_of_another_version_is_dropped() {
    // By the server, which compares versions itself.
    let server = Server::new(|_, request| honest(request, &body(), ETAG));
    let case = Case::new()
        .with(".part", &[7; 1000])
        .with(".part.version", b"\"old\"");
    case.fetch(&options(&server)).expect("from the start");
    assert_eq!(server.requests().len(), 1);
    // By its ETag, where the server ignores the question.
    let server = Server::new(|number, request| {
        let mut request = request.clone();
        request.retain(|line| !line.to_lowercase().starts_with("if-range"));
        assert!(number < 2);
        honest(&request, &body(), ETAG)
    });
    let case = Case::new()
        .with(".part", &[7; 1000])
        .with(".part.version", b"\"old\"");
    case.fetch(&options(&server)).expect("from the start");
    let ranges = server.requests();
    let ranges: Vec<_> = ranges
        .iter()
        .map(|request| header(request, "range"))
        .collect();
    assert_eq!(ranges, [Some("bytes=1000-"), None]);
}

#[test]
fn bytes_that_an_earlier_fetch_spoilt_are_found_and_removed() {
    let server = Server::new(|_, request| honest(request, &body(), ETAG));
    let case = Case::new().with(".part", &[7; 1000]);
    let error = case.fetch(&options(&server)).expect_err("spoilt");
    let left = matches!(
        error,
        FetchError::Hash {
            resumed_bytes: 1000,
            ..
        }
    );
    assert!(left, "{error}");
    assert!(case.names().is_empty());
    assert_eq!(case.fetch(&options(&server)).expect("from the start"), NEW);
}

#[test]
fn a_server_without_ranges_starts_over() {
    let server = Server::new(|_, _| answer("200 OK", "", &body()));
    let case = Case::new().with(".part", &[7; 1000]);
    case.fetch(&options(&server)).expect("from the start");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_range_that_was_not_asked_for_is_not_taken() {
    for range in [
        "Content-Range: bytes 0-299999/300000\r\n",
        "Content-Range: bytes 1001-299999/300000\r\n",
        "Content-Range: nonsense\r\n",
        "",
    ] {
        let server = Server::new(move |number, request| match number {
            0 => answer("206 Partial Content", range, &body()[1000..]),
            _ => honest(request, &body(), ETAG),
        });
        let case = Case::new().with(".part", &body()[..1000]);
        case.fetch(&options(&server)).expect("from the start");
        assert_eq!(header(&server.requests()[1], "range"), None, "{range}");
        // A server that goes on like that is given up.
        let server = Server::new(move |_, _| answer("206 Partial Content", range, &body()));
        let case = Case::new().with(".part", &body()[..1000]);
        let error = case.fetch(&options(&server)).expect_err("never right");
        assert!(
            matches!(error, FetchError::Status { found: 206, .. }),
            "{error}"
        );
    }
    let total = "Content-Range: bytes 1000-299999/300001\r\n";
    let server = Server::new(move |_, _| answer("206 Partial Content", total, &body()[1000..]));
    let case = Case::new().with(".part", &body()[..1000]);
    let error = case.fetch(&options(&server)).expect_err("another file");
    let length = matches!(
        error,
        FetchError::Length {
            found_bytes: 300_001,
            ..
        }
    );
    assert!(length, "{error}");
}

#[test]
fn a_range_past_the_end_starts_over() {
    let server = Server::new(|number, request| match number {
        0 => answer("416 Range Not Satisfiable", "", b""),
        _ => honest(request, &body(), ETAG),
    });
    let case = Case::new().with(".part", &body()[..1000]);
    case.fetch(&options(&server)).expect("from the start");
    assert_eq!(header(&server.requests()[1], "range"), None);
}

#[test]
fn lies_about_the_length_are_noticed() {
    // More or less than published is announced: another file.
    for len in [299_999_u64, 300_001, u64::MAX] {
        let server =
            Server::new(move |_, _| raw(&format!("200 OK\r\nContent-Length: {len}"), &body()));
        let error = Case::new()
            .fetch(&options(&server))
            .expect_err("another file");
        assert!(
            matches!(error, FetchError::Length { found_bytes, .. } if found_bytes == len),
            "{error}"
        );
        let text = error.to_string();
        assert!(text.contains(&format!("has or sends {len} bytes, expected 300000")));
        assert_eq!(server.requests().len(), 1);
    }
    // Nothing is announced, and it goes on and on.
    let server = Server::new(|_, _| {
        let mut steps = raw("200 OK", &body());
        steps.extend((0..9).map(|_| Step::Send(body())));
        steps
    });
    let case = Case::new();
    let error = case.fetch(&options(&server)).expect_err("too much");
    assert!(matches!(error, FetchError::Length { .. }), "{error}");
    assert!(case.names().is_empty());
    // Nothing is announced, and it ends early.
    let server = Server::new(|_, _| raw("200 OK", &body()[..5]));
    let error = Case::new()
        .fetch(&options(&server))
        .expect_err("too little");
    assert!(
        error.to_string().contains("ends after 5 of 300000 bytes"),
        "{error}"
    );
    // The right length is announced, and more is sent: what is more is not read.
    let server = Server::new(|_, _| {
        raw(
            "200 OK\r\nContent-Length: 300000",
            &[body(), body()].concat(),
        )
    });
    assert_eq!(Case::new().fetch(&options(&server)).expect("enough"), NEW);
}

#[test]
fn wrong_bytes_leave_nothing() {
    let server = Server::new(|_, _| answer("200 OK", "", &vec![1; body().len()]));
    let case = Case::new();
    let error = case.fetch(&options(&server)).expect_err("wrong bytes");
    let found = remote(&vec![1; body().len()]).sha256;
    let text = error.to_string();
    assert!(
        text.contains(found) && text.contains(case.file.sha256),
        "{text}"
    );
    assert!(case.names().is_empty());
}

#[test]
fn redirects_are_followed_but_not_for_ever() {
    let server = Server::new(|number, request| match number {
        0 => answer("302 Found", "Location: /elsewhere/file.gz\r\n", b""),
        _ => honest(request, &body(), ETAG),
    });
    let case = Case::new().with(".part", &body()[..1000]);
    case.fetch(&options(&server)).expect("elsewhere");
    let second = &server.requests()[1];
    assert_eq!(second[0], "GET /elsewhere/file.gz HTTP/1.1");
    assert_eq!(header(second, "range"), Some("bytes=1000-"));
    let server = Server::new(|_, _| answer("302 Found", "Location: /file.gz\r\n", b""));
    let error = Case::new().fetch(&options(&server)).expect_err("for ever");
    assert!(
        error.to_string().contains("redirects more than 5 times"),
        "{error}"
    );
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn the_body_of_a_redirect_is_not_waited_for() {
    // It has no end, and each byte of it comes in time.
    let server = Server::new(|number, request| match number {
        0 => {
            let mut steps = raw("302 Found\r\nLocation: there/file.gz", b"");
            steps.extend((0..200).flat_map(|_| {
                let pause = Duration::from_millis(100);
                [Step::Wait(pause), Step::Send(vec![b'.'])]
            }));
            steps
        }
        _ => honest(request, &body(), ETAG),
    });
    let start = Instant::now();
    let done = Case::new().fetch(&options(&server));
    assert_eq!(done.expect("there"), NEW);
    assert!(start.elapsed() < Duration::from_secs(5), "{start:?}");
    assert_eq!(server.requests()[1][0], "GET /there/file.gz HTTP/1.1");
}

#[test]
fn redirects_lead_to_the_web_and_do_not_leave_tls() {
    let client = |url: &str| Client::new(url, &FetchOptions::default()).expect("a client");
    let from = |url: &str| url.parse::<Uri>().expect("a URL");
    let (secure, plain) = ("https://nowhere.invalid/a", "http://nowhere.invalid/a");
    for (url, location, expected) in [
        (secure, "b", Some("https://nowhere.invalid/b")),
        (
            secure,
            "https://other.invalid/",
            Some("https://other.invalid/"),
        ),
        (secure, "http://nowhere.invalid/a", None),
        (
            plain,
            "http://other.invalid/",
            Some("http://other.invalid/"),
        ),
        (
            plain,
            "https://other.invalid/",
            Some("https://other.invalid/"),
        ),
    ] {
        match (client(url).follow(&from(url), location), expected) {
            (Ok(found), Some(expected)) => assert_eq!(found, expected),
            (Err(FetchError::Downgrade { found, .. }), None) => assert_eq!(found, location),
            (found, _) => panic!("{url} to {location}: {found:?}"),
        }
    }
    for location in ["ftp://nowhere.invalid/", "file:///etc/passwd", "a b"] {
        let error = client(plain).follow(&from(plain), location);
        assert!(
            matches!(error, Err(FetchError::Network { passing: false, .. })),
            "{error:?}"
        );
    }
}

#[test]
fn a_connection_that_never_stands_is_not_tried_again() {
    let server = Server::new(|_, _| Vec::new());
    let url = server.url();
    let client = Client::new(&url, &options(&server)).expect("a client");
    let uri = url.parse().expect("a URL");
    for (timeout, expected) in [
        (Timeout::Resolve, false),
        (Timeout::Connect, false),
        (Timeout::RecvResponse, true),
        (Timeout::PerRead, true),
    ] {
        let error = client.error(&uri, ureq::Error::Timeout(timeout));
        assert_eq!(error.may_pass(), expected, "{timeout:?}: {error}");
    }
}

#[test]
fn bytes_that_were_there_before_are_no_progress() {
    let whole: Vec<u8> = body().iter().copied().cycle().take(3 << 20).collect();
    let file = remote(&whole);
    // The first half, again and again; between, an answer that has it thrown away.
    let half = whole[..whole.len() / 2].to_vec();
    let server = Server::new(move |number, _| match number {
        20.. => answer("404 Not Found", "", b""),
        _ if number % 2 == 0 => raw("200 OK", &half),
        _ => answer(
            "206 Partial Content",
            "Content-Range: bytes 7-9/3145728\r\n",
            b"...",
        ),
    });
    let case = Case::new();
    let error = fetch(&file, case.directory.path(), &options(&server), &mut |_| {});
    assert!(
        matches!(error, Err(FetchError::Network { .. })),
        "{error:?}"
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_redirect_may_lead_to_tls() {
    // Without a provider of its arithmetic, TLS panics at the first handshake.
    let other = Server::new(|_, _| answer("400 Bad Request", "", b""));
    let secure = other.url().replace("http:", "https:");
    let server = Server::new(move |_, _| {
        answer("302 Found", &format!("Location: {secure}/file.gz\r\n"), b"")
    });
    let error = Case::new()
        .fetch(&options(&server))
        .expect_err("no TLS is spoken there");
    assert!(matches!(error, FetchError::Network { .. }), "{error}");
}

#[test]
fn one_fetch_of_a_file_at_a_time() {
    let (reached, wait) = mpsc::channel();
    let (go, held) = mpsc::channel::<()>();
    let (reached, held) = (Mutex::new(reached), Mutex::new(held));
    let server = Server::new(move |number, request| {
        if number == 0 {
            reached.lock().expect("held").send(()).expect("waited for");
            held.lock().expect("held").recv().expect("let go");
        }
        honest(request, &body(), ETAG)
    });
    let options = FetchOptions {
        stall_timeout: Duration::from_secs(20),
        ..options(&server)
    };
    let case = Case::new();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| fetch(&case.file, case.directory.path(), &options, &mut |_| {}));
        wait.recv().expect("the first one asks");
        let second = fetch(&case.file, case.directory.path(), &options, &mut |_| {});
        assert!(matches!(second, Err(FetchError::Busy { .. })), "{second:?}");
        go.send(()).expect("the server waits");
        assert_eq!(first.join().expect("no panic").expect("fetched"), NEW);
    });
    assert_eq!(case.fetch(&options).expect("it is there"), Fetched::Present);
}

#[test]
fn what_is_no_web_address_is_refused() {
    for url in ["ftp://a/", "file:///etc", "/data", "http//a", ""] {
        let options = FetchOptions {
            mirror: Some(url.to_owned()),
            ..FetchOptions::default()
        };
        let case = Case::new();
        let error = case.fetch(&options).expect_err(url);
        assert!(matches!(error, FetchError::Setup { .. }), "{url}: {error}");
    }
}

#[test]
fn nobody_listening_is_said_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    drop(listener);
    let options = FetchOptions {
        mirror: Some(url),
        proxies: false,
        pause: Duration::from_secs(60),
        ..FetchOptions::default()
    };
    let case = Case::new();
    let error = case.fetch(&options).expect_err("nobody");
    assert!(case.names().is_empty(), "an empty part is removed");
    assert!(
        error.to_string().to_lowercase().contains("refused"),
        "{error}"
    );
    assert!(error.is_of_the_network());
}
