"""Comments and attachments of things that other rooms own; they are asked through `gate.Gate`."""
