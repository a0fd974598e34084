//! Checks that every route of the API refuses a caller without credentials, and accepts one with credentials.
//!
//! No request changes anything: the keys do not exist, and the content type is not accepted.

use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    aws::{
        http::HttpVersion,
        service::{API_GATEWAY, COGNITO},
    },
    doctor::{
        check_result::{CheckFailure, CheckResult, check_failure, passed, skipped},
        context::CheckContext,
        created::TemporaryUser,
        credentials::ApiCredentials,
    },
};

/// Method, path and content of a call.
type ApiCall = (Method, String, Option<(&'static str, Vec<u8>)>);

/// A call to every route but `GET /health`.
fn calls_to_all_routes(run_id: &str) -> Vec<ApiCall> {
    let missing = format!("{run_id}-not-there");
    let json = |value: Value| Some(("application/json", value.to_string().into_bytes()));
    let upload = json!({"filename": "x.jpg", "content_type": "image/jpeg", "byte_len": 1});
    vec![
        (Method::POST, "/images".into(), Some(("text/plain", b"no picture".to_vec()))),
        (Method::GET, "/images".into(), None),
        (Method::GET, format!("/images/{missing}"), None),
        (Method::DELETE, format!("/images/{missing}"), None),
        (Method::POST, "/uploads".into(), json(upload)),
        (Method::GET, "/uploads?filename=x.jpg&content_type=image/jpeg&byte_len=1".into(), None),
        (Method::POST, "/executions".into(), json(json!({"key": missing}))),
    ]
}

/// Checks that every route but `GET /health` answers 401 or 403 to a caller without credentials.
pub(crate) async fn check_closed(context: &mut CheckContext<'_>) -> CheckResult {
    let calls = calls_to_all_routes(&context.run_id);
    let count = calls.len();
    for (method, path, content) in calls {
        let route = route_name(&method, &path);
        let version = HttpVersion::Http1;
        let response = context.call_api_with(version, None, method, &path, content).await?;
        if !matches!(response.status, 401 | 403) {
            return Err(check_failure(
                format!(
                    "{route} answers {} to a caller without credentials, instead of 401 or 403: the API is open",
                    response.status
                ),
                "make deploy: it deploys the description of the API again, in which every call requires credentials",
            ));
        }
    }
    passed(format!("{count} routes answer 401 or 403"))
}

/// Finds credentials for the API, and checks that every route accepts them.
pub(crate) async fn check_open(context: &mut CheckContext<'_>) -> CheckResult {
    match find_credentials(context).await {
        Ok(credentials) => context.credentials = Some(credentials),
        Err(result) => return result,
    }
    let health: ApiCall = (Method::GET, "/health".into(), None);
    let calls = [vec![health], calls_to_all_routes(&context.run_id)].concat();
    let count = calls.len();
    let mut version = "unknown".to_owned();
    for (method, path, content) in calls {
        let route = route_name(&method, &path);
        let response = context.call_api(method, &path, content).await?;
        let (status, body) = (response.status, response.excerpt());
        match (status, &*path) {
            (200, "/health") => {
                version = response.json()["version"].as_str().unwrap_or("unknown").to_owned();
            }
            (_, "/health") | (500.., _) => {
                return Err(function_failure(context, &route, status, &body));
            }
            (401 | 403, _) => {
                return Err(check_failure(
                    format!("{route} answers {status} to the caller's credentials: {body}"),
                    credentials_advice(context),
                ));
            }
            _ => {}
        }
    }
    passed(format!("{count} routes accept the caller; version {version}"))
}

fn route_name(method: &Method, path: &str) -> String {
    format!("{method} {}", path.split('?').next().unwrap_or(path))
}

fn function_failure(context: &CheckContext<'_>, route: &str, status: u16, body: &str) -> CheckFailure {
    let function = context.outputs.get("ImagesFunctionName").cloned().unwrap_or_default();
    check_failure(
        format!("{route} answers {status}: {body} (it calls the function {function})"),
        context.log_command("images"),
    )
}

fn credentials_advice(context: &CheckContext<'_>) -> &'static str {
    match context.parameter("Authorization") {
        "Iam" => "give the caller execute-api:Invoke on this API",
        "Cognito" => "--token TOKEN: an ID token of the pool that UserPoolArn names, for a client of UserPoolClientIds",
        _ => "--api-key KEY: a key of a usage plan of this stage: that of the stack, or one of ApiManageKeys",
    }
}

/// Finds credentials for the API. Without credentials, the check ends with the error as its result.
async fn find_credentials(context: &mut CheckContext<'_>) -> Result<ApiCredentials, CheckResult> {
    match context.parameter("Authorization") {
        "Iam" => Ok(ApiCredentials::Signature),
        "Cognito" => find_token(context).await,
        _ => find_key(context).await,
    }
}

/// The API key from the command line, or that of the stack.
async fn find_key(context: &CheckContext<'_>) -> Result<ApiCredentials, CheckResult> {
    if let Some(key) = &context.args.api_key {
        return Ok(ApiCredentials::Key(key.clone()));
    }
    let id = context.output("ApiKeyId").map_err(Err)?;
    let path = format!("/apikeys/{id}?includeValue=true");
    match context.aws.get(API_GATEWAY, "GET", &path).await {
        Ok(response) => {
            let value = response.json()["value"].as_str().unwrap_or_default().to_owned();
            Ok(ApiCredentials::Key(value))
        }
        Err(error) if error.is_access_denied() => {
            Err(skipped("the caller lacks apigateway:GET on the key: give one with --api-key KEY"))
        }
        Err(error) => Err(Err(error.into())),
    }
}

/// The token from the command line, or that of a temporary user of the stack's own pool.
async fn find_token(context: &mut CheckContext<'_>) -> Result<ApiCredentials, CheckResult> {
    if let Some(token) = &context.args.token {
        return Ok(ApiCredentials::Token(token.clone()));
    }
    let (Ok(pool), Ok(client)) = (context.output("UserPoolId"), context.output("UserPoolClientId")) else {
        return Err(skipped("the user pool does not belong to the stack: give an ID token with --token TOKEN"));
    };
    let (pool, client) = (pool.to_owned(), client.to_owned());
    let user = TemporaryUser { pool: pool.clone(), name: context.run_id.clone() };
    let password = format!("Aa1-{}", Uuid::new_v4());
    let calls = [
        ("AdminCreateUser", json!({"UserPoolId": pool, "Username": user.name, "MessageAction": "SUPPRESS"})),
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
    context.created.user = Some(user);
    let mut answer = Value::Null;
    for (action, input) in calls {
        answer = match context.aws.call_json(COGNITO, action, input).await {
            Err(error) if error.is_access_denied() => {
                let action = error.action;
                return Err(skipped(format!("the caller lacks {action}: give an ID token with --token TOKEN")));
            }
            answer => answer.map_err(|error| Err(error.into()))?,
        };
    }
    match answer["AuthenticationResult"]["IdToken"].as_str() {
        Some(token) => Ok(ApiCredentials::Token(token.to_owned())),
        None => Err(skipped(format!(
            "the pool requires more than a password ({}): give an ID token with --token TOKEN",
            answer["ChallengeName"]
        ))),
    }
}
