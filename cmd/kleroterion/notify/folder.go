package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"kleroterion/service"
)

// Folder keeps mails as .eml files in place of sending them: for trials. They hold names and codes, so
// only the owner can read them.
type Folder struct{ dir string }

// NewFolder makes the folder.
func NewFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail folder: %w", err)
	}
	return &Folder{dir}, nil
}

// Send implements service.Mailer.
func (f *Folder) Send(_ context.Context, m service.Mail) error {
	msg, err := message("kleroterion@localhost", m)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if _, err := msg.WriteTo(&text); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	name := sha256.Sum256([]byte(m.Text))
	if err := os.WriteFile(filepath.Join(f.dir, hex.EncodeToString(name[:12])+".eml"), text.Bytes(), 0o600); err != nil {
		return fmt.Errorf("mail folder: %w", err)
	}
	return nil
}
