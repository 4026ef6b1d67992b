package corosync

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hadeploy/hadeploy/internal/oracle"
)

// timesTable are settings around every boundary between times, for a number of
// members, and whether Corosync starts with them. TestOracleTimes asks it.
func timesTable() (all []timesCase) {
	add := func(members int, settings ...string) { all = append(all, timesCase{members, settings}) }
	for _, members := range []int{1, 2, 3, 16} {
		extra := 650 * max(0, members-2)
		for _, d := range []int{-1, 0, 1} {
			// join against the default consensus, against one that is given
			add(members, fmt.Sprintf("join: %d", (3000+extra)*12/10+d))
			add(members, "token: 1000", fmt.Sprintf("join: %d", (1000+extra)*12/10+d))
			add(members, "consensus: 500", fmt.Sprintf("join: %d", 500+d))
			add(members, fmt.Sprintf("consensus: %d", 50+d))
			add(members, "token_coefficient: 0", fmt.Sprintf("join: %d", 3600+d))
			// retransmits: 30 * (4 + 0.2) is 126
			add(members, "token_coefficient: 0", fmt.Sprintf("token: %d", 126+d))
			add(members, "token_coefficient: 0", "token: 3000", fmt.Sprintf("token_retransmits_before_loss_const: %d", 99+d))
			add(members, "token_coefficient: 0", "token: 30", "join: 30", "token_retransmit: 30")
			for _, name := range []string{"token_retransmit", "join", "consensus", "merge", "downcheck", "max_network_delay"} {
				add(members, fmt.Sprintf("%s: %d", name, 30+d))
			}
			add(members, fmt.Sprintf("hold: %d", 14+d))
			add(members, "token_coefficient: 0", fmt.Sprintf("token: %d", 30+d), "join: 30", "token_retransmit: 30")
		}
		add(members, "join: 100000")
		add(members, "join: 0", "consensus: 0", "token: 0", "merge: 0", "hold: 0")
		add(members, "token: 4294967295", "join: 5000")
		add(members, "token: 1800000000", "join: 2147483000")
		add(members, "token_coefficient: 4294967295", "join: 3600")
		add(members, "token: 16777300", "join: 20132760")
		add(members, "token: 16777300", "join: 20132761")
	}
	return all
}

type timesCase struct {
	members  int
	settings []string
}

func (c timesCase) file() string {
	var nodes strings.Builder
	for i := range c.members {
		fmt.Fprintf(&nodes, " node {\n  ring0_addr: 127.0.0.%d\n  nodeid: %d\n  name: n%d\n }\n", i+1, i+1, i+1)
	}
	return "totem {\n version: 2\n cluster_name: t\n transport: knet\n " + strings.Join(c.settings, "\n ") + "\n}\nnodelist {\n" + nodes.String() + "}\n"
}

// TestOracleTimes holds the sums of CheckTimes to what the real corosync says.
func TestOracleTimes(t *testing.T) {
	for _, node := range oracle.Nodes(t) {
		t.Run("pcs-"+node.Version, func(t *testing.T) {
			var scripts []string
			cases := timesTable()
			for _, c := range cases {
				scripts = append(scripts, "cat >\"$d/own.conf\" <<END\n"+c.file()+"END\ncorosync -t -c \"$d/own.conf\" 2>&1")
			}
			for i, v := range (judge{node}).ask(t, scripts) {
				err := parsed(t, []byte(cases[i].file())).CheckTimes()
				if (err != nil) != (v.status != 0) {
					t.Errorf("%d members, %v: we say %v, corosync says (%d) %s", cases[i].members, cases[i].settings, err, v.status, v.text)
				}
			}
			t.Logf("%d cases", len(cases))
		})
	}
}
