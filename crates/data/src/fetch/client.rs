//! One URL over HTTP: requests, their timeouts, and what an answer says of itself.

use std::io::{ErrorKind, Read};
use std::sync::Arc;

use ureq::http::{HeaderMap, Uri, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Proxy, ResponseExt, Timeout};

use super::range::ContentRange;
use super::{FetchError, FetchOptions};

/// Redirects that are followed.
const REDIRECTS: u32 = 5;

/// A URL and how it is asked for.
pub(super) struct Client {
    agent: Agent,
    url: String,
    /// Host and port, without name and password.
    proxy: Option<String>,
}

/// An answer whose body is not read yet.
pub(super) struct Answer {
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
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => {
                let expected = "expected one that begins with https:// or http://";
                return Err(setup(format!("{url:?} is no web address, {expected}")));
            }
        };
        let proxy = options.proxies.then(Proxy::try_from_env).flatten();
        let named = proxy.as_ref();
        let named = named.map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
        let config = Agent::config_builder()
            .tls_config(tls(secure)?)
            .https_only(secure)
            .http_status_as_error(false)
            .max_redirects(REDIRECTS)
            .proxy(proxy)
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
            proxy: named,
        })
    }

    /// What is asked for.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Asks for another URL from now on, as the answer to a redirect does.
    #[cfg(test)]
    pub(super) fn redirect(&mut self, url: &str) {
        url.clone_into(&mut self.url);
    }

    /// Asks for the file from byte `first` on, if it still has that version.
    pub(super) fn get(&self, first: u64, version: Option<&str>) -> Result<Answer, FetchError> {
        // A file that is packed again on its way has other ranges than the published one.
        let mut request = self
            .agent
            .get(&self.url)
            .header("Accept-Encoding", "identity");
        if first > 0 {
            request = request.header(header::RANGE, format!("bytes={first}-"));
            if let Some(version) = version {
                request = request.header(header::IF_RANGE, version);
            }
        }
        let response = request.call().map_err(|error| self.error(error))?;
        let secure = |url: &Uri| url.scheme_str() == Some("https");
        if self.url.starts_with("https:") && !secure(response.get_uri()) {
            return Err(FetchError::Downgrade {
                url: self.url.clone(),
                found: response.get_uri().to_string(),
            });
        }
        let headers = response.headers();
        Ok(Answer {
            status: response.status().as_u16(),
            len: text(headers, header::CONTENT_LENGTH).and_then(|len| len.trim().parse().ok()),
            range: text(headers, header::CONTENT_RANGE),
            version: version_of(headers),
            body: Box::new(response.into_body().into_reader()),
        })
    }

    /// What a failed request or a broken body means.
    fn error(&self, error: ureq::Error) -> FetchError {
        let (reason, passing) = match error {
            ureq::Error::RequireHttpsOnly(found) => {
                return FetchError::Downgrade {
                    url: self.url.clone(),
                    found,
                };
            }
            ureq::Error::Timeout(timeout) => (silence(timeout).to_owned(), true),
            ureq::Error::HostNotFound => ("its host has no address here".to_owned(), false),
            ureq::Error::TooManyRedirects => {
                (format!("it redirects more than {REDIRECTS} times"), false)
            }
            ureq::Error::ConnectProxyFailed(found) => {
                (format!("the proxy refuses ({})", found.trim()), false)
            }
            ureq::Error::Io(error) => (error.to_string(), may_pass(error.kind())),
            error @ (ureq::Error::Protocol(_) | ureq::Error::ConnectionFailed) => {
                (error.to_string(), true)
            }
            error => (error.to_string(), false),
        };
        let reason = match &self.proxy {
            Some(proxy) => format!("{reason} (the environment's proxy is {proxy})"),
            None => reason,
        };
        self.network(reason, passing)
    }

    /// What a body that breaks off means.
    pub(super) fn broken(&self, error: std::io::Error) -> FetchError {
        self.error(ureq::Error::from(error))
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
