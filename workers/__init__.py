"""The running processes and the one place of wiring. Nothing imports this package."""
