// Package ratio holds exact fractions as records and manifests write them: "n/d" in lowest terms
// with d > 0 (docs/spec/canonical.md). Shares, quorums, thresholds and rates are ratios; nothing
// that decides a seat, a vote or a cent passes through floating point.
//
// [Parse] reads one strictly; [Ratio.String] writes it back to the same bytes.
package ratio
