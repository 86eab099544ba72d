"""Buses of EventBridge, with an archive from which events can be sent again."""

from bongsu.infra.build.addresses import bus
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, logical_id


def build(site: Site) -> None:
    for name, block in site.architecture.events.items():
        path = ("events", name)
        values = {"Name": site.name(name), "Tags": site.tags(name)}
        made = site.add("data", bus(name).id, "AWS::Events::EventBus", path, values)
        if block.archive_days is not None:
            kept = {"SourceArn": Att(made.id, "Arn"), "RetentionDays": block.archive_days}
            site.add("data", logical_id("archive", name), "AWS::Events::Archive", path, kept)
