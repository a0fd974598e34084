//! Checks that a text file ends as `rejected`, and that the API does not accept the content type of a text.

use http::Method;
use pipeline::Status;
use serde_json::json;

use super::{outcome::wait_for_outcome, uploads::put_source};
use crate::doctor::{
    check_result::{CheckResult, check_failure, passed, skipped},
    context::CheckContext,
};

pub(crate) async fn check(context: &mut CheckContext<'_>) -> CheckResult {
    if !context.pipeline_works {
        return skipped("no picture was completed");
    }
    let key = format!("uploads/{}/text.jpg", context.run_id);
    put_source(context, &key, b"This is no picture.".to_vec()).await?;
    let record = wait_for_outcome(context, &key).await?;
    if record.status != Status::Rejected {
        return Err(check_failure(
            format!("a text file is {} instead of rejected", record.status.as_str()),
            format!("darkroom show --stack {} '{key}'", context.stack_name),
        ));
    }
    let code = record.rejection.map(|rejection| rejection.code.to_string()).unwrap_or_default();
    if context.credentials.is_none() {
        return passed(format!("its record says {code}"));
    }
    let wanted = json!({"filename": "x.txt", "content_type": "text/plain", "byte_len": 9});
    let calls = [
        ("/images", ("text/plain", b"no picture".to_vec())),
        ("/uploads", ("application/json", wanted.to_string().into_bytes())),
    ];
    for (path, content) in calls {
        let response = context.call_api(Method::POST, path, Some(content)).await?;
        if response.status != 400 {
            return Err(check_failure(
                format!("POST {path} answers {} to text/plain instead of 400: {}", response.status, response.excerpt()),
                "make deploy",
            ));
        }
    }
    passed(format!("its record says {code}; POST /images and POST /uploads answer 400 to text/plain"))
}
