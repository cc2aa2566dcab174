# pragma version ^0.4.3
# Receives ether and pays it on by internal calls.

interface Forwarder:
    def forward(receiver: address): payable


@external
@payable
def __default__():
    pass


@external
@payable
def split(receivers: DynArray[address, 500], amounts: DynArray[uint256, 500]):
    for i: uint256 in range(len(receivers), bound=500):
        raw_call(receivers[i], b"", value=amounts[i])


@external
@payable
def equally(receivers: DynArray[address, 500], amount: uint256):
    for receiver: address in receivers:
        raw_call(receiver, b"", value=amount)


@external
def pay(receiver: address, amount: uint256):
    raw_call(receiver, b"", value=amount)


@external
@payable
def forward(receiver: address):
    raw_call(receiver, b"", value=msg.value)


@external
@payable
def through(other: address, receiver: address):
    extcall Forwarder(other).forward(receiver, value=msg.value)
