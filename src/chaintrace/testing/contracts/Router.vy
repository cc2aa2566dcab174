# pragma version ^0.4.3
# Stands before the pools as the Tornado Cash router does: the pool sees the router, not the depositor.

interface Pool:
    def deposit(_commitment: bytes32): payable
    def withdraw(
        _proof: Bytes[1024],
        _root: bytes32,
        _nullifierHash: bytes32,
        _recipient: address,
        _relayer: address,
        _fee: uint256,
        _refund: uint256,
    ): payable

event EncryptedNote:
    sender: indexed(address)
    encryptedNote: Bytes[1024]


@external
@payable
def deposit(_tornado: address, _commitment: bytes32, _encryptedNote: Bytes[1024]):
    extcall Pool(_tornado).deposit(_commitment, value=msg.value)
    log EncryptedNote(sender=msg.sender, encryptedNote=_encryptedNote)


@external
@payable
def withdraw(
    _tornado: address,
    _proof: Bytes[1024],
    _root: bytes32,
    _nullifierHash: bytes32,
    _recipient: address,
    _relayer: address,
    _fee: uint256,
    _refund: uint256,
):
    extcall Pool(_tornado).withdraw(
        _proof, _root, _nullifierHash, _recipient, _relayer, _fee, _refund, value=msg.value
    )
