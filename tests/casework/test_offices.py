"""An office's directory: read, checked, laid into the tables, given to triage."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from casework.errors import DataError, NotFound
from casework.institutions import get_institution, list_institutions, load_directory
from casework.ledger import SYSTEM
from casework.models import Body, Institution, Town
from casework.offices import find_office_file, load_office_data, read_office_data
from casework.store import Store
from tests.casework.people import NOW

SMALL = """
[office]
name = "望桐县民政局"
district = "望桐县"
[[towns]]
code = "a"
name = "麦陇镇"
[[bodies]]
code = "section"
kind = "civil_affairs"
name = "养老服务科"
part_of = "bureau"
superior = "bureau"
internal = true
[[bodies]]
code = "bureau"
kind = "civil_affairs"
name = "望桐县民政局"
internal = true
[[institutions]]
code = "home"
name = "麦陇镇敬老院"
aliases = ["麦陇敬老院"]
town = "a"
operator = "public"
run_by = "bureau"
"""


@pytest.mark.parametrize("name", ["wangtong", "juye", "anshan"])
def test_every_packaged_office_loads_twice_and_the_same(store: Store, name: str):
    path = find_office_file(name)
    with store.write() as session:
        data = load_office_data(session, path, by=SYSTEM, now=NOW)
        load_office_data(session, path, by=SYSTEM, now=NOW)
        assert session.scalar(select(func.count()).select_from(Town)) == len(data.towns)
        assert session.scalar(select(func.count()).select_from(Body)) == len(data.bodies)
        assert session.scalar(select(func.count()).select_from(Institution)) == len(data.institutions)
        internal = session.scalars(select(Body).where(Body.internal, Body.part_of_code.is_(None))).all()
    assert len(internal) == 1, "one bureau stands above its sections"


def test_a_body_may_stand_before_the_one_it_is_part_of(store: Store, tmp_path: Path):
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    with store.write() as session:
        load_office_data(session, file, by=SYSTEM, now=NOW)
        assert session.get_one(Body, "section").part_of_code == "bureau"


def test_a_changed_file_changes_the_rows_and_removes_none(store: Store, tmp_path: Path):
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    with store.write() as session:
        load_office_data(session, file, by=SYSTEM, now=NOW)
        changed = SMALL.replace("麦陇镇敬老院", "麦陇镇中心敬老院")
        file.write_text(changed, encoding="utf-8")
        load_office_data(session, file, by=SYSTEM, now=NOW)
        assert get_institution(session, "home").name == "麦陇镇中心敬老院"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('run_by = "bureau"', 'run_by = "nobody"'),
        ('code = "bureau"', 'code = "section"'),
        ('kind = "civil_affairs"', 'kind = "circus"'),
        ('town = "a"', 'town = "b"'),
        ('code = "home"', f'code = "{"x" * 33}"'),
        ("[office]", "[bureau]"),
        ('name = "麦陇镇"', ""),
        ("[[towns]]", "[[towns"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, old: str, new: str):
    file = tmp_path / "small.toml"
    file.write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as raised:
        read_office_data(file)
    assert raised.value.file == "small.toml"


def test_an_office_is_found_by_name_file_or_folder(tmp_path: Path):
    (tmp_path / "office.toml").write_text(SMALL, encoding="utf-8")
    assert find_office_file(str(tmp_path)) == tmp_path / "office.toml"
    assert find_office_file(str(tmp_path / "office.toml")) == tmp_path / "office.toml"
    with pytest.raises(DataError):
        find_office_file("atlantis")


def test_triage_gets_homes_and_towns_as_values(store: Store, tmp_path: Path):
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    with store.write() as session:
        load_office_data(session, file, by=SYSTEM, now=NOW)
        directory = load_directory(session)
        assert [home.code for home in list_institutions(session, town_code="a")] == ["home"]
        assert list_institutions(session, town_code="b") == []
        with pytest.raises(NotFound):
            get_institution(session, "nowhere")
    assert [(home.name, home.aliases, home.operator) for home in directory.institutions] == [
        ("麦陇镇敬老院", ("麦陇敬老院",), "public")
    ]
    assert [town.name for town in directory.towns] == ["麦陇镇"]
