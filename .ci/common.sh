# What the scripts beside it share; they source it at the top of the repository.
TAGS=nomsgpack                # Gin without MessagePack, as in the binary
: "${BEGAN:=$(date +%s)}"     # so that all scripts of one run count from its beginning
export BEGAN

step() { printf '\n== %s (%s s)\n' "$*" "$(($(date +%s) - BEGAN))"; }

# tests LOG ARGUMENTS...: runs go test and prints its report; the whole output goes to the log. go vet is a
# step of its own.
tests() {
  local log=$1 status
  shift
  set +e
  go test -vet=off -tags "$TAGS" -timeout 25m -v "$@" 2>&1 | tee "$log" | awk -v strict="${CI:-}" -f .ci/report.awk
  status=("${PIPESTATUS[@]}")
  set -e
  [ "${status[0]}" = 0 ] && [ "${status[2]}" = 0 ]
}

# packages ALONE|SHARED: a package that starts no goroutine and shares no memory has nothing that the race
# detector could find, and its tests take many times as long under it. The others are shared.
packages() {
  local dir package kind
  while read -r dir package; do
    kind=ALONE
    if grep -qE '^\s*go (func|[A-Za-z_.]+\()|"sync"|"sync/atomic"|errgroup|\.Go\(' "$dir"/*.go; then kind=SHARED; fi
    if [ "$kind" = "$1" ]; then echo "$package"; fi
  done < <(go list -tags "$TAGS" -f '{{.Dir}} {{.ImportPath}}' ./...)
}

# These do one thing very often, one after the other: match a million gifts, forge every part of a bundle, die
# at every file. They run without the race detector, which sees the same code at work in the other tests.
LARGE_PACKAGES=(./cmd/klero-bench ./funding ./randomness/beacon ./randomness/register ./service ./service/audit/verify
  ./service/grants ./service/poll ./store/publish)
LARGE='^(TestExpectedDigests|TestEveryRowIsMeasured|TestChangedBallotsAreReadAlike'           # funding, klero-bench, poll
LARGE+='|TestTheCountAgreesWithASlowOne|TestEstimateIsTheMatchOfWhatItHolds'                   # poll, funding
LARGE+='|TestCirclAgreesOnRealBeacons|TestCirclAgreesOnMutations|TestBatchAgreesWithSingles'   # beacon
LARGE+='|Test(Import|Register)TakesFewBytes.*|TestImportAllocatesTheSameForEveryRow'           # register: bytes are counted
LARGE+='|TestEveryLineOfSmallAndSeamSizesIsProved|TestReadRefusesTooManyCells'                 # register
LARGE+='|TestTheEstimateIsWhatTheRecordsWouldGive|TestARoundFromItsRowsIsTheRoundOfItsRecords' # service
LARGE+='|TestADonorGivesAThousandTimesAndPaymentsAreNotCounted|TestTheJurysVotesShareItsPart'  # service
LARGE+='|TestEveryFalse.*FailsItsOwnCheck|TestBundleVectors|TestNoFlippedBitOfARoundHolds'     # verify
LARGE+='|TestChangedBundlesAreFound|Fuzz(Poll|Round)WithAnyRecord|FuzzChangedPoll'             # verify
LARGE+='|TestTheOrderOfIndependentRecordsChangesNothing|TestMoneyIsConservedWhateverHappens'   # grants
LARGE+='|TestRecordedGiftsGiveTheSameResultAsTheirRecords'                                     # grants
LARGE+='|TestDyingAnywhereDoesNoHarm|TestKilledServiceLosesNothing)$'                          # publish: of other processes

# Every package is watched, libraries too: generic code that one package compiles unwatched, such as a sync.Map,
# can be linked into all others, which then race where there is no race.
RACE=(-race -tags "$TAGS")
