package api

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"kleroterion/api/problem"
)

// accepts reports whether the Accept header, where there is one, admits a media type (RFC 9110
// section 12.5.1): the most specific range that matches decides, and q=0 excludes. Problems are
// taken for granted by anyone who takes JSON.
func accepts(h http.Header, media string) bool {
	ranges := h.Values("Accept")
	if len(ranges) == 0 {
		return true
	}
	best, admitted := -1, false
	for r := range strings.SplitSeq(strings.Join(ranges, ","), ",") {
		given, params, err := mime.ParseMediaType(r)
		if err != nil {
			continue
		}
		if rank := specificity(given, media); rank > best {
			best, admitted = rank, quality(params) > 0
		}
	}
	return admitted
}

// specificity ranks a media range that matches: */* is 0, type/* is 1, type/subtype is 2; no match is -1.
func specificity(given, media string) int {
	kind, _, _ := strings.Cut(media, "/")
	base, _, _ := strings.Cut(media, ";")
	switch given {
	case "*/*":
		return 0
	case kind + "/*":
		return 1
	case base:
		return 2
	}
	return -1
}

func quality(params map[string]string) float64 {
	text, given := params["q"]
	if !given {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return q
}

// problemType is the media type of a problem for this caller: problem+json, or plain JSON for one
// who takes only that.
func problemType(h http.Header) string {
	if !accepts(h, problem.MediaType) && accepts(h, "application/json") {
		return "application/json"
	}
	return problem.MediaType
}
