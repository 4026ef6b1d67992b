package pcs

import (
	"fmt"
	"strings"
	"testing"
)

// The titles that Pacemaker and pcs print around the parts of a status, from
// their sources: Pacemaker in tools/crm_mon.c of 1.1 (print_as), later in the
// table of lib/common/output_xml.c that gives each its element, and in
// crm_simulate; pcs in utils.py (serviceStatus).
var sourceTitles = []struct {
	title   string
	section section
	below   string // a line that stands in the part, "" for one that has none
	source  string
}{
	{"Cluster Summary:", inHead, "  * Stack: corosync", "crm_mon from 2.0.3"},
	{"Node List:", inNodes, "  * Online: [ alpha beta ]", "crm_mon from 2.0.3"},
	{"Active resources:", inResources, " vip\t(ocf::heartbeat:IPaddr2):\tStarted alpha", "crm_mon before 2.0.3"},
	{"Active Resources:", inResources, "  * vip\t(ocf:heartbeat:IPaddr2):\t Started alpha", "crm_mon from 2.0.3"},
	{"Full list of resources:", inResources, " vip\t(ocf::heartbeat:IPaddr2):\tStarted alpha", "crm_mon before 2.0.3"},
	{"Full List of Resources:", inResources, "  * vip\t(ocf:heartbeat:IPaddr2):\t Started alpha", "crm_mon from 2.0.3"},
	{"Inactive resources:", inResources, " vip\t(ocf::heartbeat:IPaddr2):\tStopped", "crm_mon before 2.0.3"},
	{"Inactive Resources:", inResources, "  * vip\t(ocf:heartbeat:IPaddr2):\t Stopped", "crm_mon from 2.0.3"},
	{"Node Attributes:", inAttributes, "* Node alpha:", "crm_mon"},
	{"Operations:", inMigration, "* Node alpha:", "crm_mon"},
	{"Migration summary:", inMigration, "* Node alpha: ", "crm_mon, first ones of 1.1"},
	{"Migration Summary:", inMigration, "* Node alpha:", "crm_mon, later ones of 1.1 and since"},
	{"Failed actions:", inFailed, "    vip_monitor_0 on alpha 'not running' (7): call=5, status=complete", "crm_mon, first ones of 1.1"},
	{"Failed Actions:", inFailed, "* vip_monitor_0 on alpha 'not running' (7): call=5, status=complete, exitreason=''", "crm_mon, 1.1"},
	{"Failed Resource Actions:", inFailed, "* vip_monitor_0 on alpha 'not running' (7): call=5, status=complete, exitreason=''", "crm_mon, last ones of 1.1 and since"},
	{"Failed Fencing Actions:", inFencing, "* reboot of beta failed: delegate=, client=crmd.1, origin=alpha,\n    last-failed='Fri Jul  9 10:20:00 2021'", "crm_mon, last ones of 1.1 and since"},
	{"Pending Fencing Actions:", inFencing, "* reboot of beta pending: client=crmd.1, origin=alpha", "crm_mon from 2.0"},
	{"Fencing History:", inFencing, "* reboot of beta pending: client=crmd.1, origin=alpha", "crm_mon, last ones of 1.1 and since"},
	{"Negative location constraints:", inBans, " ban-1\tprevents vip from running on beta", "crm_mon, first ones of 1.1"},
	{"Negative Location Constraints:", inBans, " ban-1\tprevents vip from running as Master on beta", "crm_mon, later ones of 1.1 and since"},
	{"Fencing constraints:", inBans, " ban-1\tprevents vip from running on beta", "crm_mon, first ones of 1.1"},
	{"Tickets:", inTickets, " north\tgranted", "crm_mon"},
	{"PCSD Status:", inPCSD, "  alpha: Online", "pcs"},
	{"PCSD Status:", inPCSD, "  alpha member (alpha): Online", "pcs 0.9 of 2015, as people posted it"},
	{"PCSD Status:", inPCSD, "  alpha (10.0.0.1): Unable to authenticate", "pcs 0.9"},
	{"Daemon Status:", inDaemons, "  corosync: active/enabled", "pcs"},
	{"Transition Summary:", inSimulated, " * Start vip ( alpha )", "crm_simulate"},
	{"Allocation scores:", inSimulated, "native_color: vip allocation score on alpha: 0", "crm_simulate 1.1"},
	{"Assignment Scores:", inSimulated, "  * pcmk__primitive_assign: vip allocation score on alpha: 0", "crm_simulate from 2.1, output_xml.c"},
	{"Utilization information:", inSimulated, "Original: alpha capacity: cpu=2", "crm_simulate 1.1"},
	{"Utilization Information:", inSimulated, "  * Original: alpha capacity: cpu=2", "crm_simulate from 2.1, output_xml.c"},
	{"Allocation Scores and Utilization Information:", inSimulated, "  * Original: alpha capacity: cpu=2", "crm_simulate 2.1"},
	{"Assignment Scores and Utilization Information:", inSimulated, "  * Original: alpha capacity: cpu=2", "crm_simulate from 2.1, output_xml.c"},
	{"Performing requested modifications", inSimulated, " + Bringing node alpha online", "crm_simulate 1.1, without a colon"},
	{"Performing Requested Modifications:", inSimulated, "  * Bringing node alpha online", "crm_simulate from 2.1, output_xml.c"},
	{"Executing cluster transition:", inSimulated, " * Resource action: vip start on alpha", "crm_simulate 1.1"},
	{"Executing Cluster Transition:", inSimulated, "  * Resource action: vip start on alpha", "crm_simulate from 2.0.3"},
	{"Timings:", inSimulated, "  * file.xml took 0.1s", "crm_simulate from 2.1, output_xml.c"},
}

