package pcs

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// What real nodes printed, captured by integration/capture.sh: text of every
// length and XML of the same moment agree, and no line is left over.
func TestStates(t *testing.T) {
	releases := map[string]int{}
	for _, name := range globAll(t, "testdata/states/*/*.txtar") {
		release := filepath.Base(filepath.Dir(name))
		state := strings.TrimSuffix(filepath.Base(name), ".txtar")
		releases[release]++
		t.Run(release+"/"+state, func(t *testing.T) {
			if state == "not-running" || state == "all-stopped" {
				checkNotRunning(t, name)
				return
			}
			checkState(t, name, state)
		})
	}
	for _, release := range []string{"debian11", "debian12", "debian13"} {
		if releases[release] < 25 {
			t.Errorf("%d states of %s, want at least 25", releases[release], release)
		}
	}
}

func checkNotRunning(t *testing.T, name string) {
	for _, p := range readArchive(t, name).parts {
		_, err := parsePart(p)
		if _, ok := errors.AsType[*NotRunningError](err); !ok {
			t.Errorf("%s: got %v", p.name, err)
		}
	}
}

func checkState(t *testing.T, name, state string) {
	read := map[string]*Status{}
	var xml *Status
	for _, p := range readArchive(t, name).parts {
		st, err := parsePart(p)
		if err == nil {
			err = st.Problem()
		}
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		checkModel(t, st)
		if read[p.name] = st; st.Source == "xml" {
			xml = st
		}
	}
	if xml == nil {
		t.Fatal("no XML")
	}
	for part, text := range read {
		switch part {
		case "pcs status nodes": // it names what it knows: who is online
			for _, n := range text.Nodes {
				if x := xml.Node(n.Name); x == nil || x.Online != n.Online && !x.Pending {
					t.Errorf("pcs status nodes says %+v, XML %+v", n, x)
				}
			}
		default:
			for _, d := range Compare(*text, *xml) {
				t.Errorf("%s: %s", part, d)
			}
		}
		// Long and short text say the same of what both show.
		long, short := read["pcs status --full"], read["pcs status"]
		if part == "pcs status" && long != nil {
			for _, d := range Compare(*short, *long) {
				t.Errorf("%s (as text) and --full (as XML): %s", part, d)
			}
		}
	}
	if want, ok := wantState[state]; ok {
		for part, st := range read {
			if part != "pcs cluster status" && part != "pcs status nodes" && part != "crm_mon -1" && !want(st) {
				t.Errorf("%s is not of this state:\n%s", part, describe(st))
			}
		}
	}
}

func anyNode(s *Status, f func(*Node) bool) bool {
	for i := range s.Nodes {
		if f(&s.Nodes[i]) {
			return true
		}
	}
	return false
}

func anyResource(s *Status, f func(*Resource) bool) bool {
	for i := range s.Resources {
		if f(&s.Resources[i]) {
			return true
		}
	}
	return false
}

func anyFencing(s *Status, status string) bool {
	for _, e := range s.Fencing {
		if e.Target == "n3" && e.Status == status {
			return true
		}
	}
	return false
}

