"""Power cut in the middle of a run."""

import re

from place import wait
from sim import Sim


def calls_shown(page):
    """Calls that the board counts as answered and written."""
    found = re.search(r"of ([\d,]+) calls?", page.text("vital-errors"))
    return int(found[1].replace(",", "")) if found else 0


def test_a_killed_run_goes_on_by_itself_and_pays_for_nothing_twice(bench):
    # Slow enough that between two answers there is time to look and to kill.
    with Sim(bench.sim_log, 0.15) as sim:
        page = bench.open(sim.address)
        page.click("try-sample")
        page.see("chapter-grid", 30)

        def amid():
            """Some chapters done, not all, and no answer on its way: what is answered is also written down."""
            states = [cell["state"] for cell in page.all("cell")]
            before = sim.stats()["finished"]
            written = calls_shown(page)
            return 2 <= states.count("done") < len(states) - 2 and before == written == sim.stats()["finished"]

        wait("the run is well under way", amid, 60, 0.01)
        bench.app.kill()
        first = sim.stats()
        assert first["finished"] > 0

        page = bench.app.start()
        page.click("rail-board")
        page.see("chapter-grid", 30)
        wait("the job goes on by itself and is done", lambda: page.state("job-state") == "done", 90)
        assert {cell["state"] for cell in page.all("cell")} == {"done", "left_out"}
        last = sim.stats()
        twice = [prompt for prompt, times in last["finished_prompts"].items() if times > 1]
        assert not twice, f"{len(twice)} prompts were answered twice"
        assert last["finished"] > first["finished"]
