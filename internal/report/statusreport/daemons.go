package statusreport

import (
	"maps"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/report/term"
)

// daemons says once what is equal on all nodes, in one line where all
// daemons are in one state; pcs status tells of the node's own daemons only.
func (p *textPage) daemons() {
	type told struct{ nodes, daemons []string }
	var order []string // states of all daemons of a node
	by := map[string]*told{}
	for _, v := range p.Views {
		if v.Status == nil || len(v.Status.Daemons) == 0 {
			continue
		}
		words := daemonWords(v.Status.Daemons)
		key := strings.Join(words, "; ")
		if by[key] == nil {
			order, by[key] = append(order, key), &told{daemons: words}
		}
		by[key].nodes = append(by[key].nodes, term.Clean(v.Node))
	}
	if len(order) == 0 {
		return
	}
	p.title("Daemons")
	for _, key := range order {
		text := key
		if len(order) > 1 || len(by[key].nodes) < len(p.Views) {
			text = strings.Join(by[key].nodes, " ") + ": " + key
		}
		p.item(strings.Contains(key, "inactive") || strings.Contains(key, "failed") || strings.Contains(key, "unknown"), strings.TrimPrefix(text, ": "))
	}
}

// daemonWords are the daemons of one node by their state: "corosync,
// pacemaker active/enabled".
func daemonWords(all map[string]string) (words []string) {
	by := map[string][]string{}
	var order []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		state := term.Clean(all[name])
		if by[state] == nil {
			order = append(order, state)
		}
		by[state] = append(by[state], term.Clean(name))
	}
	for _, state := range order {
		words = append(words, strings.Join(by[state], ", ")+" "+state)
	}
	return words
}

func (p *textPage) pcsd() {
	if len(p.st.PCSD) == 0 {
		return
	}
	p.title("pcsd")
	by := map[string][]string{}
	for _, node := range slices.Sorted(maps.Keys(p.st.PCSD)) {
		by[p.st.PCSD[node]] = append(by[p.st.PCSD[node]], term.Clean(node))
	}
	for _, state := range slices.Sorted(maps.Keys(by)) {
		p.item(state != "Online", term.Clean(term.Clip(state, term.MaxValue))+": "+strings.Join(by[state], " "))
	}
}

func (p *textPage) warnings() {
	if len(p.st.Warnings) == 0 {
		return
	}
	p.title("Warnings of the cluster")
	for _, w := range p.st.Warnings {
		p.item(true, term.Clean(term.Clip(w, 4*term.MaxValue)))
	}
}
