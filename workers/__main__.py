"""`python -m workers`: the same door as `interpreter-dispatch`."""

from workers.cli import app

if __name__ == "__main__":  # a process that is started from this one reads this file too
    app()
