package serve

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// occupy marks the data folder as in use for as long as the process lives or until release. Several
// processes may use it at once; the kernel drops the mark of one that is killed.
func occupy(data string) (release func() error, err error) {
	return flock(data, syscall.LOCK_SH)
}

// Exclusive is for work that must be alone in the data folder, such as replacing the database. It
// fails while a service or command uses the folder.
func Exclusive(data string) (release func() error, err error) {
	return flock(data, syscall.LOCK_EX)
}

func flock(data string, how int) (func() error, error) {
	f, err := os.OpenFile(filepath.Join(data, ".in-use"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("data folder %s is in use: stop the service and its commands first", data)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
