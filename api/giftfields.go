package api

import (
	"encoding/json"
	"errors"
	"regexp"

	"kleroterion/service"
	"kleroterion/service/grants"
)

// giftAmount is what docs/spec/round.md lets a gift's amount be. 0 is for the service to refuse.
var giftAmount = regexp.MustCompile(`^"(0|[1-9][0-9]{0,27})"$`)

// part is where the gift's own members are in the request.
func (in NewGift) part() (at string, object json.RawMessage) {
	if in.Paid != nil {
		return "/paid", in.Paid
	}
	return "/gift", in.Gift
}

// badAmount finds an amount that is not text of digits, so that its member can be named; all else about a
// gift the service judges.
func (in NewGift) badAmount() (pointer, why string) {
	at, object := in.part()
	var head struct {
		Amount json.RawMessage `json:"amount"`
	}
	if len(object) == 0 || json.Unmarshal(object, &head) != nil || head.Amount == nil || giftAmount.Match(head.Amount) {
		return "", ""
	}
	return at + "/amount", "must be a whole number of minor units as text: 1 to 28 digits, without sign, point, exponent or leading zero"
}

// refused adds to the refusal of a gift the member that it is about.
func (in NewGift) refused(err error) error {
	at, _ := in.part()
	return pointed(err, func(rule string) string { return giftMember(rule, at) })
}

// pointed adds to a refusal the member that its rule is about, where the refusal names none.
func pointed(err error, member func(rule string) string) error {
	var e *service.Error
	if !errors.As(err, &e) || len(e.Fields) > 0 || member(e.Code) == "" {
		return err
	}
	named := *e
	named.Fields = []service.FieldError{{Pointer: member(e.Code), Rule: e.Code, Detail: e.Message}}
	return &named
}

// atAmount points the refusal of an amount at its member.
func atAmount(err error, pointer string) error {
	return pointed(err, func(rule string) string {
		if rule == grants.RuleAmount {
			return pointer
		}
		return ""
	})
}

// giftMember is the member of a gift that a rule is about, "" where it is about none alone.
func giftMember(rule, at string) string {
	switch rule {
	case grants.RuleAmount:
		return at + "/amount"
	case grants.RuleNotOnRoll:
		return at + "/donor"
	case grants.RuleWrongRound:
		return at + "/round"
	case grants.RuleUnknown, grants.RuleNotApproved, grants.RuleOwn:
		return at + "/project"
	case grants.RuleSealedForm, grants.RuleSealedRound:
		return at + "/sealed"
	case grants.RuleGift:
		return at
	case grants.RuleConnector:
		return "/connector"
	case grants.RuleSignature:
		return "/signature"
	case grants.RuleRepeated:
		if at == "/paid" {
			return "/paid/reference"
		}
		return "/gift/nonce"
	}
	return ""
}
