"""Load balancers: what is asked where, in an order that new rules leave alone, and names with certificates."""

import pytest

from bongsu.infra.build.routing import routing_of
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref
from tests.infra.build.worked import properties
from tests.infra.support import EXAMPLES, graph, plan

FRONT = {"via": "front"}


def routes(*given):
    return {"services__web__routes": [FRONT | one for one in given]}


def rules(made):
    """What each rule matches, in the order in which AWS asks them."""
    found = made.of_type("AWS::ElasticLoadBalancingV2::ListenerRule")
    ordered = sorted(found, key=lambda one: one.properties["Priority"])
    return [
        tuple(value for one in rule.properties["Conditions"] for value in _values(one))
        for rule in ordered
    ]


def _values(condition):
    return next(one for key, one in condition.items() if key.endswith("Config"))["Values"]


def attributes(made):
    given = properties(made, "LoadBalancerFront")["LoadBalancerAttributes"]
    return {one["Key"]: one["Value"] for one in given}


def test_plain_requests_are_sent_to_tls_and_unknown_hosts_are_answered_404():
    made = graph()

    plain = properties(made, "ListenerFrontPlain")["DefaultActions"][0]
    secure = properties(made, "ListenerFrontSecure")
    assert (plain["Type"], plain["RedirectConfig"]["StatusCode"]) == ("redirect", "HTTP_301")
    assert (secure["Protocol"], secure["Port"]) == ("HTTPS", 443)
    assert secure["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "404"


def test_one_route_for_everything_needs_no_rule():
    made = graph(load_balancers__front={"hosts": ["a.example.com"]}, **routes({}))

    action = properties(made, "ListenerFrontSecure")["DefaultActions"][0]
    assert action == {"Type": "forward", "TargetGroupArn": Ref("TargetsWebViaFrontPublic")}
    assert rules(made) == []


def test_the_certificate_is_for_every_name_and_proved_in_the_zone():
    made = graph(load_balancers__front={"hosts": ["www.example.com"]})

    found = properties(made, "CertificateFront")
    assert found["DomainName"] == "www.example.com"
    assert found["SubjectAlternativeNames"] == ["shop.example.com"]
    assert [one["HostedZoneId"].how for one in found["DomainValidationOptions"]] == [
        "zone:example.com"
    ] * 2


def test_every_name_points_here_but_those_that_a_distribution_answers_to():
    origin = {"site": {"load_balancer": "front"}}
    cdn = {"aliases": ["shop.example.com"], "origins": origin, "default": {"origin": "site"}}
    made = graph(
        distributions={"cdn": cdn}, load_balancers__front={"hosts": ["origin.example.com"]}
    )

    here = {
        one.properties["Name"]
        for one in made.of_type("AWS::Route53::RecordSet")
        if one.properties["AliasTarget"]["DNSName"] == Att("LoadBalancerFront", "DNSName")
    }
    assert here == {"origin.example.com"}


def test_the_more_exact_rule_is_asked_first():
    made = graph(
        **routes(
            {"paths": ["/api/*"]},
            {"hosts": ["shop.example.com"]},
            {"hosts": ["*.example.com"]},
            {"hosts": ["shop.example.com"], "paths": ["/api/*"]},
            {"hosts": ["shop.example.com"], "paths": ["/api/v2/*"]},
        )
    )

    assert rules(made) == [
        ("shop.example.com", "/api/v2/*"),
        ("shop.example.com", "/api/*"),
        ("shop.example.com",),
        ("*.example.com",),
        ("/api/*",),
    ]


def test_a_new_rule_and_another_order_leave_the_others_their_numbers():
    one, two = {"hosts": ["a.example.com"]}, {"paths": ["/x/*"]}
    new = {"hosts": ["b.example.com"], "paths": ["/y"]}

    before = numbers(graph(**routes(one, two)))
    after = numbers(graph(**routes(new, two, one)))

    assert before.items() <= after.items()
    assert len(after) == 3


def numbers(made):
    found = made.of_type("AWS::ElasticLoadBalancingV2::ListenerRule")
    return {one.id: one.properties["Priority"] for one in found}


def test_a_route_with_more_names_than_a_rule_takes_becomes_several():
    hosts = [f"h{number}.example.com" for number in range(12)]
    both = {"hosts": hosts[:3], "paths": ["/a", "/b", "/c", "/d"]}
    made = graph(**routes({"hosts": hosts}, both))

    found = rules(made)
    assert all(len(values) <= 5 for values in found)
    assert set(hosts) == {value for values in found for value in values if value[0] != "/"}
    priorities = list(numbers(made).values())
    assert len(set(priorities)) == len(priorities) == 3 + 4
    assert all(1 <= number <= 50_000 for number in priorities)


def test_two_rules_that_want_the_same_number_both_get_one(monkeypatch):
    monkeypatch.setattr("bongsu.infra.build.routing._wanted", lambda _: 7)
    made = graph(**routes(*({"hosts": [f"{name}.example.com"]} for name in "abc")))

    assert sorted(numbers(made).values()) == [7, 8, 9]


def test_the_same_route_twice_is_one_rule():
    assert len(rules(graph(**routes(*({"hosts": ["a.example.com"]},) * 2)))) == 1


def test_a_flip_from_public_to_internal_is_another_target_group():
    public = graph()
    internal = graph(load_balancers__front={"public": False})

    assert "TargetsWebViaFrontPublic" in public.resources
    assert "TargetsWebViaFrontInternal" in internal.resources
    assert properties(internal, "LoadBalancerFront")["Scheme"] == "internal"


@pytest.mark.parametrize(
    ("health", "path", "codes"),
    [({}, "/", "200-399"), ({"path": "/healthz"}, "/healthz", "200-299")],
)
def test_health_is_asked_where_the_service_listens(health, path, codes):
    found = properties(graph(services__web__health=health), "TargetsWebViaFrontPublic")

    assert (found["HealthCheckPath"], found["Matcher"]) == (path, {"HttpCode": codes})
    assert (found["HealthCheckPort"], found["TargetType"]) == ("traffic-port", "ip")
    assert found["HealthCheckTimeoutSeconds"] < found["HealthCheckIntervalSeconds"]


def test_a_health_port_of_its_own_is_asked():
    found = properties(
        graph(services__web__health={"port": 81, "interval_s": 5}), "TargetsWebViaFrontPublic"
    )

    assert (found["HealthCheckPort"], found["HealthCheckTimeoutSeconds"]) == ("81", 4)


def test_routes_that_ask_for_different_things_have_groups_of_their_own():
    sticky = {"paths": ["/a"], "sticky": True, "deregistration_s": 5}
    named = {"hosts": ["a.example.com"]}
    made = graph(
        load_balancers__front=named, **routes({"paths": ["/b"]}, {"paths": ["/c"]}, sticky)
    )

    groups = [one.id for one in made.of_type("AWS::ElasticLoadBalancingV2::TargetGroup")]
    assert groups == ["TargetsWebViaFrontPublic", "TargetsWebViaFrontPublic2"]
    given = properties(made, groups[1])["TargetGroupAttributes"]
    assert {"Key": "stickiness.type", "Value": "lb_cookie"} in given


@pytest.mark.parametrize(
    ("changes", "protected"),
    [
        ({}, "true"),
        ({"production": False}, "false"),
        ({"load_balancers__front__delete_protection": False}, "false"),
    ],
)
def test_production_is_protected_unless_the_file_says_so(changes, protected):
    assert attributes(graph(**changes))["deletion_protection.enabled"] == protected


def test_access_is_logged_where_elb_may_write():
    made = graph()

    assert attributes(made)["access_logs.s3.bucket"] == Ref("LogBucket")
    statements = properties(made, "PolicyOfLoadBalancerLogs")["PolicyDocument"]["Statement"]
    writers = [one["Principal"]["Service"] for one in statements if one["Effect"] == "Allow"]
    assert "logdelivery.elasticloadbalancing.amazonaws.com" in writers
    written = next(one["Resource"] for one in statements if one.get("Action") == "s3:PutObject")
    assert written.text.endswith("/*/AWSLogs/${AWS::AccountId}/*")  # not those of other accounts
    assert made.resources["LogBucket"].keep == "retain"


def test_without_logs_there_is_no_bucket_for_them():
    made = graph(load_balancers__front={"access_logs": False})

    assert attributes(made)["access_logs.s3.enabled"] == "false"
    assert "LogBucket" not in made.resources


def test_the_firewall_stands_before_it():
    found = properties(graph(), "GuardedFront")

    assert found == {
        "ResourceArn": Ref("LoadBalancerFront"),
        "WebACLArn": Att("FirewallFront", "Arn"),
    }
    assert properties(graph(), "FirewallFront")["Scope"] == "REGIONAL"
    assert "GuardedFront" not in graph(load_balancers__front={"waf": False}).resources


def limits(made):
    rules = properties(made, "FirewallFront")["Rules"]
    return [one["Statement"]["RateBasedStatement"] for one in rules if one["Name"] == "limit"]


def behind_cloudfront(**more):
    www = {"origins": {"site": {"load_balancer": "front"}}, "default": {"origin": "site"}, **more}
    return graph(distributions={"www": www}, load_balancers__front__hosts=["origin.example.com"])


def test_behind_cloudfront_no_limit_holds_for_cloudfront_s_own_few_addresses():
    """There AWS WAF sees the address of CloudFront as the visitor's: all visitors would share one limit."""
    (plain,) = limits(graph())
    (forwarded,) = limits(behind_cloudfront(waf=False))

    assert plain["AggregateKeyType"] == "IP"
    assert limits(behind_cloudfront()) == []  # the distribution's own firewall counts
    assert forwarded["AggregateKeyType"] == "FORWARDED_IP"
    assert forwarded["ForwardedIPConfig"]["HeaderName"] == "X-Forwarded-For"


def test_the_firewall_counts_long_bodies_and_lets_them_in():
    """AWS's common rules turn away every body above 8 KiB, such as an upload or a batch of logs."""
    rules = properties(graph(), "FirewallFront")["Rules"]
    (common,) = [one for one in rules if one["Name"] == "AWSManagedRulesCommonRuleSet"]

    overrides = common["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert overrides == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]


def test_a_network_load_balancer_ends_tls_and_sends_everything_to_one_group():
    made = graph(load_balancers__front={"kind": "network"}, services__web__health={})

    listener = properties(made, "ListenerFrontSecure")
    assert (listener["Protocol"], listener["DefaultActions"][0]["Type"]) == ("TLS", "forward")
    assert "ListenerFrontPlain" not in made.resources
    group = properties(made, "TargetsWebViaFrontPublic")
    assert (group["Protocol"], group["HealthCheckProtocol"]) == ("TCP", "TCP")
    assert "routing.http.drop_invalid_header_fields.enabled" not in attributes(made)


def test_a_network_load_balancer_without_tls_has_no_certificate():
    changes = {"kind": "network", "tls": False, "hosts": ["tcp.example.com"]}
    made = graph(load_balancers__front=changes, **routes({"sticky": True}))

    assert properties(made, "ListenerFrontPlain")["Protocol"] == "TCP"
    assert not made.of_type("AWS::CertificateManager::Certificate")
    assert attributes(made)["access_logs.s3.enabled"] == "false"
    given = properties(made, "TargetsWebViaFrontPublic")["TargetGroupAttributes"]
    assert {"Key": "stickiness.type", "Value": "source_ip"} in given


def test_it_stands_in_every_zone_of_its_tier():
    public = properties(graph(), "LoadBalancerFront")["Subnets"]
    internal = properties(graph(load_balancers__front={"public": False}), "LoadBalancerFront")

    assert public == [Ref("SubnetMainPublicA"), Ref("SubnetMainPublicB")]
    assert internal["Subnets"] == [Ref("SubnetMainAppA"), Ref("SubnetMainAppB")]


def test_routing_of_one_that_nobody_uses_is_empty():
    made = plan(load_balancers__spare={"tls": False})
    routing = routing_of(Site(made, EXAMPLES), "spare")

    assert (routing.groups, routing.rules, routing.rest) == ((), (), None)
