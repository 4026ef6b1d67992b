package cib

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUses(t *testing.T) {
	c, err := Parse([]byte(`<cib><configuration><crm_config/><nodes/><resources>
  <template id="t" class="systemd" type="nginx"/>
  <primitive id="a" template="t"><instance_attributes id="i"><nvpair id="n0" name="config" value="/etc/app.conf"/></instance_attributes></primitive>
  <group id="g"><primitive id="b" class="ocf" provider="acme" type="beacon"><instance_attributes id="j">
    <nvpair id="n1" name="config" value="/etc/app.conf"/><nvpair id="n2" name="dir" value="relative/path"/>
    <nvpair id="n3" name="odd" value="/etc/../etc/shadow"/><nvpair id="n4" name="lines" value="/etc/a&#10;b"/></instance_attributes></primitive></group>
  <primitive id="f" class="stonith" type="fence_ipmilan"/>
  <primitive id="far" class="ocf" provider="pacemaker" type="remote"><instance_attributes id="k"><nvpair id="n5" name="server" value="10.0.0.9"/></instance_attributes></primitive>
  <primitive id="vm" class="ocf" provider="heartbeat" type="VirtualDomain">
    <instance_attributes id="l"><nvpair id="n6" name="config" value="/srv/vm.xml"/></instance_attributes>
    <meta_attributes id="m"><nvpair id="n7" name="remote-node" value="guest1"/></meta_attributes></primitive>
  <bundle id="bu"><podman image="x"/><storage><storage-mapping id="s" source-dir="/srv/www" target-dir="/www"/></storage>
    <primitive id="in" class="ocf" provider="acme" type="inside"><instance_attributes id="o"><nvpair id="n8" name="c" value="/inside"/></instance_attributes></primitive></bundle>
</resources><constraints/></configuration></cib>`))
	if err != nil {
		t.Fatal(err)
	}
	want := Uses{
		Agents:     []string{"ocf:acme:beacon", "ocf:heartbeat:VirtualDomain", "ocf:pacemaker:remote", "stonith:fence_ipmilan", "systemd:nginx"},
		Containers: []string{"podman"},
		Paths:      []string{"/etc/app.conf", "/srv/vm.xml", "/srv/www"},
	}
	if diff := cmp.Diff(want, c.Uses()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]RemoteHost{{"far", "10.0.0.9"}, {"guest1", ""}}, c.RemoteHosts()); diff != "" {
		t.Error(diff)
	}
}
