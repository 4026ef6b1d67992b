package pcs

import (
	"slices"
	"strings"
)

// section is the part of the text that a line belongs to.
type section int

const (
	inHead section = iota // before anything, and the head of the status
	inWarnings
	inNodes
	inResources
	inAttributes
	inMigration // also the operations of crm_mon -o
	inFailed
	inFencing
	inBans
	inTickets
	inPCSD
	inDaemons
	inNodesOnly // pcs status nodes
	inSimulated // what crm_simulate says beside a status
)

// title is a line that opens a part of a status, or what crm_simulate prints
// beside one.
type title struct {
	text  string // as it is printed
	opens section
	tool  string // that prints it
	// since and until are the first and the last release of the tool in whose
	// source it stands, within the range that is read; "" is the end of the range.
	// Distributions print some of them earlier.
	since, until string
	// landmark: such a line stands in every status that is worth reading, and tells
	// what stands before it on a line, or that the line was several.
	landmark bool
}

// Tools that print titles.
const (
	crmMon      = "crm_mon"
	crmSimulate = "crm_simulate"
	ofPcs       = "pcs"
)

// titles are those of all releases in range, from their sources. Of Pacemaker:
// tools/crm_mon.c to 2.0.2 (print_as), tools/crm_mon_print.c of 2.0.3 to 2.0.5,
// lib/pengine/pe_output.c and lib/fencing/st_output.c from then on;
// tools/crm_simulate.c to 2.0.5, then lib/pacemaker/pcmk_simulate.c and
// pcmk_output.c. Of pcs: status.py and utils.py (serviceStatus), in 0.10 and
// later lib/commands/status.py.
var titles = []title{
	{"Cluster Summary:", inHead, crmMon, "2.0.3", "", true},
	{"Node List:", inNodes, crmMon, "2.0.3", "", true},
	{"Active resources:", inResources, crmMon, "1.1.14", "2.0.2", true},
	{"Active Resources:", inResources, crmMon, "2.0.3", "", true},
	{"Inactive resources:", inResources, crmMon, "", "2.0.2", false},
	{"Inactive Resources:", inResources, crmMon, "2.0.3", "", false},
	{"Full list of resources:", inResources, crmMon, "", "2.0.2", true},
	{"Full List of Resources:", inResources, crmMon, "2.0.3", "", true},
	{"Node Attributes:", inAttributes, crmMon, "", "", true},
	{"Operations:", inMigration, crmMon, "", "", false},
	{"Migration summary:", inMigration, crmMon, "", "1.1.13", false},
	{"Migration Summary:", inMigration, crmMon, "1.1.14", "", true},
	{"Failed actions:", inFailed, crmMon, "", "1.1.13", false},
	{"Failed Actions:", inFailed, crmMon, "1.1.14", "2.0.0", true}, // of 1.1: to 1.1.19
	{"Failed Resource Actions:", inFailed, crmMon, "1.1.20", "", true},
	{"Failed Fencing Actions:", inFencing, crmMon, "1.1.20", "", true},
	{"Pending Fencing Actions:", inFencing, crmMon, "1.1.20", "", false},
	{"Fencing History:", inFencing, crmMon, "1.1.20", "", false},
	{"Fencing constraints:", inBans, crmMon, "", "1.1.11", false},
	{"Negative location constraints:", inBans, crmMon, "1.1.12", "1.1.13", false},
	{"Negative Location Constraints:", inBans, crmMon, "1.1.14", "", false},
	{"Tickets:", inTickets, crmMon, "", "", false}, // and pcs status --full, from crm_ticket

	{"Cluster Status:", inHead, ofPcs, "", "", true}, // pcs cluster status
	{"WARNINGS:", inWarnings, ofPcs, "0.9.165", "", false},
	{"PCSD Status:", inPCSD, ofPcs, "", "", true},
	{"Daemon Status:", inDaemons, ofPcs, "", "", true},
	{"Corosync Nodes:", inNodesOnly, ofPcs, "", "", true},
	{"Pacemaker Nodes:", inNodesOnly, ofPcs, "", "", true},
	{"Pacemaker Remote Nodes:", inNodesOnly, ofPcs, "0.9.149", "", false},

	{"Current cluster status:", inHead, crmSimulate, "", "", false},
	{"Performing requested modifications", inSimulated, crmSimulate, "", "2.0.5", false}, // without a colon
	{"Performing Requested Modifications:", inSimulated, crmSimulate, "2.1.0", "", false},
	{"Allocation scores:", inSimulated, crmSimulate, "", "2.0.5", false},
	{"Allocation Scores:", inSimulated, crmSimulate, "2.1.0", "2.1.5", false},
	{"Assignment Scores:", inSimulated, crmSimulate, "2.1.6", "", false},
	{"Utilization information:", inSimulated, crmSimulate, "", "2.0.5", false},
	{"Utilization Information:", inSimulated, crmSimulate, "2.1.0", "", false},
	{"Allocation scores and utilization information:", inSimulated, crmSimulate, "", "2.0.5", false},
	{"Allocation Scores and Utilization Information:", inSimulated, crmSimulate, "2.1.0", "2.1.5", false},
	{"Assignment Scores and Utilization Information:", inSimulated, crmSimulate, "2.1.6", "", false},
	{"Transition Summary:", inSimulated, crmSimulate, "", "", false},
	{"Executing cluster transition:", inSimulated, crmSimulate, "", "2.0.5", false},
	{"Executing Cluster Transition:", inSimulated, crmSimulate, "2.1.0", "", false},
	{"Revised cluster status:", inSimulated, crmSimulate, "", "2.0.5", false},
	{"Revised Cluster Status:", inSimulated, crmSimulate, "2.1.0", "", false},
	{"Timings:", inSimulated, crmSimulate, "2.1.0", "", false},
}

// maxTitle is longer than any title.
const maxTitle = 50

// titled has the titles in lower case: a person may have typed one.
var titled = func() map[string]title {
	m := map[string]title{}
	for _, t := range titles {
		m[strings.ToLower(t.text)] = t
	}
	return m
}()

// titleOf recognises a line that is a title.
func titleOf(s string) (title, bool) {
	if len(s) > maxTitle || s == "" || s[len(s)-1] != ':' && s != "Performing requested modifications" {
		return title{}, false
	}
	t, ok := titled[strings.ToLower(s)]
	return t, ok
}

// landmarks are what stands at the start of a line in every status that is worth
// reading: titles, and the lines of the head and the headlines of sets.
var landmarks = func() []string {
	all := []string{
		"Cluster name:", "Stack:", "Current DC:", "Last updated:", "Last change:", "Online: [", "OFFLINE: [",
		"Clone Set:", "Resource Group:", "Master/Slave Set:",
	}
	for _, t := range titles {
		if t.landmark {
			all = append(all, t.text)
		}
	}
	return all
}()

// hasLandmark tells that a landmark is in a line, wherever.
func hasLandmark(s string) bool {
	return slices.ContainsFunc(landmarks, func(t string) bool { return strings.Contains(s, t) })
}
