package pcs

import "strings"

// notRunning are the ways to say that nothing runs here: of pcs up to 0.10.3
// and of `pcs cluster status` in any release; of pcs from 0.10.4; of crm_mon
// (tools/crm_mon.c, pcmk__pcmkd_state_enum2friendly). The value is true where
// the daemons are there and do not answer yet.
var notRunning = map[string]bool{
	"cluster is not currently running on this node": false,
	"running crm_mon, is pacemaker running?":        false, // 0.9 has "Error: running", later ones "error running"
	"cluster is not available on this node":         false,
	"connection to cluster failed:":                 false,
	"could not connect to the cluster":              false,
	"could not connect to pacemakerd":               false,
	"not connected to cib":                          false,
	"remote-node not connected to cluster":          false,
	"pacemaker daemons not running":                 false,
	"pacemaker daemons are shutting down":           false,
	"pacemaker daemons are shut down":               false,
	"corosync not running":                          false,

	"could not connect to the cib: transport endpoint is not connected": false,
	"could not connect to the cib: connection refused":                  false,

	"connection to the cluster-daemons terminated":    true,
	"connection to the cib terminated":                true, // to 2.0.5
	"reading stonith-history failed":                  true,
	"unable to get stonith-history":                   true,
	"initializing pacemaker":                          true,
	"pacemaker daemons are starting":                  true,
	"waiting for startup trigger from sbd":            true,
	"waiting for initial connection":                  true,
	"waiting until cluster is available on this node": true,
	connecting: true,
}

// connecting is what crm_mon without -1 says before it shows the cluster.
const connecting = "attempting connection to the cluster"

// saysNotRunning finds one of these in a line.
func saysNotRunning(ln line) *NotRunningError {
	if len(ln.s) > maxKept {
		return nil
	}
	low := strings.ToLower(ln.s)
	if strings.Contains(low, "update does not conform to the configured schema") {
		return nil // crm_mon is older than the configuration: who can tell
	}
	var e *NotRunningError
	for words, starting := range notRunning {
		if strings.Contains(low, words) {
			if e == nil {
				e = &NotRunningError{Line: ln.no, Text: clip(ln.s, maxKept)}
			}
			e.Starting = e.Starting || starting
			e.connecting = words == connecting
		}
	}
	return e
}

// notRunningLine keeps the first line that says so, and the more certain one.
func (r *reader) notRunningLine(ln line) bool {
	e := saysNotRunning(ln)
	if e == nil {
		return false
	}
	if r.notRun == nil || r.notRun.Starting && !e.Starting {
		r.notRun = e
	}
	return true
}
