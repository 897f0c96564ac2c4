"""What the service decides and remembers: requests, offers, the roster, the store and the console.

Imports neither `voice` nor `workers`; knows nothing of audio, TwiML or any carrier.
"""
