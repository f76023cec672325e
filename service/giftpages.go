package service

import (
	"cmp"
	"context"
	"runtime"
	"slices"
)

// giftPage is how many gifts of a round that has ended are read at once: some megabytes.
const giftPage = 16_384

// maxGiftPages bounds how many pages are read at once, each on a connection of its own.
const maxGiftPages = 4

// giftsRead is what was read of a round's gifts up to number to, or why nothing was. Behind the last of them
// there is no gift, whatever its number.
type giftsRead struct {
	gifts []Gift
	to    int64
	last  bool
	err   error
}

// giftPages reads the gifts of a round that takes no more, in pages in the order of their numbers, on all cores and
// ahead of who uses them, until ctx ends. Gifts are numbered with the few acts among them, so where a page begins is
// known before the one before has been read. Behind the last page come empty ones, or none.
func (p *retold) giftPages(ctx context.Context) <-chan (<-chan giftsRead) {
	pages := make(chan (<-chan giftsRead), min(runtime.GOMAXPROCS(0), maxGiftPages))
	next := func(read func() giftsRead) bool {
		page := make(chan giftsRead, 1)
		select {
		case pages <- page:
			go func() { page <- read() }()
			return true
		case <-ctx.Done():
			return false
		}
	}
	go func() {
		first := p.firstGifts(ctx)
		more := next(func() giftsRead { return first })
		for to := first.to; more && !first.last; {
			to += int64(p.size)
			more = next(func() giftsRead { return p.giftsUpTo(ctx, to) })
		}
	}()
	return pages
}

// firstGifts reads a page from the first gift of a round: before it stand the acts of its projects.
func (p *retold) firstGifts(ctx context.Context) giftsRead {
	page := p.giftsAfter(ctx, 0)
	if !page.last {
		page.to = page.gifts[len(page.gifts)-1].N
	}
	return page
}

// giftsUpTo reads the gifts among the numbers of one page, of which to is the last.
func (p *retold) giftsUpTo(ctx context.Context, to int64) giftsRead {
	page := p.giftsAfter(ctx, to-int64(p.size))
	if page.to = to; page.last {
		return page
	}
	end, _ := slices.BinarySearchFunc(page.gifts, to+1, func(g Gift, n int64) int { return cmp.Compare(g.N, n) })
	page.gifts = page.gifts[:end]
	return page
}

func (p *retold) giftsAfter(ctx context.Context, n int64) (page giftsRead) {
	page.err = p.svc.Store.Read(ctx, func(tx Tx) (err error) {
		page.gifts, err = tx.Gifts(p.row.ID, "", n, p.size)
		return err
	})
	page.last = len(page.gifts) < p.size
	return page
}