// Each title opens its part, with the line below it understood, whatever stands
// before; and each is known where it stands in no status.
func TestSourceTitles(t *testing.T) {
	const head = "Stack: corosync\nCurrent DC: alpha (version 1.1.23-1) - partition with quorum\n2 nodes configured (unknown expected votes)\n1 resource configured\n\nOnline: [ alpha beta ]\n\n"
	for _, c := range sourceTitles {
		what := fmt.Sprintf("%q below %q (%s)", c.below, c.title, c.source)
		before := head
		if c.section == inHead || c.section == inNodes {
			before = ""
		}
		r := newReader(before + c.title + "\n" + c.below + "\n")
		for {
			ln, ok := r.lines.next()
			if !ok {
				break
			}
			r.line(ln)
		}
		got := r.section
		if r.away == inSimulation {
			got = inSimulated
		}
		if got != c.section && c.section != inHead {
			t.Errorf("%s: the part is %d, want %d", what, got, c.section)
		}
		r.flushAction()
		if len(r.st.Unparsed)+len(r.st.Beside)+len(r.preamble) > 0 {
			t.Errorf("%s: %v %v %v is left over", what, r.st.Unparsed, r.st.Beside, r.preamble)
		}
		if ln := oneLine(c.title); !likeStatus(ln) {
			t.Errorf("%s: not known for a line of a status", what)
		}
	}
}

// The lines of the head that are no titles, from print_cluster_* of crm_mon and
// the messages of lib/pengine/pe_output.c.
func TestSourceHeads(t *testing.T) {
	for _, lines := range []string{
		"Last updated: Mon Nov 23 03:20:31 2026\t\tLast change: Mon Nov 23 03:20:00 2026 by root via cibadmin on alpha",
		"Last updated: Mon Nov 23 03:20:31 2026\t\tLast change: ",
		"Stack: unknown", "Stack: corosync (Pacemaker is running)", "Stack: classic openais (with plugin)",
		"Current DC: NONE", "Current DC: alpha (1) (version 2.1.5-1) - partition WITHOUT quorum",
		"Current DC: alpha (version unknown) - partition with quorum", "Current DC: alpha (version 3.0.0-1) - MIXED-VERSION partition with quorum",
		"2 Nodes configured, unknown expected votes", "2 nodes configured (2 expected votes)", "2 nodes configured (unknown expected votes)",
		"2 nodes and 5 resources configured", "1 node and 1 resource configured", "5 Resources configured.",
		"5 resources configured (1 DISABLED, 2 BLOCKED from starting due to failure)",
		"5 resource instances configured (1 DISABLED)", "5 resource instances configured (2 BLOCKED from further action due to failure)",
		"              *** Resource management is DISABLED ***\n  The cluster will not attempt to start, stop or recover services",
		"              *** Resource management is DISABLED ***\n  The cluster will keep all resources stopped",
		"STONITH of failed nodes enabled", "STONITH of failed nodes disabled", "Fencing of failed nodes enabled", "Cluster is symmetric", "Cluster is asymmetric",
		"No quorum policy: Stop ALL resources", "No quorum policy: Suicide",
		"Attempting connection to the cluster...",
	} {
		for _, bullet := range []string{"", "  * "} {
			if strings.HasPrefix(lines, " ") && bullet != "" || strings.HasPrefix(lines, "Attempting") && bullet != "" {
				continue
			}
			text := "Online: [ alpha ]\n\n vip\t(ocf::heartbeat:IPaddr2):\tStarted alpha\n"
			st, err := ParseStatus([]byte(bullet + lines + "\n\n" + text))
			if err != nil {
				t.Errorf("%q: %v", lines, err)
				continue
			}
			for _, u := range st.Unparsed {
				if !strings.HasPrefix(lines, "Attempting") { // nothing says that it was connected
					t.Errorf("%q: %q is not understood", lines, u.Text)
				}
			}
			if len(st.Beside) > 0 {
				t.Errorf("%q: %v is passed by", lines, st.Beside)
			}
		}
	}
}
