"""A message as another system gets it: a CloudEvent in JSON, signed as Standard Webhooks say."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from datetime import datetime

from django.conf import settings

from ..hours import deadline
from ..models import Message
from ..outbox import endpoints

TYPE = "vn.bluezone.report.day.{event}.v1"
MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"


def body(message: Message) -> bytes:
    """What has happened to which unit and day, and when; the figures are read with a token."""
    at = message.as_of.astimezone(deadline.ZONE).isoformat()
    unit, day = message.unit.code, message.day.isoformat()
    event = {
        "specversion": "1.0",
        "id": message.key,
        "source": f"{settings.SITE_ADDRESS}/api/v1/units/{message.endpoint.unit.code}",
        "type": TYPE.format(event=message.event),
        "subject": f"units/{unit}/days/{day}",
        "time": at,
        "datacontenttype": "application/json",
        "data": {"unit": unit, "day": day},
    }
    return json.dumps(event).encode()


def headers(message: Message, content: bytes, *, at: datetime) -> dict[str, str]:
    """With a signature for each key in force: over the id, the moment of sending and the body."""
    name, moment = message.key, str(int(at.timestamp()))
    signed = b".".join([name.encode(), moment.encode(), content])
    signatures = [hmac.digest(key, signed, "sha256") for key in endpoints.keys(message.endpoint, at=at)]
    return {
        "Content-Type": MEDIA_TYPE,
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{b64encode(signature).decode()}" for signature in signatures),
    }
