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
// known before the one before has been read. Behind the last page come empty ones.
func (s *Service) giftPages(ctx context.Context, round string) <-chan (<-chan giftsRead) {
	pages := make(chan (<-chan giftsRead), min(runtime.GOMAXPROCS(0), maxGiftPages))
	next := func(read func() giftsRead) bool {
		page := make(chan giftsRead, 1)
		select {
		case pages <- page:
		case <-ctx.Done():
			return false
		}
		go func() { page <- read() }()
		return true
	}
	go func() {
		first := s.firstGifts(ctx, round)
		for to, more := first.to, next(func() giftsRead { return first }); more && !first.last; to += giftPage {
			more = next(func() giftsRead { return s.giftsUpTo(ctx, round, to+giftPage) })
		}
	}()
	return pages
}

// firstGifts reads a page from the first gift of a round: before it stand its projects' acts.
func (s *Service) firstGifts(ctx context.Context, round string) giftsRead {
	page := s.giftsAfter(ctx, round, 0)
	if !page.last && page.err == nil {
		page.to = page.gifts[giftPage-1].N
	}
	return page
}

// giftsUpTo reads the gifts of the giftPage numbers up to to.
func (s *Service) giftsUpTo(ctx context.Context, round string, to int64) giftsRead {
	page := s.giftsAfter(ctx, round, to-giftPage)
	if page.to = to; page.last {
		return page
	}
	beyond, _ := slices.BinarySearchFunc(page.gifts, to+1, func(g Gift, n int64) int { return cmp.Compare(g.N, n) })
	page.gifts = page.gifts[:beyond]
	return page
}

func (s *Service) giftsAfter(ctx context.Context, round string, after int64) (page giftsRead) {
	page.err = s.Store.Read(ctx, func(tx Tx) (err error) {
		page.gifts, err = tx.Gifts(round, "", after, giftPage)
		return err
	})
	page.last = len(page.gifts) < giftPage
	return page
}
