package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/excerpt"
	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/remote"
)

// awaitMembers waits until all members are online and there is a DC. A daemon
// that ends meanwhile is started again, once a node: the plan takes it for one
// that runs. Then its last words are the error.
func awaitMembers(ctx context.Context, c *Cluster, step string) error {
	again := map[*Node]bool{}
	looked := time.Now()
	return c.wait(ctx, Waiting{Step: step, For: "all members online and a DC", Limit: startLimit}, pollEvery, func(ctx context.Context) (bool, string, error) {
		st, err := crmMon(ctx, c.Nodes[0])
		var notYet *pcs.NotRunningError
		var half *pcs.SyntaxError
		look := func() error {
			if time.Since(looked) < reviveEvery {
				return nil
			}
			looked = time.Now()
			return revive(ctx, c, step, again)
		}
		switch {
		case errors.As(err, &notYet), errors.As(err, &half): // while it starts, crm_mon says little
			return false, "Pacemaker is starting on " + c.Nodes[0].Name, look()
		case err != nil:
			return false, "", err
		}
		online, missing := 0, []string(nil)
		for _, n := range c.Nodes {
			if s := findNode(st, n.NodeName); s != nil && s.Online && !s.Pending && !s.Unclean {
				online++
			} else {
				missing = append(missing, n.NodeName)
			}
		}
		dc := "no DC yet"
		if st.DC != "" {
			dc = "DC " + st.DC
		}
		detail := fmt.Sprintf("%d of %d members online, %s", online, len(c.Nodes), dc)
		if missing != nil && online > 0 {
			detail += "; not yet: " + strings.Join(missing, ", ")
		}
		if missing == nil && st.DC != "" && st.Quorum {
			return true, detail, nil
		}
		return false, detail, look()
	})
}

// revive starts the daemons of nodes where they have ended, unless that was
// done before.
func revive(ctx context.Context, c *Cluster, step string, again map[*Node]bool) error {
	var ended []*Node
	words := make([]string, len(c.Nodes))
	index := map[*Node]int{}
	for i, n := range c.Nodes {
		index[n] = i
	}
	if err := c.eachErr(c.Nodes, func(n *Node) error {
		res, err := n.Conn.Run(ctx, remote.Cmd{
			Script: `for u in corosync pacemaker; do case $(systemctl is-active $u) in failed | inactive)
  printf '%s is %s: ' $u "$(systemctl is-active $u)"; journalctl -q --no-pager -o cat -n 3 -u $u 2>/dev/null | tr '\n' '|' ;; esac; done`,
			Reads:   true,
			Timeout: 30 * time.Second, Limit: 64 << 10, Label: "systemctl is-active corosync pacemaker",
		})
		words[index[n]] = excerpt.Tail(res.Stdout, 1)
		return err
	}); err != nil {
		return err
	}
	for i, n := range c.Nodes {
		switch {
		case words[i] == "":
		case again[n]:
			return fmt.Errorf("the cluster does not stay up on %s: %s", n.Name, words[i])
		default:
			again[n] = true
			ended = append(ended, n)
			c.emit(Working{Step: step, Node: n.Name, Text: words[i] + " starting it again"})
		}
	}
	return c.eachErr(ended, func(n *Node) error { return systemctl(ctx, n, "start", facts.Corosyncd, facts.Pacemakerd) })
}

const (
	startLimit = 3 * time.Minute
	// reviveEvery is how often daemons that should be coming up are looked at.
	reviveEvery = 3 * time.Second
)
