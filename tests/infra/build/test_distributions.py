"""Distributions: closed buckets, a second origin for reads, names, the firewall and Shield."""

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.build.distributions import CACHE_AS_IS, CACHE_NEVER, origin_statements
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub
from bongsu.kit.errors import Invalid
from tests.infra.build.worked import all_errors, alone, properties
from tests.infra.support import EXAMPLES, plan

WWW = {
    "aliases": ["www.example.com", "*.cdn.example.com"],
    "origins": {
        "one": {"bucket": "pictures"},
        "two": {"bucket": "copy"},
        "site": {"load_balancer": "front"},
        "far": {"host": "far.example.org"},
    },
    "default": {"origin": "one", "failover": "two"},
    "paths": {
        "/app/*": {"origin": "site", "cache": False, "methods": "all"},
        "/feed/*": {"origin": "far"},
    },
}
WITH = {
    "buckets": {"pictures": {}, "copy": {"region": "ap-northeast-1"}},
    "load_balancers__front__hosts": ["origin.example.com"],
}


def made(**changes):
    return alone(plan(**WITH, distributions={"www": {**WWW, **changes}}), "distributions")


def config(found):
    return properties(found, "DistributionWww")["DistributionConfig"]


def behaviours(found):
    chosen = config(found)
    return {None: chosen["DefaultCacheBehavior"]} | {
        one["PathPattern"]: one for one in chosen["CacheBehaviors"]
    }


def test_every_path_leads_to_its_origin_and_is_kept_as_it_asks():
    found = behaviours(made())

    leads = {
        path: (one["TargetOriginId"], one["CachePolicyId"], len(one["AllowedMethods"]))
        for path, one in found.items()
    }
    assert leads == {
        None: ("one-or-two", CACHE_AS_IS, 3),
        "/app/*": ("site", CACHE_NEVER, 7),
        "/feed/*": ("far", Att("CacheWww", "Id"), 3),
    }
    assert {one["ViewerProtocolPolicy"] for one in found.values()} == {"redirect-to-https"}


def test_the_second_origin_is_asked_when_the_first_answers_with_an_error_of_its_own():
    (group,) = config(made())["OriginGroups"]["Items"]

    assert group["FailoverCriteria"]["StatusCodes"]["Items"] == [500, 502, 503, 504]
    assert [one["OriginId"] for one in group["Members"]["Items"]] == ["one", "two"]


