"""Gateways: each request goes where its route says, by a link into the network, under one name."""

import json

import pytest

from bongsu.infra.draw.layout import layout
from bongsu.infra.drill.drill import drill
from bongsu.infra.drill.losses import Loss
from bongsu.infra.graph import Att, Ref, Sub
from bongsu.infra.plan.model import Opening
from bongsu.kit.errors import Invalid
from tests.infra.build.worked import properties
from tests.infra.support import graph, plan, source

ROUTES = [
    {"path": "/api/v1/session", "methods": ["POST", "OPTIONS"], "function": "enter"},
    {"path": "/api/*", "load_balancer": "inner"},
    {"path": "/*", "load_balancer": "inner"},
]
GIVEN = {
    "functions": {"enter": {"handler": "a.handler"}},
    "load_balancers__inner": {"public": False, "tls": False},
    "services__web__routes": [{"via": "inner"}],
    "load_balancers__front": None,
    "gateways__api": {"hosts": ["api.example.com", "b.example.com"], "routes": ROUTES},
}


def made(**more):
    return graph(**(GIVEN | more))


def of_type(found, kind):
    return {one.id: one.properties for one in found.of_type(f"AWS::ApiGatewayV2::{kind}")}


def test_each_method_and_path_is_a_route_to_its_function_or_load_balancer():
    routes = of_type(made(), "Route").values()

    ways = {one["RouteKey"]: one["Target"].values["Way"].id for one in routes}
    assert ways == {
        "POST /api/v1/session": "WayApiToEnter",
        "OPTIONS /api/v1/session": "WayApiToEnter",
        "ANY /api/{proxy+}": "WayApiToInner",
        "$default": "WayApiToInner",
    }


def test_paths_that_read_alike_have_routes_of_their_own():
    paths = ["/a/b", "/a-b", "/A/b", "/a/{b}", "/a/b/*"]
    routes = [{"path": path, "function": "enter"} for path in paths]

    assert len(of_type(made(gateways__api={"routes": routes}), "Route")) == len(paths)


def test_a_load_balancer_inside_is_reached_by_the_link_and_admits_nobody_else():
    found = made()

    way = properties(found, "WayApiToInner")
    assert (way["ConnectionType"], way["ConnectionId"]) == ("VPC_LINK", Ref("VpcLinkApi"))
    assert way["IntegrationUri"] == Ref("ListenerInnerPlain")
    assert properties(found, "VpcLinkApi")["SecurityGroupIds"] == [Att("GroupApiLink", "GroupId")]
    assert "SecurityGroupIngress" not in properties(found, "GroupApiLink")
    assert plan(**GIVEN).openings_of("inner") == (
        Opening("inner", "api-link", 80, 80, ("gateways", "api", "routes", 1)),
        Opening("inner", "api-link", 80, 80, ("gateways", "api", "routes", 2)),
    )


def test_over_tls_the_link_verifies_the_name_of_the_load_balancer():
    secure = {"public": False, "hosts": ["in.example.com"]}
    way = properties(made(load_balancers__inner=secure), "WayApiToInner")

    assert way["TlsConfig"] == {"ServerNameToVerify": "in.example.com"}
    assert way["IntegrationUri"] == Ref("ListenerInnerSecure")


def test_a_public_load_balancer_is_asked_by_its_name_with_the_path_as_it_came():
    found = graph(gateways__api={"routes": [{"path": "/*", "load_balancer": "front"}]})

    way = properties(found, "WayApiToFront")
    assert way["IntegrationUri"] == "https://shop.example.com"
    assert way["RequestParameters"] == {"overwrite:path": "$request.path"}
    assert of_type(found, "VpcLink") == {}


def test_the_gateway_alone_may_ask_the_function():
    permission = properties(made(), "MayAskApiEnter")

    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert isinstance(permission["SourceArn"], Sub)
    assert permission["SourceArn"].values == {"Api": Ref("GatewayApi")}


