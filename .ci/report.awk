# Reads `go test -v` and prints what `go test` prints, and every skip with its reason: a package that
# failed with its whole output, a package that passed with its one line. Ends with a count; fails when
# anything failed, and with -v strict=true also when a test was skipped.

# The test that the lines after this belong to.
/^=== (RUN|NAME|CONT|PAUSE)/ { current = $3; held[++lines] = $0; next }

/^ *--- SKIP: / { skipped++; skips = skips sprintf("%s\n%s", $0, reason[$3]); held[++lines] = $0; next }
/^ *--- PASS: / { passed++; held[++lines] = $0; next }
/^ *--- FAIL: / { failed++; names = names "  " $3 "\n"; held[++lines] = $0; next }

/^ok  / || /^\?   / || /\[no test files\]$/ || /coverage: .* of statements$/ && /^\t/ {
    printf "%s", skips
    if ($1 == "ok") packages++
    print; forget(); next
}

# The closing line of a failed package; a bare FAIL stands before it, and at the very end.
/^FAIL\t/ {
    for (i = 1; i <= lines; i++) print held[i]
    broken++
    print; forget(); next
}

{ held[++lines] = $0 }
/^ +[A-Za-z0-9_.-]+\.go:[0-9]+: / { reason[current] = reason[current] $0 "\n" }

END {
    # Whatever no package's closing line claimed: errors of the go command itself.
    for (i = 1; i <= lines; i++) print held[i]
    if (failed) printf "\nfailed:\n%s", names
    printf "\n%d packages ok, %d failed\n%d passed, %d failed, %d skipped\n", packages, broken, passed, failed, skipped
    if (skipped && strict == "true") print "CI=true: a skipped test is a failure (above: --- SKIP)"
    if (broken || failed || skipped && strict == "true" || !packages) exit 1
}

function forget() { lines = 0; skips = ""; delete held; delete reason }
