"""Terraform is a second view of the same graph: nothing is lost, every name exists, every reference resolves."""

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.graph import Graph, Ref, Resource, Sub, pointers
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.render.tf import configuration
from bongsu.infra.render.tf_names import attribute, snake, type_name
from bongsu.infra.render.tf_types import exceptions, is_absent
from bongsu.infra.render.tf_values import Code, Text, called, in_expression, in_json
from bongsu.kit.errors import Invalid
from tests.infra.render.views import EVERY, Views, meant, properties_of, schema, views
from tests.infra.support import example, plan
from tests.infra.test_lint import lay_scripts

OWN = {"provider", "depends_on", "lifecycle"}
GAPS = {"UpdatePolicy"}  # machines of a group are not replaced in turn
COMPOSITE = {
    "AWS::ApplicationAutoScaling::ScalableTarget"
}  # Ref gives all three, parted by bars, as `id` does
INTRINSIC = re.compile(r"Ref|Fn::\w+")
KEY = re.compile(r'"((?:[^"\\]|\\.)*)" = ')
READ = re.compile(r"(?<![\w.])(data\.)?((?:awscc|aws)_\w+)\.(\w+)((?:\.\w+)*)")


def provider_name(type: str) -> str:  # noqa: A002
    return exceptions().substitutes.get(type, {}).get("type", type)


# --- names


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("AssignIpv6AddressOnCreation", "assign_ipv_6_address_on_creation"),
        ("EnableDns64", "enable_dns_64"),
        ("DBClusterParameterGroupName", "db_cluster_parameter_group_name"),
        ("TransitionToIA", "transition_to_ia"),
        ("EnableECSManagedTags", "enable_ecs_managed_tags"),
        ("S3Bucket", "s3_bucket"),
        ("MultiAZEnabled", "multi_az_enabled"),
        ("CloudFrontOriginAccessIdentity", "cloudfront_origin_access_identity"),
        ("CloudWatchLogs", "cloudwatch_logs"),
        ("CNAMEs", "cnames"),
    ],
)
def test_names_are_those_of_the_provider_s_documentation(name, said):
    assert snake(name) == said


def test_a_type_is_named_after_its_service_and_kind():
    assert type_name("AWS::EC2::VPCEndpoint") == "awscc_ec2_vpc_endpoint"
    assert attribute("AWS::SecretsManager::Secret", "Id") == "secret_id"


@pytest.mark.parametrize("name", EVERY)
def test_every_name_is_one_property_of_its_type(name):
    seen = views(name)
    for one in seen.graph.resources.values():
        if one.type in exceptions().cloud_control:
            continue
        known = schema(provider_name(one.type))
        for block in seen.blocks(one.id):
            body = {key: value for key, value in block.items() if key not in OWN}

            assert unknown(known, known, body, provider_name(one.type), ()) == []


def unknown(root: Any, node: Any, value: Any, kind: str, place: tuple[str, ...]) -> list[str]:
    if "/".join(place) in exceptions().maps.get(kind, ()):
        return []
    if isinstance(value, list):
        inner = meant(root, node).get("items", {})
        return [said for one in value for said in unknown(root, inner, one, kind, (*place, "*"))]
    if not isinstance(value, dict):
        return []
    wrong, named = [], properties_of(root, node)
    for key, inner in value.items():
        fits = [name for name in named if snake(name) == key]
        if len(fits) != 1:
            wrong.append(f"{kind} {'/'.join(place)}: {key} is {fits}")
        else:
            wrong += unknown(root, named[fits[0]], inner, kind, (*place, fits[0]))
    return wrong


# --- nothing is lost


@pytest.mark.parametrize("name", EVERY)
def test_every_resource_and_every_property_is_in_both(name):
    seen = views(name)
    made = [f"{k}.{n}" for k, of in seen.tf.body["resource"].items() for n in of]

    assert sum(len(seen.blocks(id)) for id in seen.cfn) == len(made)  # noqa: A001
    for id, resource in seen.cfn.items():  # noqa: A001
        properties, blocks = resource.get("Properties", {}), seen.blocks(id)
        if way := exceptions().substitutes.get(resource["Type"]):
            targets = properties[way["each"]]
            rest = {key: value for key, value in properties.items() if key != way["each"]}
            expected = [rest | {way["one"]: target} for target in targets]
        else:
            expected = [properties]
        assert len(expected) == len(blocks)
        for each, block in zip(expected, blocks, strict=True):
            assert lost(each, told(resource["Type"], block), id) == []


