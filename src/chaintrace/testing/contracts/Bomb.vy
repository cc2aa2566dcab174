# pragma version ^0.4.3
# Destroys itself; what it holds goes to an heir.


@deploy
@payable
def __init__():
    pass


@external
@payable
def __default__():
    pass


@external
@payable
def explode(heir: address):
    selfdestruct(heir)