// wantState says what makes each state, so that a fixture which caught
// another moment is noticed.
var wantState = map[string]func(*Status) bool{
	"fresh": func(s *Status) bool { return s.DC != "" && s.Quorum && len(s.Resources) == 0 },
	"running": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "vip" && r.Role == Started && r.Managed }) &&
			anyResource(s, func(r *Resource) bool { return r.ID == "db" && r.Role == Promoted && r.Clone == "db-clone" }) &&
			anyResource(s, func(r *Resource) bool { return r.ID == "num" && len(r.Instances) == 2 }) &&
			anyResource(s, func(r *Resource) bool { return r.ID == "g" && r.Clone == "g-clone" && r.Role == Started }) &&
			anyResource(s, func(r *Resource) bool { return r.ID == "web2" && r.Group == "web" })
	},
	"standby": func(s *Status) bool { return s.Node("n2").Standby && s.Node("n2").Online },
	"node-maintenance": func(s *Status) bool {
		return s.Node("n2").Maintenance && anyResource(s, func(r *Resource) bool { return !r.Managed })
	},
	"maintenance": func(s *Status) bool {
		return s.Maintenance && !anyResource(s, func(r *Resource) bool { return r.Active() && r.Managed })
	},
	"stop-all": func(s *Status) bool { return s.StopAll && !anyResource(s, (*Resource).Active) },
	"disabled": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "roam" && r.Disabled && !r.Active() }) &&
			anyResource(s, func(r *Resource) bool { return r.Clone == "ping-clone" && r.Disabled })
	},
	"unmanaged": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "web1" && !r.Managed && r.Active() }) &&
			anyResource(s, func(r *Resource) bool { return r.ID == "ping" && r.Managed })
	},
	"failed-recovered": func(s *Status) bool { return len(s.FailedActions) > 0 },
	"blocked": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "app" && r.Failed && r.Blocked && !r.Managed })
	},
	"start-failed": func(s *Status) bool {
		for _, a := range s.FailedActions {
			if a.Resource == "app" && a.Operation == "start" && a.ExitReason != "" {
				return true
			}
		}
		return false
	},
	"two-promoted": func(s *Status) bool {
		n := 0
		for _, r := range s.Find("db") {
			if r.Role == Promoted {
				n += len(r.Nodes)
			}
		}
		return n == 2
	},
	"two-places": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "roam" && len(r.Nodes) == 2 })
	},
	"migrating": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "roam" && r.Role == Migrating })
	},
	"ticket-granted": func(s *Status) bool {
		return s.Source == "text" && len(s.Tickets) == 0 || len(s.Tickets) == 1 && s.Tickets[0].Granted
	},
	"ticket-revoked": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "web1" && r.Role == Stopped })
	},
	"remote-guest": func(s *Status) bool {
		return anyNode(s, func(n *Node) bool { return n.Kind == Remote && !n.Online })
	},
	"bundle-started": func(s *Status) bool {
		return len(s.Find("box")) == 2 && !anyResource(s, func(r *Resource) bool { return r.Bundle == "box" && r.Role != Started })
	},
	"bundle-stopped": func(s *Status) bool {
		return len(s.Find("box")) == 2 && !anyResource(s, func(r *Resource) bool { return r.Bundle == "box" && r.Role != Stopped })
	},
	"one-joining":     func(s *Status) bool { return s.Node("n3").Pending },
	"fencing-pending": func(s *Status) bool { return s.Node("n3").Unclean && anyFencing(s, "pending") },
	"fencing-device-stopped": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "fence" && r.Role == Stopped && r.Disabled })
	},
	"fencing-device-failed": func(s *Status) bool { return len(s.FailedActions) >= 3 },
	"fencing-confirmed":     func(s *Status) bool { return !s.Node("n3").Online && !s.Node("n3").Unclean },
	"partitioned":           func(s *Status) bool { return s.Quorum && s.Node("n3").Unclean },
	"partitioned-n3":        func(s *Status) bool { return !s.Quorum && s.DC == "n3" },
	"no-quorum-n2":          func(s *Status) bool { return !s.Quorum && s.DC == "n2" },
	"starting-alone":        func(s *Status) bool { return s.DC == "" },
	"starting-quorum":       func(s *Status) bool { return s.DC == "" },
	"standby-onfail":        func(s *Status) bool { return anyNode(s, func(n *Node) bool { return n.StandbyOnFail && n.Standby }) },
	"pending-start": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "app" && r.Role == Starting })
	},
	"pending-stop": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "app" && r.Role == Stopping })
	},
	"orphaned": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "roam" && r.Orphaned })
	},
	"health": func(s *Status) bool { // which Pacemaker 2.0 does not print
		return s.Node("n2").Health == "red" || strings.HasPrefix(s.DCVersion, "2.0") && anyResource(s, func(r *Resource) bool { return r.ID == "web2" && r.Nodes[0] == "n1" })
	},
	"one-stopped":    func(s *Status) bool { return anyNode(s, func(n *Node) bool { return !n.Online && !n.Unclean }) },
	"one-lost":       func(s *Status) bool { return anyNode(s, func(n *Node) bool { return !n.Online }) },
	"fencing-failed": func(s *Status) bool { return s.Node("n3").Unclean && anyFencing(s, "failed") },
	"no-quorum":      func(s *Status) bool { return !s.Quorum },
}
