package integration

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/pacemaker"
)

// optionsOfDaemons prints the metadata of the daemons that have cluster properties.
const optionsOfDaemons = `for d in schedulerd controld based; do /usr/lib/pacemaker/pacemaker-$d metadata 2>/dev/null; printf '\n===\n'; done`

// listedOptions are those that Pacemaker lists of its own accord, from 2.1.8 on.
const (
	listedOptions    = `crm_resource --list-options=primitive --all --output-as=xml 2>/dev/null || true`
	listedProperties = `crm_attribute --list-options=cluster --all --output-as=xml 2>/dev/null || true`
)

// sorts are what the types of Pacemaker's metadata can be here. The daemons call a
// score an integer, and texts are often words.
var sorts = map[string][]pacemaker.Sort{
	"boolean": {pacemaker.Boolean}, "percentage": {pacemaker.Percentage}, "select": {pacemaker.Select}, "enum": {pacemaker.Select}, "score": {pacemaker.ScoreValue},
	"integer": {pacemaker.Integer, pacemaker.ScoreValue}, "nonnegative_integer": {pacemaker.Integer}, "port": {pacemaker.Integer},
	"time": {pacemaker.Duration, pacemaker.Text}, "timeout": {pacemaker.Duration, pacemaker.Text}, "duration": {pacemaker.Duration},
	"string": {pacemaker.Text, pacemaker.Select},
}

// pacemakersOptions holds the tables of cluster properties and meta attributes
// against what the daemons of the node say: the same names, and values of the
// same sort.
func (l *lab) pacemakersOptions(t *testing.T) {
	t.Helper()
	release := pacemaker.ParseRelease(l.ssh("n1", `dpkg-query -W -f '${Version}' pacemaker`))
	if !release.Known() {
		t.Fatal("the release of Pacemaker is not known")
	}
	var theirs []parameter
	for _, text := range strings.Split(l.ssh("n1", optionsOfDaemons), "\n===\n") {
		theirs = append(theirs, parameters(t, text)...)
	}
	if len(theirs) < 40 {
		t.Fatalf("the daemons name only %d properties", len(theirs))
	}
	theirs = append(theirs, parameters(t, l.ssh("n1", listedProperties))...)
	l.sameOptions(t, release, "property", pacemaker.Properties(), theirs, pacemaker.OwnProperties())
	if listed := parameters(t, l.ssh("n1", listedOptions)); len(listed) > 0 {
		l.sameOptions(t, release, "meta attribute", pacemaker.MetaAttributes(), listed, nil)
	} else if !release.Before(pacemaker.Release{2, 1, 8}) {
		t.Errorf("Pacemaker %s lists no meta attributes", release)
	}
}

func (l *lab) sameOptions(t *testing.T, release pacemaker.Release, what string, ours []pacemaker.Option, theirs []parameter, own []string) {
	t.Helper()
	for _, p := range theirs {
		o := pacemaker.Find(ours, p.Name)
		switch {
		case slices.Contains(own, p.Name):
		case o == nil:
			t.Errorf("Pacemaker %s has the %s %s, and we do not", release, what, p.Name)
		case !o.Has(release):
			t.Errorf("Pacemaker %s has the %s %s, since %s, gone in %s by ours", release, what, p.Name, o.Since, o.Gone)
		case !slices.Contains(sorts[p.Content.Type], o.Sort):
			t.Errorf("the %s %s is a %s in Pacemaker %s, and not in ours", what, p.Name, p.Content.Type, release)
		default:
			for _, v := range p.Content.Options {
				if !slices.Contains(o.Values, v.Value) {
					t.Errorf("the %s %s may be %s in Pacemaker %s, and not in ours", what, p.Name, v.Value, release)
				}
			}
		}
	}
	if what != "property" {
		return // Pacemaker lists those of primitives only
	}
	for _, o := range ours {
		if o.Has(release) && o.Now == "" && !slices.ContainsFunc(theirs, func(p parameter) bool { return p.Name == o.Name }) {
			t.Errorf("we have the %s %s, and Pacemaker %s does not", what, o.Name, release)
		}
	}
}

type parameter struct {
	Name    string `xml:"name,attr"`
	Content struct {
		Type    string `xml:"type,attr"`
		Options []struct {
			Value string `xml:"value,attr"`
		} `xml:"option"`
	} `xml:"content"`
}

// parameters are all <parameter> elements of a text of XML.
func parameters(t *testing.T, text string) (list []parameter) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if err != nil {
			return list // the end, or what no XML is: the counts above hold it
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "parameter" {
			var p parameter
			if err := d.DecodeElement(&p, &start); err != nil {
				t.Fatal(err)
			}
			list = append(list, p)
		}
	}
}
