"""The gate: what is refused, what is lived with, and that a report which says nothing lets nothing through."""

from datetime import date

import pytest

from bongsu.infra.delivery.gate import decide
from bongsu.infra.delivery.report import read_report
from bongsu.infra.model.delivery import Scan
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import LANGUAGES
from tests.infra.delivery.reports import HOLE, OF, UNFIXED, hole, report, text

TODAY = date(2026, 11, 28)
WHY = "Only reachable from the build."


def decided(*holes, of=OF, metadata=None, **scan):
    document = report(*holes)
    document["Metadata"] |= metadata or {}
    return decide(read_report(text(document)), Scan.model_validate(scan), TODAY, of)


def lived(until: str, id: str = "CVE-2026-1111"):  # noqa: A002
    return [{"id": id, "why": WHY, "until": until}]


def test_an_image_without_holes_goes_on():
    assert decided().passes


@pytest.mark.parametrize(
    ("threshold", "severity", "passes"),
    [
        ("high", "HIGH", False),
        ("high", "CRITICAL", False),
        ("high", "MEDIUM", True),
        ("critical", "HIGH", True),
        ("critical", "CRITICAL", False),
        ("low", "LOW", False),
        ("medium", "LOW", True),
        ("high", "UNKNOWN", False),
        ("critical", "UNKNOWN", True),
        ("nothing", "CRITICAL", True),
    ],
)
def test_the_threshold_decides(threshold, severity, passes):
    assert decided(hole(Severity=severity), refuse=threshold).passes is passes


def test_a_refusal_names_the_hole_its_package_and_the_version_without_it():
    (said,) = decided(HOLE).refused

    assert str(said) == "CVE-2026-1111 in openssl 3.5.1-r0 (high): take 3.5.2-r0."


def test_what_nobody_has_mended_is_refused_unless_the_file_says_otherwise():
    (said,) = decided(UNFIXED).refused

    assert "nobody has mended it yet" in str(said)
    assert decided(UNFIXED, unfixed=False).passes
    assert not decided(UNFIXED, HOLE, unfixed=False).passes


@pytest.mark.parametrize(
    ("until", "passes"), [("2026-11-28", True), ("2027-01-31", True), ("2026-11-27", False)]
)
def test_what_is_accepted_counts_to_the_end_of_its_day(until, passes):
    found = decided(HOLE, accepted=lived(until))

    assert found.passes is passes
    assert len(found.accepted) == passes
    assert (
        WHY in str(found.accepted[0]) if passes else "was accepted until" in str(found.refused[0])
    )


def test_accepting_one_hole_accepts_no_other():
    found = decided(HOLE, hole(VulnerabilityID="CVE-2026-3333"), accepted=lived("2027-01-31"))

    assert [said.args["id"] for said in found.refused] == ["CVE-2026-3333"]


def test_the_same_hole_in_two_places_of_an_image_is_told_once():
    document = report(HOLE)
    document["Results"].append(document["Results"][0] | {"Target": "usr/bin/tool"})

    assert len(decide(read_report(text(document)), Scan(), TODAY).refused) == 1


def test_a_report_on_another_image_is_refused():
    assert not decided(of="web-other.tar").passes
    assert decided(of=None).passes


def test_a_system_at_its_end_of_life_is_refused_though_nothing_is_found():
    (said,) = decided(metadata={"OS": {"Family": "debian", "Name": "10", "EOSL": True}}).refused

    assert str(said) == "debian 10 is at its end of life: nobody mends it."


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "It is empty"),
        (b"  \n", "It is empty"),
        (b"2026-11-28T19:00:00Z FATAL image scan error", "not JSON"),
        (text(report(HOLE))[:-40], "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not as Trivy writes"),
        (b"null", "not as Trivy writes"),
        (b"{}", "schema 2"),
        (text({"matches": [], "source": {}}), "schema 2"),
        (text(report(SchemaVersion=1)), "schema 2"),
        (text(report(ArtifactType="filesystem")), "on filesystem, not on an image"),
        (text(report(ArtifactType=None)), "something unnamed"),
        (text(report(Results=None)), "nothing was looked at"),
        (text(report(Results=[])), "nothing was looked at"),
        (
            text(report(Results=[{"Target": "/app/key", "Class": "secret"}])),
            "nothing was looked at",
        ),
        (text(report(Results={})), "not as Trivy writes"),
        (text(report(Results=["a"])), "not as Trivy writes"),
        (text(report(Metadata=["a"])), "not as Trivy writes"),
        (text(report(HOLE, Metadata={"OS": "alpine"})), "not as Trivy writes"),
        (text(report({"PkgName": "openssl", "Severity": "HIGH"})), "not as Trivy writes"),
        (text(report(hole(Severity="SEVERE"))), "not as Trivy writes"),
        (text(report(hole(Severity=None))), "not as Trivy writes"),
        (text(report("CVE-2026-1111")), "not as Trivy writes"),  # type: ignore[arg-type]
    ],
)
def test_a_report_that_says_nothing_is_refused(raw, said):
    with pytest.raises(Invalid, match=said) as refused:
        read_report(raw)
    assert all(refused.value.said.to(language) for language in LANGUAGES)
