"""Prints "N passed, N failed" over the reports of a test run; exit status 1 where anything failed or nothing ran.

usage: count.py FAILURES FOLDER: <preset>.xml is ctest's report, <preset>-lit.xml lit's, whose tests ctest ran as one;
FAILURES counts what went wrong outside of tests, such as a build.
"""
import glob, os, sys
import xml.etree.ElementTree as ET

failed, passed = int(sys.argv[1]), 0
for path in sorted(glob.glob(os.path.join(sys.argv[2], "*.xml"))):
    lit = path.endswith("-lit.xml")
    has_lit = os.path.exists(path[: -len(".xml")] + "-lit.xml")
    here = [0, 0]
    for case in ET.parse(path).getroot().iter("testcase"):
        if not lit and has_lit and case.get("name") == "lit":
            continue
        skipped = case.find("skipped") is not None or case.get("status") in ("notrun", "disabled")
        bad = case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail"
        if bad or not skipped:
            here[bad] += 1
    print(f"  {os.path.basename(path)[:-4]:14} {here[0]:5} passed, {here[1]} failed")
    passed, failed = passed + here[0], failed + here[1]
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
