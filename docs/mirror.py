"""Mirror a unit and all below it into SQLite. Run it as often as you like: corrections, however late, come along."""

import json
import os
import sqlite3
import time
from urllib.error import HTTPError
from urllib.request import Request, urlopen

TABLES = """
create table if not exists report (unit, day, installs, adjustment, households, version, primary key (unit, day));
create table if not exists unit (code primary key, level, name, parent, opened_on, closed_on, successor, split_from,
    handed_over);
create table if not exists cursor (next);
"""


def ask(address):
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
    while True:
        try:
            with urlopen(Request(os.environ["API"] + address, headers=headers), timeout=60) as answer:  # noqa: S310 - one's own
                return json.load(answer)
        except HTTPError as error:
            if error.code not in (429, 503):
                raise
            time.sleep(int(error.headers.get("Retry-After", 60)))  # too often, or the database does not answer


def mirror(db, unit, ask=ask):
    db.executescript(TABLES)
    has_more, [cursor] = True, db.execute("select next from cursor").fetchone() or ["0"]
    while has_more:
        page = ask(f"units/{unit}/reports?cursor={cursor}")
        has_more, cursor = page["has_more"], page["next"]
        db.executemany(
            """insert or replace into report select :unit, :day, :installs, :adjustment, :households, :version
            where not exists (select 1 from report where (unit, day) = (:unit, :day) and version > :version)""",
            page["reports"],
        )
        db.execute("delete from cursor"), db.execute("insert into cursor values (?)", [cursor])
        db.commit()  # the page and where it ends, together: an interrupted run goes on from here
    db.executemany(
        """insert or replace into unit
        values (:code, :level, :name, :parent, :opened_on, :closed_on, :successor, :split_from, :handed_over)""",
        ask("units/")["units"],
    )
    db.commit()


if __name__ == "__main__":
    mirror(sqlite3.connect(os.environ.get("MIRROR", "mirror.sqlite3")), os.environ["UNIT"])