def test_a_bucket_is_closed_and_asked_where_it_is_and_others_are_asked_by_tls_only():
    origins = {one["Id"]: one for one in config(made())["Origins"]}

    assert origins["one"]["OriginAccessControlId"] == Att("AccessWwwOne", "Id")
    assert ".s3.ap-northeast-1." in origins["two"]["DomainName"].text
    assert origins["site"]["DomainName"] == "origin.example.com"
    for key in ("site", "far"):
        assert origins[key]["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_the_names_have_a_certificate_that_is_proved_in_the_zone_and_lead_here_by_both_families():
    found = made()

    certificate = properties(found, "CertificateWww")
    proofs = {one["DomainName"] for one in certificate["DomainValidationOptions"]}
    assert proofs == set(WWW["aliases"])
    assert config(found)["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    for host in ("WwwExampleCom", "AnyCdnExampleCom"):
        for kind in ("A", "AAAA"):
            record = properties(found, f"Name{host}{kind}")
            assert record["AliasTarget"]["DNSName"] == Att("DistributionWww", "DomainName")


def test_everything_of_it_is_in_the_stack_that_comes_first():
    found = [one for one in made().resources.values() if one.path[0] == "distributions"]

    assert {one.stack for one in found if "Alarm" not in one.type} == {"edge"}


def test_the_firewall_limits_each_address_and_shield_answers_only_when_asked():
    plain, protected = made(), made(shield="advanced")

    rules = properties(plain, "FirewallWww")["Rules"]
    assert [one["Name"] for one in rules if "Action" in one] == ["limit"]
    assert len(rules) == 4
    assert "ShieldWww" not in plain.resources
    answer = properties(protected, "ShieldWww")["ApplicationLayerAutomaticResponseConfiguration"]
    assert answer["Action"] == {"Block": {}}
    assert "FirewallWww" not in made(waf=False).resources


def test_a_path_that_is_written_to_has_no_second_origin():
    with pytest.raises(Invalid, match="failover and methods: all"):
        made(default={"origin": "one", "failover": "two", "methods": "all"})


@pytest.mark.parametrize("change", [{"public": False}, {"tls": False}])
def test_a_load_balancer_that_cloudfront_cannot_ask_is_refused_by_name(change):
    with pytest.raises(Invalid) as caught:
        plan(**WITH, load_balancers__front=change, distributions={"www": WWW})

    assert any("CloudFront cannot ask front" in one.what.to("en") for one in caught.value.problems)


def test_a_bucket_lets_in_the_distributions_that_show_it_and_nobody_else():
    two = {
        "origins": {"one": {"bucket": "pictures", "access_control": "oai"}},
        "default": {"origin": "one"},
    }
    site = Site(plan(**WITH, distributions={"www": WWW, "old": two}), EXAMPLES)

    by_control, by_identity = origin_statements(site, "pictures")

    source = by_control["Condition"]["StringEquals"]["AWS:SourceArn"]
    assert (by_control["Principal"], source.values["Distribution"]) == (
        {"Service": "cloudfront.amazonaws.com"},
        Ref("DistributionWww"),
    )
    assert by_identity["Principal"]["AWS"].values == {"Who": Ref("IdentityOld")}
    assert {one["Action"] for one in (by_control, by_identity)} == {"s3:GetObject"}
    assert isinstance(by_control["Resource"], Sub)
    assert origin_statements(site, "none") == []


def test_a_distribution_without_names_serves_by_cloudfronts_own():
    found = made(aliases=[], origins={"one": {"bucket": "pictures", "access_control": "none"}},
                 default={"origin": "one"}, paths={})  # fmt: skip

    assert config(found)["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}
    assert "Aliases" not in config(found)
    assert "OriginAccessControlId" not in config(found)["Origins"][0]


def test_every_shape_has_no_error_for_its_regions():
    old = {
        "origins": {"one": {"bucket": "pictures", "access_control": "oai"}},
        "default": {"origin": "one"},
    }
    changes = {**WITH, "distributions": {"www": {**WWW, "shield": "advanced"}, "old": old}}

    worked = plan(**changes)
    assert all_errors(worked, alone(worked, "distributions")) == []


# --- access logs


def logged(**changes):
    return alone(
        plan(**WITH, distributions={"www": {**WWW, **changes}}),
        "distributions",
        "distribution_logs",
    )


def test_requests_are_logged_into_a_closed_bucket_that_only_deliveries_of_ours_write_to():
    found = logged()

    bucket, policy = (
        found.resources["DistributionLogs"],
        properties(found, "PolicyOfDistributionLogs"),
    )
    assert (bucket.stack, bucket.keep) == ("edge", "retain")
    assert bucket.properties["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    assert {
        one.get("ExpirationInDays") for one in bucket.properties["LifecycleConfiguration"]["Rules"]
    } == {None, 90}
    (writes,) = [
        one for one in policy["PolicyDocument"]["Statement"] if one["Action"] == "s3:PutObject"
    ]
    assert writes["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert writes["Condition"]["StringEquals"]["aws:SourceAccount"] == Ref("AWS::AccountId")
    assert writes["Condition"]["ArnLike"]["aws:SourceArn"].text.endswith(
        "${AWS::AccountId}:delivery-source:*"
    )


def test_deliveries_wait_for_the_policy_and_for_each_other():
    two = {"www": WWW, "app": {**WWW, "aliases": ["app.example.com"]}}
    found = alone(plan(**WITH, distributions=two), "distributions", "distribution_logs").resources

    assert found["DistributionLogDestination"].after == ("PolicyOfDistributionLogs",)
    assert found["LogDeliveryWww"].after == ("PolicyOfDistributionLogs",)
    assert found["LogDeliveryApp"].after == ("LogDeliveryWww",)
    source = found["LogSourceApp"].properties
    assert source["ResourceArn"].values == {"Distribution": Ref("DistributionApp")}
    assert found["LogDeliveryApp"].properties["DeliverySourceName"] == Ref("LogSourceApp")


def test_a_long_name_is_cut_to_what_aws_takes_and_stays_apart_from_others():
    long = "a-distribution-with-a-long-name"
    both = {f"{long}{one}": {**WWW, "aliases": [f"{one}.example.com"]} for one in "12"}
    made = plan(
        **WITH,
        name="an-architecture-of-20",
        distributions=both,
        load_balancers__front__access_logs=False,
    )
    found = alone(made, "distributions", "distribution_logs").of_type("AWS::Logs::DeliverySource")

    names = {one.properties["Name"] for one in found}
    assert {len(name) for name in names} == {59}  # a hyphen at the cut is left out
    assert len(names) == 2


def test_without_logs_there_is_nothing_of_them():
    assert not [one for one in logged(access_logs=False).resources if "Log" in one]


def test_the_template_with_logs_is_one_that_aws_takes():
    made = plan(**WITH, distributions={"www": WWW})

    assert all_errors(made, build_graph(made)) == []