def told(kind: str, block: dict[str, Any]) -> Any:
    if kind in exceptions().cloud_control:
        assert block["type_name"] == kind
        return block["desired_state"]
    return {key: value for key, value in block.items() if key not in OWN}


def lost(cfn: Any, tf: Any, place: str) -> list[str]:
    """Where the two differ; names are compared in small letters without lines."""
    if isinstance(tf, str) and tf.startswith("${jsonencode("):
        said = Counter(KEY.findall(tf))
        return [] if said == Counter(keys(cfn)) else [f"{place}: {said} for {cfn}"]
    if is_intrinsic(cfn):
        known = cfn == {"Ref": "AWS::Region"} or "Fn::Sub" in cfn  # its region is known by then
        return [] if isinstance(tf, str) and ("${" in tf or known) else [f"{place}: {tf!r}"]
    if isinstance(cfn, dict):
        pairs = {plain(key): value for key, value in cfn.items()}
        other = {plain(key): value for key, value in tf.items()}
        if pairs.keys() != other.keys() or len(cfn) != len(tf):
            return [f"{place}: {sorted(pairs.keys() ^ other.keys())}"]
        return [said for key in pairs for said in lost(pairs[key], other[key], f"{place}.{key}")]
    if isinstance(cfn, list):
        if len(cfn) != len(tf):
            return [f"{place}: {len(cfn)} and {len(tf)}"]
        both = enumerate(zip(cfn, tf, strict=True))
        return [said for at, (one, two) in both for said in lost(one, two, f"{place}[{at}]")]
    same = cfn == (tf.replace("$${", "${") if isinstance(tf, str) else tf)
    return [] if same else [f"{place}: {cfn!r} and {tf!r}"]


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and not is_intrinsic(value):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def is_intrinsic(value: Any) -> bool:
    return isinstance(value, dict) and any(INTRINSIC.fullmatch(key) for key in value)


def plain(key: str) -> str:
    return key.replace("_", "").lower()


def test_what_terraform_cannot_say_is_named():
    gaps = {gap.split(".")[1] for name in EVERY for gap in views(name).tf.gaps}

    assert gaps == GAPS


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_what_the_provider_lacks_is_refused_by_its_place(environment, tmp_path):
    planned = make_plan(example("004-hybrid", environment).architecture)
    graph = build_graph(planned, lay_scripts(planned.architecture, tmp_path))

    with pytest.raises(Invalid) as refused:
        configuration(planned, graph)

    pipeline = {"pipelines.delivery"} if environment == "production" else set()
    assert {one.where for one in refused.value.problems} == {"migrations.legacy"} | pipeline
    lacking = ("AWS::DMS::", "AWS::CodeBuild::")
    assert all(any(one in str(said.what) for one in lacking) for said in refused.value.problems)
    assert is_absent("AWS::CodeBuild::Project")
    assert not is_absent("AWS::CodeBuild::ProjectOther")


@pytest.mark.parametrize("name", EVERY)
def test_the_tables_of_free_forms_and_maps_are_what_the_schemas_say(name):
    for one in views(name).graph.resources.values():
        if one.type in exceptions().cloud_control:
            continue
        kind = provider_name(one.type)
        known = schema(kind)
        shaped = set(shapeless(known, known, one.properties, ()))
        listed = {*exceptions().free_form.get(kind, ()), *exceptions().maps.get(kind, ())}

        assert shaped - {"LaunchTemplateData/UserData", "UserData"} <= listed, kind


def shapeless(root: Any, node: Any, value: Any, place: tuple[str, ...]) -> Iterator[str]:
    """Places of objects for which the schema names no property, or of lists without a kind."""
    named, inner = properties_of(root, node), meant(root, node).get("items")
    if isinstance(value, dict):
        if not named:
            yield "/".join(place)
        for key, of in value.items():
            if key in named:
                yield from shapeless(root, named[key], of, (*place, key))
    elif isinstance(value, list | tuple):
        if inner is None:
            yield "/".join(place)
        for one in value if inner else ():
            yield from shapeless(root, inner, one, (*place, "*"))


