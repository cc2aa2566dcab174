# pragma version ^0.4.3
# Takes ether, even pays somebody with it, and then undoes everything.


@deploy
@payable
def __init__(fail: bool):
    assert not fail, "stillborn"


@external
@payable
def __default__():
    raise "no"


@external
@payable
def payThenFail(payee: address, amount: uint256):
    raw_call(payee, b"", value=amount)
    raise "undone"
