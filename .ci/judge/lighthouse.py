"""Six pages as on a phone: accessibility, good practice, bytes. Seconds are for `make bench`, which compares pairs."""

import json
import os
import subprocess
from pathlib import Path

PAGES = ["/accounts/login/", "/units/31/", "/units/31/ranking/", "/units/306/", "/campaign/", "/inbox/"]
CATEGORIES = ["accessibility", "best-practices"]
MOST_BYTES = 100_000  # with styles, scripts and icons, over the wire
CHROMIUM = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"

os.environ.setdefault("CHROME_PATH", "/usr/bin/chromium")
headers = json.dumps({"Cookie": Path(os.environ["PAGES"], "session").read_text()})
for path in PAGES:
    asked = [f"--only-categories={','.join(CATEGORIES)}", "--only-audits=network-requests"]
    options = [*asked, "--output=json", "--quiet", f"--chrome-flags={CHROMIUM}"]
    command = ["lighthouse", os.environ["SITE"] + path, "--extra-headers", headers, *options]
    report = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    for name in CATEGORIES:
        for one in report["categories"][name]["auditRefs"]:
            audit = report["audits"][one["id"]]
            if one["weight"] and audit["score"] is not None and audit["score"] < 1:
                print(f"finding: {path} {name} {audit['id']}: {audit['title']}")
    size = sum(one.get("transferSize", 0) for one in report["audits"]["network-requests"]["details"]["items"])
    print(f"{'finding: ' if size > MOST_BYTES else ''}{path} {size} bytes")
