"""Prints "N passed, N failed" over the reports of a test run; exit status 1 where anything failed or nothing ran.

usage: count.py FAILURES FOLDER: <preset>.xml is ctest's report, <preset>-<test>.xml what a test of ctest says of the many it holds;
FAILURES counts what went wrong outside of tests, such as a build.
"""
import glob, os, sys
import xml.etree.ElementTree as ET


def results(path):
    """(name, whether it failed) of all that ran."""
    for case in ET.parse(path).getroot().iter("testcase"):
        failed = case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail"
        skipped = case.find("skipped") is not None or case.get("status") in ("notrun", "disabled")
        if failed or not skipped:
            yield case.get("name"), failed


failed, passed = int(sys.argv[1]), 0
held = {} # by the name of its report: how many of the tests that one test holds failed
for path in sorted(glob.glob(os.path.join(sys.argv[2], "*.xml")), key=lambda path: ("-" not in os.path.basename(path), path)):
    name = os.path.basename(path)[: -len(".xml")]
    here = [0, 0]
    for case, bad in results(path):
        # The holder's own result counts only where it failed and none of its tests did: it crashed, say.
        holder = held.get(f"{name}-{case}")
        if holder is None or (bad and not holder):
            here[bad] += 1
    held[name] = here[1]
    print(f"  {name:20} {here[0]:5} passed, {here[1]} failed")
    passed, failed = passed + here[0], failed + here[1]
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
