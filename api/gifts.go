package api

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"kleroterion/service"
	"kleroterion/service/grants"
)

// NewGift is a gift as its donor signed it, or a payment as a connector did.
type NewGift struct {
	Gift      json.RawMessage `json:"gift,omitempty" description:"the canonical object that the donor signed, byte for byte (docs/spec/round.md)"`
	Paid      json.RawMessage `json:"paid,omitempty" description:"instead of gift: the one that the connector signed"`
	Connector string          `json:"connector,omitempty" validate:"omitempty,slug" description:"with paid, and only there: which connector of the manifest signed"`
	Signature Signature       `json:"signature" description:"over gift or paid as a gift message, by the donor's key on the roll or the connector's key"`
}

// Gift is what became of a recorded gift. Of a sealed one it shows neither amount nor project.
type Gift struct {
	Round     string   `json:"round" description:"id of the round"`
	N         int64    `json:"n" description:"number in the round's subject"`
	Donor     string   `json:"donor" description:"as on the roll"`
	Pseudonym string   `json:"pseudonym" description:"of the donor in this round's results and corrections"`
	Project   string   `json:"project,omitempty" description:"absent where sealed"`
	Amount    string   `json:"amount,omitempty" description:"minor units; absent where sealed"`
	Sealed    bool     `json:"sealed"`
	Paid      bool     `json:"paid" description:"a connector recorded it"`
	At        int64    `json:"at"`
	State     string   `json:"state" enum:"recorded,refunded,invalid" description:"invalid: it was sealed, and when it opened it broke a rule"`
	Rule      string   `json:"rule,omitempty" description:"of an invalid gift: the rule that it broke"`
	Receipt   *Receipt `json:"receipt,omitempty" description:"only where one gift is asked for"`
}

// Refund takes a gift back.
type Refund struct {
	Reason string `json:"reason" validate:"oneof=asked failed fraud"`
}

type newGift struct {
	ID   string `path:"round" validate:"id"`
	Body NewGift
}

type giftAt struct {
	ID string `path:"round" validate:"id"`
	N  int64  `path:"n" validate:"min=1,max=9007199254740991"`
}

type giftsOf struct {
	ID    string `path:"round" validate:"id"`
	Donor string `query:"donor" validate:"omitempty,donor" description:"as on the roll; left out: everybody's"`
	window
}

type newRefund struct {
	ID   string `path:"round" validate:"id"`
	N    int64  `path:"n" validate:"min=1,max=9007199254740991"`
	Body Refund
}

func (a *API) giftRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/rounds/{round}/gifts", id: "give", tag: "rounds", status: 201, pace: balloted, limit: ballotLimit,
			summary: "Give to a project",
			about:   "It bears the donor's or a connector's signature, so there is no key. When this answers, the gift is durable and has its place in the log. The same gift again records nothing and gives the same receipt; another one under its nonce or reference is refused.",
		}, a.give),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/gifts", id: "listGifts", tag: "rounds", summary: "List gifts", about: "By number.",
		}, a.listGifts),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/gifts/{n}", id: "getGift", tag: "rounds",
			summary: "See what became of a gift", about: "By the number in its receipt, which is given again.",
		}, a.getGift),
		define(operation{
			method: "POST", path: "/v1/rounds/{round}/gifts/{n}/refund", id: "refundGift", tag: "rounds", access: keyed,
			summary: "Refund a gift", about: "For stewards, before the gifts end. It stays in the log and counts no more.",
		}, a.refundGift),
	}
}

func (a *API) give(ctx context.Context, q asked[newGift]) (answer[Receipt], error) {
	in, err := q.in.Body.signed()
	if err != nil {
		return answer[Receipt]{}, err
	}
	r, err := a.Service.Give(ctx, q.in.ID, in)
	if err != nil {
		return answer[Receipt]{}, cmp.Or(q.in.Body.amountRefusal(), q.in.Body.refused(err))
	}
	body := giftReceiptOf(r)
	return answer[Receipt]{body: body, location: "/v1/rounds/" + q.in.ID + "/gifts/" + strconv.FormatInt(body.N, 10)}, nil
}

// gift is the request as the service takes it, once its amount can be one.
func (in NewGift) gift() (grants.GiftAdd, error) {
	g, err := in.signed()
	return g, cmp.Or(err, in.amountRefusal())
}

