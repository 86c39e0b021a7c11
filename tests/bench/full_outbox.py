"""A program: fills the outbox of DATABASE_URL."""

import django

MESSAGES = 40


def main() -> None:
    django.setup()

    from reporting import clock
    from reporting.models import MailChoice, Message, User
    from reporting.outbox import messages

    from ..factories import DAY

    now = clock.now()
    clerk = User.objects.get(username="31")
    choice = MailChoice.objects.create(person=clerk, address="31@example.vn", asked_at=now, confirmed_at=now)
    for number in range(MESSAGES):
        messages.write(Message.Kind.DIFFERS, [choice], cause=str(number), at=now, day=DAY)


if __name__ == "__main__":
    main()
