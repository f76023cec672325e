// Package layers holds no code. Its test says who may import whom, what may not be called where, and why.
//
// rules_test.go is the policy, to be read from top to bottom: a violation is mended in the code that
// breaks it, or the design changes first (docs/design) and the table after it. read_test.go reads every
// Go file of the module, whatever its build constraints; layers_test.go compares the two.
package layers
