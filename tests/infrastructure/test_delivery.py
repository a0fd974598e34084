"""Delivery: the CDN, who may read the destination bucket, and signed URLs."""

import re

import pytest
from cloudformation import listed, load_template, resources_of_type, statements

# Notify lists none: it has s3:ListBucket so that a rendition that is gone is 404.
READS = ("s3:get", "s3:*", "*")
# Who tells of renditions reads none of them; who hands out presigned URLs must be allowed what they allow.
# Its presigned URLs may do what it may.
FUNCTIONS_THAT_READ_RENDITIONS = {"ImagesFunction"}


@pytest.fixture(scope="module")
def config(template):
    return template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]


def reads_renditions(statement):
    about_renditions = any("DestinationBucket" in str(resource) for resource in listed(statement["Resource"]))
    return about_renditions and any(action.lower().startswith(READS) for action in listed(statement["Action"]))


def test_nobody_but_the_distribution_is_let_in_by_the_bucket(template):
    (policy,) = (
        policy
        for policy in resources_of_type(template, "AWS::S3::BucketPolicy").values()
        if policy["Bucket"] == "${DestinationBucket}"
    )
    refuse_plain_http, delivery = policy["PolicyDocument"]["Statement"]
    assert refuse_plain_http["Effect"] == "Deny"
    condition, let_in, otherwise = delivery["Fn::If"]
    assert (condition, otherwise) == ("HasDelivery", "${AWS::NoValue}")
    assert let_in == {
        "Sid": "LetTheDistributionRead",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": "${DestinationBucket.Arn}/*",
        "Condition": {
            "StringEquals": {
                "aws:SourceArn": "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}"
            }
        },
    }


def test_no_role_reads_renditions_but_of_functions_that_need_to(functions, image_pipeline):
    roles = {name: statements(properties) for name, properties in {**functions, "ImagePipeline": image_pipeline}.items()}
    readers = {name for name, role in roles.items() if any(reads_renditions(statement) for statement in role)}
    assert readers == FUNCTIONS_THAT_READ_RENDITIONS


def test_the_cdn_reads_as_itself_and_is_reached_over_https_only(template, config):
    (origin,) = config["Origins"]
    assert origin["DomainName"] == "${DestinationBucket.RegionalDomainName}"
    assert origin["OriginAccessControlId"] == "${DistributionAccess.Id}"
    access = template["Resources"]["DistributionAccess"]["Properties"]["OriginAccessControlConfig"]
    assert (access["SigningBehavior"], access["SigningProtocol"]) == ("always", "sigv4")
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    assert config["HttpVersion"] == "http2and3"
    _, own, _ = config["ViewerCertificate"]["Fn::If"]
    assert own["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_pictures_are_cached_by_their_path_and_not_compressed_again(template, config):
    behavior = config["DefaultCacheBehavior"]
    assert behavior["Compress"] is False
    assert behavior["CachePolicyId"] == "${DistributionCache}"
    policy = template["Resources"]["DistributionCache"]["Properties"]["CachePolicyConfig"]
    assert policy["ParametersInCacheKeyAndForwardedToOrigin"] == {
        "CookiesConfig": {"CookieBehavior": "none"},
        "EnableAcceptEncodingBrotli": False,
        "EnableAcceptEncodingGzip": False,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
    }
    assert not {"ForwardedValues", "OriginRequestPolicyId", "MinTTL", "DefaultTTL", "MaxTTL"} & set(behavior)


def test_a_deleted_picture_leaves_the_edges_when_the_parameter_says(template):
    # S3's Cache-Control says a year: MaxTTL ends what is kept earlier, whatever the object says.
    policy = template["Resources"]["DistributionCache"]["Properties"]["CachePolicyConfig"]
    times = {name: policy[name] for name in ("MinTTL", "DefaultTTL", "MaxTTL")}
    assert times == {"MinTTL": 0, "DefaultTTL": "${DeliveryCacheSeconds}", "MaxTTL": "${DeliveryCacheSeconds}"}
    assert template["Parameters"]["DeliveryCacheSeconds"]["Default"] == 24 * 3600


def test_a_picture_can_run_nothing_wherever_it_is_opened(template):
    policy = template["Resources"]["DistributionHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = policy["SecurityHeadersConfig"]
    assert security["ContentSecurityPolicy"]["ContentSecurityPolicy"] == "default-src 'none'; sandbox"
    assert security["ContentTypeOptions"] == {"Override": True}
    assert policy["CorsConfig"]["AccessControlAllowOrigins"] == {"Items": ["${DeliveryAllowOrigin}"]}
    assert policy["CorsConfig"]["AccessControlAllowCredentials"] is False


def test_a_public_key_makes_every_url_need_a_signature(template, config):
    assert config["DefaultCacheBehavior"]["TrustedKeyGroups"] == {
        "Fn::If": ["HasDeliveryKey", ["${DistributionKeys}"], "${AWS::NoValue}"]
    }
    items = template["Resources"]["DistributionKeys"]["Properties"]["KeyGroupConfig"]["Items"]
    assert items == [
        {"Fn::If": [f"HasDeliveryKey{slot}", "${DistributionKey" + slot + "}", "${AWS::NoValue}"]} for slot in "AB"
    ]


def test_whoever_tells_of_renditions_knows_their_domain(functions):
    told = {
        name: function["Environment"]["Variables"]["DELIVERY_DOMAIN"]
        for name, function in functions.items()
        if "DELIVERY_DOMAIN" in function["Environment"]["Variables"]
    }
    assert all(domain == told["NotifyFunction"] for domain in told.values())


def test_all_of_it_is_there_only_when_it_is_asked_for(template):
    assert template["Parameters"]["Delivery"]["Default"] == "None"
    parts = {name: it["Condition"] for name, it in template["Resources"].items() if name.startswith("Distribution")}
    assert parts == {
        "Distribution": "HasDelivery",
        "DistributionAccess": "HasDelivery",
        "DistributionCache": "HasDelivery",
        "DistributionHeaders": "HasDelivery",
        "DistributionKeyA": "HasDeliveryKeyA",
        "DistributionKeyB": "HasDeliveryKeyB",
        "DistributionKeys": "HasDeliveryKey",
    }


PEM = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0B+/AQEFAAOCAQ8A\nAQ==\n-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize(
    "parameter, taken, refused",
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
def test_a_parameter_takes_what_it_says(parameter, taken, refused):
    # CloudFormation matches the whole value.
    pattern = re.compile(load_template()["Parameters"][parameter]["AllowedPattern"])
    assert all(pattern.fullmatch(value) for value in taken), taken
    assert not any(pattern.fullmatch(value) for value in refused), refused
