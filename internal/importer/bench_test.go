package importer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/cib"
	"github.com/hadeploy/hadeploy/internal/yamlout"
)

// BenchmarkPlaybook imports a CIB of a thousand primitives, each with a location,
// an order and ids that are not those of pcs.
func BenchmarkPlaybook(b *testing.B) {
	var t strings.Builder
	t.WriteString(`<cib validate-with="pacemaker-3.9"><configuration><crm_config/><nodes><node id="1" uname="n1"/></nodes><resources>`)
	for i := range 1000 {
		fmt.Fprintf(&t, `<primitive id="r%[1]d" class="ocf" provider="heartbeat" type="IPaddr2"><instance_attributes id="r%[1]d-ia"><nvpair id="r%[1]d-ip" name="ip" value="10.%[2]d.%[3]d.7"/></instance_attributes>`+
			`<operations><op id="r%[1]d-mon" name="monitor" interval="10s"/><op id="r%[1]d-go" name="start" interval="0" timeout="20s"/></operations></primitive>`, i, i/250, i%250)
	}
	t.WriteString(`</resources><constraints>`)
	for i := range 1000 {
		fmt.Fprintf(&t, `<rsc_location id="loc-%[1]d" rsc="r%[1]d" node="n1" score="%[1]d"/>`, i)
		if i > 0 {
			fmt.Fprintf(&t, `<rsc_order id="ord-%[1]d" first="r%[2]d" then="r%[1]d" kind="Optional"/>`, i, i-1)
		}
	}
	t.WriteString(`</constraints></configuration></cib>`)
	doc, err := cib.ParseConfiguration([]byte(t.String()))
	if err != nil {
		b.Fatal(err)
	}
	password := yamlout.NewMap().Set("password", yamlout.NewMap().SetText("env", "PW").Node()).Node()
	for b.Loop() {
		r, err := Playbook(Source{CIB: doc, Kept: true, Sections: []cib.Section{{Key: "hacluster", Value: password}}})
		if err != nil || len(r.Losses) > 0 {
			b.Fatal(err, r)
		}
	}
}
