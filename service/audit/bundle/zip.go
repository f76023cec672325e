package bundle

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The layout of docs/spec/bundle.md: stored entries, everything that may be left out is zero.
const (
	localMagic   = 0x04034b50
	centralMagic = 0x02014b50
	endMagic     = 0x06054b50
	localSize    = 30 // without the name
	centralSize  = 46 // without the name
	endSize      = 22
	version      = 10  // stored files need no more
	maxName      = 220 // a nested bundle is named after its subject of at most 200 bytes
)

// entry is one file in the zip.
type entry struct {
	name string
	crc  uint32
	size int64
	at   int64 // of its local header
}

func (e entry) dataAt() int64 { return e.at + localSize + int64(len(e.name)) }
func (e entry) end() int64    { return e.dataAt() + e.size }

// sums are the fields that local and central header share, from version to name length.
func (e entry) sums(b []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint16(b, version)
	b = append(b, make([]byte, 8)...) // flags, method, time, date
	b = le.AppendUint32(b, e.crc)
	b = le.AppendUint32(b, uint32(e.size)) // compressed: stored as it is
	b = le.AppendUint32(b, uint32(e.size))
	b = le.AppendUint16(b, uint16(len(e.name)))
	return le.AppendUint16(b, 0) // extra field
}

func (e entry) local() []byte {
	b := binary.LittleEndian.AppendUint32(nil, localMagic)
	return append(e.sums(b), e.name...)
}

func (e entry) central() []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, centralMagic)
	b = le.AppendUint16(b, version) // made by
	b = e.sums(b)
	b = append(b, make([]byte, 10)...) // comment, disk, attributes
	b = le.AppendUint32(b, uint32(e.at))
	return append(b, e.name...)
}

// directory returns the central directory and the record that ends the zip.
func directory(list []entry) []byte {
	le := binary.LittleEndian
	var b []byte
	at := int64(0)
	for _, e := range list {
		b = append(b, e.central()...)
		at = e.end()
	}
	size := len(b)
	b = le.AppendUint32(b, endMagic)
	b = le.AppendUint32(b, 0) // disks
	b = le.AppendUint16(b, uint16(len(list)))
	b = le.AppendUint16(b, uint16(len(list)))
	b = le.AppendUint32(b, uint32(size))
	b = le.AppendUint32(b, uint32(at))
	return le.AppendUint16(b, 0) // comment
}

// placeEntries sets the offsets of the entries, one after the other, and refuses what needs zip64.
func placeEntries(list []entry) error {
	at, names := int64(0), int64(0)
	for i := range list {
		list[i].at = at
		at = list[i].end()
		names += centralSize + int64(len(list[i].name))
		if at+names+endSize > math.MaxUint32 {
			return fmt.Errorf("bundle: more than 4 GiB: %s does not fit", list[i].name)
		}
	}
	if len(list) >= math.MaxUint16 {
		return fmt.Errorf("bundle: %d files, a zip holds fewer than %d", len(list), math.MaxUint16)
	}
	return nil
}
