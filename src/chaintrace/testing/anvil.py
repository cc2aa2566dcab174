"""Anvil: a local Ethereum node that runs for as long as a ``with`` block, and is surely gone afterwards."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from shlex import quote
from types import TracebackType
from typing import TYPE_CHECKING, Any

from chaintrace.errors import MachineError

if TYPE_CHECKING:
    from requests import Session
    from web3 import HTTPProvider, Web3

ENVIRONMENT = "CHAINTRACE_ANVIL"
GENESIS = 1_640_995_200  # 2022-01-01T00:00:00Z
PATIENCE = 30
DEATHBED = 5
BATCH = 200

_SYSTEMS = {"linux": "linux", "darwin": "darwin", "windows": "win32"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_LISTENING = "Listening on "


@dataclass(eq=False)
class NodeMissing(MachineError):
    """The machine has no anvil, or one that does not start. ``reason`` says which."""

    reason: str

    @property
    def message(self) -> str:
        return f"no local Ethereum node: {self.reason}"

    @property
    def hint(self) -> str:
        return f"npm install @foundry-rs/anvil, or set {ENVIRONMENT} to the path of an anvil binary"


def find(start: str | Path | None = None) -> Path:
    """The anvil binary: what ``CHAINTRACE_ANVIL`` names, else ``anvil`` on the PATH, else the npm package
    ``@foundry-rs/anvil`` in a ``node_modules`` (or ``tests/node/node_modules``) of ``start``, by default the working
    directory, or of a folder above it. Raises ``NodeMissing``."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        if not os.access(named, os.X_OK) or not Path(named).is_file():
            raise NodeMissing(f"{ENVIRONMENT} names {named!r}, which is no program")
        return Path(named).absolute()
    on_path = shutil.which("anvil")
    if on_path:
        return Path(on_path).absolute()
    inside = _inside_npm()
    here = Path(start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        for modules in (folder / "node_modules", folder / "tests" / "node" / "node_modules"):
            if (modules / inside).is_file():
                return modules / inside
    raise NodeMissing(f"anvil is neither on the PATH nor in a node_modules at or above {here}")


def _inside_npm() -> Path:
    system = _SYSTEMS.get(platform.system().lower(), "unknown")
    machine = _MACHINES.get(platform.machine().lower(), "unknown")
    name = "anvil.exe" if system == "win32" else "anvil"
    return Path("@foundry-rs", f"anvil-{system}-{machine}", "bin", name)


class Anvil:
    """A node of its own, on a port of its own, for one ``with`` block.

    ``fork``             the rules: ``london``, ``shanghai``, ``cancun``, ``prague`` …
    ``chain_id``         1 by default, so that real mainnet addresses act.
    ``slots_in_an_epoch``  n: block ``safe`` is n behind the head, ``finalized`` 2n.
    ``block_gas_limit``  gas a block may use.
    ``genesis``          unix seconds of block 0.
    ``states``           how many blocks' states are kept, the latest in memory and the others in a temporary folder.
    ``args``             further words of anvil's command line.

    Transactions are mined soon after they were sent, by themselves or a few together: wait for the receipt. After
    ``automine(False)`` they wait for ``mine``, in the order in which they were sent. Anybody may act: a transaction
    needs no key, only ``impersonate``. Raises ``NodeMissing``.
    """

    def __init__(
        self,
        *,
        fork: str = "cancun",
        chain_id: int = 1,
        slots_in_an_epoch: int = 2,
        block_gas_limit: int = 30_000_000,
        genesis: int = GENESIS,
        states: int = 100_000,
        args: Sequence[str] = (),
    ) -> None:
        options = {
            "--hardfork": fork,
            "--chain-id": chain_id,
            "--slots-in-an-epoch": slots_in_an_epoch,
            "--gas-limit": block_gas_limit,
            "--timestamp": genesis,
            "--max-persisted-states": states,
            "--cache-path": ".",
            "--order": "fifo",
            "--accounts": 0,
            "--port": 0,
        }
        words = [str(word) for option in options.items() for word in option]
        self.fork = fork
        self.slots_in_an_epoch = slots_in_an_epoch
        command = [str(find()), *words, *args]
        self._folder = tempfile.TemporaryDirectory(prefix="chaintrace-anvil-", ignore_cleanup_errors=True)
        try:
            self._process = _start(command, self._folder.name)
        except BaseException:
            self._folder.cleanup()
            raise
        self._watcher = _watch(self._process, self._folder.name)
        try:
            self.url = f"http://{_address(self._process)}"
            self.rpc("anvil_setLoggingEnabled", False)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Anvil:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Anvil at {self.url}>"

    @property
    def pid(self) -> int:
        """The process of the node."""
        return self._process.pid

    @cached_property
    def _session(self) -> Session:
        from requests import Session

        session = Session()
        session.trust_env = False
        return session

    @cached_property
    def _provider(self) -> HTTPProvider:
        from web3 import HTTPProvider

        return HTTPProvider(self.url, request_kwargs={"timeout": 120}, session=self._session)

    @cached_property
    def web3(self) -> Web3:
        """A ``web3.Web3`` that talks to this node."""
        from web3 import Web3

        return Web3(self._provider)

    def rpc(self, method: str, *params: Any) -> Any:
        """One JSON-RPC call; its result as JSON says it, quantities as ``0x…`` text. Raises ``Web3RPCError``."""
        from web3.types import RPCEndpoint

        return _result(method, self._provider.make_request(RPCEndpoint(method), list(params)))

    def batch(self, calls: Iterable[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Many calls, a few hundred in a request; their results in the order of the calls. The node works on them side
        by side, so none may rest on another. Raises ``Web3RPCError`` for the first that fails."""
        from web3.types import RPCEndpoint

        asked = [(RPCEndpoint(method), list(params)) for method, params in calls]
        results: list[Any] = []
        for start in range(0, len(asked), BATCH):
            part = asked[start : start + BATCH]
            answers = self._provider.make_batch_request(part)
            if not isinstance(answers, list):
                raise _failed("batch", answers)
            results += [_result(call[0], answer) for call, answer in zip(part, answers, strict=True)]
        return results

    def mine(self, blocks: int = 1) -> int:
        """Mines that many blocks, the first with what is waiting; the number of the head."""
        self.rpc("anvil_mine", hex(blocks))
        return int(self.rpc("eth_blockNumber"), 16)

    def automine(self, on: bool) -> None:
        """Whether transactions get a block soon, or wait for ``mine``."""
        self.rpc("evm_setAutomine", on)

    def at(self, time: int | datetime) -> None:
        """The time of the next block: unix seconds, or a datetime with a zone. It has to be later than the head's."""
        self.rpc("evm_setNextBlockTimestamp", int(time.timestamp()) if isinstance(time, datetime) else time)

    def impersonate(self, *addresses: str) -> None:
        """From now on these accounts act without a key."""
        self.batch([("anvil_impersonateAccount", [address]) for address in addresses])

    def give(self, address: str, wei: int) -> None:
        """Sets an account's balance in wei, by no transaction: what a node's history does not show."""
        self.rpc("anvil_setBalance", address, hex(wei))

    def reorg(self, depth: int) -> None:
        """Replaces the last ``depth`` blocks by as many empty ones; their transactions are gone."""
        self.rpc("anvil_reorg", depth, [])

    def stop(self) -> None:
        """Ends the node, if it runs."""
        if "_session" in self.__dict__:
            self._session.close()
        _end(self._watcher)
        _end(self._process)
        self._folder.cleanup()


def _result(method: str, answer: Any) -> Any:
    if "error" in answer:
        raise _failed(method, answer)
    return answer["result"]


def _failed(method: str, answer: Any) -> Exception:
    from web3.exceptions import Web3RPCError

    return Web3RPCError(f"{method}: {answer['error']}", rpc_response=answer)


def _start(command: Sequence[str], folder: str) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            start_new_session=True,
        )
    except OSError as error:
        raise NodeMissing(f"{command[0]} cannot be run: {error.strerror}") from error


def _watch(process: subprocess.Popen[str], folder: str) -> subprocess.Popen[str] | None:
    """A shell that kills the node when this process is gone, however it went: its standard input ends then."""
    if os.name != "posix":
        return None
    return subprocess.Popen(
        ["/bin/sh", "-c", f"read -r _; kill -KILL {process.pid}; sleep 1; rm -rf {quote(folder)}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def _address(process: subprocess.Popen[str]) -> str:
    """Host and port, from the line that says so."""
    timer = threading.Timer(PATIENCE, process.kill)
    timer.daemon = True
    timer.start()
    said = []
    try:
        for line in process.stdout or ():
            if line.startswith(_LISTENING):
                return line.removeprefix(_LISTENING).strip()
            said.append(line)
    finally:
        timer.cancel()
    raise NodeMissing(f"anvil ended before it listened: {' '.join(''.join(said).split())[-500:]}")


def _end(process: subprocess.Popen[str] | None) -> None:
    if process is None:
        return
    for way in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
        if process.poll() is None:
            with suppress(ProcessLookupError):
                process.send_signal(way)
            with suppress(subprocess.TimeoutExpired):
                process.wait(DEATHBED)
    for stream in (process.stdin, process.stdout):
        if stream:
            stream.close()
