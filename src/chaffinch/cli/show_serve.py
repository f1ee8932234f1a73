"""Shows what is to be served: of each door where it listens, whom it lets in, what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaffinch.cli.tables import row, say, title
from chaffinch.servers.plan import decided

if TYPE_CHECKING:
    from chaffinch.servers.access import Address
    from chaffinch.servers.door import Door
    from chaffinch.servers.plan import Plan

_JUNK = {
    "tag": "it goes on, and its headers tell",
    "reject": "it is refused, and its sender told",
    "quarantine": "the mail server sets it aside until somebody looks",
}
_UNJUDGED = {
    "pass": "it goes on untagged",
    "wait": "its sender is told to try again later",
}
_USERS = {
    "one": "all mail is one person's, whatever user is named",
    "checked": "each is an owner, and speaks for themselves",
    "believed": "each is an owner, and whoever comes in speaks for any",
}
_REASONS = {
    "all": "headers tell why of all mail",
    "junk": "headers tell why of junk and unsure mail",
    "none": "headers tell why of no mail",
}


def show_plan(plan: Plan) -> None:
    """Show what settings open, and what they decide of mail."""
    say(f"{plan.home / 'settings.toml'}, and the environment, say:")
    if plan.log_only:
        title("log_only = true: every mail is delivered, and the verdict only written down")
    shown: set[str] = set()
    for door, _ in plan.doors:
        if door.name not in shown:
            shown.add(door.name)
            _show_door(door, [where for one, where in plan.doors if one.name == door.name], plan)
    if plan.monitor:
        title("monitor")
        for address in plan.monitor:
            row("at", f"{address}{_busy(address, plan)}")
    title("all doors")
    users, reasons = plan.access.users, plan.reasons
    row("users", f"{users}: {_USERS[users]}")
    row("reasons", f"{reasons}: {_REASONS[reasons]}")
    believed = f"as {', '.join(plan.believed)} says" if plan.believed else "by nobody"
    row("believes", f"SPF, DKIM and DMARC {believed} (authserv_id)")
    if plan.signatures is not None:
        row("verifies", f"DKIM, and writes results as {plan.signatures.name} (verify_dkim)")
    row("largest", f"{plan.largest >> 20:,} MiB; a larger mail goes on unjudged")
    row("workers", f"{plan.workers} {'process judges' if plan.workers == 1 else 'processes judge'}")


def _show_door(door: Door, addresses: list[Address], plan: Plan) -> None:
    title(door.name)
    for address in addresses:
        row("at", f"{address}, for {_whom(address, plan)}{_busy(address, plan)}")
    does = decided(door)
    if not does:
        if plan.log_only:
            row("junk", "is told to whoever asks as none, since log_only overrules it")
        else:
            row("junk", "is told to whoever asks, who decides")
        row("unjudged", "is told to whoever asks, and goes on as it was")
        return
    junk, unjudged = does["junk"], does["unjudged"]
    if plan.log_only and junk != "tag":
        row("junk", f"{junk}, but log_only overrules it: {_JUNK['tag']}")
    else:
        row("junk", f"{junk}: {_JUNK[junk]}")
    row("unjudged", f"{unjudged}: {_UNJUDGED[unjudged]}")
    if "next_hop" in does:
        row("next hop", does["next_hop"])


def _whom(address: Address, plan: Plan) -> str:
    if address.path:
        return f"whoever may write to it (socket_mode {plan.mode:o})"
    if address.is_local:
        return "this machine"
    return f"this machine and {', '.join(map(str, plan.access.allow))} (allow)"


def _busy(address: Address, plan: Plan) -> str:
    return f"; {plan.busy[address]}" if address in plan.busy else ""
