"""Rows between `append` and the file: a few of them for 100 ms, more while the disk takes nothing."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Buffer:
    """Lists of rows by table, in order."""

    rows: dict[str, list[bytes]] = field(default_factory=dict)
    size_bytes: int = 0

    def put_back(self, left: "Buffer") -> None:
        for table, rows in left.rows.items():
            self.rows[table] = rows + self.rows.get(table, [])
        self.size_bytes += left.size_bytes

    def drop_oldest_half(self) -> int:
        lost = 0
        for rows in self.rows.values():
            half = len(rows) // 2 + 1
            lost += sum(map(len, rows[:half]))
            del rows[:half]
        self.size_bytes -= lost
        return lost
