package cib

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const liveCIB = `<cib crm_feature_set="3.16.2" validate-with="pacemaker-3.9" epoch="9" num_updates="1" admin_epoch="0">
<configuration><crm_config/>
<nodes><node id="1" uname="n1"/><node id="2" uname="n2"><instance_attributes id="a"><nvpair id="b" name="#health-fan" value="-5"/><nvpair id="c" name="#health-cpu" value="green"/></instance_attributes></node></nodes>
<resources/>
<constraints>
  <rsc_location id="plain" rsc="vip" node="n1" score="50"/>
  <rsc_location id="cli-ban-vip-on-n2" rsc="vip" role="Started" node="n2" score="-INFINITY"/>
  <rsc_location id="tagged" rsc="both" node="n2" score="-1000000"/>
  <rsc_location id="pattern" rsc-pattern="^web" node="n2" score="-INFINITY"/>
  <rsc_location id="ruled" rsc="db">
    <rule id="r1" score="-INFINITY" role="Master" boolean-op="or">
      <expression id="e1" attribute="#uname" operation="eq" value="n2"/>
      <expression id="e2" attribute="rack" operation="not_defined"/>
      <rule id="r2" boolean-op="and"><date_expression id="e3" operation="gt" start="2020-01-01"/><date_expression id="e4" operation="date_spec"><date_spec id="s" hours="9-17"/></date_expression></rule>
    </rule>
    <rule id="r3" score-attribute="weight"><date_expression id="e5" operation="in_range" start="2020" end="2021"/></rule>
  </rsc_location>
  <rsc_location id="listed" node="n1" score="INFINITY"><resource_set id="l"><resource_ref id="a"/><resource_ref id="b"/></resource_set></rsc_location>
  <rsc_colocation id="with" rsc="vip" with-rsc="db" rsc-role="Started" with-rsc-role="Master" score="INFINITY"/>
  <rsc_colocation id="apart" rsc="a" with-rsc="b" score="-INFINITY"/>
  <rsc_colocation id="same-rack" rsc="a" with-rsc="b" score="INFINITY" node-attribute="rack"/>
  <rsc_colocation id="one-alone" score="INFINITY"><resource_set id="s1"><resource_ref id="a"/></resource_set></rsc_colocation>
  <rsc_colocation id="in-sets" score="INFINITY">
    <resource_set id="s3" role="Master"><resource_ref id="a"/><resource_ref id="b"/></resource_set>
    <resource_set id="s4" sequential="false" score="5"><resource_ref id="c"/><resource_ref id="d"/></resource_set>
    <resource_set id="s5"><resource_ref id="both"/><resource_ref id="e"/></resource_set>
  </rsc_colocation>
  <rsc_colocation id="all-apart" score="-INFINITY"><resource_set id-ref="s5"/><resource_set id-ref="nowhere"/></rsc_colocation>
  <rsc_colocation id="with-tag" rsc="both" with-rsc="both" score="7"/>
  <rsc_order id="plain-order" first="db" then="vip"/>
  <rsc_order id="promoted-first" first="db" first-action="promote" then="vip" then-action="start" kind="Mandatory" symmetrical="false"/>
  <rsc_order id="advice" first="a" then="b" kind="Optional"/>
  <rsc_order id="old-advice" first="a" then="b" score="0"/>
  <rsc_order id="old-order" first="a" then="b" score="INFINITY"/>
  <rsc_order id="sets-in-order">
    <resource_set id="s6" action="promote"><resource_ref id="a"/><resource_ref id="b"/></resource_set>
    <resource_set id="s7" sequential="false"><resource_ref id="c"/><resource_ref id="d"/></resource_set>
    <resource_set id="s8" sequential="false" require-all="false"><resource_ref id="e"/><resource_ref id="f"/></resource_set>
    <resource_set id="s9"><resource_ref id="x"/><resource_ref id="y"/></resource_set>
  </rsc_order>
  <rsc_order id="advice-in-sets" kind="Optional" symmetrical="false"><resource_set id-ref="s9"/></rsc_order>
  <rsc_order id="kind-of-its-own"><resource_set id="s10" kind="Optional"><resource_ref id="x"/><resource_ref id="y"/></resource_set></rsc_order>
  <rsc_ticket id="t" rsc="vip" ticket="site" loss-policy="stop"/>
  <rsc_ticket id="tt" ticket="other"><resource_set id="s2" role="Master"><resource_ref id="a"/></resource_set></rsc_ticket>
</constraints>
<tags><tag id="both"><obj_ref id="a"/><obj_ref id="b"/></tag></tags>
</configuration>
<status>
  <node_state id="1" uname="n1"><transient_attributes id="1"><instance_attributes id="status-1">
    <nvpair id="f1" name="fail-count-vip#monitor_10000" value="3"/><nvpair id="f2" name="fail-count-db:0#start_0" value="INFINITY"/>
    <nvpair id="f3" name="fail-count-old" value="0"/><nvpair id="f6" name="fail-count-vip#stop_0" value="2"/><nvpair id="f4" name="last-failure-vip#monitor_10000" value="1"/>
  </instance_attributes></transient_attributes></node_state>
  <node_state id="2" uname="n2"><transient_attributes id="2"><instance_attributes id="status-2">
    <nvpair id="f5" name="fail-count-ancient" value="1"/><nvpair id="h" name="#health-disk" value="red"/><nvpair id="h2" name="#health-ram" value="12"/>
  </instance_attributes></transient_attributes></node_state>
  <tickets><ticket_state id="site" granted="true"/><ticket_state id="other" granted="true" standby="true"/></tickets>
</status></cib>`

