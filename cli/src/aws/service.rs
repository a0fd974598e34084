//! The AWS services that are called without an SDK.

/// A service and its protocol.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    /// The name that requests are signed for, also the prefix of its IAM actions.
    pub(super) name: &'static str,
    /// JSON protocols: the prefix of the header `X-Amz-Target`. Empty for others.
    pub(super) target_prefix: &'static str,
    /// JSON protocols: the version of the protocol. Query protocol: the version of the API. Empty for others.
    pub(super) version: &'static str,
}

const fn service(name: &'static str, target_prefix: &'static str, version: &'static str) -> Service {
    Service { name, target_prefix, version }
}

pub(crate) const API_GATEWAY: Service = service("apigateway", "", "");
pub(crate) const CLOUDFRONT: Service = service("cloudfront", "", "");
pub(crate) const CLOUDFORMATION: Service = service("cloudformation", "", "2010-05-15");
pub(crate) const COGNITO: Service = service("cognito-idp", "AWSCognitoIdentityProviderService", "1.1");
pub(crate) const DYNAMODB: Service = service("dynamodb", "DynamoDB_20120810", "1.0");
pub(crate) const EVENTBRIDGE: Service = service("events", "AWSEvents", "1.1");
pub(crate) const IAM: Service = service("iam", "", "2010-05-08");
pub(crate) const LAMBDA: Service = service("lambda", "", "");
pub(crate) const PIPES: Service = service("pipes", "", "");
pub(crate) const SQS: Service = service("sqs", "AmazonSQS", "1.0");
pub(crate) const STEP_FUNCTIONS: Service = service("states", "AWSStepFunctions", "1.0");
pub(crate) const STS: Service = service("sts", "", "2011-06-15");
