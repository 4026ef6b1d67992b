package cib

import (
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
