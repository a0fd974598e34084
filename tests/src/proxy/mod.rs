//! A proxy between the functions and the local cloud: it knows each call by name, remembers it,
//! and strikes it if a plan says so. It listens on 127.0.0.1 and nothing else.

mod call;
mod killing;
mod plans;
mod strike;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, header, service::service_fn};
use hyper_util::rt::TokioIo;
use pipeline::testing::Fault;
use tokio::net::{TcpListener, TcpStream};

pub use self::{
    call::Call,
    plans::Plan,
    strike::{Strike, When},
};
use self::{
    killing::Process,
    plans::Plans,
    strike::{Answer, cut, reset, whole},
};

/// The proxy, as a test holds it. A clone is the same proxy.
#[derive(Debug, Clone)]
pub struct Proxy {
    upstream: SocketAddr,
    port: u16,
    plans: Arc<Mutex<Plans>>,
    traffic: Arc<Mutex<Traffic>>,
}

#[derive(Debug)]
struct Traffic {
    under_way: usize,
    last: Instant,
}

/// Longer than the functions wait for an answer.
const NO_ANSWER: Duration = Duration::from_secs(11);
/// Long enough to read what was sent, and short enough that nothing more is expected yet.
const A_MOMENT: Duration = Duration::from_millis(30);

/// A call that waits for its answer: until it has it, or its caller has gone.
struct UnderWay<'a>(&'a Proxy);

impl<'a> UnderWay<'a> {
    fn begin(proxy: &'a Proxy) -> Self {
        proxy.traffic().under_way += 1;
        Self(proxy)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut traffic = self.0.traffic();
        traffic.under_way -= 1;
        traffic.last = Instant::now();
    }
}

impl Proxy {
    /// Listens on `port` until the program ends, and passes everything on to `upstream`.
    ///
    /// # Errors
    /// If the port is taken.
    pub async fn start(port: u16, upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let traffic = Traffic { under_way: 0, last: Instant::now() };
        let traffic = Arc::new(Mutex::new(traffic));
        let proxy = Self { upstream, port, plans: Arc::default(), traffic };
        tokio::spawn(proxy.clone().listen(listener));
        Ok(proxy)
    }

    /// Strikes, as planned, at calls whose path or body has `about` in it.
    pub fn plan(&self, about: &str, plan: Plan) {
        self.plans().add(about, plan);
    }

    /// From now on nothing is struck.
    pub fn heal(&self) {
        self.plans().heal();
    }

    /// Whether the plans about something have struck that call.
    pub fn has_struck(&self, about: &str, call: &str) -> bool {
        self.plans().have_struck(about, call)
    }

    /// The calls about something, in order.
    pub fn calls(&self, about: &str) -> Vec<Call> {
        self.plans().calls(about)
    }

    /// Whether there was no call for that long, and none waits for its answer.
    pub fn is_quiet(&self, long: Duration) -> bool {
        let traffic = self.traffic();
        traffic.under_way == 0 && traffic.last.elapsed() > long
    }

    fn plans(&self) -> MutexGuard<'_, Plans> {
        self.plans.lock().expect("nobody panics while holding it")
    }

    fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().expect("nobody panics while holding it")
    }

    async fn listen(self, listener: TcpListener) {
        while let Ok((stream, peer)) = listener.accept().await {
            let proxy = self.clone();
            tokio::spawn(async move {
                let answer = service_fn(|request| proxy.counted(request, peer.port()));
                let connection = hyper::server::conn::http1::Builder::new();
                // A connection that a strike has broken ends in an error, as it should.
                let _ = connection.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    }

    async fn counted(&self, request: Request<Incoming>, peer: u16) -> io::Result<Response<Answer>> {
        let _under_way = UnderWay::begin(self);
        self.answer(request, peer).await
    }

    async fn answer(&self, request: Request<Incoming>, peer: u16) -> io::Result<Response<Answer>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let call = Call::of(&head, &body);
        let strike = self.plans().meet(&call);
        let sends_an_object = call.name.starts_with("s3:") && !body.is_empty();
        match strike {
            Some(Strike::Break(Fault::TimeOut)) => {
                tokio::time::sleep(NO_ANSWER).await;
                Err(io::ErrorKind::TimedOut.into())
            }
            Some(Strike::Break(fault @ (Fault::Error | Fault::Throttle | Fault::Refusal))) => {
                Ok(strike::refusal(&call.name, fault))
            }
            // What breaks off is the request's body: there is none of note in the answer.
            Some(Strike::Break(Fault::CutAfter(_))) if sends_an_object => Err(reset()),
            Some(Strike::Kill(When::Before)) => {
                self.kill(&call, Process::behind(peer, self.port).as_ref());
                Err(reset())
            }
            other => {
                let answer = self.forward(Request::from_parts(head, Full::new(body))).await?;
                self.deliver(&call, answer, other, peer)
            }
        }
    }

    /// Hands over the answer of a call that took effect, as far as nothing strikes.
    fn deliver(
        &self,
        call: &Call,
        answer: Response<Bytes>,
        strike: Option<Strike>,
        peer: u16,
    ) -> io::Result<Response<Answer>> {
        let behind = || Process::behind(peer, self.port);
        match strike {
            Some(Strike::Break(Fault::CutAfter(at))) if at < answer.body().len() => {
                Ok(cut(answer, at, async {}))
            }
            Some(Strike::Break(Fault::CutAfter(_) | Fault::AnswerLost)) => Err(reset()),
            Some(Strike::Kill(When::HalfWay)) => {
                let (half, process) = (answer.body().len() / 2, behind());
                let (proxy, call) = (self.clone(), call.clone());
                Ok(cut(answer, half, async move {
                    tokio::time::sleep(A_MOMENT).await;
                    proxy.kill(&call, process.as_ref());
                }))
            }
            Some(Strike::Kill(When::After)) => {
                self.kill(call, behind().as_ref());
                Err(reset())
            }
            Some(Strike::Kill(When::AtWork(ms))) => {
                let (proxy, call, process) = (self.clone(), call.clone(), behind());
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    proxy.kill(&call, process.as_ref());
                });
                Ok(whole(answer))
            }
            _ => Ok(whole(answer)),
        }
    }

    fn kill(&self, call: &Call, process: Option<&Process>) {
        if !process.is_some_and(Process::kill) {
            self.plans().missed(call);
        }
    }

    async fn forward(&self, mut request: Request<Full<Bytes>>) -> io::Result<Response<Bytes>> {
        for name in [header::EXPECT, header::TRANSFER_ENCODING, header::CONNECTION] {
            request.headers_mut().remove(name);
        }
        let stream = TokioIo::new(TcpStream::connect(self.upstream).await?);
        let handshake = hyper::client::conn::http1::handshake(stream).await;
        let (mut sender, connection) = handshake.map_err(io::Error::other)?;
        tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(io::Error::other)?;
        let (mut head, body) = answer.into_parts();
        head.headers.remove(header::TRANSFER_ENCODING);
        head.headers.remove(header::CONNECTION);
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Response::from_parts(head, body))
    }
}
