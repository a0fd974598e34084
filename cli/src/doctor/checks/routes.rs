//! Every route refuses a caller without credentials, and lets one with credentials in.
//!
//! What is sent changes nothing, whoever lets it in: keys that nothing has, and a content type that is not accepted.

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{
    access::Access,
    aws::{API_GATEWAY, COGNITO},
    finding::{Checked, Trouble, good, skipped, trouble},
    http::Version,
    leftovers::User,
    patient::{Admission, Patient},
};

/// Method, path and body of a call.
type Route = (Method, String, Option<(&'static str, Vec<u8>)>);

/// A call of every route but `GET /health`.
fn routes(run: &str) -> Vec<Route> {
    let nothing = format!("{run}-not-there");
    let json = |value: Value| Some(("application/json", value.to_string().into_bytes()));
    let upload = json!({"filename": "x.jpg", "content_type": "image/jpeg", "byte_len": 1});
    vec![
        (Method::POST, "/images".into(), Some(("text/plain", b"no picture".to_vec()))),
        (Method::GET, "/images".into(), None),
        (Method::GET, format!("/images/{nothing}"), None),
        (Method::DELETE, format!("/images/{nothing}"), None),
        (Method::POST, "/uploads".into(), json(upload)),
        (Method::GET, "/uploads?filename=x.jpg&content_type=image/jpeg&byte_len=1".into(), None),
        (Method::POST, "/executions".into(), json(json!({"key": nothing}))),
    ]
}

pub(in super::super) async fn closed(patient: &mut Patient<'_>) -> Checked {
    let all = routes(&patient.run);
    let count = all.len();
    for (method, path, content) in all {
        let name = name(&method, &path);
        let answer =
            patient.call(Version::Http1, method, &path, content, Admission::Stranger).await?;
        if !matches!(answer.status, 401 | 403) {
            return Err(trouble(
                format!(
                    "{name} answers {} to a caller without credentials, instead of 401 or 403: the API is open",
                    answer.status
                ),
                "make deploy: it deploys the API's description again, in which every call names its security",
            ));
        }
    }
    good(format!("{count} routes answer 401 or 403"))
}

pub(in super::super) async fn open(patient: &mut Patient<'_>) -> Checked {
    match find_access(patient).await? {
        Ok(access) => patient.access = Some(access),
        Err(reason) => return skipped(reason),
    }
    let health =
        patient.call(Version::Http1, Method::GET, "/health", None, Admission::Admitted).await?;
    if health.status != 200 {
        return Err(images_fails(patient, "GET /health", health.status, &health.text()));
    }
    let all = routes(&patient.run);
    let count = all.len() + 1;
    for (method, path, content) in all {
        let name = name(&method, &path);
        let answer =
            patient.call(Version::Http1, method, &path, content, Admission::Admitted).await?;
        match answer.status {
            401 | 403 => {
                return Err(trouble(
                    format!(
                        "{name} answers {} to the caller's credentials: {}",
                        answer.status,
                        answer.text()
                    ),
                    how_to_get_in(patient),
                ));
            }
            500.. => return Err(images_fails(patient, &name, answer.status, &answer.text())),
            _ => {}
        }
    }
    let version = health.json()["version"].as_str().unwrap_or("unknown").to_owned();
    good(format!("{count} routes let the caller in; version {version}"))
}

fn name(method: &Method, path: &str) -> String {
    format!("{method} {}", path.split('?').next().unwrap_or(path))
}

fn images_fails(patient: &Patient<'_>, route: &str, status: u16, body: &str) -> Trouble {
    let function = patient.outputs.get("ImagesFunctionName").cloned().unwrap_or_default();
    let group = format!("/aws/lambda/{}-images", patient.stack);
    trouble(
        format!("{route} answers {status}: {body} (behind it is the function {function})"),
        format!("aws logs tail {group} --since 10m"),
    )
}

fn how_to_get_in(patient: &Patient<'_>) -> String {
    match patient.parameter("Authorization") {
        "Iam" => "give the caller execute-api:Invoke on this API".into(),
        "Cognito" => "--token TOKEN: an ID token of the pool that UserPoolArn names, for a client of UserPoolClientIds".into(),
        _ => "--api-key KEY: a key of a usage plan of this stage, the stack's own or one of ApiManageKeys".into(),
    }
}

/// Credentials for the API, or why there are none.
async fn find_access(patient: &mut Patient<'_>) -> Result<Result<Access, String>, Trouble> {
    match patient.parameter("Authorization") {
        "Iam" => Ok(Ok(Access::Signature)),
        "Cognito" => token(patient).await,
        _ => key(patient).await,
    }
}

async fn key(patient: &Patient<'_>) -> Result<Result<Access, String>, Trouble> {
    if let Some(key) = &patient.args.api_key {
        return Ok(Ok(Access::Key(key.clone())));
    }
    let path = format!("/apikeys/{}?includeValue=true", patient.output("ApiKeyId")?);
    match patient.aws.get(API_GATEWAY, "GET", &path).await {
        Ok(answer) => {
            let key: Value = serde_json::from_str(&answer).unwrap_or_default();
            Ok(Ok(Access::Key(key["value"].as_str().unwrap_or_default().to_owned())))
        }
        Err(refusal) if refusal.is_denied() => {
            Ok(Err("the caller lacks apigateway:GET on the key: --api-key KEY gives one".into()))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// The token that was given, or that of a temporary user of the stack's own pool.
async fn token(patient: &mut Patient<'_>) -> Result<Result<Access, String>, Trouble> {
    if let Some(token) = &patient.args.token {
        return Ok(Ok(Access::Token(token.clone())));
    }
    let (Ok(pool), Ok(client)) = (patient.output("UserPoolId"), patient.output("UserPoolClientId"))
    else {
        return Ok(Err(
            "the user pool is not the stack's own: --token TOKEN gives an ID token".into()
        ));
    };
    let (pool, client) = (pool.to_owned(), client.to_owned());
    let user = User { pool: pool.clone(), name: patient.run.clone() };
    let password = format!("Aa1-{}", Uuid::new_v4());
    let calls = [
        (
            "AdminCreateUser",
            json!({"UserPoolId": pool, "Username": user.name, "MessageAction": "SUPPRESS"}),
        ),
        (
            "AdminSetUserPassword",
            json!({"UserPoolId": pool, "Username": user.name, "Password": password, "Permanent": true}),
        ),
        (
            "AdminInitiateAuth",
            json!({
                "UserPoolId": pool,
                "ClientId": client,
                "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": user.name, "PASSWORD": password},
            }),
        ),
    ];
    patient.leftovers.user = Some(user);
    let mut answer = Value::Null;
    for (action, input) in calls {
        answer = match patient.aws.json(COGNITO, action, input).await {
            Err(refusal) if refusal.is_denied() => {
                let call = refusal.call;
                return Ok(Err(format!(
                    "the caller lacks {call}: --token TOKEN gives an ID token"
                )));
            }
            answer => answer?,
        };
    }
    match answer["AuthenticationResult"]["IdToken"].as_str() {
        Some(token) => Ok(Ok(Access::Token(token.to_owned()))),
        None => Ok(Err(format!(
            "the pool wants more than a password ({}): --token TOKEN gives an ID token",
            answer["ChallengeName"]
        ))),
    }
}
