import os
import sys
from datetime import datetime, timedelta

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from reporting import deadline, demo
from reporting.models import AccessRecord, Unit, User


def local_moment(text: str) -> datetime:
    """ "2020-08-21 16:59:30" in Hai Phong."""
    return datetime.fromisoformat(text).replace(tzinfo=deadline.ZONE)


class Command(BaseCommand):
    help = "Build the demonstration if there is none, and serve it with the clock in August 2020. Entries are kept."

    def add_arguments(self, parser):
        parser.add_argument("--at", type=local_moment, help='start at this moment, e.g. "2020-08-21 16:59:30"')
        parser.add_argument("--bind", default="127.0.0.1:8000")

    def handle(self, *, at, bind, **options):
        if not settings.DEMO:
            raise CommandError("Set DEMO=1: the demonstration moves the clock.")
        self.say("Cơ sở dữ liệu / database ...")
        call_command("migrate", verbosity=0)
        newest = demo.newest_instant()
        if newest and at and at < newest:
            raise CommandError(
                f"Bản dùng thử đã có số liệu đến {localtime(newest):%H:%M:%S %d/%m/%Y}. Tạo lại từ đầu / "
                f'start anew: make demo NEW=1 AT="{localtime(at):%Y-%m-%d %H:%M:%S}"'
            )
        if newest is None:
            if any(model.objects.exists() for model in (Unit, User, AccessRecord)):
                raise CommandError("The database is not empty; demonstration data go into an empty one only.")
            demo.build(until=at or demo.NEWCOMER_ARRIVES, progress=lambda words: self.say(f"  {words} ..."))
            newest = demo.newest_instant()
        call_command("collectstatic", interactive=False, verbosity=0)
        start = max(at or demo.NEWCOMER_ARRIVES, newest + timedelta(seconds=1)) if newest else at
        self.accounts(start)
        self.serve(bind, offset=(start - timezone.now()).total_seconds())

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    def accounts(self, start) -> None:
        roles = "\n".join(f"  {name:<9} {_(who)}" for name, who in demo.ROLES.items())
        self.say(
            f"""
Đồng hồ bắt đầu lúc / the clock starts at {localtime(start):%H:%M:%S %d/%m/%Y}
Tài khoản / accounts (mật khẩu / password: {demo.PASSWORD})
{roles}
  lanhdao   lãnh đạo, chỉ xem
  admin     quản trị (tài khoản)
  mọi đơn vị khác: tên đăng nhập là mã đơn vị / any other unit: its code
"""
        )

    def serve(self, bind: str, *, offset: float) -> None:
        """Replace this process by the web server, so that stopping the command stops the server."""
        environment = {**os.environ, "DEMO_OFFSET": str(offset)}
        configuration = str(settings.BASE_DIR / "deploy" / "gunicorn_demo.py")
        arguments = ["-m", "gunicorn", "--config", configuration, "--bind", bind, "bluezone_report.wsgi"]
        sys.stdout.flush()
        os.execve(sys.executable, [sys.executable, *arguments], environment)  # noqa: S606 - fixed arguments
