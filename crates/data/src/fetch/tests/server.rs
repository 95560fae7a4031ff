//! A web server of one's own, which does what a test asks of it.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What one answer consists of.
pub enum Step {
    /// Bytes on the wire.
    Send(Vec<u8>),
    /// Silence.
    Wait(Duration),
}

/// The headers of a request, its first line first.
pub type Request = Vec<String>;

/// A server that ends with the test's process.
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// `answer` gets the number of the request, from 0, and the request.
    pub fn new(answer: impl Fn(usize, &Request) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(&stream, &seen, &*answer));
            }
        });
        Self { address, requests }
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests
            .lock()
            .expect("no test panics with it")
            .clone()
    }
}

fn serve(
    mut stream: &TcpStream,
    seen: &Mutex<Vec<Request>>,
    answer: &dyn Fn(usize, &Request) -> Vec<Step>,
) {
    let mut lines = BufReader::new(stream).lines();
    let mut request = Request::new();
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() {
            break;
        }
        request.push(line);
    }
    let number = {
        let mut seen = seen.lock().expect("no test panics with it");
        seen.push(request.clone());
        seen.len() - 1
    };
    for step in answer(number, &request) {
        match step {
            Step::Wait(pause) => thread::sleep(pause),
            // A client that has seen enough closes, which is its right.
            Step::Send(bytes) if stream.write_all(&bytes).is_err() => return,
            Step::Send(_) => {}
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
}

/// A header of a request.
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut headers = request.iter().filter_map(|line| line.split_once(": "));
    let found = headers.find(|(found, _)| found.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// A whole answer with its length.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<Step> {
    let len = body.len();
    vec![Step::Send(
        [
            format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len}\r\n{headers}\r\n"
            )
            .as_bytes(),
            body,
        ]
        .concat(),
    )]
}

/// An answer whose headers are given whole, and whatever body.
pub fn raw(head: &str, body: &[u8]) -> Vec<Step> {
    vec![Step::Send(
        [
            format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes(),
            body,
        ]
        .concat(),
    )]
}

/// What an honest server answers, with ranges and an ETag.
pub fn honest(request: &Request, body: &[u8], etag: &str) -> Vec<Step> {
    let same = header(request, "if-range").is_none_or(|version| version == etag);
    let first = header(request, "range").and_then(|range| {
        let range = range.strip_prefix("bytes=")?.strip_suffix('-')?;
        range.parse::<usize>().ok().filter(|_| same)
    });
    let tag = format!("ETag: {etag}\r\n");
    match first {
        Some(first) if first >= body.len() => answer("416 Range Not Satisfiable", "", b""),
        Some(first) => {
            let (last, total) = (body.len() - 1, body.len());
            let range = format!("{tag}Content-Range: bytes {first}-{last}/{total}\r\n");
            answer("206 Partial Content", &range, &body[first..])
        }
        None => answer("200 OK", &tag, body),
    }
}
