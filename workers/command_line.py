"""What every command is known by."""

BY = "command line"
"""Who did it, in the audit log."""
