"""The groups by which letters are found again: each kind has a prefix, so that an identifier that a
party chooses for one kind of thing never finds the letters of another."""

from __future__ import annotations


def of_command(command_id: str) -> str:
    """Letters that concern a command, by the identifier under which it is held here."""
    return f"command:{command_id}"


def of_consent(owner: str, consent_id: str) -> str:
    """Letters that tell of a consent of ``owner``, and of what rests on it. JES-6.4.1c."""
    return f"consent:{owner}/{consent_id}"


def of_job(job_id: str) -> str:
    """Letters that a job of recall feeds. PLT-7.9d."""
    return f"job:{job_id}"


def job_of(group: str) -> str:
    """The job that feeds the letters of ``group``; empty where that is no job's."""
    prefix = of_job("")
    return group.removeprefix(prefix) if group.startswith(prefix) else ""


def of_backlog(destination: str) -> str:
    """Large letters that bring what waited for a peer. PLT-7.9d."""
    return f"backlog:{destination}"
