# pragma version ^0.4.3
# Wrapped ether in the shape of WETH9: a wrap and an unwrap have events of their own and no Transfer.

event Deposit:
    dst: indexed(address)
    wad: uint256

event Withdrawal:
    src: indexed(address)
    wad: uint256

event Transfer:
    src: indexed(address)
    dst: indexed(address)
    wad: uint256

event Approval:
    src: indexed(address)
    guy: indexed(address)
    wad: uint256

balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@external
@pure
def name() -> String[32]:
    return "Wrapped Ether"


@external
@pure
def symbol() -> String[32]:
    return "WETH"


@external
@pure
def decimals() -> uint8:
    return 18


@external
@view
def totalSupply() -> uint256:
    return self.balance


@internal
def _deposit(account: address, wad: uint256):
    self.balanceOf[account] += wad
    log Deposit(dst=account, wad=wad)


@external
@payable
def __default__():
    self._deposit(msg.sender, msg.value)


@external
@payable
def deposit():
    self._deposit(msg.sender, msg.value)


@external
def withdraw(wad: uint256):
    self.balanceOf[msg.sender] -= wad
    raw_call(msg.sender, b"", value=wad)
    log Withdrawal(src=msg.sender, wad=wad)


@external
def approve(guy: address, wad: uint256) -> bool:
    self.allowance[msg.sender][guy] = wad
    log Approval(src=msg.sender, guy=guy, wad=wad)
    return True


@internal
def _move(src: address, dst: address, wad: uint256):
    self.balanceOf[src] -= wad
    self.balanceOf[dst] += wad
    log Transfer(src=src, dst=dst, wad=wad)


@external
def transfer(dst: address, wad: uint256) -> bool:
    self._move(msg.sender, dst, wad)
    return True


@external
def transferFrom(src: address, dst: address, wad: uint256) -> bool:
    self.allowance[src][msg.sender] -= wad
    self._move(src, dst, wad)
    return True
