"""History: check results in ClickHouse's language, embedded or by URL, behind a spool that loses nothing."""
