package steps

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hadeploy/hadeploy/internal/remote"
)

// settlePatience is for crm_mon and crmadmin, which take 30 ms.
const settlePatience = 10 * time.Second

// busyDC tells that the DC is still carrying out what follows from a change, in
// words, "" when it is at rest or cannot be asked. The roles alone do not tell: of
// what is to be restarted nothing is stopped yet at first, and of several instances
// one is restarted after the other.
func busyDC(ctx context.Context, n *Node, dc string) string {
	if dc == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, patience(ctx, settlePatience))
	defer cancel()
	res, err := n.Conn.Run(ctx, remote.Cmd{Argv: []string{"crmadmin", "-S", dc}, Reads: true, Timeout: settlePatience, Limit: 64 << 10, Label: "crmadmin -S " + dc})
	if err != nil || res.Status != 0 {
		return ""
	}
	switch state := controllerState(append(res.Stdout, res.Stderr...)); state {
	case "", "idle":
		return ""
	default:
		return fmt.Sprintf("the cluster is still at work (DC %s: %s)", dc, state)
	}
}

// controllerState is what a controller does, S_TRANSITION_ENGINE as "transition
// engine": "Controller on n2 in state S_IDLE: ok" since Pacemaker 2.1, before that
// "Status of crmd@n2: S_IDLE (ok)", on whichever output.
func controllerState(said []byte) string {
	for _, word := range bytes.Fields(said) {
		state, ok := strings.CutPrefix(strings.TrimRight(string(word), ":,"), "S_")
		if ok && strings.Trim(state, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == "" {
			return strings.ToLower(strings.ReplaceAll(state, "_", " "))
		}
	}
	return ""
}
