// Package panels computes the fairest lottery over panels that all meet the quotas, and proves it
// (docs/spec/panels.md).
package panels

import "errors"

// errNoPoint says that the quotas contradict each other even in fractions.
var errNoPoint = errors.New("no panel meets the quotas")