func TestConstraints(t *testing.T) {
	c, err := Parse([]byte(liveCIB))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range c.Constraints() {
		binds := strings.Join(x.Resources, ",")
		if x.Pattern != nil {
			binds = x.Pattern.String()
		}
		line := []string{x.Kind, x.ID, binds, x.Role, fmt.Sprint(x.Score)}
		switch x.Kind {
		case Location:
			line = append(line, x.Node, x.Rule)
		case Colocation:
			line = append(line, "with", x.With, x.WithRole)
		case Order:
			line = append(line, x.FirstAction, strings.Join(x.First, "|"), "then", x.ThenAction, fmt.Sprint(x.Symmetrical))
		case Ticket:
			line = append(line, x.TicketID)
		}
		got = append(got, strings.Join(slices.DeleteFunc(line, func(s string) bool { return s == "" }), " "))
	}
	want := []string{
		"location plain vip 50 n1",
		"location cli-ban-vip-on-n2 vip Started -1e+06 n2",
		"location tagged a,b -1e+06 n2",
		"location pattern ^web -1e+06 n2",
		"location ruled db Promoted -1e+06 #uname eq n2 or not_defined rack or (date gt 2020-01-01 and date-spec hours=9-17)",
		"location ruled db 0 date in_range 2020 to 2021",
		"location listed a,b 1e+06 n1",
		"colocation with vip Started 1e+06 with db Promoted",
		"colocation apart a -1e+06 with b",
		"colocation in-sets b Promoted 1e+06 with a Promoted",
		"colocation in-sets a Promoted 1e+06 with c",
		"colocation in-sets a Promoted 1e+06 with d",
		"colocation in-sets c,d 1e+06 with e",
		"colocation in-sets b 1e+06 with a",
		"colocation in-sets e 1e+06 with b",
		"colocation all-apart b,e -1e+06 with a",
		"colocation all-apart e -1e+06 with b",
		"colocation with-tag a,b 7 with a",
		"colocation with-tag a,b 7 with b",
		"order plain-order vip 1e+06 start db then start true",
		"order promoted-first vip 1e+06 promote db then start false",
		"order advice b 0 start a then start true",
		"order old-advice b 0 start a then start true",
		"order old-order b 1e+06 start a then start true",
		"order sets-in-order b 1e+06 promote a then promote true",
		"order sets-in-order c,d 1e+06 promote b then start true",
		"order sets-in-order e,f 1e+06 start c then start true",
		"order sets-in-order e,f 1e+06 start d then start true",
		"order sets-in-order x 1e+06 start e|f then start true",
		"order sets-in-order y 1e+06 start x then start true",
		"order advice-in-sets y 0 start x then start false",
		"ticket t vip -1e+06 site",
		"ticket tt a Promoted -1e+06 other",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, x := range c.Constraints() {
		if x.ByHand() != (x.ID == "cli-ban-vip-on-n2") {
			t.Errorf("%s by hand: %v", x.ID, x.ByHand())
		}
		if x.ID == "pattern" && (!x.Binds([]string{"g", "web-ip"}) || x.Binds([]string{"vip"})) {
			t.Error("the pattern binds wrongly")
		}
	}
}

func TestLiveState(t *testing.T) {
	c, err := Parse([]byte(liveCIB))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]FailCount{{"vip", "n1", "5"}, {"db", "n1", "INFINITY"}, {"ancient", "n2", "1"}}, c.FailCounts()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"#health-disk=red", "#health-fan=-5"}, c.HealthOf("n2")); diff != "" {
		t.Error(diff)
	}
	if bad := c.HealthOf("n1"); bad != nil {
		t.Errorf("n1 is said to be %v", bad)
	}
	for id, want := range map[string]bool{"site": true, "other": false, "unknown": false} {
		if c.TicketGranted(id) != want {
			t.Errorf("ticket %s: %v", id, !want)
		}
	}
}

