package api

import (
	"encoding/base64"
	"strconv"
	"strings"

	"kleroterion/api/problem"
)

const defaultLimit = 50

// window is the part of a request that asks for one stretch of a list.
type window struct {
	Limit  int64  `query:"limit" validate:"omitempty,min=1,max=200" description:"items in one answer, 1 to 200; default 50"`
	Cursor string `query:"cursor" validate:"omitempty,cursor" description:"where the next stretch begins: the cursor of the answer before"`
}

func limitOf(limit int64) int {
	if limit == 0 {
		return defaultLimit
	}
	return int(limit)
}

// A cursor names the list it belongs to and the last item that was seen. It is opaque to callers;
// the list's name keeps one list's cursor from being used with another.
func cursorTo(list, last string) string {
	return base64.RawURLEncoding.EncodeToString([]byte("1 " + list + " " + last))
}

// fromCursor returns the last item seen, "" at the beginning.
func fromCursor(list, cursor string) (last string, err error) {
	if cursor == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	last, mine := strings.CutPrefix(string(b), "1 "+list+" ")
	if err != nil || !mine || !visibleForm.MatchString(last) {
		return "", badCursor()
	}
	return last, nil
}

// fromNumber is fromCursor for lists ordered by a number; start is where the list begins.
func fromNumber(list, cursor string, start int64) (int64, error) {
	last, err := fromCursor(list, cursor)
	if err != nil || last == "" {
		return start, err
	}
	n, err := strconv.ParseInt(last, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != last {
		return 0, badCursor()
	}
	return n, nil
}

func badCursor() error {
	p := malformed.problem("cursor", "the cursor is not one of this list")
	p.Hint = "begin again without a cursor"
	p.Errors = []problem.Field{{Pointer: "query:cursor", Rule: "cursor", Detail: p.Detail}}
	return p
}

// list is one stretch of a list.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" description:"cursor of the next stretch; absent at the end"`
}

// stretch makes the answer for one window. A full window may have a next one, a short one has none.
func stretch[S, T any](rows []S, limit int, convert func(S) T, cursor func(S) string) answer[list[T]] {
	out := list[T]{Items: make([]T, len(rows))}
	for i, row := range rows {
		out.Items[i] = convert(row)
	}
	if len(rows) == limit {
		out.Next = cursor(rows[len(rows)-1])
	}
	return answer[list[T]]{body: out, next: out.Next}
}
