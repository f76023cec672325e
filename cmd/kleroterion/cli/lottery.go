package cli

import (
	"kleroterion/api/client"
	"kleroterion/cmd/kleroterion/online"
)

type lotteryCommands struct {
	Check  lotteryCheck  `cmd:"" help:"Ask whether quotas can be met, and what to change where they cannot."`
	Start  lotteryStart  `cmd:"" help:"Compute the fairest lottery over panels of a frozen register."`
	Show   lotteryShow   `cmd:"" help:"Say where a lottery stands."`
	List   lotteryList   `cmd:"" help:"List a city's lotteries."`
	Cancel lotteryCancel `cmd:"" help:"Give up a lottery that no draw names."`
	File   lotteryFile   `cmd:"" help:"Save a lottery's panel file, to which a draw commits."`
	Report lotteryReport `cmd:"" help:"Save a lottery's report."`
}

// asking is where the service is and who asks.
type asking struct {
	URL     string `name:"url" default:"http://127.0.0.1:8080" env:"KLERO_URL" help:"Where the service is."`
	KeyFile string `type:"path" env:"KLERO_KEY_FILE" help:"File with your API key."`
}

// wanted is what is asked of a lottery.
type wanted struct {
	asking          `embed:""`
	Register        string   `required:"" help:"Id of the frozen register."`
	Categories      string   `required:"" type:"path" help:"CSV file of quotas: feature, value, min, max, perhaps min_flex, max_flex."`
	PanelSize       int64    `required:"" placeholder:"K" help:"Seats of a panel."`
	OnePerHousehold bool     `help:"One person of a household at most."`
	Seated          []string `placeholder:"IDS" help:"Register ids of people who hold a seat already."`
	Excluded        []string `placeholder:"IDS" help:"Register ids of people who have no part."`
	ExcludedFile    string   `type:"path" help:"File with more of them, one a line."`
	Method          string   `default:"leximin" enum:"leximin,maximin,nash,goldilocks" help:"leximin, maximin, nash or goldilocks."`
	Lottery         int64    `default:"1000" placeholder:"N" help:"How many equally likely panels."`
}

func (c *wanted) lottery() online.Lottery {
	return online.Lottery{Register: c.Register, Categories: c.Categories, Size: c.PanelSize, OneHousehold: c.OnePerHousehold, Seated: c.Seated,
		Excluded: c.Excluded, ExcludedFile: c.ExcludedFile, Method: c.Method, Panels: c.Lottery}
}

func (c *asking) service() online.Service { return online.Service(*c) }

func (s *call) answer() online.Answer { return online.Answer{Out: s.Out, JSON: s.json} }

type lotteryCheck struct {
	wanted  `embed:""`
	Nearest string `type:"path" help:"New file for the nearest quotas that a panel meets."`
}

func (c *lotteryCheck) Run(s *call) error {
	return online.Check(s.ctx, c.service(), c.lottery(), c.Nearest, s.answer())
}

type lotteryStart struct {
	wanted `embed:""`
	NoWait bool `help:"Do not follow it until it is ready."`
}

func (c *lotteryStart) Run(s *call) error {
	if c.NoWait {
		return online.Start(s.ctx, c.service(), c.lottery(), nil, s.answer())
	}
	var bar *progress
	step := ""
	defer func() { bar.end() }()
	return online.Start(s.ctx, c.service(), c.lottery(), func(j client.Job) {
		if j.Step != step {
			bar.end()
			bar, step = s.progress(j.Step), j.Step
		}
		bar.tell(j.Done, j.Total)
	}, s.answer())
}

type lotteryShow struct {
	asking `embed:""`
	ID     string `arg:"" name:"lottery" help:"Id of the lottery."`
}

func (c *lotteryShow) Run(s *call) error {
	return online.Show(s.ctx, c.service(), c.ID, s.answer())
}

type lotteryList struct {
	asking `embed:""`
	City   string `arg:"" help:"Slug of the city."`
}

func (c *lotteryList) Run(s *call) error {
	return online.List(s.ctx, c.service(), c.City, s.answer())
}

type lotteryCancel struct {
	asking `embed:""`
	ID     string `arg:"" name:"lottery" help:"Id of the lottery."`
}

func (c *lotteryCancel) Run(s *call) error {
	return online.Cancel(s.ctx, c.service(), c.ID, s.answer())
}

type lotteryFile struct {
	asking `embed:""`
	ID     string `arg:"" name:"lottery" help:"Id of the lottery."`
	Out    string `type:"path" help:"New file; standard output when not given."`
}

func (c *lotteryFile) Run(s *call) error {
	return online.Save(s.ctx, c.service(), c.ID, online.PanelFile, c.Out, s.answer())
}

type lotteryReport struct {
	asking `embed:""`
	ID     string `arg:"" name:"lottery" help:"Id of the lottery."`
	Format string `default:"html" enum:"html,json,csv" help:"html, json or csv."`
	Out    string `type:"path" help:"New file; standard output when not given."`
}

func (c *lotteryReport) Run(s *call) error {
	return online.Save(s.ctx, c.service(), c.ID, c.Format, c.Out, s.answer())
}
