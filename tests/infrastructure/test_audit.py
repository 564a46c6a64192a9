import json

from tests.infrastructure.audit import read_report, tell


def report(*packages):
    return json.dumps({"dependencies": list(packages), "fixes": []})


def test_it_is_clean_when_every_package_was_looked_up_and_has_nothing():
    assert read_report(report({"name": "jinja2", "version": "3.1.6", "vulns": []})).is_clean


def test_a_package_that_was_not_looked_up_is_a_failure():
    found = read_report(report({"name": "requests", "skip_reason": "Dependency not found"}))
    assert not found.is_clean
    assert found.unknown == ("requests: Dependency not found",)


def test_a_known_vulnerability_is_a_failure():
    found = read_report(report({"name": "x", "version": "1", "vulns": [{"id": "CVE-1"}]}))
    assert not found.is_clean
    assert found.vulnerable == ("x 1: CVE-1",)


def test_where_nobody_answers_one_line_says_so_and_it_is_a_failure():
    found = read_report(report(*({"name": name, "skip_reason": "Dependency not found"} for name in ("a", "b"))))
    (line,) = tell(found)
    assert "none of 2 packages was looked up" in line
    assert not found.is_clean


def test_one_package_that_was_not_looked_up_is_named():
    found = read_report(report({"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "gone"}))
    assert tell(found) == ["not looked up: b: gone", "2 packages, 0 vulnerable, 1 not looked up"]


def test_an_empty_report_is_a_failure():
    assert not read_report(report()).is_clean
