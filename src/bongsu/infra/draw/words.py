"""What is written in a box. Pure."""

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.clusters import Cluster, Nodes
from bongsu.infra.model.compute import Servers, Service
from bongsu.infra.model.data import Bucket, Database
from bongsu.infra.model.hosts import Capacity
from bongsu.infra.model.traffic import Distribution, LoadBalancer
from bongsu.infra.plan.hosts import hosts_of_load_balancer
from bongsu.infra.plan.model import Part, Plan
from bongsu.kit.i18n import Said, say

GLYPHS = {
    "distributions": "globe",
    "gateways": "gate",
    "links": "plug",
    "load_balancers": "split",
    "services": "container",
    "clusters": "wheel",
    "nodes": "server",
    "servers": "server",
    "capacity": "server",
    "databases": "cylinder",
    "caches": "bolt",
    "buckets": "bucket",
    "tables": "table",
    "functions": "lambda",
    "events": "join",
    "mail": "letter",
    "pipelines": "pipeline",
    "topics": "bell",
    "queues": "queue",
    "streams": "stream",
    "push": "phone",
    "volumes": "folder",
    "migrations": "move",
    "records": "name",
}
ENGINES = {
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "aurora-postgres": "Aurora Postgres",
    "aurora-mysql": "Aurora MySQL",
}
PIPELINES = {
    "codepipeline": "CodePipeline",
    "github": "GitHub Actions",
    "gitlab": "GitLab CI",
    "jenkins": "Jenkins",
}
SERVICES = {"s3": "S3", "dynamodb": "DynamoDB"}
# Sections whose boxes all say the same.
PLAIN = {
    "gateways": say("API Gateway, HTTP"),
    "links": say("VPC link"),
    "tables": say("DynamoDB, on demand"),
    "events": say("EventBridge"),
    "topics": say("SNS"),
    "queues": say("SQS"),
    "streams": say("Kinesis"),
    "push": say("SNS, mobile push"),
}
TIERS = {
    "public": say("public"),
    "app": say("app"),
    "data": say("data"),
    "endpoints": say("endpoints"),
    "control": say("control plane"),
    "pods": say("pods"),
}


def known_as(part: Part, plan: Plan) -> str:
    """The name that people type for it, the first of several."""
    if part.section == "distributions":
        return next(iter(part.block.aliases), "")
    if part.section == "gateways":
        return next(iter(part.block.hosts), "")
    if part.section != "load_balancers":
        return ""
    return next(iter(hosts_of_load_balancer(plan.architecture, part.name)), "")


def below(part: Part, architecture: Architecture, number: int = 0) -> Said:
    """The second line of a box; `number`: which copy of a database or a cache."""
    match part.section:
        case "distributions" | "load_balancers":
            return _entry(part.block)
        case "services" | "servers" | "capacity":
            return _runs(part.block, architecture)
        case "clusters" | "nodes":
            return _kubernetes(part.block)
        case "databases":
            return _database(part.block, number)
        case "buckets":
            return _bucket(part.block, architecture)
    return _without_servers(part) or _other(part, number)


def _kubernetes(block: Cluster | Nodes) -> Said:
    if isinstance(block, Nodes):
        return say("nodes, EC2 {type}", type=block.instance)
    if block.endpoint.public:
        return say("EKS {version}", version=block.version)
    return say("EKS {version}, inside only", version=block.version)


def _runs(block: Service | Servers | Capacity, architecture: Architecture) -> Said:
    if isinstance(block, Capacity):
        return say("EC2 {type}, hosts of ECS", type=block.instance)
    if isinstance(block, Service) and block.runs_on in architecture.clusters:
        return say("{cpu} vCPU, {gb} GB pod", cpu=_cpu(block), gb=_gb(block))
    if isinstance(block, Service) and block.runs_on:
        return say("{cpu} vCPU, {gb} GB", cpu=_cpu(block), gb=_gb(block))
    if isinstance(block, Service):
        return say("{cpu} vCPU, {gb} GB Fargate", cpu=_cpu(block), gb=_gb(block))
    return say("EC2 {type}", type=block.instance)


def _cpu(block: Service) -> str:
    return f"{block.cpu / 1024:g}"


def _gb(block: Service) -> str:
    return f"{block.memory_mib / 1024:g}"


def _guarded(kind: str, waf: bool, shield: bool) -> Said:
    names = [kind, *(["WAF"] if waf else []), *(["Shield Advanced"] if shield else [])]
    return say("{names}", names=", ".join(names))


def _entry(block: Distribution | LoadBalancer) -> Said:
    if isinstance(block, LoadBalancer):
        return _load_balancer(block)
    return _guarded("CloudFront", block.waf, block.shield == "advanced")


def _load_balancer(block: LoadBalancer) -> Said:
    kind = "ALB" if block.kind == "application" else "NLB"
    if not block.public:
        return say("{kind}, inside only", kind=kind)
    return _guarded(kind, block.waf, False)


def _database(block: Database, number: int) -> Said:
    engine = ENGINES[block.engine]
    standbys = {"none": 0, "instance": 1, "cluster": 2}[block.standby]
    if number == 0:
        return say("{engine}, primary", engine=engine)
    if block.aurora or number > standbys:
        return say("{engine}, reader", engine=engine)
    return say("{engine}, standby", engine=engine)


def _bucket(block: Bucket, architecture: Architecture) -> Said:
    if block.region and block.region != architecture.region:
        return say("S3 in {region}", region=block.region)
    return say("S3, public") if block.public else say("S3, closed")


def _without_servers(part: Part) -> Said | None:
    found = PLAIN.get(part.section)
    match part.section:
        case "topics" | "queues" if part.block.fifo:
            found = say("SNS, in order") if part.section == "topics" else say("SQS, in order")
        case "functions":
            found = say("Lambda, {memory} MiB", memory=part.block.memory_mib)
        case "mail":
            found = say("SES, {domain}", domain=part.block.domain)
        case "pipelines":
            found = say("{names}", names=PIPELINES[part.block.kind])
    return found


def _other(part: Part, number: int) -> Said:
    match part.section:
        case "caches":
            return say("Valkey, primary") if number == 0 else say("Valkey, replica")
        case "volumes":
            return say("EFS, kept")
        case "migrations":
            return say("DMS, live copy") if part.block.live else say("DMS, one copy")
        case _:
            return say("{count} addresses", count=len(getattr(part.block, "addresses", ())))
