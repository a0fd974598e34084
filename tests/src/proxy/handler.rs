//! Handles each call: injects its fault, or forwards it.

use std::{
    io,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, header, service::service_fn};
use hyper_util::rt::TokioIo;
use pipeline::testing::Fault;
use tokio::net::{TcpListener, TcpStream};

use super::{
    Call, FaultProxy, Injection, KillTime,
    injection::{ResponseBody, complete, connection_reset, error_response, truncated},
    process::Process,
};

/// Longer than the functions wait for a response.
const HANG: Duration = Duration::from_secs(11);
/// Time in which a process reads what was sent to it. It is short, because the process must not make its next call yet.
const READ_TIME: Duration = Duration::from_millis(30);

/// Counts a call as in flight until it is dropped.
struct InFlight<'a>(&'a FaultProxy);

impl<'a> InFlight<'a> {
    fn new(proxy: &'a FaultProxy) -> Self {
        proxy.activity().calls_in_flight += 1;
        Self(proxy)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let mut activity = self.0.activity();
        activity.calls_in_flight -= 1;
        activity.last_call_ended = Instant::now();
    }
}

impl FaultProxy {
    pub(super) async fn listen(self, listener: TcpListener) {
        while let Ok((stream, peer)) = listener.accept().await {
            let proxy = self.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| proxy.handle(request, peer.port()));
                let connection = hyper::server::conn::http1::Builder::new();
                // Injected faults end a connection with an error, which is intended.
                let _ = connection.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }

    async fn handle(&self, request: Request<Incoming>, peer: u16) -> io::Result<Response<ResponseBody>> {
        let _in_flight = InFlight::new(self);
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let call = Call::parse(&head, &body);
        let injection = self.plans().next_injection(&call);
        let sends_object = call.name.starts_with("s3:") && !body.is_empty();
        match injection {
            Some(Injection::Fail(Fault::TimeOut)) => {
                tokio::time::sleep(HANG).await;
                Err(io::ErrorKind::TimedOut.into())
            }
            Some(Injection::Fail(fault @ (Fault::Error | Fault::Throttle | Fault::Refusal))) => {
                Ok(error_response(&call.name, fault))
            }
            // The request's body breaks off, because the response has hardly any.
            Some(Injection::Fail(Fault::CutAfter(_))) if sends_object => Err(connection_reset()),
            Some(Injection::Kill(KillTime::BeforeCall)) => {
                self.kill(&call, Process::by_connection(peer, self.port).as_ref());
                Err(connection_reset())
            }
            injection => {
                let response = self.forward(Request::from_parts(head, Full::new(body))).await?;
                self.deliver(&call, response, injection, peer)
            }
        }
    }

    /// Returns the response of a call that took effect, or injects a fault into it.
    fn deliver(
        &self,
        call: &Call,
        response: Response<Bytes>,
        injection: Option<Injection>,
        peer: u16,
    ) -> io::Result<Response<ResponseBody>> {
        let process = || Process::by_connection(peer, self.port);
        match injection {
            Some(Injection::Fail(Fault::CutAfter(at))) if at < response.body().len() => {
                Ok(truncated(response, at, async {}))
            }
            Some(Injection::Fail(Fault::CutAfter(_) | Fault::AnswerLost)) => Err(connection_reset()),
            Some(Injection::Kill(KillTime::MidResponse)) => {
                let (half, process) = (response.body().len() / 2, process());
                let (proxy, call) = (self.clone(), call.clone());
                Ok(truncated(response, half, async move {
                    tokio::time::sleep(READ_TIME).await;
                    proxy.kill(&call, process.as_ref());
                }))
            }
            Some(Injection::Kill(KillTime::AfterCall)) => {
                self.kill(call, process().as_ref());
                Err(connection_reset())
            }
            Some(Injection::Kill(KillTime::AfterResponseMs(ms))) => {
                let (proxy, call, process) = (self.clone(), call.clone(), process());
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    proxy.kill(&call, process.as_ref());
                });
                Ok(complete(response))
            }
            _ => Ok(complete(response)),
        }
    }

    fn kill(&self, call: &Call, process: Option<&Process>) {
        if !process.is_some_and(Process::kill) {
            self.plans().undo_injection(call);
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
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        let (mut head, body) = response.into_parts();
        head.headers.remove(header::TRANSFER_ENCODING);
        head.headers.remove(header::CONNECTION);
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Response::from_parts(head, body))
    }
}
