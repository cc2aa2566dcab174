# pragma version ^0.4.3
# Creates contracts with ether inside, and can have them destroyed in the same breath.

interface Bomb:
    def explode(heir: address): payable


@external
@payable
def make(target: address) -> address:
    return create_minimal_proxy_to(target, value=msg.value)


@external
@payable
def flash(target: address, heir: address) -> address:
    child: address = create_minimal_proxy_to(target, value=msg.value)
    to: address = heir
    if to == empty(address):
        to = child
    extcall Bomb(child).explode(to)
    return child
