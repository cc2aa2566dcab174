"""bitcoin: a chain of one's own whose every block Bitcoin Core's consensus engine has accepted.

It is a regtest chain; scripts are the same on every network, so addresses are written as the main network's.

``locks``   ``lock``: scripts of every usual type, and what opens them.
``coins``   ``Coin``, ``Tx``, ``sign``: transactions with real signatures.
``blocks``  ``assemble``: blocks with their proof of work.
``chain``   ``Regtest``: the chain. It mines, forks, and keeps what waits to be mined.
"""
