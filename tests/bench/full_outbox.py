"""A program: fills the outbox of DATABASE_URL, with an endpoint at the address given."""

import sys

import django

MESSAGES = 40  # of each kind


def main() -> None:
    django.setup()

    from reporting import clock
    from reporting.models import MailChoice, Message, User
    from reporting.outbox import endpoints, events, messages

    from ..factories import DAY

    now = clock.now()
    clerk = User.objects.get(username="31")
    choice = MailChoice.objects.create(person=clerk, address="31@example.vn", asked_at=now, confirmed_at=now)
    endpoints.give(unit=clerk.unit, name="x", address=sys.argv[1], by=clerk, at=now)
    for number in range(MESSAGES):
        messages.write(Message.Kind.DIFFERS, [choice], cause=str(number), at=now, day=DAY)
        events.write(events.SEALED, clerk.unit, DAY, cause=str(number), at=now)


if __name__ == "__main__":
    main()
