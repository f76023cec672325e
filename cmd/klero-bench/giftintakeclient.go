package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// caller is a client with one connection that it keeps. It sends and reads HTTP/1.1 itself: where client,
// server and database share the cores, what a general client spends on each request would be taken from
// the server that is measured.
type caller struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
}

func newCaller(ctx context.Context, address string) (*caller, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &caller{conn: conn, in: bufio.NewReader(conn)}, conn.SetDeadline(time.Now().Add(10 * time.Minute))
}

// post sends a JSON body and wants an answer of this status. head is the request's, up to the length of the body.
func (c *caller) post(head, body []byte, want int) error {
	c.out = append(c.out[:0], head...)
	c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	c.out = append(append(c.out, "\r\n\r\n"...), body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	status, text, err := c.answer()
	if err == nil && status != want {
		err = fmt.Errorf("status %d: %s", status, text)
	}
	return err
}

// answer reads status and body, which has a length.
func (c *caller) answer() (status int, body []byte, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	const version = "HTTP/1.1 "
	if !bytes.HasPrefix(line, []byte(version)) || len(line) < len(version)+3 {
		return 0, nil, fmt.Errorf("no answer of HTTP/1.1: %q", line)
	}
	if status, err = strconv.Atoi(string(line[len(version) : len(version)+3])); err != nil {
		return 0, nil, err
	}
	length := -1
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, nil, err
		}
		name, value, more := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		if !more {
			break // the empty line
		}
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, nil, err
			}
		}
	}
	if length < 0 {
		return 0, nil, errors.New("an answer without its length")
	}
	body = make([]byte, length)
	_, err = io.ReadFull(c.in, body)
	return status, body, err
}

// crowd gives n gifts by so many clients at once.
func (f *fair) crowd(ctx context.Context, clients, n int) error {
	address := f.site.url[len("http://"):]
	head := []byte("POST /v1/rounds/" + f.round.ID + "/gifts HTTP/1.1\r\nHost: " + address + "\r\nContent-Type: application/json\r\nContent-Length: ")
	var left atomic.Int64
	left.Store(int64(n))
	errs := make([]error, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			c, err := newCaller(ctx, address)
			for err == nil && left.Add(-1) >= 0 {
				err = c.post(head, f.next(), http.StatusCreated)
			}
			if c != nil {
				err = errors.Join(err, c.conn.Close())
			}
			errs[i] = err
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
