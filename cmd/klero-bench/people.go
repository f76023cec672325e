package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math"
	"strconv"
)

// people writes the register file of a town that does not exist, sorted as it has to be: 20 cells,
// households of two. It holds no more than a buffer, whatever the size of the town.
type people struct {
	n, next uint64
	rest    []byte
}

func newPeople(n int) *people { return &people{n: uint64(n)} }

var districts = []string{"Harbour", "Hillside", "Market", "Mill", "Orchard"}

func (p *people) Read(b []byte) (int, error) {
	for len(p.rest) < len(b) && p.next < p.n {
		p.rest = p.appendLine(p.rest)
		p.next++
	}
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.rest)
	p.rest = p.rest[:copy(p.rest, p.rest[n:])]
	return n, nil
}

// appendLine appends one entry. The first 8 bytes of ids ascend evenly, the others are a digest.
func (p *people) appendLine(dst []byte) []byte {
	id := sha256.Sum256(binary.BigEndian.AppendUint64(nil, p.next))
	age, district := id[30]%4, id[31]%5
	binary.BigEndian.PutUint64(id[:], p.next*(math.MaxUint64/p.n))
	dst = append(dst, `{"features":{"age":"`...)
	dst = append(dst, []string{"16-29", "30-44", "45-59", "60+"}[age]...)
	dst = append(append(dst, `","district":"`...), districts[district]...)
	dst = append(dst, `"},"household":"`...)
	home := (p.next/2 + 1) * 0x9E3779B97F4A7C15
	for shift := 60; shift >= 0; shift -= 4 {
		dst = strconv.AppendUint(dst, home>>shift&15, 16)
	}
	return append(hex.AppendEncode(append(dst, `","id":"`...), id[:]), "\"}\n"...)
}
