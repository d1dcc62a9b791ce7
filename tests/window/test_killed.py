"""Power cut in the middle of a run."""

import re

from place import wait
from sim import PARALLEL, Sim


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
            """What was answered, once some chapters are done, not all, and no answer is on its way to the disk."""
            states = [cell["state"] for cell in page.all("cell")]
            # In this order: as many answered later as were written before are the same ones.
            shown, answered = calls_shown(page), sim.stats()
            quiet = shown == answered["finished"]
            return answered if quiet and 2 <= states.count("done") < len(states) - 2 else None

        # What is answered from here to the kill was in flight, and may be asked again.
        written = wait("the run is well under way", amid, 60, 0.01)
        bench.app.kill()

        page = bench.app.start()
        page.click("rail-board")
        page.see("chapter-grid", 30)
        wait("the job goes on by itself and is done", lambda: page.state("job-state") == "done", 90)
        assert {cell["state"] for cell in page.all("cell")} == {"done", "left_out"}
        last = sim.stats()
        twice = {prompt for prompt, times in last["finished_prompts"].items() if times > 1}
        paid = twice & written["finished_prompts"].keys()
        assert not paid, f"{len(paid)} prompts were answered twice though their answers were on the disk"
        assert len(twice) <= PARALLEL, f"{len(twice)} prompts were answered twice, more than were in flight"
        assert last["finished"] > written["finished"] > 0
