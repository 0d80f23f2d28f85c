"""Makes the files of this folder from the Complete Journey tables.

    python make.py FOLDER

FOLDER holds `baskets.csv.gz`, `campaigns.csv.gz`, `campaign_households.csv.gz`, `redemptions.csv.gz` and
`households.csv.gz`. README.md says column by column what is taken over, what is joined and what is invented. The same
input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

HERE = Path(__file__).parent
DEMOGRAPHICS = (
    "age", "income", "home_ownership", "marital_status", "household_size", "household_comp", "kids_count",
)  # fmt: skip
CUSTOMERS = (
    "household_id", "email", "phone", "language", "zone", "email_consent", "sms_consent", *DEMOGRAPHICS,
)  # fmt: skip


def main(source: Path) -> None:
    """Writes all four files."""
    # The largest table is taken over byte for byte, so that everybody can compare it with its origin.
    shutil.copyfile(source / "baskets.csv.gz", HERE / "baskets.csv.gz")
    write("customers", CUSTOMERS, customers(read(source, "baskets"), read(source, "households")))
    write(
        "receipts",
        ("household_id", "campaign_id", "campaign_type", "received_at", "ends_on"),
        receipts(read(source, "campaign_households"), read(source, "campaigns")),
    )
    write(
        "redemptions",
        ("household_id", "campaign_id", "coupon_upc", "redeemed_at"),
        ({**row, "redeemed_at": f"{row['date']}T12:00:00"} for row in read(source, "redemptions")),
    )


def customers(baskets: Iterable[Mapping[str, str]], households: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Every household that bought anything. Demographics are known of 801 of them and stay empty for the others."""
    known = {row["household_id"]: row for row in households}
    ids = sorted({int(row["household_id"]) for row in baskets} | {int(number) for number in known})
    return [{**reach(number), **known.get(str(number), {}), "household_id": str(number)} for number in ids]


def reach(number: int) -> dict[str, str]:
    """Where a household can be reached. All of it is invented, and made of the number alone."""
    return {
        "email": f"household-{number}@example.com",
        "phone": f"+1555{number:07d}" if number % 3 else "",
        "language": "zh" if number % 5 == 0 else "en",
        "zone": "America/Chicago" if number % 10 == 0 else "",
        "email_consent": "no" if number % 50 == 25 else "",
        "sms_consent": "yes" if number % 3 == 1 else "",
    }


def receipts(sent: Iterable[Mapping[str, str]], campaigns: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Who was sent which campaign, with the campaign's type and dates, in time order."""
    of = {row["campaign_id"]: row for row in campaigns}
    rows = [
        {
            "household_id": row["household_id"],
            "campaign_id": row["campaign_id"],
            "campaign_type": of[row["campaign_id"]]["campaign_type"],
            "received_at": f"{of[row['campaign_id']]['start_date']}T09:00:00",
            "ends_on": of[row["campaign_id"]]["end_date"],
        }
        for row in sent
    ]
    return sorted(rows, key=lambda row: (row["received_at"], int(row["campaign_id"]), int(row["household_id"])))


def read(source: Path, table: str) -> Iterable[dict[str, str]]:
    with gzip.open(source / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def write(table: str, columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    # Without the time of packing, so that equal content is an equal file.
    (HERE / f"{table}.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python make.py FOLDER")
    main(Path(sys.argv[1]))
