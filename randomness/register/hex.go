package register

// nibble is the value of a lower-case hex character; bit 4 marks every other byte.
var nibble = func() (t [256]byte) {
	for i := range t {
		t[i] = 0x10
	}
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i)
	}
	return t
}()

// decodeHex fills dst from the 2*len(dst) lower-case hex characters at the start of src, which must
// have that many bytes, and reports whether they were all such characters.
func decodeHex(dst, src []byte) bool {
	src = src[:2*len(dst)]
	var seen byte
	for i := range dst {
		high, low := nibble[src[2*i]], nibble[src[2*i+1]]
		seen |= high | low
		dst[i] = high<<4 | low&0x0f
	}
	return seen < 0x10
}

// isHex reports whether s is n lower-case hex characters.
func isHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range len(s) {
		if nibble[s[i]] > 0x0f {
			return false
		}
	}
	return true
}
