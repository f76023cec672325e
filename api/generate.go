package api

//go:generate go test . -run TestCommittedSpecIsTheServedOne -update
