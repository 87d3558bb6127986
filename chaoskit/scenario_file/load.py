"""``load``: the users of every region, their workload, and the probers."""

from collections.abc import Mapping

from chaoskit.model.scenario import Load, Probes, Retry
from chaoskit.scenario_file import scalars
from chaoskit.scenario_file.fields import Fields, Reader, word
from chaoskit.scenario_file.problems import Report, did_you_mean, one_of
from chaoskit.scenario_file.regions import Regions
from chaoskit.scenario_file.tree import YamlMap, YamlNode, described
from chaoskit.scenario_file.workload import DEFAULT_WORKLOAD, read_workload

DEFAULT_USERS = 5
DEFAULT = "default"
RETRY = {str(retry): retry for retry in Retry}


def default_load(known: Regions) -> Load:
    """Return what a scenario without ``load`` runs."""
    return Load(users=_default_users(known))


def read_load(report: Report, node: YamlNode, known: Regions) -> Load | None:
    """Read ``load``; users are given for every region of the result, workers where the file gives them."""
    before = report.count
    fields = Fields(report, node)
    users = fields.read("users", lambda r, n: _users(r, n, known), _default_users(known))
    load = Load(
        users=users,
        spawn_rate_hz=fields.optional("spawn_rate", scalars.positive_rate),
        pace_hz=fields.read("pace", scalars.positive_rate, 20.0),
        retry=fields.read("retry", lambda r, n: word(r, n, RETRY), Retry.NONE),
        workers=fields.read("workers", lambda r, n: _workers(r, n, known), {}),
        workload=fields.optional("workload", read_workload) or DEFAULT_WORKLOAD,
        probes=fields.read("probes", _probes, Probes()),
    )
    fields.close()
    return load if report.count == before else None


def _default_users(known: Regions) -> Mapping[str, int]:
    return dict.fromkeys(known.names, DEFAULT_USERS)


def _users(report: Report, node: YamlNode, known: Regions) -> Mapping[str, int] | None:
    given = _by_region(report, node, "users", (DEFAULT, *known.names), known, scalars.count)
    if given is None:
        return None
    missing = [region for region in known.names if region not in given]
    if missing and DEFAULT not in given:
        report.add(node.mark, f"no users for `{'`, `'.join(missing)}`", "add them, or a `default`")
    return {region: given.get(region, given.get(DEFAULT, 0)) for region in known.names}


def _workers(report: Report, node: YamlNode, known: Regions) -> Mapping[str, int] | None:
    return _by_region(report, node, "worker processes", known.names, known, scalars.positive_count)


def _by_region(
    report: Report, node: YamlNode, what: str, keys: tuple[str, ...], known: Regions, number: Reader[int]
) -> dict[str, int] | None:
    if not isinstance(node, YamlMap):
        report.add(node.mark, f"expected a map of regions to {what}, found {described(node)}")
        return None
    given: dict[str, int] = {}
    for key, value in node.entries:
        count = number(report, value)
        if key.text in keys:
            given[key.text] = count or 0
        elif known.complete:
            report.add(key.mark, f"unknown region `{key.text}`", did_you_mean(key.text, keys) or one_of(keys))
    return given


def _probes(report: Report, node: YamlNode) -> Probes | None:
    fields = Fields(report, node)
    rate_hz = fields.read("rate", scalars.positive_rate, 20.0)
    timeout_ns = fields.optional("timeout", scalars.positive_duration)
    fields.close()
    return Probes(rate_hz=rate_hz, timeout_ns=timeout_ns)
