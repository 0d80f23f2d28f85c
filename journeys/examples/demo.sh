#!/bin/sh
# The grocer's year from files to messages, with the real commands and what they really print.
#
#   sh journeys/examples/demo.sh [FOLDER]     works in FOLDER (./demo by default), which it makes anew each time
#
# JOURNEYS names the program to call where `journeys` is not on the path. Nothing here can reach anybody: all messages
# go into a folder.
set -eu

examples=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
journeys=${JOURNEYS:-journeys}
folder=${1:-demo}
began=$(date +%s)

heading() {
    printf '\n== %s\n\n' "$1"
}

# Show a command as one would type it in the project's folder, then run it.
run() {
    printf '$ journeys %s\n' "$*"
    "$journeys" "$@"
}

# The same where the output is long: all of it into a file, the first lines here.
run_into() {
    file=$1 lines=$2
    shift 2
    printf '$ journeys %s > %s; head -n %s %s\n' "$*" "$file" "$lines" "$file"
    "$journeys" "$@" >"$file" || {
        cat "$file"
        exit 1
    }
    head -n "$lines" "$file"
}

# `journeys` may be a path from where we are; we are about to go elsewhere.
case $journeys in
/*) ;;
*/*) journeys=$(pwd)/$journeys ;;
esac
rm -rf "$folder/grocer"
mkdir -p "$folder/grocer"
cp -R "$examples/grocer/." "$folder/grocer/"
cd "$folder/grocer"
rm -rf outbox journeys.db*

heading "1. A journey is text: this one is a whole file, journeys/win-back.journey"
cat journeys/win-back.journey

heading "2. Check all seven journeys, and run the tests that stand beside them"
run check
run_into tests.txt 8 test
printf '...\n%s\n' "$(tail -n 1 tests.txt)"

heading "3. Bring in 2,469 real households and their year 2017"
run import customers
run import events

heading "4. What would these journeys have done in 2017? Nothing is sent, nothing is stored"
run_into simulation.txt 14 simulate --from 2017-01-01 --to 2018-01-01 --output simulation.json

heading "5. Publish them, as if it were 30 October 2017"
run publish --as-of 2017-10-30T09:00 --yes

heading "6. Run the daemon through two weeks, four times a day, on a virtual clock"
run_into ticks.txt 6 run --as-of 2017-10-30T09:00 --until 2017-11-13T09:00 --every 6h
printf '...\n%s\n' "$(tail -n 1 ticks.txt)"

heading "7. Household 1006 got a coupon. Why?"
run explain 1006 --journey win-back

heading "8. Household 525 got none. Why not?"
run explain 525 --journey win-back

heading "9. A drawing of each journey"
run graph --format svg --output drawings

heading "10. The same journey, told in sentences"
run describe --journey second-basket

heading "Where to look, all in $folder/grocer"
cat <<END
outbox/email, outbox/sms   $(find outbox -type f | wc -l | tr -d ' ') messages, a readable file each
drawings/                  the journeys, drawn; open second-basket.svg in a browser
simulation.txt             the whole simulation as a report; simulation.json for programs
tests.txt, ticks.txt       what the tests and the daemon said

Next steps
  change journeys/win-back.journey, then: journeys test; journeys simulate --from 2017-01-01 --to 2018-01-01
  read the journeys, every line explained: journeys/silent-ladder.journey, in Chinese journeys-zh/
  hear it in Chinese: journeys --language zh explain 1006 --journey win-back
  write your own: docs/tutorial.md

This took $(($(date +%s) - began)) seconds.
END
