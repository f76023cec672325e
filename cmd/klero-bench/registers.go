package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"kleroterion/randomness/register"
)

// readRows reads a register file strictly beside the bare hashes over the same bytes.
func readRows(ctx context.Context, b *bench) ([]Row, error) {
	n := b.sizes.people
	file, err := io.ReadAll(newPeople(n))
	if err != nil {
		return nil, err
	}
	read := func() error { _, err := register.Read(bytes.NewReader(file)); return err }
	hashed := newBareTree(file)
	t, err := b.medians(ctx, b.sizes.some(), timed(read), timed(func() error { hashed.run(); return nil }))
	if err != nil {
		return nil, err
	}
	var r *register.Register
	entries, err := kept(func() (err error) { r, err = register.Read(bytes.NewReader(file)); return err })
	if err != nil {
		return nil, err
	}
	if hashed.root != r.Root() || hashed.file != r.FileSHA256() {
		return nil, fmt.Errorf("the bare pass has root %x, the register %x", hashed.root, r.Root())
	}
	name := "register.read." + short(n)
	speed := Row{Name: name, What: fmt.Sprintf("parse, check order, root and digest of %s", size(int64(len(file)))), Figure: took(t[0])}
	space := Row{Name: name + ".memory", What: fmt.Sprintf("heap that the register keeps, %.0f bytes an entry", float64(entries)/float64(n)), Figure: size(entries)}
	return []Row{speed.against(took(t[1]), "SHA-256 of the file, the leaves and the nodes, same cores"), space}, nil
}

// bareTree computes what a register's file is known by, and checks nothing. Where lines end is known
// beforehand.
type bareTree struct {
	text  []byte
	ends  []int // of the lines, without their line ends
	pages [][32]byte
	root  [32]byte
	file  [32]byte
}

func newBareTree(text []byte) *bareTree {
	t := &bareTree{text: text}
	for i, c := range text {
		if c == '\n' {
			t.ends = append(t.ends, i)
		}
	}
	t.pages = make([][32]byte, (len(t.ends)+register.PageSize-1)/register.PageSize)
	return t
}

// run shares the work out in pages; the digest of the file, which cannot be shared out, is the first
// piece.
func (t *bareTree) run() {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for piece := next.Add(1) - 1; piece <= int64(len(t.pages)); piece = next.Add(1) - 1 {
				if piece == 0 {
					t.file = sha256.Sum256(t.text)
				} else {
					t.pages[piece-1] = t.page(int(piece-1) * register.PageSize)
				}
			}
		})
	}
	wg.Wait()
	t.root = rootOf(append([][32]byte(nil), t.pages...))
}

func (t *bareTree) page(from int) [32]byte {
	var leaves [register.PageSize][32]byte
	buf := make([]byte, 0, 1<<10)
	to := min(from+register.PageSize, len(t.ends))
	for i := from; i < to; i++ {
		begin := 0
		if i > 0 {
			begin = t.ends[i-1] + 1
		}
		leaves[i-from] = sha256.Sum256(append(append(buf, 0), t.text[begin:t.ends[i]]...))
	}
	return rootOf(leaves[:to-from])
}

// rootOf is the tree hash of RFC 9162, section 2.1.1, over leaf hashes, which it overwrites.
func rootOf(level [][32]byte) [32]byte {
	var node [65]byte
	node[0] = 1
	for len(level) > 1 {
		half := len(level) / 2
		for i := range half {
			copy(node[1:], level[2*i][:])
			copy(node[33:], level[2*i+1][:])
			level[i] = sha256.Sum256(node[:])
		}
		if len(level)%2 == 1 {
			level[half] = level[len(level)-1]
			half++
		}
		level = level[:half]
	}
	return level[0]
}
