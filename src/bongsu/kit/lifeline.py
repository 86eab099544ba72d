"""A role ends when its supervisor dies: the supervisor holds the other end of a pipe.

The pipe closes with the process that holds it, whatever killed it, so a killed `up` leaves nothing behind
that holds a lock or a port. Works the same for a role that sits in native code.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable

FD_VARIABLE = "BONGSU_LIFELINE_FD"
GRACE_S = 2.0


def watch_lifeline(on_lost: Callable[[], None] | None = None) -> bool:
    """Starts watching when the environment names a pipe; False when the role runs alone.

    When the supervisor is gone: `on_lost` (default: SIGTERM to this process), then the end after GRACE_S.
    """
    fd_text = os.environ.pop(FD_VARIABLE, "")
    if not fd_text:
        return False
    thread = threading.Thread(target=_wait, args=(int(fd_text), on_lost), daemon=True)
    thread.start()
    return True


def _wait(fd: int, on_lost: Callable[[], None] | None) -> None:
    with contextlib.suppress(OSError):
        while os.read(fd, 64):
            pass
    if on_lost is None:
        os.kill(os.getpid(), signal.SIGTERM)
    else:
        on_lost()
    threading.Event().wait(GRACE_S)
    os._exit(70)
