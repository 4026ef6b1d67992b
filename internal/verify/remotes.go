package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/facts"
	"github.com/hadeploy/hadeploy/internal/pcs"
	"github.com/hadeploy/hadeploy/internal/plan"
	"github.com/hadeploy/hadeploy/internal/plural"
	"github.com/hadeploy/hadeploy/playbook"
)

// hasRemotes reports whether there are remote and guest nodes that are set up here.
func (j *Judge) hasRemotes() bool { return j.Playbook != nil && len(j.Playbook.Remotes) > 0 }

// checkRemotes looks whether the cluster is connected to each declared remote and
// guest node.
func (j *Judge) checkRemotes() answer {
	var found []plan.Finding
	for i := range j.Playbook.Remotes {
		if f := j.checkRemote(&j.Playbook.Remotes[i]); f != nil {
			found = append(found, *f)
		}
	}
	for _, h := range j.Hosts {
		found = append(found, j.checkHost(h)...)
	}
	return answer{seen: plural.Of(len(j.Playbook.Remotes), "remote node") + " online", found: found}
}

// checkRemote is the finding about one node, nil where it is online.
func (j *Judge) checkRemote(r *playbook.RemoteNode) *plan.Finding {
	s := j.st.Node(r.Name)
	what, kind := "remote node", pcs.Remote
	if r.Guest != "" {
		what, kind = "guest node", pcs.Guest
	}
	f := &plan.Finding{Code: "REMOTE_OFFLINE", Severity: plan.Error, Node: r.Name, Object: r.Resource(), Expected: "online"}
	look := "on " + r.Name + ": systemctl status pacemaker_remote; then pcs resource cleanup " + r.Name // a guest's connection is a resource of that name too
	switch {
	case j.disabled(r.Resource()):
		f.Severity, f.Seen = plan.Warning, "disabled"
		f.Message = fmt.Sprintf("the %s %s is off, as somebody disabled %s", what, r.Name, r.Resource())
		f.Fix = "pcs resource enable " + r.Resource()
	case s == nil:
		f.Seen, f.Message, f.Fix = "absent", fmt.Sprintf("the cluster does not know the %s %s", what, r.Name), "hadeploy apply"
	case s.NotTold:
		f.Seen, f.Message, f.Fix = "unknown", fmt.Sprintf("the cluster does not tell in what state the %s %s is", what, r.Name), "pcs status --full"
	case s.Kind != kind:
		f.Seen, f.Message, f.Fix = s.Kind, fmt.Sprintf("%s is declared as a %s, and the cluster has it as %s", r.Name, what, s.Kind), "hadeploy plan"
	case s.Unclean:
		f.Seen, f.Message = "UNCLEAN", fmt.Sprintf("the %s %s is UNCLEAN: it has to be fenced before its resources can run elsewhere", what, r.Name)
		f.Fix = "find out what happened to it; is there a fencing device for it?"
	case !s.Online:
		f.Seen, f.Message, f.Fix = "offline", fmt.Sprintf("the %s %s is offline: no member is connected to pacemaker_remote there, at %s", what, r.Name, r.Address()), look
	case s.StandbyOnFail:
		f.Code, f.Object, f.Seen = "NODE_STANDBY", "", "standby (on-fail)"
		f.Message, f.Fix = r.Name+" is in standby since a resource failed there (on-fail=standby): it runs no resources", "mend the cause, then pcs resource cleanup"
	case s.Standby:
		f.Code, f.Object, f.Severity, f.Seen = "NODE_STANDBY", "", plan.Warning, "standby"
		f.Message, f.Fix = r.Name+" is in standby, as a person set it: it runs no resources", "pcs node unstandby "+r.Name
	case s.Maintenance && !j.st.Maintenance:
		f.Code, f.Object, f.Severity, f.Seen = "NODE_MAINTENANCE", "", plan.Warning, "maintenance"
		f.Message, f.Fix = r.Name+" is in maintenance, as a person set it: its resources are not watched", "pcs node unmaintenance "+r.Name
	default:
		return nil
	}
	return f
}

// checkHost looks at what the host of a remote or guest node says: a connection
// that stands tells nothing of the next one.
func (j *Judge) checkHost(h RemoteHost) (found []plan.Finding) {
	f := plan.Finding{Severity: plan.Error, Node: h.Node}
	if h.Err != nil {
		why := strings.TrimPrefix(h.Err.Error(), h.Node+": ")
		f.Code, f.Message, f.Fix = "STATUS_UNKNOWN", "its key and pacemaker_remote cannot be looked at: "+why, "look at the command on the node"
		if h.Reach != Asked {
			f.Code, f.Expected, f.Seen = "NODE_UNREACHABLE", "reachable", "unreachable"
			f.Message, f.Fix = "the node cannot be reached, so its key and pacemaker_remote were not looked at: "+why, "is it switched on? can you log in by ssh?"
		}
		return []plan.Finding{f}
	}
	if seen := h.Remote.Active + "/" + h.Remote.Enabled; seen != "active/enabled" {
		if h.Remote.Load == "not-found" {
			seen = "not installed"
		}
		d := f
		d.Code, d.Object, d.Expected, d.Seen = "DAEMON", "pacemaker_remote", "active/enabled", seen
		d.Message, d.Fix = "the daemon pacemaker_remote is "+seen+", not active/enabled", "hadeploy apply, or systemctl status pacemaker_remote"
		found = append(found, d)
	}
	f.Code, f.Object, f.Fix = "REMOTE_KEY", facts.PacemakerKey, "hadeploy apply"
	switch {
	case h.Key == "":
		f.Message = "there is no " + facts.PacemakerKey + ": no member can connect to the node " + h.Name + " anew"
	case len(j.memberKeys()) > 0 && !slices.Contains(j.memberKeys(), h.Key):
		f.Message = facts.PacemakerKey + " is not the one of the members: none can connect to the node " + h.Name + " anew"
	default:
		return found
	}
	return append(found, f)
}

// memberKeys are the sums of Pacemaker's key that members told.
func (j *Judge) memberKeys() (sums []string) {
	for _, d := range j.Daemons {
		if d.Err == nil && d.Corosync != nil && d.Corosync.PacemakerKey != "" {
			sums = append(sums, d.Corosync.PacemakerKey)
		}
	}
	return sums
}

// connected reports whether the cluster tells of remote or guest nodes, and is
// connected to all of them.
func (j *Judge) connected() bool {
	if j.st == nil {
		return false
	}
	remote := slices.DeleteFunc(slices.Clone(j.st.Nodes), func(n pcs.Node) bool { return n.Kind == pcs.Member })
	return len(remote) > 0 && !slices.ContainsFunc(remote, func(n pcs.Node) bool { return !n.Online })
}

// disabled reports whether the target-role of a resource is Stopped.
func (j *Judge) disabled(id string) bool {
	return slices.ContainsFunc(j.st.Resources, func(r pcs.Resource) bool { return r.ID == id && r.Disabled })
}
