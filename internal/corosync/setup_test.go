package corosync

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/inventory"
	"github.com/hadeploy/hadeploy/playbook"
)

// The tables in testdata say what is declared by the words that follow
// "pcs cluster setup", so that the very same words can be given to pcs:
//
//	NAME n1 addr=A [addr=B] n2 ... transport knet OPT=V link OPT=V crypto OPT=V totem OPT=V quorum OPT=V
//
// Positions in messages are the word's column.

// declare makes of such words what a playbook and an inventory would hold.
func declare(t *testing.T, line []byte) (*playbook.Playbook, []inventory.Node) {
	t.Helper()
	p := &playbook.Playbook{File: "setup"}
	var nodes []inventory.Node
	into := "node"
	c := &p.Cluster
	for i, w := range words(line) {
		pos := diag.Pos{File: "setup", Line: w.line, Column: w.column}
		name, value, isOption := strings.Cut(w.text, "=")
		opt := playbook.Option{Name: name, Value: playbook.Value{Text: value, Pos: pos}, Pos: pos}
		switch {
		case i == 0:
			p.Name = w.text
			p.Pos = map[string]diag.Pos{"name": pos}
		case !isOption && into == "transport-type":
			c.Transport.Type, c.Transport.Pos = w.text, pos
			into = "transport"
		case !isOption && w.text == "transport":
			into = "transport-type"
		case !isOption && w.text == "link":
			into = "link"
			c.Transport.Links = append(c.Transport.Links, nil)
		case !isOption && (w.text == "crypto" || w.text == "totem" || w.text == "quorum"):
			into = w.text
		case !isOption && into == "node":
			nodes = append(nodes, inventory.Node{Name: w.text, NodeName: w.text, Host: w.text, Pos: pos})
		case into == "node" && name == "addr":
			n := &nodes[len(nodes)-1]
			n.Links = append(n.Links, value)
		case into == "transport":
			c.Transport.Options = append(c.Transport.Options, opt)
		case into == "link":
			l := &c.Transport.Links[len(c.Transport.Links)-1]
			*l = append(*l, opt)
		case into == "crypto":
			c.Transport.Crypto = append(c.Transport.Crypto, opt)
		case into == "totem":
			c.Totem = append(c.Totem, opt)
		case into == "quorum":
			c.Quorum = append(c.Quorum, opt)
		default:
			t.Fatalf("setup: word %q has no place behind %q", w.text, into)
		}
	}
	return p, nodes
}

type word struct {
	text         string
	line, column int
}

func words(text []byte) []word {
	var out []word
	for i, line := range strings.Split(string(text), "\n") {
		for at := 0; at < len(line); {
			rest := line[at:]
			if rest[0] == ' ' {
				at++
				continue
			}
			end := strings.IndexByte(rest, ' ')
			if end < 0 {
				end = len(rest)
			}
			out = append(out, word{rest[:end], i + 1, at + 1})
			at += end
		}
	}
	return out
}

func problems(l diag.List) []byte {
	if len(l) == 0 {
		return nil
	}
	return []byte(l.Error() + "\n")
}

func differences(ds []Difference) []byte {
	var b bytes.Buffer
	for _, d := range ds {
		fmt.Fprintln(&b, d)
	}
	return b.Bytes()
}
