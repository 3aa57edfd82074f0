"""How does a developer get a real Kafka without Docker? One node in a process of its own, from Maven-resolved jars.

For tests and for a look by hand (`make kafka`), never for production: one node, one replica, plain text, on this
machine only. Needs Java 17 or newer; Maven is asked once, then the jars are in the user's cache folder.
"""

import base64
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from threading import Event as Flag

from platformdirs import user_cache_path

from nofumble.errors import ServiceUnavailable

POM = Path(__file__).with_name("pom.xml")
READY = b"Kafka Server started"
START_MAX_S = 90
STOP_MAX_S = 20
RESOLVE_MAX_S = 600
POLL_S = 0.05

JVM = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
"""A broker that starts fast and stays small; it is not there to be measured on its own."""

# A node that was killed is taken for dead, and may come back under its number, when its session is over.
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=false
log.retention.ms=-1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
"""

FORMAT = ("--feature", "eligible.leader.replicas.version=0")
"""The one replica of everything stays able to lead after a kill; else whoever was killed has to be elected uncleanly,
which a controller looks after every five minutes."""


def find_jars(cache: Path | None = None) -> Path:
    """Return the folder of the broker's jars; resolved by Maven the first time, about 10 s.

    Raises ServiceUnavailable when Java or Maven is missing, or Maven cannot resolve them.
    """
    if shutil.which("java") is None:
        raise ServiceUnavailable("a Kafka broker needs Java 17 or newer and no `java` is found: install a JRE")
    pom = POM.read_bytes()
    folder = (cache or user_cache_path("nofumble", appauthor=False)) / f"kafka-{sha256(pom).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None:
        raise ServiceUnavailable("the jars of Kafka are not in the cache and no `mvn` is found to resolve them")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        shutil.copy(POM, scratch)
        told = ("--quiet", "--batch-mode", "dependency:copy-dependencies", "-DoutputDirectory=jars")
        try:
            subprocess.run(
                ["mvn", *told, "-DincludeScope=runtime"],
                cwd=scratch,
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=RESOLVE_MAX_S,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            said = (error.stdout or b"").decode(errors="replace").strip().splitlines()
            why = said[0] if said else type(error).__name__
            raise ServiceUnavailable(f"Maven cannot resolve the jars of Kafka ({why}): look at its settings") from error
        with suppress(OSError):  # another process was faster
            (Path(scratch) / "jars").rename(folder)
    return folder


class Broker:
    """One broker with its folder; it keeps its ports and its data when it is killed and started again."""

    def __init__(self, folder: Path, *, jars: Path | None = None) -> None:
        """Format the folder for a new broker; nothing runs yet."""
        self.folder = folder
        self.log = folder / "broker.log"
        self._jars = find_jars() if jars is None else jars
        self._process: subprocess.Popen[bytes] | None = None
        self.port, controller = _free_ports(2)
        self._properties = folder / "server.properties"
        folder.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(
            PROPERTIES.format(port=self.port, controller=controller, logs=folder / "data"), encoding="utf-8"
        )
        cluster = base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode().replace("-", "A")
        self._java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties), *FORMAT).wait(
            START_MAX_S
        )

    @property
    def address(self) -> str:
        """Return what NOFUMBLE_KAFKA_BOOTSTRAP is to be."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it takes requests; raise ServiceUnavailable with the end of its log otherwise."""
        begin = self.log.stat().st_size if self.log.exists() else 0
        self._process = self._java("kafka.Kafka", str(self._properties))
        deadline = time.monotonic() + START_MAX_S
        pause = Flag()
        while READY not in self._said(begin):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                end = self._said(begin).decode(errors="replace").strip().splitlines()[-3:]
                raise ServiceUnavailable(f"the broker did not start: {' | '.join(end)}; its log is {self.log}")
            pause.wait(POLL_S)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it in order, or by force when that takes too long."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_MAX_S)
            self.kill()

    def _java(self, *words: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                ["java", *JVM, "-cp", f"{self._jars}{os.sep}*", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )

    def _said(self, begin: int) -> bytes:
        with self.log.open("rb") as log:
            log.seek(begin)
            return log.read()


@contextmanager
def running_broker(folder: Path | None = None) -> Iterator[Broker]:
    """Give a broker that runs; it is stopped at the end, and its folder deleted if it was not given."""
    own = Path(tempfile.mkdtemp(prefix="nofumble-kafka-")) if folder is None else folder
    try:
        broker = Broker(own)
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()
    finally:
        if folder is None:
            shutil.rmtree(own, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on just now."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


def main() -> None:
    """Run a broker until Ctrl-C: `make kafka`."""
    try:
        with running_broker() as broker:
            sys.stdout.write(f"NOFUMBLE_KAFKA_BOOTSTRAP={broker.address}\n")
            sys.stdout.flush()
            sys.stderr.write(f"a broker for tests is running; its log is {broker.log}; Ctrl-C ends it\n")
            Flag().wait()
    except KeyboardInterrupt:
        sys.stderr.write("the broker is stopped\n")
    except ServiceUnavailable as error:
        sys.stderr.write(f"nofumble: {error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
