# pragma version ^0.4.3
# A mixer pool with the face of a Tornado Cash ether pool. The proof is not checked.

event Deposit:
    commitment: indexed(bytes32)
    leafIndex: uint32
    timestamp: uint256

event Withdrawal:
    to: address
    nullifierHash: bytes32
    relayer: indexed(address)
    fee: uint256

denomination: public(immutable(uint256))
commitments: public(HashMap[bytes32, bool])
nullifierHashes: public(HashMap[bytes32, bool])
nextIndex: public(uint32)


@deploy
def __init__(denomination_: uint256):
    denomination = denomination_


@external
@payable
def deposit(_commitment: bytes32):
    assert not self.commitments[_commitment], "The commitment has been submitted"
    assert msg.value == denomination, "Please send `mixDenomination` ETH along with transaction"
    self.commitments[_commitment] = True
    index: uint32 = self.nextIndex
    self.nextIndex = index + 1
    log Deposit(commitment=_commitment, leafIndex=index, timestamp=block.timestamp)


@external
@payable
def withdraw(
    _proof: Bytes[1024],
    _root: bytes32,
    _nullifierHash: bytes32,
    _recipient: address,
    _relayer: address,
    _fee: uint256,
    _refund: uint256,
):
    assert _fee <= denomination, "Fee exceeds transfer value"
    assert not self.nullifierHashes[_nullifierHash], "The note has been already spent"
    assert msg.value == 0 and _refund == 0
    self.nullifierHashes[_nullifierHash] = True
    raw_call(_recipient, b"", value=denomination - _fee)
    if _fee > 0:
        raw_call(_relayer, b"", value=_fee)
    log Withdrawal(to=_recipient, nullifierHash=_nullifierHash, relayer=_relayer, fee=_fee)
