"""Names among topics, queues and streams. Pure."""

from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.artefact_names import FIFO
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.kit.i18n import say

QUEUE_NAME = 80  # characters in a name of SQS


def heard_by_queues(architecture: Architecture) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    for name, queue in architecture.queues.items():
        for index, heard in enumerate(queue.on):
            yield ("queues", name, "on", index, "topic"), heard.topic, ("topics",)


def wrong_messages(architecture: Architecture) -> Iterator[Wrong]:
    yield from _twice(architecture)
    yield from _out_of_order(architecture)
    yield from _long_names(architecture)


def _twice(architecture: Architecture) -> Iterator[Wrong]:
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


def _out_of_order(architecture: Architecture) -> Iterator[Wrong]:
    """SNS feeds queues that keep an order from such topics only, and starts no function from those itself."""
    alike = say("Set fifo: true for both, or for neither.")
    topics = architecture.topics
    for name, queue in architecture.queues.items():
        for index, heard in enumerate(queue.on):
            path = ("queues", name, "on", index, "topic")
            told = topics.get(heard.topic)
            if told and queue.fifo and not told.fifo:
                said = say("{queue} keeps an order that {topic} does not have.", queue=name,
                           topic=heard.topic)  # fmt: skip
                yield path, said, alike
            if told and told.fifo and not queue.fifo:
                said = say(
                    "{queue} would lose the order of {topic}.", queue=name, topic=heard.topic
                )
                yield path, said, alike
    for name, function in architecture.functions.items():
        for index, one in enumerate(function.on):
            if one.topic in topics and topics[one.topic].fifo:
                said = say("{topic} starts no function: it has an order.", topic=one.topic)
                todo = say(
                    "Let a queue with fifo: true listen to it, and start the function from that."
                )
                yield ("functions", name, "on", index, "topic"), said, todo


def _long_names(architecture: Architecture) -> Iterator[Wrong]:
    """Others are named by AWS; of these the ending counts."""
    for name, queue in architecture.queues.items():
        words = "-dead-letters" if queue.dead_letters else ""
        length = len(f"{architecture.stem}-{name}{words}{FIFO}")
        if queue.fifo and length > QUEUE_NAME:
            said = say("The name of the queue {name} would have {length} characters in SQS; it takes {limit}.",
                       name=name, length=length, limit=QUEUE_NAME)  # fmt: skip
            yield ("queues", name), said, say("Shorten it, or the name of the architecture.")
