package cib

import "testing"

// TestWholeSections: resources and constraints with the place that they have in
// the configuration, and nothing else of it.
func TestWholeSections(t *testing.T) {
	got, err := WholeSections([]byte(`<cib epoch="3"><configuration>
  <crm_config/><nodes/>
  <resources><primitive id="a" type="Dummy"/></resources>
  <tags/>
  <constraints><rsc_order id="o" first="a" then="b"/></constraints>
</configuration><status/></cib>`))
	const want = `<change operation="create" path="/cib/configuration" position="2">
  <resources>
    <primitive id="a" type="Dummy"/>
  </resources>
</change>
<change operation="create" path="/cib/configuration" position="4">
  <constraints>
    <rsc_order id="o" first="a" then="b"/>
  </constraints>
</change>
`
	if err != nil || got.Reveal() != want {
		t.Errorf("%v\n%s", err, got.Reveal())
	}
}
