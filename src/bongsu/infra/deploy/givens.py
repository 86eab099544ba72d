"""Values that a template leaves open and AWS or the command line knows: zones, prefix lists, images."""

from collections.abc import Mapping

from bongsu.infra.build.migrations import ACCOUNT_ROLES
from bongsu.infra.deploy.aws import Clients, asking, code_of
from bongsu.infra.deploy.push import arn_of
from bongsu.infra.render.cfn import AMI_PARAMETERS, Template
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

_PREFIX = "/hostedzone/"
DMS_GROUP = "AWS::DMS::ReplicationSubnetGroup"


def found_givens(template: Template, clients: Clients, images: Mapping[str, str]) -> dict[str, str]:
    """Parameter → value. `images`: service → uri, function → `s3://bucket/key`.

    Raises Invalid for one that cannot be found, by its name.
    """
    found: dict[str, str] = {}
    for parameter, how in template.givens.items():
        kind, _, name = how.partition(":")
        match kind:
            case "zone":
                found[parameter] = _zone(name, clients, template.region)
            case "prefix-list":
                found[parameter] = _prefix_list(name, clients, template.region)
            case "image":
                found[parameter] = _image(name, images)
            case "code-bucket" | "code-key":
                found[parameter] = code_of_function(name, images.get(name, ""))[kind == "code-key"]
            case "push":
                platform, _, name = name.partition("/")
                found[parameter] = arn_of(platform, name, clients, template.region)
            case "dms-certificate":
                found[parameter] = _authority(name, clients, template.region)
            case "ami":
                found[parameter] = _machine_image(name, clients, template.region)
    return found


def _zone(domain: str, clients: Clients, region: str) -> str:
    with asking(domain):
        answer = clients("route53", region).list_hosted_zones_by_name(DNSName=domain)
    ids = [
        str(one["Id"]).removeprefix(_PREFIX)
        for one in answer["HostedZones"]
        if one["Name"].rstrip(".") == domain and not one.get("Config", {}).get("PrivateZone")
    ]
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise Invalid(
            say(
                "Route 53 has {count} public zones for {domain}; one must go.",
                count=len(ids),
                domain=domain,
            )
        )
    raise Invalid(
        say(
            "Route 53 has no public zone for {domain} in this account. Create it, and let the domain's "
            "registrar point to its name servers.",
            domain=domain,
        )
    )


def _prefix_list(name: str, clients: Clients, region: str) -> str:
    wanted = [{"Name": "prefix-list-name", "Values": [name]}]
    with asking(name):
        lists = clients("ec2", region).describe_managed_prefix_lists(Filters=wanted)["PrefixLists"]
    found = [one for one in lists if one["PrefixListName"] == name]
    if not found:
        raise Invalid(say("{region} has no prefix list {name}.", region=region, name=name))
    return str(found[0]["PrefixListId"])


def _image(service: str, images: Mapping[str, str]) -> str:
    if service not in images:
        raise Invalid(
            say(
                "Which image does {service} run? Say it: --image {service}=REGISTRY/NAME:TAG. Where its registry "
                "is not there yet, deploy --until data first, and push it.",
                service=service,
            )
        )
    return images[service]


def code_of_function(function: str, address: str) -> tuple[str, str]:
    """Bucket and key of the package at `s3://bucket/key`. Raises Invalid where it is none."""
    bucket, _, key = address.removeprefix("s3://").partition("/")
    if not (bucket and key):
        raise Invalid(
            say(
                "Where is the code of {function}? Put the package into a bucket of this region and say it: "
                "--code {function}=s3://BUCKET/KEY.",
                function=function,
            )
        )
    return bucket, key


def _machine_image(name: str, clients: Clients, region: str) -> str:
    """The newest now. A release afterwards keeps it, whatever AWS has brought out meanwhile."""
    path = AMI_PARAMETERS.get(f"ami:{name}")
    if path is None:
        raise Invalid(say("There is no machine image {name} here.", name=name))
    with asking(name):
        return str(clients("ssm", region).get_parameter(Name=path)["Parameter"]["Value"])


def _authority(name: str, clients: Clients, region: str) -> str:
    """A certificate that DMS holds, by its name there."""
    wanted = [{"Name": "certificate-id", "Values": [name]}]
    try:
        with asking(name):
            held = clients("dms", region).describe_certificates(Filters=wanted)["Certificates"]
    except Invalid as error:
        if code_of(error) != "ResourceNotFoundFault":
            raise
        held = []
    if held:
        return str(held[0]["CertificateArn"])
    address = f"https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem"
    raise Invalid(
        say(
            "DMS in {region} does not know the authority of RDS yet. Fetch {address} and give it to DMS, once: "
            "aws dms import-certificate --certificate-identifier {name} --certificate-pem file://{region}-bundle.pem",
            region=region,
            address=address,
            name=name,
        )
    )


def refuse_without_roles(template: Template, clients: Clients) -> None:
    """DMS works in a network, and logs, by roles that an account has once, whoever made them.

    Raises Invalid with what to do where the account has not got one.
    """
    if not any(one["Type"] == DMS_GROUP for one in template.body["Resources"].values()):
        return
    for role, policy in ACCOUNT_ROLES.items():
        try:
            with asking(role):
                clients("iam", template.region).get_role(RoleName=role)
        except Invalid as error:
            if code_of(error) != "NoSuchEntity":
                raise
            raise _lacks(role, f"arn:aws:iam::aws:policy/service-role/{policy}") from error


def _lacks(role: str, policy: str) -> Invalid:
    return Invalid(
        say(
            "DMS needs the role {role} in this account, once. Create it for dms.amazonaws.com with the policy "
            "{policy}.",
            role=role,
            policy=policy,
        )
    )
