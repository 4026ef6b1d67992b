package pcs

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"
)

// What a reader accepts is bounded, for what nodes print is data and may be
// anything. A cluster of 64 nodes and 5000 resources prints less than 1 MiB, in
// 10,000 lines.
const (
	maxInput = 16 << 20 // bytes
	maxLine  = 64 << 10 // bytes; a longer line is not understood
	// maxEntries bounds the lines that are understood, and the nodes and
	// resources that come of them: what the model keeps of each has some
	// hundred bytes.
	maxEntries = 300_000
	maxParts   = 1_500_000 // elements and attributes of a document
	maxDepth   = 64        // of elements; a cloned group in a status has seven
	// maxKept and maxLines bound what is kept of lines not understood.
	maxKept  = 300
	maxLines = 1000
)

func tooLarge(n int) error {
	return &SyntaxError{Message: fmt.Sprintf("the input has %d bytes, more than the %d that a status can have", n, maxInput)}
}

func tooMany(line int) error {
	return &SyntaxError{line, fmt.Sprintf("more than %d nodes and resources: no cluster has as many, this is no status", maxEntries)}
}

// full tells that the model holds more than any cluster has.
func (s *Status) full() bool {
	return len(s.Nodes)+len(s.Resources)+len(s.Implicit) > maxEntries
}

// decode takes off a byte order mark, and turns UTF-16 into UTF-8: PowerShell
// writes it when it saves what ssh printed.
func decode(b []byte) []byte {
	if utf8, ok := bytes.CutPrefix(b, []byte("\xef\xbb\xbf")); ok {
		return utf8
	}
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return b
	}
	units := make([]uint16, (len(b)-2)/2)
	for i := range units {
		units[i] = order.Uint16(b[2+2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
