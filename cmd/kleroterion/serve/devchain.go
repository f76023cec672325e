package serve

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"kleroterion/cmd/kleroterion/config"
	"kleroterion/randomness/devchain"
)

// devKey is devchain.key: with it the chain is the same after every restart.
type devKey struct {
	Secret  string `json:"secret"` // 32 bytes in hex
	Genesis int64  `json:"genesis"`
	Period  int64  `json:"period"` // seconds
}

// dev is a running devchain and its relay.
type dev struct {
	network *devchain.Network
	server  *http.Server
	listen  net.Listener
	url     string
}

// startDevchain starts the chain of the data folder, making it at the first start.
func startDevchain(c *config.Config, now func() time.Time, entropy io.Reader) (*dev, error) {
	key, err := ensureDevKey(filepath.Join(c.Data, "devchain.key"), c, now, entropy)
	if err != nil {
		return nil, fmt.Errorf("devchain: %w", err)
	}
	secret, err := hex.DecodeString(key.Secret)
	if err != nil {
		return nil, fmt.Errorf("devchain key: %w", err)
	}
	network, err := devchain.New(devchain.Options{Period: time.Duration(key.Period) * time.Second, Genesis: key.Genesis,
		Secret: bytes.NewReader(secret), Now: now})
	if err != nil {
		return nil, fmt.Errorf("devchain: %w", err)
	}
	l, err := net.Listen("tcp", c.DevchainListen)
	if err != nil {
		return nil, fmt.Errorf("devchain: %w", err)
	}
	d := &dev{network: network, listen: l, url: "http://" + l.Addr().String()}
	d.server = &http.Server{Handler: network.Handler(), ReadHeaderTimeout: 5 * time.Second}
	return d, nil
}

func ensureDevKey(path string, c *config.Config, now func() time.Time, entropy io.Reader) (key devKey, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		var secret [32]byte
		if _, err := io.ReadFull(entropy, secret[:]); err != nil {
			return key, err
		}
		// A genesis a minute back gives the chain rounds from the start, as a real one has.
		key = devKey{Secret: hex.EncodeToString(secret[:]), Genesis: now().Unix() - 60, Period: int64(c.DevchainPeriod / time.Second)}
		if b, err = json.Marshal(key); err != nil {
			return key, err
		}
		return key, writeNew(path, string(b)+"\n")
	}
	if err != nil {
		return key, err
	}
	return key, json.Unmarshal(b, &key)
}

// described are the constants of a devchain, which stand beside the log because no verifier pins
// them.
func (i *Instance) described() map[string][]byte {
	if i.dev == nil {
		return nil
	}
	chain := i.dev.network.Chain()
	return map[string][]byte{"chains/" + chain.Hash.String() + ".json": chain.InfoV2()}
}
