package cli

import "kleroterion/cmd/kleroterion/offline"

type matchCommand struct {
	Contributions  string `required:"" type:"path" help:"CSV file with the columns donor, project, amount; amounts in whole minor units."`
	Pool           string `required:"" help:"What is shared, in minor units."`
	Rule           string `default:"qf" help:"qf, pairwise or cocm."`
	M              string `name:"m" help:"pairwise: the bound, in minor units."`
	Cap            string `help:"Most that one project gets, in minor units."`
	Min            string `help:"A donor's sum for a project below it does not count."`
	Max            string `help:"A donor's sum for a project counts up to it."`
	Weights        string `type:"path" help:"CSV file with the columns donor, weight; weights in parts per million."`
	DefaultWeight  *int64 `help:"Weight of donors who are not in the file of weights; a million when not given."`
	MatchBelowPool bool   `help:"Pay the raw match where the pool is larger than all of it; otherwise the pool is spread."`
	Solidarity     string `help:"Share that is taken of the pool first, as a fraction n/d."`
	Digest         string `help:"Digest that the result must have."`
}

func (c *matchCommand) Run(s *call) error {
	return offline.Match(s.Out, s.Err, offline.Matching{Contributions: c.Contributions, Weights: c.Weights, Rule: c.Rule, Pool: c.Pool,
		M: c.M, Cap: c.Cap, Min: c.Min, Max: c.Max, DefaultWeight: c.DefaultWeight, BelowPool: c.MatchBelowPool,
		Solidarity: c.Solidarity, Digest: c.Digest})
}
