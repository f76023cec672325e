package cli

import (
	"kleroterion/cmd/kleroterion/offline"
	"kleroterion/randomness/sortition/quota"
)

type panelsCommands struct {
	Make   panelsMake   `cmd:"" default:"withargs" help:"Compute the fairest lottery over panels that meet all quotas, prove it, and draw."`
	Verify panelsVerify `cmd:"" help:"Check the folder of a lottery: certificate, panels, probabilities, draw."`
}

type panelsMake struct {
	Categories     string   `required:"" type:"path" help:"CSV file of quotas: feature, value, min, max, perhaps min_flex, max_flex."`
	Respondents    string   `required:"" type:"path" help:"CSV file of people: a row a person, a column for each feature."`
	PanelSize      int64    `required:"" placeholder:"K" help:"Seats of a panel."`
	Out            string   `required:"" type:"path" help:"New folder for the lottery; the same one again for its draw."`
	Method         string   `default:"leximin" enum:"leximin,maximin,nash,goldilocks" help:"leximin, maximin, nash or goldilocks."`
	Lottery        int64    `default:"1000" placeholder:"N" help:"How many equally likely panels."`
	AddressColumns []string `placeholder:"A,B" help:"Columns of the address: one person of a household at most."`
	IDColumn       string   `name:"id-column" placeholder:"C" help:"Column of the id; unique_id, nationbuilder_id, id or the first one when not given."`
	Seated         []string `placeholder:"IDS" help:"People who hold a seat already."`
	Excluded       []string `placeholder:"IDS" help:"People who have no part."`
	Population     string   `type:"path" help:"CSV file with the columns feature, value, population, for the report."`
	Round          uint64   `placeholder:"R" help:"The round that will decide: lottery.json announces it."`
	Beacon         string   `type:"path" help:"The round that decides, as a relay answers it."`
	Chain          string   `default:"quicknet" help:"Name or hash of the round's chain."`
	ChainInfo      string   `type:"path" help:"File with the info of a devchain."`
	Panel          *int64   `placeholder:"N" help:"Number of the panel, from 0, where it was drawn by hand."`
}

func (c *panelsMake) Run(s *call) error {
	var bar *progress
	phase := ""
	defer func() { bar.end() }()
	return offline.Panels(s.ctx, s.Out, s.Err, offline.Lottery{
		Categories: c.Categories, Respondents: c.Respondents, Population: c.Population, Size: c.PanelSize, Panels: c.Lottery, Method: c.Method,
		Columns: quota.Columns{ID: c.IDColumn, Address: c.AddressColumns}, Seated: c.Seated, Excluded: c.Excluded, Out: c.Out, JSON: s.json,
		Draw: offline.PanelDraw{Beacon: c.Beacon, Chain: c.Chain, ChainInfo: c.ChainInfo, Round: c.Round, Panel: c.Panel},
		Progress: func(now string, done, of int64) {
			if now != phase {
				bar.end()
				bar, phase = s.progress(now), now
			}
			bar.tell(done, of)
		},
	})
}

type panelsVerify struct {
	Dir       string `arg:"" type:"path" help:"Folder that kleroterion panels wrote."`
	ChainInfo string `type:"path" help:"File with the info of a devchain."`
}

func (c *panelsVerify) Run(s *call) error {
	return offline.VerifyPanels(s.Out, s.Err, offline.LotteryFolder{Dir: c.Dir, ChainInfo: c.ChainInfo, JSON: s.json})
}
