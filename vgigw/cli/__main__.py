"""``python -m vgigw.cli``, for where no script is installed."""

from vgigw.cli import main

main(prog_name="vgigw")
