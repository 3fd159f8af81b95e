"""What is hit when a thing goes down and what it needs, as trees: on the pages of devices and services."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core import conditions, states
from core.access import HIDDEN, can, visible
from inventory.impact import Node, Reach, reach
from inventory.models import Dependency, Device, Service

MODELS: dict[str, type[Device] | type[Service]] = {"device": Device, "service": Service}
ICONS = {"device": "server", "service": "apps"}
KNOWN = 500  # of one reach: named and asked how they are; the rest is counted
DRAWN = 60  # in one tree
BROAD = 8  # below one node
OPEN = 16  # a tree of so many nodes is open wholly
TROUBLE = {"bad": 0, "warn": 1}


@dataclass(frozen=True, slots=True)
class Names:
    """What one reader may know of some things; the others stay nameless."""

    labels: dict[Node, str]
    states: dict[Node, str]

    def of(self, node: Node) -> str:
        return self.labels.get(node, HIDDEN)

    def rank(self, node: Node) -> tuple[int, bool, str]:
        """Trouble first, then services, then by name."""
        tone = states.of(self.states[node]).tone if node in self.states else ""
        return TROUBLE.get(tone, 2), node[0] == "device", self.of(node).lower()


def dependencies_panel(request: HttpRequest, thing: Device | Service) -> dict[str, Any] | None:
    """Both ways along the dependencies that the reader may see."""
    if not can(request.user, "view", Dependency):
        return None
    kind = "device" if isinstance(thing, Device) else "service"
    edges = visible(request.user, Dependency)
    hit = reach(edges, (kind, thing.pk), down=True)
    needs = reach(edges, (kind, thing.pk), down=False)
    names = names_of(request.user, {*hit.nodes[:KNOWN], *needs.nodes[:KNOWN]})
    may_add = can(request.user, "add", Dependency)
    return {
        "hit": side(hit, names, f"on_{kind}", add=may_add),
        "needs": side(needs, names, kind, add=may_add),
    }


def hit_by(user: Any, device: Device) -> dict[str, Any] | None:
    """What is hit when a device goes down, for inventory/panels/chain.html; None where nothing is known."""
    if not can(user, "view", Dependency):
        return None
    hit = reach(visible(user, Dependency), ("device", device.pk), down=True)
    return side(hit, names_of(user, hit.nodes[:KNOWN]), "on_device", add=False) if hit.nodes else None


def names_of(user: Any, nodes: Iterable[Node]) -> Names:
    """Names and states of what the user may see of these; two queries a kind and those of the states."""
    labels: dict[Node, str] = {}
    found: dict[Node, str] = {}
    wanted = list(nodes)
    for kind, model in MODELS.items():
        keys = [pk for one, pk in wanted if one == kind]
        if not keys:
            continue
        rows = visible(user, model).filter(pk__in=keys).order_by().values_list("pk", "name")
        seen: dict[Node, str] = {(kind, pk): name for pk, name in rows}  # type: ignore[misc]
        labels |= seen
        told = conditions.of(user, model, [pk for _, pk in seen])
        found |= {(kind, pk): state for pk, state in told.items()}  # type: ignore[misc]
    return Names(labels, found)


def side(found: Reach, names: Names, column: str, *, add: bool) -> dict[str, Any]:
    """One way: its numbers, its tree, where one more is added. column: that which names the thing itself."""
    start = f"{column}={found.start[1]}"
    return {
        "devices": found.count("device"),
        "services": found.count("service"),
        "complete": found.complete,
        "nodes": _Drawing(found, names, column.startswith("on_")).nodes(),
        "add_url": f"{reverse('dependencies-add')}?{start}" if add else "",
    }


class _Drawing:
    """Nodes for ui/tree.html, at most DRAWN of them; what has no room is counted where it would stand."""

    def __init__(self, found: Reach, names: Names, down: bool) -> None:
        self.found, self.names, self.down = found, names, down
        self.open = len(found.nodes) <= OPEN
        self.known = set(found.nodes[:KNOWN])
        self.drawn = set(islice(self._nearest(), DRAWN))

    def nodes(self) -> list[dict[str, Any]]:
        return self._below(self.found.start)

    def _sorted(self, node: Node) -> list[Node]:
        return sorted(
            (one for one in self.found.below.get(node, []) if one in self.known), key=self.names.rank
        )[:BROAD]

    def _nearest(self) -> Iterable[Node]:
        """In the order in which room is given: level by level."""
        level = [self.found.start]
        while level:
            level = [child for node in level for child in self._sorted(node) if self._begins(child, node)]
            yield from level

    def _begins(self, node: Node, above: Node) -> bool:
        """Whether a thing that is reached by several ways has what follows it drawn here."""
        return self.found.first[node] == above

    def _below(self, node: Node) -> list[dict[str, Any]]:
        shown = [self._node(one, node) for one in self._sorted(node) if one in self.drawn]
        more = len(self.found.below.get(node, [])) - len(shown)
        return [*shown, self._rest(node, more)] if more else shown

    def _node(self, node: Node, above: Node) -> dict[str, Any]:
        kind, pk = node
        named = node in self.names.labels
        again = not self._begins(node, above)
        children = [] if again else self._below(node)
        return {
            "label": self.names.of(node) + (" …" if again and node in self.found.below else ""),
            "url": reverse(f"{kind}s-detail", args=[pk]) if named else "",
            "icon": ICONS[kind],
            "state": self.names.states.get(node, ""),
            "trouble": not self.down and self.names.rank(node)[0] in TROUBLE.values(),
            "open": self.open or any(one.get("trouble") or one.get("open") for one in children),
            "children": children,
        }

    def _rest(self, node: Node, count: int) -> dict[str, Any]:
        kind, pk = node
        column = f"on_{kind}" if self.down else kind
        named = node == self.found.start or node in self.names.labels
        url = f"{reverse('dependencies-list')}?{column}={pk}" if named else ""
        return {"label": f"and {count:,} more", "url": url}
