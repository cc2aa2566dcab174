"""Demix: who can have taken a campaign's notes out of Tornado Cash again.

``batch``      what the campaign paid in, account by account.
``recipient``  who took notes out.
``form``       how many, and in what rhythm.
``usual``      how many recipients of each form the pool sees anyway.
``odds``       how much likelier each recipient is in the campaign than not.
``settle``     which recipients together can have taken each batch.
"""
