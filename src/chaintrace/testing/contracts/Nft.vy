# pragma version ^0.4.3
# The log of an ERC-721 token: the same event name and topic as ERC-20, with the number of the piece as a third topic.

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    piece: indexed(uint256)


@external
def hand(sender: address, receiver: address, piece: uint256):
    log Transfer(sender=sender, receiver=receiver, piece=piece)
