package funding_test

import (
	"testing"

	"kleroterion/funding"
)

func benchmark(b *testing.B, size string, p funding.Params) {
	in := made(b, size)
	p.Spec, p.Pool = funding.Spec, funding.Units(sizes[size].pool)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := funding.Match(p, in.contributions, in.weights); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQuadratic100000(b *testing.B) {
	benchmark(b, "gen_1e5", funding.Params{Rule: funding.Quadratic})
}

func BenchmarkQuadratic1000000(b *testing.B) {
	benchmark(b, "gen_1e6", funding.Params{Rule: funding.Quadratic})
}

func BenchmarkPairwise100000(b *testing.B) {
	benchmark(b, "gen_1e5", funding.Params{Rule: funding.Pairwise, M: funding.Units(2500)})
}

func BenchmarkCluster100000(b *testing.B) {
	benchmark(b, "gen_1e5", funding.Params{Rule: funding.Cluster})
}

// BenchmarkMatching1000000 is the matching alone: the rows have been read.
func BenchmarkMatching1000000(b *testing.B) {
	in := made(b, "gen_1e6")
	p := funding.Params{Spec: funding.Spec, Rule: funding.Quadratic, Pool: funding.Units(sizes["gen_1e6"].pool)}
	r := filled(b, p, in.contributions, in.weights)
	for b.Loop() {
		if _, err := r.Match(); err != nil {
			b.Fatal(err)
		}
	}
}
