"""Kernel: Bitcoin Core's consensus engine with an empty regtest chain of its own, in a folder that goes with it."""

from __future__ import annotations

import re
import tempfile
import threading
from typing import Any, NamedTuple

from chaintrace.errors import MachineError


class KernelMissing(MachineError):
    """Blocks have to be judged, and there is no consensus engine."""

    @property
    def message(self) -> str:
        return "no consensus engine to judge the blocks of chaintrace.testing with"

    @property
    def hint(self) -> str:
        return "pip install 'chaintrace[testing]'"


_WHY = re.compile(r"\[error\] .*?(?:failed, (.+)|FAILED \((.+)\))\n?")
_ONE = threading.Lock()  # what one kernel logs, all who listen hear


class Spent(NamedTuple):
    """A coin that a block spent, as the kernel remembers it for the day when the block is undone."""

    value: int
    script: bytes
    height: int
    is_coinbase: bool


class Kernel:
    """Which blocks are valid, and which of them are the chain: the kernel decides, nobody else."""

    def __init__(self) -> None:
        try:
            import pbk
        except ImportError:
            raise KernelMissing from None
        self._pbk = pbk
        self._refused: list[str] = []
        self._log: list[str] = []
        self._folder = tempfile.TemporaryDirectory(prefix="chaintrace-bitcoin-", ignore_cleanup_errors=True)
        context = pbk.make_context(pbk.ChainType.REGTEST, pbk.ValidationInterfaceCallbacks(block_checked=self._checked))
        options = pbk.ChainstateManagerOptions(context, self._folder.name, f"{self._folder.name}/blocks")
        options.update_block_tree_db_in_memory(True)
        options.update_chainstate_db_in_memory(True)
        options.set_worker_threads_num(0)
        self._manager: Any = pbk.ChainstateManager(options)

    def close(self) -> None:
        """Ends the engine and removes its folder."""
        self._manager = None
        self._folder.cleanup()

    @property
    def hashes(self) -> list[str]:
        """The best chain's, from block 0 on."""
        return [str(entry.block_hash) for entry in self._manager.get_active_chain().block_tree_entries]

    @property
    def tip(self) -> str:
        chain = self._manager.get_active_chain()
        return str(chain.block_tree_entries[chain.height].block_hash)

    def judge(self, raw: bytes) -> str:
        """Takes a block; why it is refused, in Bitcoin Core's words, or ``""``. One that does not lead to the most work
        is only kept, and looked at more closely when it does."""
        with _ONE:
            self._refused.clear()
            self._log.clear()
            listening = self._pbk.LoggingConnection(self._heard)
            try:
                self._manager.process_block(self._pbk.Block(raw))
            except self._pbk.ProcessBlockException:
                self._refused.append("refused")
            del listening
        why = [found[1] or found[2] for found in map(_WHY.fullmatch, self._log) if found]
        return (why or self._refused)[-1] if self._refused else ""

    def raw(self, block: str) -> bytes:
        """A block by its hash, from the kernel's disk."""
        return bytes(self._manager.blocks[self._entry(block)])

    def undo(self, block: str) -> list[list[Spent]]:
        """What each transaction of a block spent, without the coinbase's."""
        found = self._manager.block_spent_outputs[self._entry(block)]
        return [[_spent(coin) for coin in one.coins] for one in found.transactions]

    def _entry(self, block: str) -> Any:
        return self._manager.block_tree_entries[self._pbk.BlockHash(bytes.fromhex(block)[::-1])]

    def _checked(self, _: Any, block: Any, state: Any) -> None:
        if state.validation_mode != self._pbk.ValidationMode.VALID:
            self._refused.append(state.block_validation_result.name)

    def _heard(self, line: str) -> None:
        self._log.append(line.partition(" ")[2])


def _spent(coin: Any) -> Spent:
    out = coin.output
    return Spent(out.amount, bytes(out.script_pubkey), coin.confirmation_height, coin.is_coinbase)
