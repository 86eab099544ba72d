"""Lines of what keeps things: databases, caches, buckets, tables, file systems, migrations. Pure."""

from bongsu.infra.cost.line import HOURS, Bill
from bongsu.infra.cost.traffic import DAILY_CHANGE, IO_PER_REQUEST, TABLE_READS, TABLE_WRITES, Month
from bongsu.infra.model.data import Database
from bongsu.infra.plan.model import Part, Plan

COPIES = {"none": "single", "instance": "multi", "cluster": "cluster"}


def kept_lines(bill: Bill, plan: Plan, month: Month) -> None:
    for part in plan.of_section("databases"):
        _database(bill, part, part.block, month)
    for part in plan.of_section("caches"):
        item = f"valkey:{part.block.instance}"
        bill.add(part.name, part.path, "elasticache", item, HOURS * part.block.nodes)
    for part in plan.of_section("buckets"):
        _bucket(bill, part, month)
    for part in plan.of_section("tables"):
        _table(bill, part, month)
    for part in plan.of_section("volumes"):
        _volume(bill, part, month)
    for part in plan.of_section("migrations"):
        bill.add(part.name, part.path, "dms", part.block.instance, HOURS)
        bill.add(part.name, part.path, "dms", "storage", part.block.storage_gib)


def _database(bill: Bill, part: Part, block: Database, month: Month) -> None:
    if block.aurora:
        _aurora(bill, part, block, month)
        return
    here, kind = (part.name, part.path), COPIES[block.standby]
    stops = block.standby != "cluster" and not block.readers  # RDS stops neither with its copies
    bill.add(*here, "rds", f"{block.engine}:{block.instance}:{kind}", HOURS, stops=stops)
    bill.add(*here, "rds", f"storage:{kind}", block.storage_gib)
    readers = (f"{part.name} readers", (*part.path, "readers"))
    item = f"{block.engine}:{block.instance}:single"
    bill.add(*readers, "rds", item, HOURS * block.readers)
    bill.add(*readers, "rds", "storage:single", float(block.storage_gib * block.readers))
    bill.add(*here, "rds", "backup", _backup_gb(block))


def _aurora(bill: Bill, part: Part, block: Database, month: Month) -> None:
    here = (part.name, part.path)
    item = f"{block.engine}:{block.instance}:single"
    bill.add(*here, "rds", item, HOURS * part.copies, stops=True)
    bill.add(*here, "rds", "aurora:storage", block.storage_gib)
    bill.add(*here, "rds", "aurora:io", month.requests_millions * IO_PER_REQUEST)
    bill.add(*here, "rds", "aurora:backup", _backup_gb(block))


def _backup_gb(block: Database) -> float:
    """As much as the database holds is free."""
    return max(0.0, block.storage_gib * (DAILY_CHANGE * block.backup_days - 1))


def _bucket(bill: Bill, part: Part, month: Month) -> None:
    """Priced in the architecture's own region, also where the bucket lies elsewhere."""
    here = (part.name, part.path)
    bill.add(*here, "s3", "storage", month.stored_gb)
    bill.add(*here, "s3", "put", month.requests / 1e3 * 0.01)
    bill.add(*here, "s3", "get", month.requests / 1e3 * 0.1)


def _table(bill: Bill, part: Part, month: Month) -> None:
    """On demand: by the million of requests; what functions read of its stream is free."""
    here = (part.name, part.path)
    bill.add(*here, "dynamodb", "write", month.requests_millions * TABLE_WRITES)
    bill.add(*here, "dynamodb", "read", month.requests_millions * TABLE_READS)
    bill.add(*here, "dynamodb", "storage", month.stored_gb)
    bill.add(*here, "dynamodb", "recovery", month.stored_gb if part.block.recovery else 0)


def _volume(bill: Bill, part: Part, month: Month) -> None:
    here = (part.name, part.path)
    bill.add(*here, "efs", "storage", month.stored_gb)
    bill.add(*here, "efs", "read", month.stored_gb)
    bill.add(*here, "efs", "write", month.stored_gb)
    bill.add(*here, "efs", "backup", month.stored_gb if part.block.backup else 0)
