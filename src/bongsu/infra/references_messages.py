"""Names among topics, queues and streams. Pure."""

from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.kit.i18n import say


def heard_by_queues(architecture: Architecture) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    for name, queue in architecture.queues.items():
        for index, heard in enumerate(queue.on):
            yield ("queues", name, "on", index, "topic"), heard.topic, ("topics",)


def wrong_messages(architecture: Architecture) -> Iterator[Wrong]:
    """SNS takes one subscription of a queue to a topic; a message that two take is done by one of them only."""
    for name, queue in architecture.queues.items():
        topics = [one.topic for one in queue.on]
        for index, topic in enumerate(topics):
            if topic in topics[:index]:
                said = say("{name} listens to {topic} twice.", name=name, topic=topic)
                yield ("queues", name, "on", index), said, say("Join both filters in one place.")
    for name in architecture.queues:
        started = [
            (function, index)
            for function, block in architecture.functions.items()
            for index, one in enumerate(block.on)
            if one.queue == name
        ]
        for function, index in started[1:]:
            said = say(
                "{queue} already starts {name}, and each message goes to one of both only.",
                queue=name,
                name=started[0][0],
            )
            todo = say("Give each a queue of its own, and let both listen to one topic.")
            yield ("functions", function, "on", index, "queue"), said, todo
