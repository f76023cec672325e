package cli

import "kleroterion/cmd/kleroterion/offline"

type seatCommand struct {
	Key     string `required:"" help:"The person's key file."`
	Act     string `default:"accept" enum:"accept,key" help:"accept with the answer, key for another key later."`
	Subject string `required:"" help:"Subject of the seats, as the invitation shows it."`
	Seat    int64  `required:"" help:"Number of the seat."`
	ID      string `required:"" name:"id" help:"The person's id in the register: 64 hex digits."`
}

func (c *seatCommand) Run(s *call) error {
	return offline.SeatKey(s.Out, offline.Holding{Key: c.Key, Act: c.Act, Subject: c.Subject, Seat: c.Seat, ID: c.ID})
}
