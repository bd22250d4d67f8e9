"""``vgigw bench timing`` and ``sm2``: what a refusal's time tells, and how fast SM2 is here."""

from __future__ import annotations

import click
from msgspec.structs import asdict

from vgigw.cli.bench_options import count_option, end, most_option, rounds_option
from vgigw.cli.options import json_option, print_json, print_table


@click.command()
@count_option("--samples", 10_000_000, 100_000, "Messages of each class in a run.", least=100)
@count_option("--runs", 100, 3, "Each must not tell anything.")
@click.option(
    "--suite",
    type=click.Choice(["tcec102", "gm-mac", "gm", "intl"]),
    default="gm-mac",
    show_default=True,
)
@click.option(
    "--door",
    "doors",
    type=click.Choice(["cec102", "soap", "rest"]),
    multiple=True,
    help="Only on this door; may be repeated.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of what is drawn.")
@json_option
def timing(
    samples: int, runs: int, suite: str, doors: tuple[str, ...], seed: int, as_json: bool
) -> None:
    """Whether the time of a refusal tells a forger anything: Welch's t, to be below 4.5.

    A signature, token, operator or operator secret that is nearly right is refused in turns with
    random ones, and a ciphertext with wrong padding in turns with one of wrong content, on every
    door, in this process. The exit code is 1 where they can be told apart.
    """
    from rich.console import Console  # noqa: PLC0415 - not needed for --help

    from vgigw.testing.bench.timing import measure  # noqa: PLC0415

    with Console(stderr=True).status("starting") as status:
        found = measure(samples, runs, suite, seed, status.update, doors)
    if as_json:
        print_json([{**asdict(each), "tells": each.tells} for each in found])
    else:
        rows = [
            (
                each.door,
                each.what,
                f"{each.fixed_us:.2f}",
                f"{each.random_us:.2f}",
                "  ".join(f"{t:+.2f}" for t in each.t),
            )
            for each in found
        ]
        columns = ("door", "secret", "fixed us", "random us", "t of each run")
        print_table(f"vgigw bench timing, {samples} of each", columns, rows)
    end(f"{each.door}: {each.what} can be told apart" for each in found if each.tells)


@click.command()
@count_option("--seconds", 60, 1, "CPU of one measurement.")
@rounds_option(3)
@most_option("--max-ratio", "the provider in use", 2.0)
@json_option
def sm2(seconds: int, rounds: int, max_ratio: float, as_json: bool) -> None:
    """SM2 signatures by each provider, as a ratio to `openssl speed` in the same run."""
    from rich.console import Console  # noqa: PLC0415 - not needed for --help

    from vgigw.crypto.sm2_choice import sm2_provider  # noqa: PLC0415
    from vgigw.testing.bench.sm2_speed import measure  # noqa: PLC0415

    in_use = sm2_provider().name
    with Console(stderr=True).status("starting") as status:
        found = measure(seconds, rounds, status.update)
    if as_json:
        print_json([{**asdict(each), "in_use": each.provider == in_use} for each in found])
    else:
        rows = [
            (
                each.provider + (" (in use)" if each.provider == in_use else ""),
                f"{each.sign_us:.0f}",
                f"{each.verify_us:.0f}",
                f"{each.sign_ratio:.2f}",
                f"{each.verify_ratio:.2f}",
            )
            for each in found
        ]
        columns = ("provider", "sign us", "verify us", "sign ratio", "verify ratio")
        print_table("vgigw bench sm2, CPU", columns, rows)
    used = next(each for each in found if each.provider == in_use)
    if max(used.sign_ratio, used.verify_ratio) > max_ratio:
        end([f"{in_use} takes more than {max_ratio:g} times as long as openssl"])
