//! A function's life: one message after the other, each in a span of its own.

use std::{
    future::Future,
    time::{Duration, SystemTime},
};

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tracing::{Instrument, Span, info_span};

use crate::{
    Failure,
    lambda::metrics::{Measured, Metrics},
    messages::{NotifyMessage, Outcome, ResizeJob, Upload},
};

/// A message that says what its log lines are about.
pub trait Logged {
    /// A span with the message's execution, key and, where there is one, rendition.
    fn span(&self) -> Span;
}

/// Answers every invocation with `answer`, which is given the message and the time that is left until
/// the function's own time-out, until the runtime ends the process, and writes what each
/// answer counts into the logs where `metrics` are wanted.
///
/// A failure is logged here, once, with its whole chain, and given to the runtime by its
/// [name](Failure::name). A message that does not parse is [`Failure::Misconfigured`].
///
/// # Errors
/// If the Lambda runtime API cannot be reached.
pub async fn serve<M, R, F, A>(
    metrics: Option<&Metrics>,
    answer: F,
) -> Result<(), lambda_runtime::Error>
where
    M: DeserializeOwned + Logged,
    R: Serialize + Measured,
    F: Fn(M, Duration) -> A,
    A: Future<Output = Result<R, Failure>>,
{
    let answer = &answer;
    let handler = |event: LambdaEvent<Value>| async move {
        let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        let message: M = parse(event.payload)?;
        let span = message.span();
        let answered = async {
            if let Some(metrics) = metrics {
                metrics.begin();
            }
            // Boxed: the runtime nests the future deeply, and the compiler gives up on its layout.
            let answered = Box::pin(answer(message, left)).await;
            match &answered {
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
            answered
        };
        answered.instrument(span).await.map_err(Diagnostic::from)
    };
    lambda_runtime::run(service_fn(handler)).await
}

fn parse<M: DeserializeOwned>(payload: Value) -> Result<M, Failure> {
    serde_json::from_value(payload).map_err(|error| {
        tracing::error!(%error, "the message does not parse");
        Failure::Misconfigured {
            what: "the message does not parse".to_owned(),
            source: Some(error.into()),
        }
    })
}

impl Logged for Upload {
    fn span(&self) -> Span {
        info_span!("validate", execution = self.execution, key = self.detail.object.key)
    }
}

impl Logged for ResizeJob {
    fn span(&self) -> Span {
        let rendition = self.spec.name().to_string();
        info_span!("resize", execution = self.execution, key = self.source.key, rendition)
    }
}

impl Logged for NotifyMessage {
    fn span(&self) -> Span {
        match self {
            Self::Outcome(
                Outcome::Completed { picture, .. } | Outcome::Rejected { picture, .. },
            ) => info_span!("notify", execution = picture.execution, key = picture.key),
            Self::StatusChange(change) => {
                let key = change.detail.upload().map(|upload| upload.detail.object.key);
                info_span!("notify", execution = change.detail.execution_arn, key)
            }
        }
    }
}
