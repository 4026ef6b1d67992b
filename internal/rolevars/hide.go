package rolevars

import (
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// hide finds the lines that hold a secret, of which no message shows anything.
func (r *reader) hide(text []byte) {
	written := strings.Split(string(text), "\n")
	lines := func(n *yamldoc.Node) {
		n.Walk("", func(_ yamldoc.Path, n *yamldoc.Node) {
			for i := range span(n, written) {
				r.hidden[n.Line+i] = true
			}
		})
	}
	r.doc.Root.Walk("", func(_ yamldoc.Path, n *yamldoc.Node) {
		if vaulted(n) {
			lines(n)
		}
		for _, f := range n.Fields {
			if secret.Named(f.Key) {
				lines(f.Value)
			}
		}
		if name := n.Get("name"); name != nil && secret.Named(name.Text) && n.Get("value") != nil {
			lines(n.Get("value"))
		}
	})
}

// at makes a diagnostic with the text of its line, if that may be shown.
func (r *reader) at(pos diag.Pos, severity diag.Severity, path yamldoc.Path, message, hint string) diag.Diagnostic {
	d := r.doc.At(pos, severity, path, message, hint)
	if r.hidden[pos.Line] {
		d.Source = ""
	}
	return d
}

// span is how many lines a scalar may take, from its first: more rather than less.
func span(n *yamldoc.Node, written []string) int {
	if n.Line < 1 || n.Line > len(written) || !n.Quoted {
		return 1
	}
	from := []rune(written[n.Line-1])
	if at := n.Column - 1; at >= 0 && at < len(from) && (from[at] == '"' || from[at] == '\'') && strings.ContainsRune(string(from[at+1:]), from[at]) {
		return 1
	}
	// A block begins a line below. What is folded ends before as many lines as it
	// could have.
	return 2 + strings.Count(n.Text, "\n") + len(n.Text)/40
}
