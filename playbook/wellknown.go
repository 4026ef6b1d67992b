package playbook

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/internal/diag"
	"github.com/hadeploy/hadeploy/internal/yamldoc"
)

// The agents of resource-agents, of Pacemaker and of fence-agents in Debian 11,
// 12 and 13. Which ones the nodes have, only they know: an agent that is none
// of these is not wrong, but its name may be a slip of the pen.
const (
	//nolint:misspell // exportfs is no slip of exports
	heartbeatAgents = `
	AoEtarget AudibleAlarm CTDB ClusterMon Delay Dummy EvmsSCC Evmsd Filesystem ICP IPaddr IPaddr2 IPsrcaddr IPv6addr LVM LVM-activate LinuxSCSI
	MailTo ManageRAID ManageVE NodeUtilization Pure-FTPd Raid1 Route SAPDatabase SAPInstance SendArp ServeRAID SphinxSearchDaemon Squid Stateful
	SysInfo VIPArip VirtualDomain WAS WAS6 WinPopup Xen Xinetd ZFS aliyun-vpc-move-ip anything apache asterisk aws-vpc-move-ip aws-vpc-route53
	awseip awsvip azure-events azure-events-az azure-lb clvm conntrackd corosync-qnetd crypt db2 dhcpd dnsupdate docker docker-compose dovecot
	dummypy eDir88 ethmonitor exportfs fio galera garbd gcp-ilb gcp-pd-move gcp-vpc-move-ip gcp-vpc-move-route gcp-vpc-move-vip iSCSILogicalUnit
	iSCSITarget ids iface-bridge iface-macvlan iface-vlan ipsec iscsi jboss jira kamailio ldirectord lvmlockd lxc lxd-info machine-info mariadb
	mdraid minio mpathpersist mysql mysql-proxy nagios named nfsnotify nfsserver nginx nvmet-namespace nvmet-port nvmet-subsystem ocivip
	openstack-cinder-volume openstack-floating-ip openstack-info openstack-virtual-ip oraasm oracle oralsnr osceip ovsmonitor pgagent pgsql
	pingd podman portblock postfix pound powervs-subnet proftpd rabbitmq-cluster rabbitmq-server-ha redis rkt rsyncd rsyslog scsi2reservation
	sfex sg_persist slapd smb-share storage-mon sybaseASE symlink syslog-ng tomcat varnish vdo-vol vmware vsftpd zabbixserver`
	pacemakerAgents = `
	ClusterMon Dummy HealthCPU HealthIOWait HealthSMART Stateful SysInfo SystemHealth attribute controld ifspeed o2cb ping pingd remote`
	fenceAgents = `
	fence_ack_manual fence_aliyun fence_alom fence_amt fence_apc fence_apc_snmp fence_aws fence_azure_arm fence_bladecenter fence_brocade
	fence_cisco_mds fence_cisco_ucs fence_compute fence_crosslink fence_docker fence_drac fence_drac5 fence_dummy fence_eaton_snmp fence_emerson
	fence_eps fence_evacuate fence_gce fence_hds_cb fence_heuristics_ping fence_hpblade fence_ibmblade fence_ibmz fence_idrac fence_ifmib
	fence_ilo fence_ilo2 fence_ilo3 fence_ilo3_ssh fence_ilo4 fence_ilo4_ssh fence_ilo5 fence_ilo5_ssh fence_ilo_moonshot fence_ilo_mp
	fence_ilo_ssh fence_imm fence_intelmodular fence_ipdu fence_ipmilan fence_ipmilanplus fence_ironic fence_kdump fence_ldom fence_legacy
	fence_lpar fence_mpath fence_netio fence_openstack fence_ovh fence_powerman fence_pve fence_raritan fence_rcd_serial fence_redfish
	fence_rhevm fence_rsa fence_rsb fence_sanbox2 fence_sbd fence_scsi fence_skalar fence_tripplite_snmp fence_vbox fence_virsh fence_virt
	fence_vmware fence_vmware_rest fence_vmware_soap fence_vmware_vcloud fence_watchdog fence_wti fence_xenapi fence_xvm fence_zvmip`
)

