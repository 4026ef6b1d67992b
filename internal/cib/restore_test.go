package cib

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hadeploy/hadeploy/internal/plan"
)

const restoreHead = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="12" num_updates="3" admin_epoch="0"><configuration>`

func parsed(t *testing.T, configuration string) *CIB {
	t.Helper()
	c, err := Parse([]byte(restoreHead + configuration + "</configuration><status/></cib>"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const backupConfiguration = `
<crm_config><cluster_property_set id="cib-bootstrap-options">
 <nvpair id="p1" name="dc-version" value="2.1.4"/><nvpair id="p2" name="no-quorum-policy" value="stop"/><nvpair id="p3" name="maintenance-mode" value="true"/>
</cluster_property_set></crm_config>
<nodes><node id="1" uname="n1"><instance_attributes id="nodes-1"><nvpair id="n" name="data-status" value="old"/></instance_attributes></node></nodes>
<resources>
 <group id="g">
  <primitive id="a" class="ocf" type="Dummy" provider="pacemaker"><instance_attributes id="a-i"><nvpair id="a-i-1" name="state" value="/a"/><nvpair id="a-i-2" name="passwd" value="old-pw"/></instance_attributes></primitive>
  <primitive id="b" class="ocf" type="Dummy" provider="pacemaker"/>
 </group>
 <primitive id="lost" class="ocf" type="Dummy" provider="pacemaker"/>
</resources>
<constraints><rsc_location id="cli-ban-lost" rsc="lost" node="n1" score="-INFINITY"/><rsc_order id="o" first="a" then="lost"/></constraints>`

const liveConfiguration = `
<crm_config><cluster_property_set id="cib-bootstrap-options">
 <nvpair id="p1" name="dc-version" value="2.1.5"/><nvpair id="p2" name="no-quorum-policy" value="ignore"/>
</cluster_property_set></crm_config>
<nodes><node id="1" uname="n1"><instance_attributes id="nodes-1"><nvpair id="n" name="data-status" value="new"/></instance_attributes></node></nodes>
<resources>
 <group id="g">
  <primitive id="a" class="ocf" type="Dummy" provider="pacemaker"><instance_attributes id="a-i"><nvpair id="a-i-1" name="state" value="/other"/><nvpair id="a-i-2" name="passwd" value="new-pw"/></instance_attributes></primitive>
  <primitive id="late" class="ocf" type="Dummy" provider="pacemaker"/>
  <primitive id="b" class="ocf" type="Dummy" provider="pacemaker"><meta_attributes id="b-meta_attributes"><nvpair id="b-t" name="target-role" value="Stopped"/></meta_attributes></primitive>
 </group>
</resources>
<constraints><rsc_location id="cli-ban-a" rsc="a" node="n1" score="-INFINITY"/><rsc_location id="cli-ban-late" rsc="late" node="n1" score="-INFINITY"/></constraints>`

// TestCompareTo: what was there comes back; what Pacemaker and operators keep
// stays as it is now; what is removed is stopped first; and then nothing is left.
func TestCompareTo(t *testing.T) {
	live, earlier := parsed(t, liveConfiguration), parsed(t, backupConfiguration)
	d, err := CompareTo(live, earlier)
	if err != nil {
		t.Fatal(err)
	}
	want := `- primitive late
    content: "ocf:pacemaker:Dummy" -> (none)
    $ pcs resource delete late
- location constraint cli-ban-late
    content: "late avoids n1" -> (none)
    $ pcs constraint delete cli-ban-late
~ property set cib-bootstrap-options
    no-quorum-policy: "ignore" -> "stop"
~ group g
    member late: "2" -> (none)
    member b: "3" -> "2"
~ primitive a
    instance_attributes a-i.state: "/other" -> "/a"
    instance_attributes a-i.passwd: "***" -> "***"
+ primitive lost
    content: (none) -> "ocf:pacemaker:Dummy"
+ order constraint o
    content: (none) -> "start a then start lost"
`
	if diff := cmp.Diff(want, changesText(d.Changes)); diff != "" {
		t.Error(diff)
	}
	if !d.StopsFirst() || len(d.LeftAlone) != 1 || d.LeftAlone[0].Kind != "nodes" {
		t.Errorf("stops first: %v, left alone: %v", d.StopsFirst(), d.LeftAlone)
	}
	stopping, err := d.Stopping()
	if err != nil {
		t.Fatal(err)
	}
	half, err := Parse([]byte(stopping.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	rest, err := CompareTo(half, earlier)
	if err != nil || rest.StopsFirst() {
		t.Fatalf("%v; stops first once more: %v", err, rest.StopsFirst())
	}
	if c := plan.Cover(d.Changes, rest.Changes); c.Moved != nil {
		t.Errorf("what is left when all is switched off was not planned: %v", c.Moved)
	}
	result, err := rest.Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{`value="2.1.5"`, `value="new"`, `id="cli-ban-a"`, `value="Stopped"`, `epoch="12"`} {
		if !strings.Contains(result.Reveal(), kept) {
			t.Errorf("%s is not kept", kept)
		}
	}
	for _, gone := range []string{"late", "cli-ban-lost", "maintenance-mode"} {
		if strings.Contains(result.Reveal(), gone) {
			t.Errorf("%s is there", gone)
		}
	}
	after, err := Parse([]byte(result.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := CompareTo(after, earlier); err != nil || len(again.Changes) > 0 {
		t.Errorf("it is not restored: %v\n%s", err, changesText(again.Changes))
	}
}

func TestCompareToRefuses(t *testing.T) {
	live, earlier := parsed(t, liveConfiguration), parsed(t, backupConfiguration)
	if _, err := CompareTo(nil, earlier); err == nil || !strings.Contains(err.Error(), "does not run") {
		t.Errorf("a cluster that does not run: %v", err)
	}
	other, err := Parse([]byte(strings.Replace(restoreHead, "3.9", "3.5", 1) + backupConfiguration + "</configuration></cib>"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CompareTo(live, other); err == nil || !strings.Contains(err.Error(), "pacemaker-3.5") {
		t.Errorf("another schema: %v", err)
	}
	held := parsed(t, strings.Replace(liveConfiguration, `name="no-quorum-policy" value="ignore"`, `name="maintenance-mode" value="true"`, 1))
	if _, err := CompareTo(held, earlier); err == nil || !strings.Contains(err.Error(), "is in maintenance") {
		t.Errorf("in maintenance: %v", err)
	}
}