# --- references


@pytest.mark.parametrize("name", EVERY)
def test_every_reference_resolves_to_an_attribute_that_exists(name):
    seen = views(name)
    body = seen.tf.body
    kinds = {provider_name(one.type): one.type for one in seen.graph.resources.values()}
    types = {type_name(kind): kind for kind in kinds}
    for data, kind, block, rest in READ.findall(seen.tf.text):
        assert block in body["data" if data else "resource"][kind], (data, kind, block)
        if not data and kind in types and rest not in {"", ".id"}:
            assert has_attribute(types[kind], rest.removeprefix(".")), (kind, rest)
    for variable in re.findall(r"var\.(\w+)", seen.tf.text):
        assert variable in body["variable"]


def has_attribute(kind: str, path: str) -> bool:
    root = schema(kind)
    node: Any = root
    for part in path.split("."):
        named = properties_of(root, node)
        fits = [
            name
            for name in named
            if (attribute(kind, name) if node is root else snake(name)) == part
        ]
        if len(fits) != 1:
            return False
        node = named[fits[0]]
    return True


@pytest.mark.parametrize("name", EVERY)
def test_what_is_waited_for_stands_in_the_file_and_regions_have_their_providers(name):
    body = views(name).tf.body
    blocks = {f"{k}.{n}": block for k, of in body["resource"].items() for n, block in of.items()}
    providers = {f"{n}.{one['alias']}" for n, of in body["provider"].items() for one in of}

    assert {one for block in blocks.values() for one in block.get("depends_on", [])} <= set(blocks)
    assert {block["provider"] for block in blocks.values()} <= providers
    after = sum(len(one.after) for one in views(name).graph.resources.values())
    assert sum(len(block.get("depends_on", [])) for block in blocks.values()) >= after


@pytest.mark.parametrize("name", EVERY)
def test_what_ref_gives_is_the_identifier_of_the_type(name):
    graph = views(name).graph
    for one in graph.resources.values():
        for pointer in pointers(one.properties):
            if isinstance(pointer, Ref) and not pointer.id.startswith("AWS::"):
                kind = graph.resources[pointer.id].type
                single = len(schema(kind)["primaryIdentifier"]) == 1
                assert single or kind in exceptions().ref or kind in COMPOSITE, kind


@pytest.mark.parametrize("name", EVERY)
def test_what_is_kept_cannot_be_destroyed(name):
    seen = views(name)
    for one in seen.graph.resources.values():
        guarded = all("lifecycle" in block for block in seen.blocks(one.id))
        assert guarded == (one.keep != "delete")


# --- values


def test_a_dollar_of_a_program_stays_one():
    value = Text(("a ${HOME} $", Code("var.x"), ' "q"\n'))

    assert in_json(value) == 'a $${HOME} ${"$"}${var.x} "q"\n'
    assert in_expression(value) == r'"a $${HOME} ${"$"}${var.x} \"q\"\n"'
    assert in_expression({"a": [1, True, None, Code("b.c")]}) == '{"a" = [1, true, null, b.c]}'


def graph_of(*resources: Resource) -> Graph:
    graph = Graph()
    for one in resources:
        graph.add(one)
    return graph


def test_one_policy_for_several_topics_becomes_several():
    topics = [Resource(name, "AWS::SNS::Topic", {}, "app", ("alarms",)) for name in ("One", "Two")]
    policy = {"Topics": [Ref("One"), Ref("Two")], "PolicyDocument": {"Version": "2012-10-17"}}
    shared = Resource("Shared", "AWS::SNS::TopicPolicy", policy, "app", ("alarms",))

    made = configuration(plan(), graph_of(*topics, shared)).body["resource"]

    assert {
        name: one["topic_arn"] for name, one in made["awscc_sns_topic_inline_policy"].items()
    } == {"Shared": "${awscc_sns_topic.One.id}", "Shared_2": "${awscc_sns_topic.Two.id}"}


