package cib

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"

	"github.com/hadeploy/hadeploy/internal/oracle"
	"github.com/hadeploy/hadeploy/internal/rule"
)

// TestOracleDates holds what this package says of dates against crm_rule, which
// judges rules of one date expression (date-specs need a year there).
func TestOracleDates(t *testing.T) {
	rules := []string{
		"date gt 2027-01-31T15:00:00", "date lt 2027-01-31T15:00:00", "date lt 2027-01-31", "date gt 20270131",
		"date in_range 2027-01-31T15:00:00 to duration months=1", "date in_range 2027-01-31 to 2027-02-28T15:00:00",
		"date in_range 2026-12-31T15:00:00 to duration weeks=4 hours=20", "date in_range 2026-02-28 to duration years=1",
		"date gt 2027-W04-7", "date gt 2027-031", "date lt 2027-01-31T15:00:00Z",
		"date-spec years=2027 hours=9-15", "date-spec years=2027 weekdays=1-5", "date-spec years=2027 months=1 monthdays=30-31", "date-spec years=2026-2027 yeardays=31-60",
	}
	moments := []string{"2026-01-01 00:00:00", "2027-01-31 00:00:00", "2027-01-31 00:00:01", "2027-01-31 12:00:00", "2027-01-31 15:00:00", "2027-01-31 15:00:01", "2027-02-28 00:00:00", "2027-02-28 15:00:00", "2027-02-28 15:00:01", "2027-03-01 09:00:00"}
	tokyo := time.FixedZone("", 9*3600)
	for _, node := range oracle.Nodes(t) {
		t.Run("pcs-"+node.Version, func(t *testing.T) {
			var b strings.Builder
			b.WriteString("export TZ=Asia/Tokyo\nx=$(mktemp)\n")
			var parsed []rule.Rule
			for _, text := range rules {
				r, err := rule.Parse(text, rule.Uses{})
				if err != nil {
					t.Fatal(text, err)
				}
				parsed = append(parsed, r)
				x := (&object{kind: locations, id: "l", rule: &r, attrs: []pair{{name: "rsc", value: "d"}, {name: "score", value: "1"}}}).element()
				for i, y := range x.FindElements(".//*") {
					y.CreateAttr("id", fmt.Sprintf("i%d", i))
				}
				b.WriteString("cibadmin --empty | sed 's|<constraints/>|<constraints>" + markup(t, x) + "</constraints>|' >$x\n")
				for _, at := range moments {
					fmt.Fprintf(&b, "crm_rule --check --rule i0 --date '%s' -X \"$(cat $x)\" >/dev/null 2>&1; echo $?\n", at)
				}
			}
			got := strings.Fields(node.Run(t, b.String()+"rm -f $x"))
			if len(got) != len(rules)*len(moments) {
				t.Fatalf("%d answers", len(got))
			}
			for i := range parsed {
				for j, at := range moments {
					now, err := time.ParseInLocation(time.DateTime, at, tokyo)
					if err != nil {
						t.Fatal(err)
					}
					want := map[bool]rule.Truth{true: rule.True, false: rule.False}[got[i*len(moments)+j] == "0"]
					if is := parsed[i].At(now); is != want {
						t.Errorf("%s at %s: crm_rule ends with %s, and At says %d", rules[i], at, got[i*len(moments)+j], is)
					}
				}
			}
		})
	}
}

func markup(t *testing.T, x *etree.Element) string {
	t.Helper()
	doc := etree.NewDocument()
	doc.SetRoot(x.Copy())
	s, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
