"""A telephone carrier on this machine: Twilio's REST API, TwiML and signed webhooks, with simulated phones.

For trying, demonstrating and testing. The product cannot tell it from the real one except by its address. Everything is
held in memory, as nothing here outlives a try; audio of recordings is too.
"""
