//! The loop over invocations: parses each message, runs the use case in a log span, and reports its result.

use std::{
    future::Future,
    time::{Duration, SystemTime},
};

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tracing::{Instrument, Span, info_span};

use super::{MetricsWriter, metrics::HasMetrics};
use crate::{
    Failure,
    messages::{ExecutionOutcome, NotifyMessage, ResizeJob, Upload},
};

/// A message whose log lines carry its execution, its key and, if there is one, its rendition.
pub trait LogContext {
    /// The span with these fields.
    fn span(&self) -> Span;
}

/// Runs `handle` for every invocation, until the runtime ends the process.
///
/// `handle` is given the message and the time until the function's timeout. With `metrics`, the metrics of each answer
/// are written to the log.
///
/// A failure is logged here, once, with all its causes, and reported to the runtime by its [name](Failure::name). A
/// message that does not parse is [`Failure::Misconfigured`].
///
/// # Errors
/// If the Lambda runtime API cannot be reached.
pub async fn serve<M, R, F, A>(metrics: Option<&MetricsWriter>, handle: F) -> Result<(), lambda_runtime::Error>
where
    M: DeserializeOwned + LogContext,
    R: Serialize + HasMetrics,
    F: Fn(M, Duration) -> A,
    A: Future<Output = Result<R, Failure>>,
{
    let handle = &handle;
    let invoke = |event: LambdaEvent<Value>| async move {
        let deadline = event.context.deadline();
        let time_left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
        // Logged without a span: a message that does not parse has no key.
        let message: M = parse(event.payload)?;
        let span = message.span();
        let handled = async {
            if let Some(metrics) = metrics {
                metrics.reset_peak_memory();
            }
            // Boxed: the runtime nests the future so deeply that the compiler cannot compute its layout.
            let result = Box::pin(handle(message, time_left)).await;
            match &result {
                Ok(answer) => {
                    tracing::info!("done");
                    if let Some(metrics) = metrics {
                        metrics.write(answer);
                    }
                }
                Err(failure) => {
                    tracing::error!(error = failure.name(), cause = failure.chain(), "failed");
                }
            }
            result
        };
        handled.instrument(span).await.map_err(Diagnostic::from)
    };
    lambda_runtime::run(service_fn(invoke)).await
}

fn parse<M: DeserializeOwned>(payload: Value) -> Result<M, Failure> {
    serde_json::from_value(payload).map_err(|error| {
        tracing::error!(%error, "the message does not parse");
        Failure::Misconfigured { what: "the message does not parse".to_owned(), source: Some(error.into()) }
    })
}

impl LogContext for Upload {
    fn span(&self) -> Span {
        info_span!("validate", execution = self.execution, key = self.detail.object.key)
    }
}

impl LogContext for ResizeJob {
    fn span(&self) -> Span {
        let rendition = self.spec.name().to_string();
        info_span!("resize", execution = self.execution, key = self.source.key, rendition)
    }
}

impl LogContext for NotifyMessage {
    fn span(&self) -> Span {
        match self {
            Self::Outcome(ExecutionOutcome::Completed { picture, .. } | ExecutionOutcome::Rejected { picture, .. }) => {
                info_span!("notify", execution = picture.upload.execution, key = picture.key)
            }
            Self::StatusChange(change) => {
                let key = change.detail.upload().map(|upload| upload.detail.object.key);
                info_span!("notify", execution = change.detail.execution_arn, key)
            }
        }
    }
}
