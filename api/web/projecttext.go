package web

import (
	"net/url"
	"regexp"
	"strings"
)

// piece is a stretch of a text that somebody else wrote: plain, or a link where Href is not empty.
type piece struct{ Text, Href string }

// address is what looks like the address of a page; what may end a sentence does not end one.
var address = regexp.MustCompile(`https?://[^\s<>"'` + "`" + `\\{}|^]*[^\s<>"'` + "`" + `\\{}|^.,;:!?)\]]`)

// linked splits a text into plain stretches and links. Only addresses of http and https that name a host and
// no user become links, and each shows exactly where it leads.
func linked(text string) (list []piece) {
	done := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		found := text[at[0]:at[1]]
		if !isPage(found) {
			continue
		}
		if at[0] > done {
			list = append(list, piece{Text: text[done:at[0]]})
		}
		list = append(list, piece{found, found})
		done = at[1]
	}
	if done < len(text) {
		list = append(list, piece{Text: text[done:]})
	}
	return list
}

func isPage(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && !strings.ContainsFunc(s, turnsText)
}

// turnsText are the signs that change the direction of text, behind which an address could hide.
func turnsText(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}
