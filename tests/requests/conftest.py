from tests.lake.conftest import new_store, now, store

__all__ = ["new_store", "now", "store"]
