package quota

func (c *Conflict) words(p *Problem) string { return "" }
