# pragma version ^0.4.3
# An ERC-20 token whose supply anybody may make, and whose log anybody may lie in.

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    amount: uint256

symbol: public(immutable(String[32]))
decimals: public(immutable(uint8))
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@deploy
def __init__(symbol_: String[32], decimals_: uint8):
    symbol = symbol_
    decimals = decimals_


@external
@view
def name() -> String[32]:
    return symbol


@internal
def _move(sender: address, receiver: address, amount: uint256):
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, amount=amount)


@internal
def _mint(receiver: address, amount: uint256):
    self.totalSupply += amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=empty(address), receiver=receiver, amount=amount)


@external
def transfer(receiver: address, amount: uint256) -> bool:
    self._move(msg.sender, receiver, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    log Approval(owner=msg.sender, spender=spender, amount=amount)
    return True


@external
def transferFrom(sender: address, receiver: address, amount: uint256) -> bool:
    self.allowance[sender][msg.sender] -= amount
    self._move(sender, receiver, amount)
    return True


@external
def mint(receiver: address, amount: uint256):
    self._mint(receiver, amount)


@external
def burn(amount: uint256):
    self.balanceOf[msg.sender] -= amount
    self.totalSupply -= amount
    log Transfer(sender=msg.sender, receiver=empty(address), amount=amount)


@external
def airdrop(receivers: DynArray[address, 1000], amount: uint256):
    for receiver: address in receivers:
        self._mint(receiver, amount)


@external
def spread(receivers: DynArray[address, 1000], amount: uint256):
    for receiver: address in receivers:
        self._move(msg.sender, receiver, amount)


@external
def collect(senders: DynArray[address, 1000], amount: uint256):
    for sender: address in senders:
        self._move(sender, msg.sender, amount)


@external
def twice(receiver: address, amount: uint256):
    self._move(msg.sender, receiver, amount)
    self._move(msg.sender, receiver, amount)


@external
def lie(sender: address, receiver: address, amount: uint256):
    log Transfer(sender=sender, receiver=receiver, amount=amount)
