"""Delivery by the CDN: who may read the destination bucket, signed URLs, and which parameter values are accepted."""

import re

import pytest
from cloudformation import listed, load_template, resources_of_type, statements

# Notify has s3:ListBucket only so that S3 answers 404, and not 403, for a missing rendition. It reads nothing.
READ_ACTIONS = ("s3:get", "s3:*", "*")
# Its presigned URLs allow what its role allows.
FUNCTIONS_THAT_READ_RENDITIONS = {"ImagesFunction"}


@pytest.fixture(scope="module")
def config(template):
    return template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]


def reads_renditions(statement):
    about_renditions = any("DestinationBucket" in str(resource) for resource in listed(statement["Resource"]))
    return about_renditions and any(action.lower().startswith(READ_ACTIONS) for action in listed(statement["Action"]))


def test_the_bucket_policy_allows_only_the_distribution(template):
    (policy,) = (
        policy
        for policy in resources_of_type(template, "AWS::S3::BucketPolicy").values()
        if policy["Bucket"] == "${DestinationBucket}"
    )
    refuse_plain_http, delivery = policy["PolicyDocument"]["Statement"]
    assert refuse_plain_http["Effect"] == "Deny"
    condition, allowed, otherwise = delivery["Fn::If"]
    assert (condition, otherwise) == ("HasDelivery", "${AWS::NoValue}")
    assert (allowed["Principal"], allowed["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    distribution = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}"
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceArn": distribution}}


def test_only_functions_that_presign_renditions_may_read_them(functions, image_pipeline):
    roles = {name: statements(properties) for name, properties in {**functions, "ImagePipeline": image_pipeline}.items()}
    readers = {name for name, role in roles.items() if any(reads_renditions(statement) for statement in role)}
    assert readers == FUNCTIONS_THAT_READ_RENDITIONS


def test_the_cdn_signs_its_requests_and_accepts_https_only(template, config):
    (origin,) = config["Origins"]
    assert origin["OriginAccessControlId"] == "${DistributionAccess.Id}"
    access = template["Resources"]["DistributionAccess"]["Properties"]["OriginAccessControlConfig"]
    assert (access["SigningBehavior"], access["SigningProtocol"]) == ("always", "sigv4")
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    _, own, _ = config["ViewerCertificate"]["Fn::If"]
    assert own["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_a_rendition_that_is_opened_as_a_page_runs_no_script(template):
    policy = template["Resources"]["DistributionHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = policy["SecurityHeadersConfig"]
    assert security["ContentSecurityPolicy"]["ContentSecurityPolicy"] == "default-src 'none'; sandbox"
    assert security["ContentTypeOptions"] == {"Override": True}
    assert policy["CorsConfig"]["AccessControlAllowCredentials"] is False


def test_with_a_public_key_every_url_needs_a_signature(template, config):
    assert config["DefaultCacheBehavior"]["TrustedKeyGroups"] == {
        "Fn::If": ["HasDeliveryKey", ["${DistributionKeys}"], "${AWS::NoValue}"]
    }
    items = template["Resources"]["DistributionKeys"]["Properties"]["KeyGroupConfig"]["Items"]
    assert items == [
        {"Fn::If": [f"HasDeliveryKey{slot}", "${DistributionKey" + slot + "}", "${AWS::NoValue}"]} for slot in "AB"
    ]


def test_every_function_that_names_renditions_uses_the_same_domain(functions):
    variables = [function["Environment"]["Variables"] for function in functions.values()]
    domains = [it["DELIVERY_DOMAIN"] for it in variables if "DELIVERY_DOMAIN" in it]
    assert len(domains) == 2 and domains[0] == domains[1]


PEM = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0B+/AQEFAAOCAQ8A\nAQ==\n-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize(
    "parameter, accepted, refused",
    [
        ("DeliveryDomainName", ["", "pictures.example.com", "a.io"], ["https://a.io", "a.io/b", "localhost", "A.io"]),
        (
            "DeliveryCertificateArn",
            ["", "arn:aws:acm:us-east-1:111122223333:certificate/12ab-cd"],
            ["arn:aws:acm:eu-west-1:111122223333:certificate/12ab-cd", "12ab"],
        ),
        ("DeliveryAllowOrigin", ["*", "https://www.example.com", "http://localhost:3000"], ["", "example.com"]),
        ("DeliveryPublicKeyA", ["", PEM, PEM.strip()], ["MIIB", PEM.replace("PUBLIC", "PRIVATE")]),
        ("DeliveryPublicKeyB", ["", PEM], ["ssh-rsa AAAA", PEM + PEM]),
    ],
)
def test_the_pattern_of_a_parameter_accepts_good_values_and_refuses_others(parameter, accepted, refused):
    # CloudFormation matches the whole value.
    pattern = re.compile(load_template()["Parameters"][parameter]["AllowedPattern"])
    assert all(pattern.fullmatch(value) for value in accepted), accepted
    assert not any(pattern.fullmatch(value) for value in refused), refused
