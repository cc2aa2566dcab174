# pragma version ^0.4.3
# Calls what may fail and goes on regardless.


@external
@payable
def __default__():
    pass


@external
@payable
def attempt(reverter: address, payee: address, amount: uint256) -> bool:
    return raw_call(
        reverter,
        abi_encode(payee, amount, method_id=method_id("payThenFail(address,uint256)")),
        value=msg.value,
        revert_on_failure=False,
    )
