"""Objects: evidence, archives, attachments. A folder or S3, and an outbox so that a dead store delays nothing."""
