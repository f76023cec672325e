package timelock

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	// MaxPlaintext is the most that one file holds, in bytes: one chunk of the age format.
	MaxPlaintext = 1 << 16

	nonceSize = 16
	tagSize   = chacha20poly1305.Overhead
)

// headerMAC authenticates the header, up to and including the three hyphens of its last line.
func headerMAC(key [keySize]byte, header []byte) [sha256.Size]byte {
	mac := hmac.New(sha256.New, derive(key, nil, "header"))
	mac.Write(header)
	return [sha256.Size]byte(mac.Sum(nil))
}

// payloadCipher returns the cipher and the nonce of the one chunk: number 0, the last.
func payloadCipher(key [keySize]byte, nonce []byte) (cipher.AEAD, [chacha20poly1305.NonceSize]byte) {
	aead, err := chacha20poly1305.New(derive(key, nonce, "payload"))
	if err != nil {
		// derive gives the one length that New accepts.
		panic(fmt.Sprintf("payload cipher: %v", err))
	}
	return aead, [chacha20poly1305.NonceSize]byte{chacha20poly1305.NonceSize - 1: 1}
}

func derive(key [keySize]byte, salt []byte, purpose string) []byte {
	k, err := hkdf.Key(sha256.New, key[:], salt, purpose, chacha20poly1305.KeySize)
	if err != nil {
		// Only a length above 255 hashes can lead here.
		panic(fmt.Sprintf("key derivation: %v", err))
	}
	return k
}
