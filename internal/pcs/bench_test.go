package pcs

import (
	"fmt"
	"strings"
	"testing"
)

// bigText is a pcs status of about n bytes, with every kind of line.
func bigText(n int) []byte {
	var b strings.Builder
	b.WriteString("Cluster name: big\nCluster Summary:\n  * Stack: corosync (Pacemaker is running)\n" +
		"  * Current DC: n1 (version 2.1.6-1) - partition with quorum\n" +
		"  * Last updated: Mon Jan  1 00:00:00 2024 on n1\n  * Last change:  Mon Jan  1 00:00:00 2024 by root via root on n1\n" +
		"  * 3 nodes configured\n  * 900000 resource instances configured\n\nNode List:\n  * Online: [ n1 n2 n3 ]\n\nFull List of Resources:\n")
	for i := 0; b.Len() < n*9/10; i++ {
		fmt.Fprintf(&b, "  * vip%d\t(ocf:heartbeat:IPaddr2):\t Started n%d (unmanaged)\n", i, i%3+1)
		fmt.Fprintf(&b, "  * Resource Group: g%d:\n    * a%d\t(ocf:heartbeat:apache):\t Started n1\n    * b%d\t(systemd:x):\t FAILED n1 (blocked)\n", i, i, i)
		fmt.Fprintf(&b, "  * Clone Set: c%d [p%d] (promotable):\n    * p%d\t(ocf:heartbeat:x):\t FAILED Promoted n3\n    * Promoted: [ n1 ]\n    * Unpromoted: [ n2 ]\n", i, i, i)
	}
	b.WriteString("\nFailed Resource Actions:\n")
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "  * b%d 10s-interval monitor on n1 returned 'error' (no (such) thing at home) at Mon Jan  1 00:00:00 2024 after 20ms\n", i)
	}
	b.WriteString("\nDaemon Status:\n  corosync: active/enabled\n  pacemaker: active/enabled\n  pcsd: active/enabled\n")
	return []byte(b.String())
}

func bigXML(n int) []byte {
	var b strings.Builder
	b.WriteString(`<pacemaker-result api-version="2.38" request="crm_mon"><summary><stack type="corosync"/><current_dc present="true" name="n1" with_quorum="true"/></summary><nodes><node name="n1" online="true" type="member"/></nodes><resources>` + "\n")
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `<resource id="r%d" resource_agent="ocf:heartbeat:IPaddr2" role="Started" active="true" orphaned="false" blocked="false" maintenance="false" managed="true" failed="false" failure_ignored="false" nodes_running_on="1"><node name="n1" id="1" cached="true"/></resource>`+"\n", i)
	}
	b.WriteString(`</resources><status code="0" message="OK"/></pacemaker-result>`)
	return []byte(b.String())
}

const tenMB = 10 << 20

// Reading 10 MB of a status takes at most a second; no cluster prints as much.
// make bench shows it.
func BenchmarkRead10MB(b *testing.B) {
	for _, whole := range []struct {
		name  string
		parse func([]byte) (*Status, error)
		data  []byte
	}{
		{"text", ParseStatus, bigText(tenMB)},
		{"XML", ParseStatusXML, bigXML(tenMB)},
	} {
		b.Run(whole.name, func(b *testing.B) {
			b.SetBytes(int64(len(whole.data)))
			for b.Loop() {
				st, err := whole.parse(whole.data)
				if err != nil {
					b.Fatal(err)
				}
				if err := st.Problem(); err != nil || len(st.Resources) < 30_000 {
					b.Fatal(len(st.Resources), err)
				}
			}
		})
	}
}

// Nor does anything else.
func BenchmarkNoStatus(b *testing.B) {
	for name, text := range map[string][]byte{
		"noise":      []byte("Stack: corosync\n" + strings.Repeat("nothing of this was ever printed by pcs (or: was it): [ ] \n", tenMB/60)),
		"parens":     []byte("Stack: corosync\n" + strings.Repeat("  * r\t(a:b):\t"+strings.Repeat("(", 500)+strings.Repeat("):", 500)+"\n", tenMB/1500)),
		"failures":   []byte("Failed Actions:\n" + strings.Repeat("x\n", tenMB/2)),
		"deep":       deep(tenMB),
		"stopped":    []byte("Clone Set: c [r]\n" + strings.Repeat("     Stopped: [ n1 n2 n3 n4 n5 n6 ]\n", tenMB/36)),
		"wide-lists": []byte("Online: [" + strings.Repeat(" n", tenMB/2) + " ]\n"),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				_, _ = ParseStatus(text)
			}
		})
	}
}

// deep nests clones as far as the size allows.
func deep(n int) []byte {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat(" ", i) + "Clone Set: c [r]\n")
	}
	return []byte(b.String())
}
