package importer

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/pacemaker"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/secret"
	"github.com/hadeploy/hadeploy/internal/yamlout"
	"github.com/hadeploy/hadeploy/playbook"
)

// rounds is how many random playbooks are tried.
const rounds = 10_000

// minValid is how many of a hundred random playbooks have to be valid.
const minValid = 90

// TestRoundTrip: what is rendered of a playbook, imported and rendered again is the
// same, for random playbooks of all that can be declared, of several releases of
// Pacemaker, some with other ids and with what operators keep. Nothing is lost.
func TestRoundTrip(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var next, tried atomic.Uint64
	var failures sync.Map
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for seed := next.Add(1); seed <= rounds; seed = next.Add(1) {
				was, valid := written(t, seed)
				if !valid {
					continue
				}
				tried.Add(1)
				if wrong := roundTrip(was); wrong != "" {
					failures.LoadOrStore(kindOf(wrong), fmt.Sprintf("seed %d: %s\n%s", seed, wrong, was.text))
				}
			}
		})
	}
	wait.Wait()
	if n := tried.Load(); n*100 < rounds*minValid {
		t.Errorf("only %d of %d playbooks were valid", n, rounds)
	}
	failures.Range(func(_, v any) bool {
		t.Errorf("%s", v)
		return true
	})
}

// round is a random playbook with what is rendered of it.
type round struct {
	text     []byte
	release  pacemaker.Release
	rendered *cib.Rendered
}

// members of all playbooks, with the ids that Corosync would give them.
func memberIDs() (list []cib.Node) {
	for i, name := range memberNames {
		list = append(list, cib.Node{Name: name, ID: fmt.Sprint(i + 1)})
	}
	return list
}

// written writes a playbook and renders it; false for one that is not valid.
func written(t *testing.T, seed uint64) (round, bool) {
	w := &writer{Rand: rand.New(rand.NewPCG(seed, 1))}
	release := pick(w, pacemaker.Newest(), pacemaker.Newest(), pacemaker.ParseRelease("2.1.5"), pacemaker.ParseRelease("2.0.5"))
	w.old = release.Before(pacemaker.Release{2, 1, 0})
	book := w.playbook()
	text, err := yamlout.Document("", book)
	if err != nil {
		t.Fatal(err)
	}
	r := round{text: text, release: release}
	if r.rendered, err = rendering(text, r.release); err != nil || w.chance(2) {
		return r, err == nil
	}
	// Other ids for some parts.
	ids := yamlout.NewMap()
	var made []string
	for _, m := range partID.FindAllStringSubmatch(string(r.rendered.Configuration), -1) {
		if !strings.Contains(string(text), m[1]) {
			made = append(made, m[1])
		}
	}
	for i, id := range some(w, 6, made) {
		ids.SetText(id, fmt.Sprintf("other.%d", i))
	}
	if r.text, err = yamlout.Document("", book.Set("ids", ids.Node())); err != nil {
		t.Fatal(err)
	}
	r.rendered, err = rendering(r.text, r.release)
	return r, err == nil
}

// rendering is what a playbook declares.
func rendering(text []byte, release pacemaker.Release) (*cib.Rendered, error) {
	p, list := playbook.Load("-", playbook.LoadOptions{Stdin: bytes.NewReader(text)})
	if p == nil {
		return nil, slices.DeleteFunc(list, func(d diag.Diagnostic) bool { return d.Severity != diag.Error })[:1]
	}
	noSecret := func(playbook.SecretRef) (secret.Value, bool) { return secret.Value{}, false }
	want, err := cib.Build(p, nil, noSecret, cib.Options{MaskSecrets: true, Dialect: pcs.DialectFor(release), Nodes: memberIDs()})
	if err != nil {
		return nil, err
	}
	return cib.Render(want, release)
}

// roundTrip says what is wrong with the import of a configuration, "" for nothing.
func roundTrip(was round) string {
	source, err := cib.ParseConfiguration([]byte(`<cib validate-with="` + was.rendered.Schema + `">` + string(was.rendered.Configuration) + "</cib>"))
	if err != nil {
		return err.Error()
	}
	made, err := Playbook(Source{Inventory: members(memberIDs()), Exact: true, CIB: source, Kept: true, Sections: []cib.Section{{Key: "hacluster", Value: yamlout.NewMap().Set("password", yamlout.NewMap().SetText("env", "PW").Node()).Node()}}})
	if err != nil {
		return err.Error()
	}
	for _, l := range made.Losses {
		return fmt.Sprintf("lost: %s %s %s\n%s", l.Path, l.XML, l.Why, made.Playbook)
	}
	is, err := rendering(made.Playbook, was.release)
	if err != nil {
		return fmt.Sprintf("the import is refused: %v\n%s", err, made.Playbook)
	}
	if a, b := canonical(was.rendered), canonical(is); a != b {
		return fmt.Sprintf("another configuration (-), (+):\n%s\n%s", lineDiff(a, b), made.Playbook)
	}
	return ""
}

// partID finds the parts of which the id may be another.
var partID = regexp.MustCompile(`<(?:nvpair|rule|[a-z]*expression|date_spec|op|[a-z]+_attributes|utilization|cluster_property_set|resource_set|recipient|acl_permission|[a-z]+-mapping|fencing-level|rsc_[a-z]+)[^>]* id="([^"]*)"`)

// tag is the beginning of an element with its attributes.
var tag = regexp.MustCompile(`<([a-z_-]+)((?: [^ =]+="[^"]*")+)`)
var attribute = regexp.MustCompile(` [^ =]+="[^"]*"`)

// canonical is a configuration with the attributes of each element in one order,
// which says nothing.
func canonical(r *cib.Rendered) string {
	return tag.ReplaceAllStringFunc(string(r.Configuration), func(t string) string {
		m := tag.FindStringSubmatch(t)
		list := attribute.FindAllString(m[2], -1)
		slices.Sort(list)
		return "<" + m[1] + strings.Join(list, "")
	})
}

// lineDiff are the lines that only one of two texts has.
func lineDiff(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	var out []string
	for _, l := range x {
		if !slices.Contains(y, l) {
			out = append(out, "- "+strings.TrimSpace(l))
		}
	}
	for _, l := range y {
		if !slices.Contains(x, l) {
			out = append(out, "+ "+strings.TrimSpace(l))
		}
	}
	if len(out) == 0 {
		return "- the order\n" + a
	}
	return strings.Join(out, "\n")
}

var particular = regexp.MustCompile(`[0-9]+|"[^"]*"`)

// kindOf is a failure without what is particular to it.
func kindOf(wrong string) string {
	first, _, _ := strings.Cut(wrong, "\n")
	if strings.HasPrefix(first, "another") {
		for line := range strings.Lines(wrong) {
			if l := strings.TrimSpace(line); strings.HasPrefix(l, "-") || strings.HasPrefix(l, "+") {
				first += particular.ReplaceAllString(l, "#")
				break
			}
		}
	}
	return particular.ReplaceAllString(first, "#")
}
