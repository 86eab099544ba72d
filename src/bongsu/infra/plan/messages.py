"""Who listens to a topic, who takes from a queue or a stream, and how long a message must stay hidden. Pure."""

from bongsu.infra.model.architecture import Architecture

TAKES = {"queues": "receive", "streams": "read"}
LEAST_S = 60
TIMES = 6  # what AWS asks for: a batch waits while Lambda holds its calls back


def takers(architecture: Architecture, name: str) -> tuple[str, ...]:
    """Parts that take from a queue or a stream: functions that it starts, programs that ask it."""
    started = [
        function
        for function, block in architecture.functions.items()
        if any(name in (one.queue, one.stream) for one in block.on)
    ]
    access = TAKES.get(architecture.section_of(name) or "")
    asking = [user for _, user, block in architecture.users() if block.uses.get(name) == access]
    return tuple(dict.fromkeys((*started, *asking)))


def listeners(architecture: Architecture, topic: str) -> tuple[str, ...]:
    """Queues and functions that hear what a topic tells."""
    queues = [
        name
        for name, queue in architecture.queues.items()
        if any(one.topic == topic for one in queue.on)
    ]
    functions = [
        name
        for name, block in architecture.functions.items()
        if any(one.topic == topic for one in block.on)
    ]
    return (*queues, *functions)


def slowest_s(architecture: Architecture, queue: str) -> int:
    """Of the functions that a queue starts; 0 where it starts none."""
    blocks = architecture.functions.values()
    times = [block.timeout_s for block in blocks if any(one.queue == queue for one in block.on)]
    return max(times, default=0)


def visibility_s(architecture: Architecture, queue: str) -> int:
    given = architecture.queues[queue].visibility_s
    return max(LEAST_S, TIMES * slowest_s(architecture, queue)) if given is None else given
