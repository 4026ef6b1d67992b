package pcs

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// What real nodes printed, captured by testdata/capture.sh: text of every
// length and XML of the same moment agree, and no line is left over.
func TestStates(t *testing.T) {
	for _, name := range globAll(t, "testdata/states/*/*.txtar") {
		state := strings.TrimSuffix(filepath.Base(name), ".txtar")
		t.Run(filepath.Base(filepath.Dir(name))+"/"+state, func(t *testing.T) {
			var texts []*Status
			var xml *Status
			for _, p := range readArchive(t, name).parts {
				parse := ParseStatus
				if strings.HasSuffix(p.name, "xml") {
					parse = ParseStatusXML
				}
				st, err := parse([]byte(p.data))
				if state == "not-running" {
					var not *NotRunningError
					if !errors.As(err, &not) {
						t.Errorf("%s: got %v", p.name, err)
					}
					continue
				}
				if err == nil {
					err = st.Problem()
				}
				if err != nil {
					t.Errorf("%s: %v", p.name, err)
					continue
				}
				checkModel(t, st)
				if st.Source == "xml" {
					xml = st
				} else if p.name != "pcs status nodes" {
					texts = append(texts, st)
				} else if xml != nil { // it names what it knows: who is online
					for _, n := range st.Nodes {
						if x := xml.Node(n.Name); x == nil || x.Online != n.Online && !x.Pending {
							t.Errorf("pcs status nodes says %+v, XML %+v", n, x)
						}
					}
				}
			}
			if xml == nil || strings.HasPrefix(state, "starting") {
				return // the cluster moved on between the commands
			}
			for _, text := range texts {
				for _, d := range Compare(*text, *xml) {
					t.Error(d)
				}
			}
			if want, ok := wantState[state]; ok && !want(xml) {
				t.Errorf("the XML is not of this state:\n%s", describe(xml))
			}
			if want, ok := wantState[state]; ok && len(texts) > 0 && !want(texts[0]) {
				t.Errorf("the text is not of this state:\n%s", describe(texts[0]))
			}
		})
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
		return anyResource(s, func(r *Resource) bool { return r.ID == "vip" && r.Disabled && !r.Active() }) &&
			anyResource(s, func(r *Resource) bool { return r.Clone == "ping-clone" && r.Disabled })
	},
	"unmanaged": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "web1" && !r.Managed && r.Active() }) &&
			anyResource(s, func(r *Resource) bool { return r.ID == "ping" && r.Managed })
	},
	"failed-recovered": func(s *Status) bool { return len(s.FailedActions) > 0 },
	"blocked": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "blk" && r.Failed && r.Blocked && !r.Managed })
	},
	"start-failed": func(s *Status) bool {
		for _, a := range s.FailedActions {
			if a.Resource == "fsx" && a.Operation == "start" && a.ExitReason != "" {
				return true
			}
		}
		return false
	},
	"standby-onfail": func(s *Status) bool { return anyNode(s, func(n *Node) bool { return n.StandbyOnFail && n.Standby }) },
	"pending-start": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "slow" && r.Role == Starting })
	},
	"pending-stop": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "slow" && r.Role == Stopping })
	},
	"orphaned": func(s *Status) bool {
		return anyResource(s, func(r *Resource) bool { return r.ID == "orph" && r.Orphaned })
	},
	"health":         func(s *Status) bool { return s.Node("n2").Health == "red" },
	"one-stopped":    func(s *Status) bool { return anyNode(s, func(n *Node) bool { return !n.Online && !n.Unclean }) },
	"one-lost":       func(s *Status) bool { return anyNode(s, func(n *Node) bool { return !n.Online }) },
	"fencing-failed": func(s *Status) bool { return anyNode(s, func(n *Node) bool { return n.Unclean }) && len(s.Fencing) > 0 },
	"no-quorum":      func(s *Status) bool { return !s.Quorum },
}
