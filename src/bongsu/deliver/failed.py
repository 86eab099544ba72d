"""What a channel raised, as the error that is kept with the delivery and decides whether it is tried again."""

import logging

from pydantic import ValidationError

from bongsu.deliver.model import Delivery, DeliveryError
from bongsu.kit.errors import BongsuError
from bongsu.kit.i18n import say

_logger = logging.getLogger("bongsu.deliver")


def as_error(delivery: Delivery, raised: Exception, deadline_s: float) -> DeliveryError:
    """Whatever is not known here is a fault of ours: logged, and tried again."""
    if isinstance(raised, DeliveryError):
        return raised
    if isinstance(raised, TimeoutError):
        return DeliveryError(say("No answer within {seconds} s.", seconds=f"{deadline_s:g}"))
    if isinstance(raised, BongsuError):
        return DeliveryError(raised.said, permanent=raised.permanent)
    if isinstance(raised, ValidationError):
        said = say("The channel’s options do not fit its kind {kind}.", kind=delivery.kind)
        return DeliveryError(said, permanent=True)
    _logger.error("channel %s failed", delivery.lane, exc_info=raised)
    said = say("The channel failed by a fault of ours: {text}.", text=type(raised).__name__)
    return DeliveryError(said)
