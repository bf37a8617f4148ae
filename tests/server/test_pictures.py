from __future__ import annotations

from tests.jobs.pack import Graph

from .house import House


def graph(number: int) -> Graph:
    return {
        "1": {"class_type": "Value", "inputs": {"number": number}},
        "2": {"class_type": "Pictured", "inputs": {"value": ["1", 0]}},
    }


def names(house: House, path: str) -> list[str]:
    return [picture["filename"] for picture in house.get(path).json["pictures"]]


def test_pictures_come_the_newest_first_page_by_page(house: House) -> None:
    jobs = [house.queue_graph(graph(number)) for number in range(3)]
    house.finish(*jobs)
    assert names(house, "/jobs/pictures") == ["2.png", "1.png", "0.png"]
    first = house.get("/jobs/pictures?limit=2").json
    assert [picture["job"] for picture in first["pictures"]] == [jobs[2], jobs[1]]
    assert names(house, f"/jobs/pictures?limit=2&before={first['before']}") == ["0.png"]


def test_a_picture_is_told_with_its_place_and_its_node(house: House) -> None:
    job_id = house.queue_graph(graph(7))
    house.finish(job_id)
    picture = house.get("/jobs/pictures").json["pictures"][0]
    assert {name: picture[name] for name in ("job", "filename", "subfolder", "type")} == {
        "job": job_id,
        "filename": "7.png",
        "subfolder": "",
        "type": "output",
    }


def test_jobs_without_pictures_leave_an_empty_page(house: House) -> None:
    house.finish(house.queue(number=1))
    assert house.get("/jobs/pictures").json == {"pictures": [], "before": None}
