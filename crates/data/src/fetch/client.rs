//! One URL over HTTP: requests, their timeouts, and what an answer says of itself.

use std::env;
use std::io::{ErrorKind, Read};
use std::sync::Arc;

use ureq::http::{HeaderMap, Uri, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Proxy, Timeout};

use super::range::ContentRange;
use super::redirect;
use super::{FetchError, FetchOptions};

/// Redirects that are followed.
const REDIRECTS: u32 = 5;

/// A URL and how it is asked for.
pub(super) struct Client {
    agent: Agent,
    url: String,
    uri: Uri,
    proxy: Option<Proxy>,
}

/// An answer whose body is not read yet.
pub(super) struct Answer {
    /// Where redirects led.
    pub(super) uri: Uri,
    pub(super) status: u16,
    /// Bytes of the body, where the server says.
    pub(super) len: Option<u64>,
    /// The raw `Content-Range`, and what it means.
    pub(super) range: Option<String>,
    /// What tells this version of the file from others: a strong ETag, else the date.
    pub(super) version: Option<String>,
    pub(super) body: Box<dyn Read>,
}

impl Answer {
    /// Which part of the file it is, where the server says.
    pub(super) fn content_range(&self) -> Option<ContentRange> {
        self.range.as_deref().and_then(ContentRange::parse)
    }
}

impl Client {
    /// Checks the URL and reads what the system says of proxies and certificates.
    pub(super) fn new(url: &str, options: &FetchOptions) -> Result<Self, FetchError> {
        let setup = |reason| FetchError::Setup { reason };
        let uri: Uri = url
            .parse()
            .map_err(|error| setup(format!("{url:?} is no URL ({error})")))?;
        if !redirect::is_web(&uri) {
            let expected = "expected one that begins with https:// or http://";
            return Err(setup(format!("{url:?} is no web address, {expected}")));
        }
        let proxy = match options.proxies {
            true => environments_proxy()?,
            false => None,
        };
        let config = Agent::config_builder()
            .tls_config(tls(redirect::is_secure(&uri))?)
            .http_status_as_error(false)
            // They are followed here: the agent reads their bodies, which may have no end.
            .max_redirects(0)
            .proxy(proxy.clone())
            .user_agent(concat!("orthant/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(options.connect_timeout))
            .timeout_connect(Some(options.connect_timeout))
            .timeout_recv_response(Some(options.stall_timeout))
            .timeout_per_read(Some(options.stall_timeout))
            .timeout_per_write(Some(options.stall_timeout))
            .build();
        Ok(Self {
            agent: config.new_agent(),
            url: url.to_owned(),
            uri,
            proxy,
        })
    }

    /// What is asked for.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Asks for the file from byte `first` on, if it still has that version.
    pub(super) fn get(&self, first: u64, version: Option<&str>) -> Result<Answer, FetchError> {
        let mut uri = self.uri.clone();
        for _ in 0..=REDIRECTS {
            // A file that is packed again on its way has other ranges than the published one.
            let mut request = self.agent.get(&uri).header("Accept-Encoding", "identity");
            if first > 0 {
                request = request.header(header::RANGE, format!("bytes={first}-"));
                if let Some(version) = version {
                    request = request.header(header::IF_RANGE, version);
                }
            }
            let response = request.call().map_err(|error| self.error(&uri, error))?;
            let headers = response.headers();
            let status = response.status().as_u16();
            if let 301 | 302 | 303 | 307 | 308 = status
                && let Some(location) = text(headers, header::LOCATION)
            {
                uri = self.follow(&uri, &location)?;
                continue;
            }
            return Ok(Answer {
                status,
                len: text(headers, header::CONTENT_LENGTH).and_then(|len| len.trim().parse().ok()),
                range: text(headers, header::CONTENT_RANGE),
                version: version_of(headers),
                body: Box::new(response.into_body().into_reader()),
                uri,
            });
        }
        let reason = format!("it redirects more than {REDIRECTS} times");
        Err(self.network(reason, false))
    }

    /// Where a redirect leads.
    pub(super) fn follow(&self, from: &Uri, location: &str) -> Result<Uri, FetchError> {
        let to = redirect::resolve(from, location).filter(redirect::is_web);
        let Some(to) = to else {
            let reason = format!("it redirects to {location:?}, expected a web address");
            return Err(self.network(reason, false));
        };
        match redirect::is_secure(&self.uri) && !redirect::is_secure(&to) {
            true => Err(FetchError::Downgrade {
                url: self.url.clone(),
                found: to.to_string(),
            }),
            false => Ok(to),
        }
    }

    /// What a failed request of `uri`, or a broken body from there, means.
    pub(super) fn error(&self, uri: &Uri, error: ureq::Error) -> FetchError {
        let (reason, passing) = match error {
            ureq::Error::Timeout(timeout) => {
                let stood = !matches!(timeout, Timeout::Resolve | Timeout::Connect);
                (silence(timeout).to_owned(), stood)
            }
            ureq::Error::HostNotFound => ("its host has no address here".to_owned(), false),
            ureq::Error::ConnectProxyFailed(found) => {
                (format!("the proxy refuses ({})", found.trim()), false)
            }
            ureq::Error::Io(error) => (error.to_string(), may_pass(error.kind())),
            error @ (ureq::Error::Protocol(_) | ureq::Error::ConnectionFailed) => {
                (error.to_string(), true)
            }
            error => (error.to_string(), false),
        };
        let proxy = self.proxy.as_ref().filter(|proxy| !proxy.is_no_proxy(uri));
        let reason = match proxy {
            // Without name and password.
            Some(proxy) => format!(
                "{reason} (the environment's proxy is {}:{})",
                proxy.host(),
                proxy.port()
            ),
            None => reason,
        };
        self.network(reason, passing)
    }

    /// An answer that does not come, or not to its end.
    pub(super) fn network(&self, reason: String, passing: bool) -> FetchError {
        FetchError::Network {
            url: self.url.clone(),
            reason,
            passing,
        }
    }
}

/// The proxy of the first variable that is set: `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY`.
///
/// One that cannot be understood is not passed over, since what goes past a proxy is seen by whom
/// it should not be.
fn environments_proxy() -> Result<Option<Proxy>, FetchError> {
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
        for name in [name, &name.to_lowercase()] {
            let set = env::var_os(name).filter(|value| !value.is_empty());
            let is_proxy = |value: &str| Proxy::new(value).is_ok();
            // The value may hold a password, so that it is not shown.
            if set.is_some_and(|value| !value.to_str().is_some_and(is_proxy)) {
                let reason = format!(
                    "the environment's {name} is no proxy, expected one such as http://HOST:PORT \
                     or socks5://HOST:PORT"
                );
                return Err(FetchError::Setup { reason });
            }
        }
    }
    Ok(Proxy::try_from_env())
}

/// Whether a connection broke that stood; one that never stands is hardly better in a second.
fn may_pass(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::UnexpectedEof
            | ErrorKind::BrokenPipe
            | ErrorKind::TimedOut
            | ErrorKind::WouldBlock
    )
}

