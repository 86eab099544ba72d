"""Which lines a drawing wants: requests, uses, copies, spares, and what joins networks. Pure."""

from collections.abc import Iterator

from bongsu.infra.draw.shape import Box, LineKind, Wanted
from bongsu.infra.plan.model import INTERNET, Part, Plan

# Boxes that are no parts: with a sign that no name of a part has.
PEOPLE, GATEWAY, FAR = "/people", "/transit", "/on-premises"


def wanted_lines(plan: Plan, boxes: list[Box]) -> tuple[Wanted, ...]:
    by_part: dict[str, list[Box]] = {}
    for box in boxes:
        by_part.setdefault(box.part, []).append(box)
    return (
        *_links(plan, by_part),
        *_started(plan, by_part),
        *_released(plan, by_part),
        *_spares(plan, by_part),
        *_copied(plan, by_part),
        *_joined(plan, by_part),
    )


def _links(plan: Plan, by_part: dict[str, list[Box]]) -> Iterator[Wanted]:
    ports: dict[tuple[str, str, LineKind], list[int]] = {}
    for link in plan.links:
        if link.kind in ("serve", "use") and not _joins(plan, link.source):
            kind: LineKind = "serve" if link.kind == "serve" or _moves(plan, link.target) else "use"
            known = ports.setdefault((link.source, link.target, kind), [])
            if link.port not in known:
                known.append(link.port)
    spares = _spare_origins(plan)
    for (source, target, kind), numbers in ports.items():
        if (source, target) in spares:
            continue
        label = ", ".join(str(port) for port in numbers)
        start = by_part.get(PEOPLE if source == INTERNET else source, [])
        for one, other in _pairs(start, by_part.get(target, [])):
            yield Wanted(one, other, kind, label)


def _joins(plan: Plan, name: str) -> bool:
    """Nodes that call their own cluster: every one does, and no request takes this way."""
    return name in plan.parts and plan.parts[name].section == "nodes"


def _moves(plan: Plan, name: str) -> bool:
    """Requests go on to it: a load balancer or what runs code."""
    return name in plan.parts and plan.parts[name].section in (
        "load_balancers",
        "gateways",
        "links",
        "functions",
        "services",
        "servers",
    )


def _pairs(sources: list[Box], targets: list[Box]) -> Iterator[tuple[Box, Box]]:
    """Within a zone where the target is there, else to its first copy, the primary."""
    primary = [box for box in targets if box.number == 0]
    for source in sources:
        near = [box for box in primary if box.zone == source.zone]
        if source.zone is None and len(primary) > 1:
            yield from ((source, box) for box in primary)
        elif near or primary:
            yield source, (near or primary)[0]


def _spare_origins(plan: Plan) -> set[tuple[str, str]]:
    found = set()
    for part in plan.of_section("distributions"):
        behaviours = (part.block.default, *part.block.paths.values())
        first = {part.block.origins[one.origin].bucket for one in behaviours}
        for one in behaviours:
            bucket = part.block.origins[one.failover].bucket if one.failover else None
            if bucket and bucket not in first:
                found.add((part.name, bucket))
    return found


def _spares(plan: Plan, by_part: dict[str, list[Box]]) -> Iterator[Wanted]:
    for source, target in sorted(_spare_origins(plan)):
        for one, other in _pairs(by_part.get(source, []), by_part.get(target, [])):
            yield Wanted(one, other, "spare")


def _started(plan: Plan, by_part: dict[str, list[Box]]) -> Iterator[Wanted]:
    """From a bucket, a table, a queue … to the functions that it starts, and from topics to queues."""
    pairs = [
        (one.source or "", part) for part in plan.of_section("functions") for one in part.block.on
    ]
    pairs += [(one.topic, part) for part in plan.of_section("queues") for one in part.block.on]
    for source, part in dict.fromkeys((source, part.name) for source, part in pairs):
        for one, other in _pairs(by_part.get(source, []), by_part.get(part, [])):
            yield Wanted(one, other, "serve")


def _released(plan: Plan, by_part: dict[str, list[Box]]) -> Iterator[Wanted]:
    """From a pipeline, which stands at the right, to the nearest copy of what it builds."""
    for part in plan.of_section("pipelines"):
        for service in plan.architecture.built_by(part.block):
            pairs = _pairs(by_part.get(part.name, []), by_part.get(service, []))
            nearest = max(pairs, key=lambda pair: pair[1].area.x, default=None)
            if nearest:
                yield Wanted(*nearest, "use")


def _copied(plan: Plan, by_part: dict[str, list[Box]]) -> Iterator[Wanted]:
    for part in (*plan.of_section("databases"), *plan.of_section("caches")):
        yield from _from_primary(part, by_part.get(part.name, []))


def _from_primary(part: Part, boxes: list[Box]) -> Iterator[Wanted]:
    primary = next((box for box in boxes if box.number == 0), None)
    for box in boxes:
        if primary and box.number and not getattr(part.block, "aurora", False):
            yield Wanted(primary, box, "copy")


def _joined(plan: Plan, by_part: dict[str, list[Box]]) -> Iterator[Wanted]:
    gateway = by_part.get(GATEWAY)
    if not gateway:
        return
    for far in (box for name, boxes in by_part.items() if name.startswith(FAR) for box in boxes):
        yield Wanted(far, gateway[0], "join")
    for part in plan.of_section("migrations"):
        for box in by_part.get(part.name, []):
            yield Wanted(box, gateway[0], "use", str(part.block.source_port))
