package e2e

func writeVectors() {}
