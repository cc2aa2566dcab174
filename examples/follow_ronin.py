"""Follow the money stolen from the Ronin bridge on 23 March 2022: offline, every wei accounted for."""

from textwrap import fill

import chaintrace as ct
from chaintrace.model.token import show

case = ct.Case.open("ronin")
trace = case.trace()  # FIFO, forwards, from both thefts, across the asserted swap of the USDC

ETH = "eip155:1/slip44:60"
PLACES = {
    ("not_fetched", "intermediary-exchange"): "with {n} intermediaries to exchanges (history not fetched)",
    ("not_fetched", "depositor"): "with {n} depositors (history not fetched)",
    ("held", "intermediary-tornado"): "held by {n} intermediaries",
    ("held", "exploiter"): "held by the exploiter",
}
roles = {label.address: label.role for label in case.labels if label.role}


def line(amount: int, what: str, asset: str = ETH) -> None:
    print(f"  {show(amount, asset, case.tokens()):>26}  {what}")


print(f"{case.title}\n{case.question}\n\nStolen")
for asset, amount in sorted(trace.seeded.items(), reverse=True):
    line(amount, "in one transaction", asset)
for asset, amount in trace.linked_in.items():
    line(amount, "for the USDC, by a swap that no row shows: this case asserts it", asset)

print("\nWhere the ETH is, traced first in, first out")
for exit in trace.exits().itertuples():
    line(exit.amount, f"in Tornado Cash (pool of 100 ETH), on {exit.transfers:,} deposits", exit.asset)
rests: dict[tuple[str, str], list[int]] = {}
for rest in trace.holdings().itertuples():
    rests.setdefault((rest.bucket, roles.get(rest.address, "no role")), []).append(rest.amount)
for key, amounts in sorted(rests.items(), key=lambda item: -sum(item[1])):
    line(sum(amounts), PLACES.get(key, "{n} accounts, " + ", ".join(key)).format(n=len(amounts)))
total = sum(trace.ledger.loc[trace.ledger["asset"] == ETH, "amount"])
assert total == trace.seeded[ETH] + trace.linked_in[ETH]
line(total, "in all: the sum, to the last wei")

print("\nWhat the answer leans on: how much of it, and why")
for lean in trace.assumptions().query("asset == @ETH").itertuples():
    line(lean.leaning, f"{lean.assumption}: {lean.note}")

deposits = case.campaign().iloc[0]
taken = trace.seeded[ETH] + int(case.folder.published["swap_proceeds"]["amount"])
print("\nThe campaign: deposits by accounts that investigators call the thieves', asserted, not traced")
line(deposits.amount, f"in {deposits.transfers:,} deposits by {deposits.accounts} accounts")
print(f"  {100 * deposits.amount / taken:>24.2f} %  of the ETH stolen and swapped for (as published)")
line(deposits.amount - sum(trace.exits()["amount"]), "of it is not explained by the stolen money traced here")
print(f"\n{fill(case.folder.precision.strip(), 110)}")