def test_names_have_one_certificate_and_shut_the_one_of_aws():
    found = made()

    assert properties(found, "GatewayApi")["DisableExecuteApiEndpoint"] is True
    assert len(of_type(found, "DomainName")) == len(of_type(found, "ApiMapping")) == 2
    certificate = properties(found, "CertificateApi")
    assert certificate["SubjectAlternativeNames"] == ["b.example.com"]
    names = [one.properties["Name"] for one in found.of_type("AWS::Route53::RecordSet")]
    assert names.count("api.example.com") == names.count("b.example.com") == 2


def test_origins_are_exact_and_come_with_credentials():
    cors = {"origins": ["https://shop.example.com"]}
    found = made(gateways__api={"routes": ROUTES, "cors": cors})

    config = properties(found, "GatewayApi")["CorsConfiguration"]
    assert config["AllowOrigins"] == ["https://shop.example.com"]
    assert config["AllowCredentials"] is True


def test_requests_are_limited_counted_and_logged_as_json():
    stage = properties(made(), "StageApi")

    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 500
    line = json.loads(stage["AccessLogSettings"]["Format"])
    assert line["ip"] == "$context.identity.sourceIp"
    assert "AccessLogSettings" not in properties(
        made(gateways__api={"routes": ROUTES, "access_logs": False}), "StageApi"
    )


def test_a_distribution_may_ask_it_under_its_own_name():
    www = {
        "aliases": ["shop.example.com"],
        "origins": {"api": {"gateway": "api"}},
        "default": {"origin": "api", "cache": False, "methods": "all"},
    }

    config = properties(made(distributions__www=www), "DistributionWww")["DistributionConfig"]

    assert config["Origins"][0]["DomainName"] == "api.example.com"


@pytest.mark.parametrize(
    ("gateway", "said"),
    [
        ({"waf": True}, "HTTP API: AWS takes no web firewall"),
        ({"routes": [*ROUTES, {"path": "/api/*", "function": "enter"}]}, "two routes for ANY /api"),
        ({"routes": [{"path": "/*", "function": "nobody"}]}, "There is no nobody in functions"),
        ({"routes": [{"path": "/*"}]}, "Name either function or load_balancer"),
        ({"routes": [{"path": "/a*", "function": "enter"}]}, "only as the last part of a path"),
        ({"cors": {"origins": ["*"]}}, "Write it like https://www.example.com."),
        ({"hosts": ["api.example.org"]}, "does not lie in example.com"),
    ],
)
def test_what_aws_does_not_do_is_refused_by_name(gateway, said):
    given = {"routes": ROUTES} | gateway

    with pytest.raises(Invalid) as refused:
        source(**(GIVEN | {"gateways__api": given}))

    assert all(problem.line for problem in refused.value.problems)
    assert said in " ".join(f"{one.what} {one.todo}" for one in refused.value.problems)


@pytest.mark.parametrize(
    ("balancer", "said"),
    [
        ({"public": True, "tls": False}, "api cannot ask inner"),
        ({"public": False}, "api cannot ask inner"),
    ],
)
def test_a_load_balancer_that_it_cannot_ask_is_refused(balancer, said):
    with pytest.raises(Invalid) as refused:
        source(**(GIVEN | {"load_balancers__inner": balancer}))

    assert said in str(refused.value.problems[0].what)


def test_the_drill_follows_a_gateway_to_those_behind_it():
    outcome = drill(plan(**GIVEN), [Loss("load-balancer", "inner")])

    assert outcome.entries == ("api",)
    assert outcome.standings["api"].state == "degraded"  # the function still signs people in
    assert str(outcome.standings["api"].why[0]) == "api does not serve /api/*, /*."
    both = drill(plan(**GIVEN), [Loss("zone", "a"), Loss("zone", "b")])
    assert "No zone is left for the link of api to inner." in [
        str(said) for said in both.standings["api"].why
    ]


def test_it_is_drawn_before_the_network_and_its_link_inside():
    drawing = layout(plan(**GIVEN))

    boxes = {box.part: box for box in drawing.boxes}
    (network,) = [one for one in drawing.frames if one.kind == "network"]
    assert boxes["api"].area.bottom <= network.area.y <= boxes["api-link"].area.y
    assert boxes["api"].aside == "api.example.com"