// plugins are fence agents that do what a plugin of cluster-glue does.
var plugins = map[string]string{
	"apcmaster": "fence_apc", "apcmastersnmp": "fence_apc_snmp", "drac5": "fence_drac5", "ec2": "fence_aws", "ibmrsa": "fence_rsa",
	"ibmrsa-telnet": "fence_rsa", "ipmi": "fence_ipmilan", "ipmilan": "fence_ipmilan", "libvirt": "fence_virsh", "rackpdu": "fence_apc_snmp",
	"riloe": "fence_ilo", "sbd": "fence_sbd", "vcenter": "fence_vmware_soap", "vmware": "fence_vmware_soap", "xen0": "fence_xenapi",
}

// wellKnown are the agents above: resources' by their whole names, fences' by
// their type.
func wellKnown() (resources, fences []string) {
	for _, name := range strings.Fields(heartbeatAgents) {
		resources = append(resources, "ocf:heartbeat:"+name)
	}
	for _, name := range strings.Fields(pacemakerAgents) {
		resources = append(resources, "ocf:pacemaker:"+name)
	}
	return resources, strings.Fields(fenceAgents)
}

// WellKnownAgents are the whole names of the agents that most distributions
// have, for whoever offers a choice; the nodes may have others.
func WellKnownAgents() []string {
	resources, fences := wellKnown()
	for _, name := range fences {
		resources = append(resources, "stonith:"+name)
	}
	return resources
}

// meantAgent is the well-known agent that a type, or a part of a name, means:
// of that name whatever the case, else the nearest; "" when none is near.
func meantAgent(typ string) string {
	resources, _ := wellKnown()
	types := make([]string, len(resources))
	for i, name := range resources {
		types[i] = ParseAgent(name).Type
		if strings.EqualFold(types[i], typ) {
			return name
		}
	}
	if near := diag.Closest(typ, types); near != "" && diag.Distance(strings.ToLower(near), strings.ToLower(typ)) <= max(1, len(typ)/4) {
		return resources[slices.Index(types, near)]
	}
	return ""
}

// checkSlip warns of an agent that is none of the well-known ones but has
// nearly the name of one of them. Those that the playbook brings are left alone.
func (l *loader) checkSlip(p Primitive, ref AgentRef, path yamldoc.Path) {
	resources, fences := wellKnown()
	name, known := ref.String(), resources
	switch {
	case ref.Standard == "stonith":
		name, known = ref.Type, fences
	case ref.Standard != "ocf" || ref.Provider != "heartbeat" && ref.Provider != "pacemaker":
		return
	}
	if slices.Contains(known, name) || l.bringsAgent(ref) {
		return
	}
	word := strings.TrimPrefix(ref.Type, "fence_")
	meant := ""
	for _, k := range known {
		if ParseAgent(k).Type == ref.Type { // of the other provider
			meant = k
		}
	}
	if meant == "" {
		meant = diag.Closest(name, slices.DeleteFunc(known, func(k string) bool {
			return diag.Distance(strings.ToLower(k), strings.ToLower(name)) > max(1, len(word)/4)
		}))
	}
	if meant != "" {
		l.warnAt(p.AgentPos, path+".agent", fmt.Sprintf("did you mean %q?", meant), "%s is no agent that is known here; hadeploy plan asks the nodes", quote(p.Agent))
	}
}

// bringsAgent reports whether the playbook itself puts the agent on the nodes.
func (l *loader) bringsAgent(ref AgentRef) bool {
	for _, a := range items(l.doc.Root.Get("agents")) {
		if ParseAgent(text(a.Get("name"))) == ref {
			return true
		}
	}
	for _, f := range items(l.doc.Root.Get("files")) {
		if strings.HasSuffix(text(f.Get("path")), "/"+ref.Type) {
			return true
		}
	}
	return false
}

// checkPlugin warns of a fencing device by a plugin of cluster-glue, which
// Pacemaker runs only where it is built for them.
func (l *loader) checkPlugin(p Primitive, ref AgentRef, path yamldoc.Path) {
	name, external := strings.CutPrefix(ref.Type, "external/")
	if !external && plugins[name] == "" {
		return
	}
	meant := cmp.Or(plugins[name], "fence_NAME")
	l.warnAt(p.AgentPos, path+".agent", fmt.Sprintf("write %s; its options have names of their own: hadeploy agents describe %s", meant, meant),
		"%s is a plugin of cluster-glue: Pacemaker runs it only where it was built for them, on Debian but not on Red Hat", quote(p.Agent))
}
