from __future__ import annotations

from .house import House


def test_what_waits_is_taken_out_by_name_or_all_at_once(idle: House) -> None:
    one, two, three = (idle.queue(number=number) for number in range(3))
    assert idle.post("/queue", {"delete": [two, "nothing"]}).body == b""
    assert [item[1] for item in idle.get("/queue").json["queue_pending"]] == [one, three]
    assert idle.post("/queue", {"clear": True}).status == 200
    assert idle.get("/queue").json == {"queue_running": [], "queue_pending": []}
    assert idle.get("/history").json == {}, "as in ComfyUI what never ran has no history"
    assert idle.get(f"/jobs/{two}").json["state"] == "cancelled"


def test_what_runs_is_not_taken_out_of_the_queue(house: House) -> None:
    running = house.queue("Held")
    assert house.bench.held.wait(20)
    house.post("/queue", {"clear": True, "delete": [running]})
    assert [item[1] for item in house.get("/queue").json["queue_running"]] == [running]


def test_history_is_cut_as_the_client_asks(house: House) -> None:
    ids = [house.queue(number=number) for number in range(4)]
    house.finish(*ids)

    def shown(query: str) -> list[str]:
        return list(house.get(f"/history?{query}").json)

    assert shown("") == ids
    assert shown("max_items=2") == ids[-2:]
    assert shown("max_items=2&offset=-1") == ids[-2:]
    assert shown("max_items=2&offset=1") == ids[1:3]
    assert shown("offset=3") == ids[3:]
    assert shown("max_items=5&offset=9") == []
    assert shown("max_items=0") == []
    assert house.get("/history?max_items=x").status == 400


def test_history_is_deleted_by_name_or_all_at_once(house: House) -> None:
    ids = [house.queue(number=number) for number in range(3)]
    house.finish(*ids)
    assert house.post("/history", {"delete": [ids[1], "nothing"]}).body == b""
    assert list(house.get("/history").json) == [ids[0], ids[2]]
    assert house.post("/history", {"clear": True}).status == 200
    assert house.get("/history").json == {}


def test_an_interrupt_while_nothing_runs_does_not_stop_the_next(house: House) -> None:
    assert house.post("/interrupt").status == 200
    job_id = house.queue()
    assert house.finish(job_id)[0].state == "done"