// signed is the request as the service takes it. The service refuses every amount that amountRefusal does.
func (in NewGift) signed() (grants.GiftAdd, error) {
	signature, err := in.Signature.signature()
	if err != nil {
		return grants.GiftAdd{}, err
	}
	return grants.GiftAdd{Connector: in.Connector, Gift: in.Gift, Paid: in.Paid, Signature: *signature}, nil
}

// amountRefusal names the member where the amount cannot be one; nil where it can, or where there is none.
func (in NewGift) amountRefusal() error {
	if at, why := in.badAmount(); why != "" {
		return fieldRefusal(at, grants.RuleAmount, "amount %s", why)
	}
	return nil
}

func giftReceiptOf(r service.GiftReceipt) Receipt {
	return Receipt{Receipt: r.Promise.Canonical(), Signature: hex.EncodeToString(r.Signature), N: r.Promise.N, Index: r.Promise.Index}
}

func (a *API) listGifts(ctx context.Context, q asked[giftsOf]) (answer[list[Gift]], error) {
	name := "gifts/" + q.in.ID + "/" + q.in.Donor
	after, err := fromNumber(name, q.in.Cursor, 0)
	if err != nil {
		return answer[list[Gift]]{}, err
	}
	v, err := a.Service.Round(ctx, q.in.ID)
	if err != nil {
		return answer[list[Gift]]{}, err
	}
	rules, err := a.brokenGifts(ctx, v)
	if err != nil {
		return answer[list[Gift]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Gifts(ctx, q.in.ID, q.in.Donor, service.GiftWindow{After: after, Limit: limit})
	return stretch(rows, limit, func(g service.Gift) Gift { return giftOf(v, g, rules[g.N]) }, func(g service.Gift) string {
		return cursorTo(name, strconv.FormatInt(g.N, 10))
	}), err
}

func (a *API) getGift(ctx context.Context, q asked[giftAt]) (answer[Gift], error) {
	v, err := a.Service.Round(ctx, q.in.ID)
	if err != nil {
		return answer[Gift]{}, err
	}
	g, err := a.Service.Gift(ctx, q.in.ID, q.in.N)
	if err != nil {
		return answer[Gift]{}, err
	}
	rules, err := a.brokenGifts(ctx, v)
	if err != nil {
		return answer[Gift]{}, err
	}
	r, err := a.Service.GiftReceipt(ctx, q.in.ID, q.in.N)
	if err != nil {
		return answer[Gift]{}, err
	}
	out := giftOf(v, g, rules[g.N])
	receipt := giftReceiptOf(r)
	out.Receipt = &receipt
	return ok(out), nil
}

// brokenGifts finds the sealed gifts that broke a rule when they opened, by number.
func (a *API) brokenGifts(ctx context.Context, v service.RoundView) (map[int64]string, error) {
	if v.Beacon == 0 || v.Versions == 0 {
		return nil, nil
	}
	f, _, err := a.Service.RoundResult(ctx, v.ID, 0)
	rules := make(map[int64]string, len(f.Invalid))
	for _, i := range f.Invalid {
		rules[i.N] = i.Rule
	}
	return rules, err
}

func (a *API) refundGift(ctx context.Context, q asked[newRefund]) (answer[Gift], error) {
	g, err := a.Service.RefundGift(ctx, q.who, q.in.ID, q.in.N, grants.Reason(q.in.Body.Reason))
	if err != nil {
		return answer[Gift]{}, err
	}
	v, err := a.Service.Round(ctx, q.in.ID)
	return ok(giftOf(v, g, "")), err
}

func giftOf(v service.RoundView, g service.Gift, broken string) Gift {
	out := Gift{Round: g.Round, N: g.N, Donor: g.Donor, Pseudonym: grants.Door{Hash: v.Hash}.Pseudonym(g.Donor), Project: g.Project, Sealed: g.Project == "", Paid: g.Paid, At: g.At, State: "recorded", Rule: broken}
	if !out.Sealed {
		out.Amount = g.Amount.String()
	}
	switch {
	case g.Refunded:
		out.State = "refunded"
	case broken != "":
		out.State = "invalid"
	}
	return out
}