@pytest.mark.parametrize(
    "value",
    [{"Fn::Select": [0, []]}, Sub("${AWS::StackName}"), "{{resolve:ssm:a}}", Sub("{{resolve:x}}")],
)
def test_what_has_no_words_is_refused(value):
    topic = Resource("One", "AWS::SNS::Topic", {"TopicName": value}, "app", ("alarms",))

    with pytest.raises(Invalid, match="Terraform has no words for"):
        configuration(plan(), graph_of(topic))


def test_the_state_is_kept_in_a_bucket_with_a_lock_only_when_one_is_named():
    graph = build_graph(planned := plan())
    named = configuration(planned, graph, "states").body["terraform"]

    assert named["backend"]["s3"] == {
        "bucket": "states",
        "key": "shop-production/terraform.tfstate",
        "region": "ap-northeast-2",
        "encrypt": True,
        "use_lockfile": True,
    }
    assert "backend" not in configuration(planned, graph).body["terraform"]


@pytest.mark.parametrize("name", EVERY)
def test_the_same_graph_gives_the_same_bytes_and_what_stacks_share_is_an_output(name):
    seen = views(name)
    outputs = set(seen.tf.body["output"])

    assert configuration(seen.plan, seen.graph, "states").text == seen.tf.text
    assert outputs
    assert all(json.dumps(one).count("${") == 1 for one in seen.tf.body["output"].values())


# --- Terraform itself, as far as it goes without a provider


@pytest.mark.parametrize("name", EVERY)
def test_terraform_reads_every_expression(name, tmp_path):
    """Each resource as a `terraform_data`: syntax, references and circles are looked at, types are not."""
    written = json.dumps(bare(views(name)), ensure_ascii=False)

    assert "valid" in told_by_terraform(written, tmp_path, ["validate"])


def test_terraform_gives_a_program_s_text_back_as_it_was(tmp_path):
    program = '#!/bin/sh\n\techo "$HOME ${HOME} $${x} %{if} 100%" \\\\n $(id -u) 가\r\n'
    joined = Text((program + "$", Code("var.x"), "%", Code("var.x")))
    outputs = {"plain": joined, "nested": called("jsonencode", {"a ${b}": [joined]})}
    body = {
        "variable": {"x": {"default": "!"}},
        "output": {name: {"value": in_json(value)} for name, value in outputs.items()},
    }

    told_by_terraform(json.dumps(body), tmp_path, ["plan", "-out=made"])
    made = json.loads(told_by_terraform(json.dumps(body), tmp_path, ["show", "-json", "made"]))

    found = {name: one["value"] for name, one in made["planned_values"]["outputs"].items()}
    assert found["plain"] == f"{program}$!%!"
    assert json.loads(found["nested"]) == {"a ${b}": [f"{program}$!%!"]}


def told_by_terraform(text: str, folder: Path, words: list[str]) -> str:
    if not (program := shutil.which("terraform")):
        pytest.skip("there is no terraform here")
    (folder / "main.tf.json").write_text(text, encoding="utf-8")
    quiet = {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1"}
    said = ""
    for each in (["init", "-input=false", "-no-color"], [*words]):
        done = subprocess.run(
            [program, f"-chdir={folder}", *each],
            env=os.environ | quiet,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said = done.stdout
    return said


def bare(seen: Views) -> dict[str, Any]:
    body = json.loads(renamed(seen.tf.text))
    blocks = {
        f"{section}_{kind}_{name}": block
        for section in ("resource", "data")
        for kind, of in body.get(section, {}).items()
        for name, block in of.items()
    }
    made = {name: as_data(block) for name, block in blocks.items()}
    kept = {key: body[key] for key in ("variable", "output") if key in body}
    return kept | {"resource": {"terraform_data": made}}


def renamed(text: str) -> str:
    """`data.a.b.c` and `a.b.c` become outputs of stand-ins."""

    def stand_in(found: re.Match[str]) -> str:
        data, kind, name, rest = found.groups()
        place = f"terraform_data.{'data' if data else 'resource'}_{kind}_{name}"
        return f"{place}.output{rest}" if rest else place

    return READ.sub(stand_in, text)


def as_data(block: dict[str, Any]) -> dict[str, Any]:
    own = {key: block[key] for key in ("depends_on", "lifecycle") if key in block}
    return own | {"input": {k: v for k, v in block.items() if k not in OWN}}