// The lines of each release, for a primitive that may be on n1 only, a clone
// with one place too few, and a promotable clone.
// TestCutScores: of a resource whose scores are cut off, nothing is known; that
// it is allowed nowhere would excuse it for not running.
func TestCutScores(t *testing.T) {
	const whole = `pcmk__primitive_assign: vip allocation score on n1: -INFINITY
pcmk__primitive_assign: vip allocation score on n2: -INFINITY
pcmk__primitive_assign: web allocation score on n1: -INFINITY
pcmk__primitive_assign: web allocation score on n2: 10
`
	s := ParseScores([]byte(whole))
	if !s.Known("vip") || s.Allows("vip", "n2") || !s.Allows("web", "n2") || !s.Any() {
		t.Error("the whole answer is misread")
	}
	lines := strings.SplitAfter(whole, "\n")
	if s = ParseScores([]byte(strings.Join(lines[:3], ""))); s.Known("web") || !s.Known("vip") {
		t.Error("web is taken for known")
	}
	if ParseScores([]byte("Lorem ipsum\n")).Any() {
		t.Error("scores are found in garbage")
	}
}

func TestParseScores(t *testing.T) {
	for release, text := range map[string]string{
		"1.1 and 2.0": `Allocation scores:
native_color: vip allocation score on n1: 0
native_color: vip allocation score on n2: 0
clone_color: c:0 allocation score on n1: 0
native_color: c:0 allocation score on n1: 1
native_color: c:0 allocation score on n2: -INFINITY
native_color: c:1 allocation score on n1: -INFINITY
native_color: c:1 allocation score on n2: -INFINITY
db:0 promotion score on n1: 10
db:1 promotion score on n2: -INFINITY
native_color: vip allocation score on n1: 100
native_color: vip allocation score on n2: -INFINITY
Transition Summary:
 * Move    vip	(Started n2 -> n1)
 * Start   c:0	(n1)
`,
		"2.1, without headings": `Stop	(ocf:pacemaker:Dummy):	 Started n1
pcmk__primitive_assign: vip allocation score on n1: 100
pcmk__primitive_assign: vip allocation score on n2: -INFINITY
pcmk__primitive_assign: c:0 allocation score on n1: 1
pcmk__primitive_assign: c:0 allocation score on n2: -INFINITY
pcmk__primitive_assign: c:1 allocation score on n1: -INFINITY
pcmk__primitive_assign: c:1 allocation score on n2: -INFINITY
db:0 promotion score on n1: 10
db:1 promotion score on n2: -INFINITY

Move       vip     (             n2 -> n1 )
`,
		"3.0": `Assignment Scores and Utilization Information:
  * pcmk__primitive_assign: vip allocation score on n1: 100
  * pcmk__primitive_assign: vip allocation score on n2: -INFINITY
  * pcmk__primitive_assign: c:0 allocation score on n1: 1
  * pcmk__primitive_assign: c:0 allocation score on n2: -INFINITY
  * pcmk__primitive_assign: c:1 allocation score on n1: -INFINITY
  * pcmk__primitive_assign: c:1 allocation score on n2: -INFINITY
  * db:0 promotion score on n1: 10
  * db:1 promotion score on n2: -INFINITY

Transition Summary:
  * Move       vip     (             n2 -> n1 )  due to node availability
`,
	} {
		s := ParseScores([]byte(text))
		score, ok := s.On("vip", "n1")
		switch {
		case !ok || score != 100, s.Allows("vip", "n2"), !s.Allows("vip", "n1"):
			t.Errorf("%s: vip: %v %v", release, score, ok)
		case s.Places("vip") != 1 || s.Places("c") != 1 || s.Places("none") != 0:
			t.Errorf("%s: places %d, %d", release, s.Places("vip"), s.Places("c"))
		case !s.Known("c") || s.Known("none") || s.Known("v"):
			t.Errorf("%s: what is known", release)
		case s.Promotable("db") != 1:
			t.Errorf("%s: %d can be promoted", release, s.Promotable("db"))
		case len(s.Leaving) != 1 || s.Leaving[0].Action != "Move" || s.Leaving[0].Resource != "vip":
			t.Errorf("%s: leaving %+v", release, s.Leaving)
		}
	}
}
