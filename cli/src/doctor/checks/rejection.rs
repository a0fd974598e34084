//! A text file ends as `rejected`, and a text type gets no way in.

use http::Method;
use pipeline::Status;
use serde_json::json;

use super::{
    super::{
        finding::{Checked, good, skipped, trouble},
        http::Version,
        patient::{Admission, Patient},
    },
    follow::outcome,
    uploads::put,
};

pub(in super::super) async fn check(patient: &mut Patient<'_>) -> Checked {
    if !patient.pipeline_works {
        return skipped("the pipeline did not complete the picture above");
    }
    let key = format!("uploads/{}/text.jpg", patient.run);
    put(patient, &key, b"This is no picture.".to_vec()).await?;
    let record = outcome(patient, &key).await?;
    if record.status != Status::Rejected {
        return Err(trouble(
            format!("a text file is {} instead of rejected", record.status.as_str()),
            format!("darkroom show --stack {} '{key}'", patient.stack),
        ));
    }
    let code = record.rejection.map(|rejection| rejection.code.to_string()).unwrap_or_default();
    if patient.access.is_none() {
        return good(format!("its record says {code}"));
    }
    let wanted = json!({"filename": "x.txt", "content_type": "text/plain", "byte_len": 9});
    let calls = [
        ("/images", ("text/plain", b"no picture".to_vec())),
        ("/uploads", ("application/json", wanted.to_string().into_bytes())),
    ];
    for (path, content) in calls {
        let answer = patient
            .call(Version::Http1, Method::POST, path, Some(content), Admission::Admitted)
            .await?;
        if answer.status != 400 {
            return Err(trouble(
                format!(
                    "POST {path} answers {} to text/plain instead of 400: {}",
                    answer.status,
                    answer.text()
                ),
                "make deploy",
            ));
        }
    }
    good(format!("its record says {code}; POST /images and POST /uploads answer 400 to text/plain"))
}
