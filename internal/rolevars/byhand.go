package rolevars

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// hand says of a variable that no section is made of what is to be done about it.
type hand struct {
	severity diag.Severity
	why      string // empty: it is of no concern, whatever it says
	hint     string
	unless   func(value) bool // it says what is so anyway; nil: it is null, false or empty
}

const no = diag.Error

// byHand are those variables.
var byHand = map[string]hand{
	"ha_cluster_export_configuration": {},
	"ha_cluster_secure_logging":       {}, // nothing secret is logged
	"ha_cluster_pacemaker_shell":      {}, // the same commands make the same configuration

	"ha_cluster_enable_repos":                   {diag.Warning, "hadeploy enables no repositories", "on RHEL and CentOS, have that of high availability enabled on the nodes", nil},
	"ha_cluster_enable_repos_resilient_storage": {no, "hadeploy enables no repositories", "enable that of resilient storage on the nodes", nil},
	"ha_cluster_install_cloud_agents":           {no, "hadeploy does not know which packages these are on your nodes", "name them under packages.install, such as fence-agents-aws and resource-agents-cloud", nil},
	"ha_cluster_zypper_patterns":                {no, "hadeploy installs packages, no patterns", "name the packages under packages.install", nil},
	"ha_cluster_use_latest_packages":            {no, "hadeploy leaves installed packages at their version", "bring them up to date by the package manager", nil},

	"ha_cluster_manage_firewall": {no, "hadeploy opens no ports", "on each node: firewall-cmd --permanent --add-service=high-availability, and --reload", nil},
	"ha_cluster_manage_selinux":  {no, "hadeploy sets nothing of SELinux", "the ports of the service high-availability have to be of the type cluster_port_t: semanage port", nil},

	"ha_cluster_hacluster_qdevice_password": {no, "hadeploy sets up no quorum device, and needs no password for it", "give it to pcs host auth by hand", nil},
	"ha_cluster_qnetd":                      {no, "hadeploy sets up no host of a quorum device", "leave that host to the role", qnetdAbsent},
	"ha_cluster_sbd_enabled":                {no, "hadeploy does not set up sbd", "set it up by hand, as pcs stonith sbd enable does; hadeploy leaves it as it is", nil},
	"ha_cluster_sbd_options":                {no, "hadeploy does not set up sbd", "they stand in /etc/sysconfig/sbd, or /etc/default/sbd, of each node", nil},

	"ha_cluster_regenerate_keys":      {no, "hadeploy makes keys where there are none, and leaves those that are there", "to renew them, stop the cluster: pcs cluster authkey corosync", nil},
	"ha_cluster_corosync_key_src":     {no, "hadeploy takes the key that the nodes have, and makes one where there is none", "copy it to /etc/corosync/authkey of each node before the first apply", nil},
	"ha_cluster_pacemaker_key_src":    {no, "hadeploy takes the key that the nodes have, and makes one where there is none", "copy it to /etc/pacemaker/authkey of each node before the first apply", nil},
	"ha_cluster_fence_virt_key_src":   {no, "hadeploy makes and copies no key of fence-virt by itself", "add to files: {path: /etc/cluster/fence_xvm.key, source: FILE, mode: \"0600\"}; the file must not be encrypted", nil},
	"ha_cluster_pcsd_public_key_src":  {no, "hadeploy leaves the certificate of pcsd as it is", "copy it to /var/lib/pcsd/pcsd.crt of each node, and restart pcsd", nil},
	"ha_cluster_pcsd_private_key_src": {no, "hadeploy leaves the key of pcsd as it is", "copy it to /var/lib/pcsd/pcsd.key of each node, and restart pcsd", nil},
	"ha_cluster_pcsd_certificates":    {no, "hadeploy requests no certificates", "leave those of pcsd to the role certificate", nil},
	"ha_cluster_pcs_permission_list":  {no, "hadeploy leaves the permissions of pcsd as they are", "set them in the web interface of pcsd, or in /var/lib/pcsd/pcs_settings.conf", usualPermissions},
}

// byHand names the variables that no section is made of.
func (r *reader) byHand() {
	for _, v := range r.list {
		h, known := byHand[v.Key]
		if !known || h.why == "" {
			v.used = v.used || known
			continue
		}
		is := r.variable(v.Key)
		unless := h.unless
		if unless == nil {
			unless = nothing
		}
		if !unless(is) {
			r.leave(h.severity, is, h.hint, "%s", h.why)
		}
	}
}

// nothing reports a value that asks for nothing.
func nothing(v value) bool {
	switch {
	case !v.given():
		return true
	case v.n.Kind == yamldoc.Scalar:
		text := strings.ToLower(ansibleText(v.n))
		return text == "" || text == "false" || text == "no" || text == "0"
	}
	return len(v.n.Items) == 0 && len(v.n.Fields) == 0
}

func qnetdAbsent(v value) bool {
	return !v.given() || v.n.Kind == yamldoc.Map && nothing(v.get("present"))
}

// usualPermissions reports what pcs itself gives a new cluster, and the role by
// default.
func usualPermissions(v value) bool {
	if !v.given() || v.n.Kind != yamldoc.Seq || len(v.n.Items) != 1 {
		return false
	}
	item := value{r: v.r, n: v.n.Items[0], path: v.path.Index(0)}
	if item.n.Kind != yamldoc.Map || item.get("type").text() != "group" || item.get("name").text() != "haclient" {
		return false
	}
	var allowed []string
	for _, a := range item.get("allow_list").items() {
		allowed = append(allowed, a.text())
	}
	slices.Sort(allowed)
	return slices.Equal(allowed, []string{"grant", "read", "write"})
}

// head is what is to be known of the playbook as a whole.
func (r *reader) head() string {
	lines := []string{
		"Made by hadeploy import of " + r.doc.File + ", variables of the Ansible role linux-system-roles.ha_cluster.",
		"",
		"The role removes from the cluster whatever its variables do not name. hadeploy leaves that alone, and plan",
		"lists it; to have it removed here too, add: prune: true",
	}
	if r.vars["ha_cluster_fence_agent_packages"] == nil {
		lines = append(lines, "The role installs all fence agents; hadeploy those of the fencing devices below.")
	}
	if v := r.vars["ha_cluster_enable_repos"]; v == nil {
		lines = append(lines, "The role enables the repositories of RHEL and CentOS; hadeploy takes those that the nodes have.")
	}
	var unset []string
	for _, s := range r.secrets {
		if r.o.SecretFile == nil || !s.Value.IsSet() {
			unset = append(unset, "  "+s.Env+"  ("+s.Of+")")
		}
	}
	if len(unset) > 0 {
		lines = append(append(lines, "", "Passwords are not in this file. They come from:"), unset...)
	}
	return strings.Join(lines, "\n")
}
