package online

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"

	"kleroterion/api/client"
	"kleroterion/cmd/kleroterion/offline"
)

// Service is where a service is, and the file with the key of who asks.
type Service struct {
	URL     string
	KeyFile string // "": nobody's
}

// Answer is where answers go.
type Answer struct {
	Out  io.Writer
	JSON bool
}

var tokenForm = regexp.MustCompile(`^klr_[A-Za-z0-9_-]{20,100}$`)

func (s Service) open() (*client.Instance, error) {
	token := ""
	if s.KeyFile != "" {
		b, err := os.ReadFile(s.KeyFile)
		if err != nil {
			return nil, offline.Unusable(err, "name the file that has your API key with --key-file")
		}
		if token = string(bytes.TrimSpace(b)); !tokenForm.MatchString(token) {
			return nil, offline.Unusable(fmt.Errorf("%s does not hold an API key", s.KeyFile), "an API key is one line: klr_ and letters, digits, _ and -")
		}
	}
	i, err := client.New(s.URL, token)
	if err != nil {
		return nil, offline.Unusable(err, "give --url as http://host:port")
	}
	return i, nil
}

func (a Answer) object(v any) error {
	enc := json.NewEncoder(a.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
