package cib

import (
	"net/netip"
	"slices"
	"testing"
)

func TestRemotes(t *testing.T) {
	for _, c := range []struct {
		resources string
		want      []string
	}{
		{``, nil},
		{`<primitive id="a" class="ocf" provider="heartbeat" type="Dummy"/>`, nil},
		{`<primitive id="r" class="ocf" provider="pacemaker" type="remote"/>`, []string{"r"}},
		{`<group id="g"><primitive id="v" class="ocf" provider="heartbeat" type="VirtualDomain"><meta_attributes id="m"><nvpair id="n" name="remote-node" value="guest1"/></meta_attributes></primitive></group>`, []string{"v"}},
		{`<bundle id="b"><docker image="x"/><primitive id="p" class="ocf" provider="heartbeat" type="Dummy"/></bundle>`, []string{"b"}},
		{`<bundle id="b"><docker image="x"/></bundle>`, nil},
	} {
		doc, err := Parse([]byte(`<cib epoch="1" num_updates="0" admin_epoch="0" crm_feature_set="3.19.0" validate-with="pacemaker-3.9"><configuration><crm_config/><nodes/><resources>` +
			c.resources + `</resources><constraints/></configuration><status/></cib>`))
		if err != nil {
			t.Fatal(err)
		}
		if got := doc.Remotes(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.resources, got, c.want)
		}
	}
}

// TestHoldsAddress: an address in whatever spelling, of a resource and of nothing
// else.
func TestHoldsAddress(t *testing.T) {
	doc, err := Parse([]byte(`<cib epoch="1" num_updates="0" admin_epoch="0" crm_feature_set="3.19.0" validate-with="pacemaker-3.9"><configuration><crm_config><cluster_property_set id="o"><nvpair id="x" name="mine" value="10.0.0.9"/></cluster_property_set></crm_config><nodes/><resources>
<group id="g"><primitive id="a" class="ocf" provider="heartbeat" type="IPaddr2"><instance_attributes id="i"><nvpair id="n" name="ip" value="10.0.0.1"/></instance_attributes></primitive></group>
<primitive id="b" class="ocf" provider="heartbeat" type="IPv6addr"><instance_attributes id="j"><nvpair id="m" name="ipv6addr" value="2001:DB8:0::1/64"/></instance_attributes></primitive>
</resources><constraints/></configuration><status/></cib>`))
	if err != nil {
		t.Fatal(err)
	}
	for ip, want := range map[string]bool{"10.0.0.1": true, "2001:db8::1": true, "10.0.0.9": false, "10.0.0.10": false} {
		if got := doc.HoldsAddress(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %v", ip, got)
		}
	}
}
