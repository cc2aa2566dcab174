# pragma version ^0.4.3
# Holds ether and tokens and hands them to whoever asks: a robbed bridge, and a market.

interface Token:
    def transfer(receiver: address, amount: uint256) -> bool: nonpayable
    def transferFrom(sender: address, receiver: address, amount: uint256) -> bool: nonpayable


@external
@payable
def __default__():
    pass


@external
def pay(receiver: address, amount: uint256):
    raw_call(receiver, b"", value=amount)


@external
def payToken(token: address, receiver: address, amount: uint256):
    extcall Token(token).transfer(receiver, amount)


@external
def sell(token: address, amount: uint256, price: uint256):
    extcall Token(token).transferFrom(msg.sender, self, amount)
    raw_call(msg.sender, b"", value=price)
