"""`python -m workers`: the same door as `interpreter-dispatch`."""

from workers.cli import app

app()