fn silence(timeout: Timeout) -> &'static str {
    match timeout {
        Timeout::Resolve => "looking up its host took too long",
        Timeout::Connect => "connecting took too long",
        _ => "it sent nothing for too long",
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// A strong ETag or, without one, the date; a weak ETag is no promise of equal bytes.
fn version_of(headers: &HeaderMap) -> Option<String> {
    let tag = text(headers, header::ETAG).filter(|tag| tag.starts_with('"'));
    tag.or_else(|| text(headers, header::LAST_MODIFIED))
}

/// TLS with the machine's own roots, which must be some if the URL `needs` them.
///
/// A URL without TLS may lead to one with it.
fn tls(needs: bool) -> Result<TlsConfig, FetchError> {
    let found = rustls_native_certs::load_native_certs();
    if needs && found.certs.is_empty() {
        let reasons: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        return Err(FetchError::Setup {
            reason: format!(
                "this machine has no certificates to check servers by, expected some from a \
                 package such as ca-certificates or in SSL_CERT_FILE {reasons:?}"
            ),
        });
    }
    let certificates = found.certs.iter();
    let roots = certificates.map(|root| Certificate::from_der(root).to_owned());
    let provider = rustls::crypto::ring::default_provider();
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
        .unversioned_rustls_crypto_provider(Arc::new(provider))
        .build())
}
