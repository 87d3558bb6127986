"""``load``: the users of every region, their workload, and the probers."""

from collections.abc import Mapping

from chaoskit.model.scenario import Load, Probes, Register
from chaoskit.scenario_file import later, scalars
from chaoskit.scenario_file.fields import Fields, choice, refuse_word, word
from chaoskit.scenario_file.places import Regions
from chaoskit.scenario_file.problems import Report, did_you_mean, one_of
from chaoskit.scenario_file.tree import YamlMap, YamlNode, described

DEFAULT_USERS = 5
WORKLOADS = ("register",)
READ_FROM = {"same_region": True}


def default_load(regions: Regions) -> Load:
    """Return what a scenario without ``load`` runs."""
    return Load(users=_default_users(regions))


def read_load(report: Report, node: YamlNode, regions: Regions) -> Load | None:
    """Read ``load``; users are given for every region of the result."""
    before = report.count
    fields = Fields(report, node, later=later.LOAD)
    users = fields.read("users", lambda r, n: _users(r, n, regions), _default_users(regions))
    pace_hz = fields.read("pace", scalars.positive_rate, 20.0)
    workload = fields.read("workload", _workload, Register())
    probes = fields.read("probes", _probes, Probes())
    fields.close()
    return Load(users=users, pace_hz=pace_hz, workload=workload, probes=probes) if report.count == before else None


def _default_users(regions: Regions) -> Mapping[str, int]:
    return dict.fromkeys(regions.names, DEFAULT_USERS)


def _users(report: Report, node: YamlNode, regions: Regions) -> Mapping[str, int] | None:
    if not isinstance(node, YamlMap):
        report.add(node.mark, f"expected a map of regions to users, found {described(node)}")
        return None
    given: dict[str, int] = {}
    for key, value in node.entries:
        number = scalars.count(report, value)
        if key.text in {"default", *regions.names}:
            given[key.text] = number or 0
        elif regions.complete:
            hint = did_you_mean(key.text, ["default", *regions.names]) or one_of(["default", *regions.names])
            report.add(key.mark, f"unknown region `{key.text}`", hint)
    missing = [region for region in regions.names if region not in given]
    if missing and "default" not in given:
        report.add(node.mark, f"no users for `{'`, `'.join(missing)}`", "add them, or a `default`")
    return {region: given.get(region, given.get("default", 0)) for region in regions.names}


def _probes(report: Report, node: YamlNode) -> Probes | None:
    fields = Fields(report, node)
    rate_hz = fields.read("rate", scalars.positive_rate, 20.0)
    timeout_ns = fields.read("timeout", scalars.positive_duration, None)
    fields.close()
    return Probes(rate_hz=rate_hz, timeout_ns=timeout_ns)


def _workload(report: Report, node: YamlNode) -> Register | None:
    found = choice(report, node)
    if found is None:
        return None
    head, options = found
    if head.text not in WORKLOADS:
        refuse_word(report, head, WORKLOADS, later.WORKLOAD)
        return None
    return Register() if options is None else _register(report, options)


def _register(report: Report, node: YamlNode) -> Register:
    fields = Fields(report, node)
    keys = fields.read("keys", scalars.positive_count, 100)
    write_share = fields.read("write_share", scalars.percentage, 0.5)
    read_after_ns = fields.read("read_after", scalars.duration, None)
    fields.read("read_from", lambda r, n: word(r, n, READ_FROM, later.READ_FROM), None)
    fields.close()
    return Register(keys=keys, write_share=write_share, read_after_ns=read_after_ns)
