"""A PostgreSQL for one test, with fsync as in production, which the test may kill and start again."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from . import served

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


class Cluster:
    """Its data lies in `folder`/data, its socket in `folder`."""

    def __init__(self, folder: Path):
        self.folder, self.data = folder, folder / "data"
        self.url = f"postgres://postgres@/{folder}/postgres"
        self.environment = {"HOME": str(folder)}  # of its processes, besides the test's own
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        way = ("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self._run("initdb", "-D", self.data, *way)
        self.start()

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c max_connections=60"
        self._run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-o", options, "start")

    def kill(self) -> None:
        """Kill it as if the machine lost its process: without a checkpoint. Returns when neither it nor a child is
        left."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        ends_at = time.monotonic() + served.PATIENCE
        while Path(f"/proc/{postmaster}").exists() or self._works_in_its_data():
            assert time.monotonic() < ends_at
            time.sleep(0.05)

    def _works_in_its_data(self) -> bool:
        """Whether the process works in the data folder, as each process of the server does."""
        return any(_folder(process) == str(self.data) for process in Path("/proc").glob("[0-9]*"))

    def stop(self, mode: str = "immediate") -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def _run(self, program: str, *arguments) -> None:
        self.run(str(PROGRAMS[-1].with_name(program)), *arguments)

    def run(self, *command) -> None:
        """As the server's own user, in its folder."""
        command = list(map(str, command))
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
        environment = {**os.environ, **self.environment}
        with tempfile.TemporaryFile("w+") as said:
            way = {"stdout": said, "stderr": subprocess.STDOUT, "check": True, "timeout": served.PATIENCE}
            try:
                subprocess.run(command, cwd=self.folder, env=environment, **way)
            except subprocess.CalledProcessError as error:
                said.seek(0)
                error.add_note(said.read())
                raise


def _folder(process: Path) -> str | None:
    with contextlib.suppress(OSError):  # it has ended meanwhile, or belongs to another user
        return os.readlink(process / "cwd")
    return None


@contextlib.contextmanager
def cluster(parent: Path = Path("/tmp")):
    """A cluster in a new folder that its own user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="bluezone-cluster-", dir=parent))
    made = Cluster(folder)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
