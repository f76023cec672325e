package offline

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// neverOver are files that say what was decided: one that is there already must be the same.
var neverOver = []string{quotaFile, peopleFile, panelFile, chanceFile, certificateFile, lotteryFile, drawFile}

// nearestFile and neverFile are all that is written where no panel meets the quotas.
const nearestFile = "nearest.csv"

// folderOut is where a lottery is written: a new folder, an empty one, or one with the same lottery.
type folderOut struct {
	path   string
	exists bool
}

// openFolder refuses a folder with files of others before anything is computed.
func openFolder(path string) (*folderOut, error) {
	there, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &folderOut{path: path}, nil
	}
	if err != nil {
		return nil, Unusable(err, "--out is the folder of one lottery")
	}
	ours := len(there) == 0
	foreign := ""
	for _, f := range there {
		switch name := f.Name(); name {
		case lotteryFile:
			ours = true
		case nearestFile, neverFile:
		default:
			foreign = name
		}
	}
	if !ours && foreign != "" {
		return nil, unusablef("choose a new folder", "%s: %s exists, and there is no %s", path, foreign, lotteryFile)
	}
	return &folderOut{path, true}, nil
}

// write makes the files beside the folder first, so that a run that ends early leaves nothing.
func (f *folderOut) write(files map[string][]byte) error {
	if err := f.compare(files); err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(f.path))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return Unusable(err, "")
	}
	work, err := os.MkdirTemp(parent, ".panels-")
	if err != nil {
		return Unusable(err, "")
	}
	defer os.RemoveAll(work)
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(work, name), data, 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	if !f.exists {
		return os.Rename(work, f.path)
	}
	return f.replace(work, files)
}

// replace moves the files in, lottery.json and draw.json last, and drops what is out of date.
func (f *folderOut) replace(work string, files map[string][]byte) error {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	rank := func(name string) int { return slices.Index([]string{lotteryFile, drawFile}, name) }
	slices.SortFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	for _, name := range names {
		if err := os.Rename(filepath.Join(work, name), filepath.Join(f.path, name)); err != nil {
			return err
		}
	}
	for _, name := range []string{nearestFile, neverFile} {
		if _, fresh := files[name]; fresh {
			continue
		}
		if err := os.Remove(filepath.Join(f.path, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// compare refuses to replace one lottery, or one draw, by another.
func (f *folderOut) compare(files map[string][]byte) error {
	if !f.exists {
		return nil
	}
	for _, name := range neverOver {
		data, written := files[name]
		old, err := os.ReadFile(filepath.Join(f.path, name))
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && written && bytes.Equal(old, data):
		case err != nil:
			return Unusable(err, "")
		case !written && name == drawFile: // the draw that was made stays
		default:
			return unusablef("a lottery and its draw are made once: choose a new folder for another", "%s: %s is there already and says something else", f.path, name)
		}
	}
	return nil
}
