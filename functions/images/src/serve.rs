//! Handles the function's events: HTTP requests from API Gateway, and S3's "Object Deleted" events from EventBridge.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{Request, Response, header},
    response::IntoResponse,
};
use lambda_http::{
    Adapter, RequestExt,
    request::{LambdaRequest, RequestContext},
};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use pipeline::{
    Failure, Timestamp,
    api::{ApiPorts, SourceDeleted, follow_deletion},
};
use serde::Deserialize;
use serde_json::Value;
use tower::{Service, ServiceExt};
use tracing::{Instrument, info_span};

use crate::{Api, gateway_request, problem::ProblemBody, router};

/// Handles every event until the Lambda runtime ends the process.
///
/// # Errors
/// If the Lambda runtime API cannot be reached.
pub async fn serve<P: ApiPorts>(api: Api<P>) -> Result<(), lambda_runtime::Error> {
    let function = Function::new(api);
    let function = &function;
    let handler = |event| async move { Box::pin(function.handle(event)).await };
    lambda_runtime::run(service_fn(handler)).await
}

/// The images function without the Lambda runtime.
#[derive(Debug)]
pub struct Function<P> {
    api: Arc<Api<P>>,
    router: Router,
}

impl<P: ApiPorts> Function<P> {
    /// Creates the function from the API's state.
    pub fn new(api: Api<P>) -> Self {
        let api = Arc::new(api);
        Self { router: router(api.clone()), api }
    }

    /// Handles one event. An event with a `detail-type` is EventBridge's, any other is API Gateway's.
    ///
    /// # Errors
    /// If a deleted source's renditions cannot be removed, or the event cannot be parsed. An HTTP request always gets a
    /// response.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
        if event.payload.get("detail-type").is_some() {
            return self.handle_source_deleted(event).await.map_err(Diagnostic::from);
        }
        self.handle_http(event).await
    }

    async fn handle_source_deleted(&self, event: LambdaEvent<Value>) -> Result<Value, Failure> {
        let message = SourceDeleted::deserialize(&event.payload).map_err(malformed)?;
        let key = message.detail.object.key.as_str();
        let span = info_span!("source_deleted", lambda_request = event.context.request_id, key);
        async {
            let ports = &self.api.ports;
            let removal = follow_deletion(&message, Timestamp::now(), ports).await;
            match &removal {
                Ok(removal) => tracing::info!(?removal, "done"),
                Err(failure) => {
                    tracing::error!(error = failure.name(), cause = failure.chain(), "failed");
                }
            }
            Ok(serde_json::json!({"removal": removal?}))
        }
        .instrument(span)
        .await
    }

    async fn handle_http(&self, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
        let mut request = serde_json::from_value::<LambdaRequest>(event.payload).map_err(malformed)?;
        remove_host(&mut request);
        let router = &self.router;
        let service = tower::service_fn(|request: lambda_http::Request| {
            let response = respond(router.clone(), request);
            async move { Ok::<_, Infallible>(response.await) }
        });
        let event = LambdaEvent::new(request, event.context);
        let response = Adapter::from(service).call(event).await;
        let Ok(response) = response;
        serde_json::to_value(response).map_err(|error| malformed(error).into())
    }
}

/// Routes one request, in a span with both request IDs: API Gateway's access log has one, Lambda's log the other.
async fn respond(router: Router, request: lambda_http::Request) -> Response<Body> {
    let lambda_request = request.lambda_context_ref().map(|context| context.request_id.clone());
    let gateway_request = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.clone(),
        _ => None,
    };
    let (method, path) = (request.method().to_string(), request.raw_http_path().to_owned());
    let span = info_span!("request", gateway_request, lambda_request, method, path);
    async {
        let response = match gateway_request::with_raw_path(request) {
            Ok(request) => route(router, request).await,
            Err(problem) => problem.into_response(),
        };
        tracing::info!(status = response.status().as_u16(), "answered");
        with_request_id(response, gateway_request.or(lambda_request))
    }
    .instrument(span)
    .await
}

async fn route(router: Router, request: Request<Body>) -> Response<Body> {
    let Ok(response) = router.oneshot(request).await;
    response
}

/// Adds the request's ID to a problem, so that an error report leads to the log.
fn with_request_id(response: Response<Body>, id: Option<String>) -> Response<Body> {
    let (Some(ProblemBody(mut body)), Some(id)) = (response.extensions().get::<ProblemBody>().cloned(), id) else {
        return response;
    };
    body["request_id"] = id.into();
    let (mut parts, _) = response.into_parts();
    // The length of the body without the ID.
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body.to_string()))
}

/// Removes the host, which the API does not use: `lambda_http` panics if it is not a valid host name.
fn remove_host(request: &mut LambdaRequest) {
    if let LambdaRequest::ApiGatewayV1(request) = request {
        request.headers.remove(header::HOST);
        request.request_context.domain_name = None;
    }
}

fn malformed(error: serde_json::Error) -> Failure {
    tracing::error!(%error, "the message does not parse");
    Failure::Misconfigured { what: "the message does not parse".to_owned(), source: Some(error.into()) }
}
