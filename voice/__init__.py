"""Everything that is sound or carrier: speech, language, TwiML, webhooks, the carrier client, the local carrier.

Imports `dispatch`; never `workers`.
"""
