package packages

import (
	"slices"
	"strings"

	"github.com/hadeploy/hadeploy/playbook"
)

// fenceAgents are the distinct fence agents of the playbook's devices, in its
// order: fence_ipmilan.
func fenceAgents(p *playbook.Playbook) []string {
	var agents []string
	for _, d := range p.Stonith.Devices {
		if t := playbook.ParseAgent(d.Agent).Type; !slices.Contains(agents, t) {
			agents = append(agents, t)
		}
	}
	return agents
}

// fencePackages are the packages of these agents where each agent is one of
// its own (Debian 13). Agents that it does not know, a user's own ones, need
// no package.
func fencePackages(agents []string) []string {
	var names []string
	for _, agent := range agents {
		name, ok := fenceShared[agent]
		if short, isFence := strings.CutPrefix(agent, "fence_"); !ok && isFence && slices.Contains(fenceOwn, short) {
			name, ok = "fence-agents-"+strings.ReplaceAll(short, "_", "-"), true
		}
		if ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// fenceShared are the agents whose package is not named after them, and
// fenceOwn the others, less "fence_". Source: the file lists of Debian 13.
var fenceShared = map[string]string{
	"fence_evacuate":       "fence-agents-compute",
	"fence_epsr2":          "fence-agents-eps",
	"fence_idrac":          "fence-agents-ipmilan",
	"fence_ilo":            "fence-agents-ilo2",
	"fence_ilo3":           "fence-agents-ipmilan",
	"fence_ilo3_ssh":       "fence-agents-ilo-ssh",
	"fence_ilo4":           "fence-agents-ipmilan",
	"fence_ilo4_ssh":       "fence-agents-ilo-ssh",
	"fence_ilo5":           "fence-agents-ipmilan",
	"fence_ilo5_ssh":       "fence-agents-ilo-ssh",
	"fence_imm":            "fence-agents-ipmilan",
	"fence_ipmilanplus":    "fence-agents-ipmilan",
	"fence_lindypdu":       "fence-agents-lindy-pdu",
	"fence_tripplite_snmp": "fence-agents-apc-snmp",
	"fence_virt":           "fence-virt",
	"fence_xvm":            "fence-virt",
	"fence_zvmip":          "fence-agents-zvm",
}

var fenceOwn = strings.Fields(`
	ack_manual aliyun alom amt apc apc_snmp aws azure_arm bladecenter brocade cdu cisco_mds cisco_ucs compute
	crosslink cyberpower_ssh docker drac drac5 dummy eaton_snmp eaton_ssh ecloud emerson eps gce hds_cb
	heuristics_ping hpblade ibm_powervs ibm_vpc ibmblade ibmz ifmib ilo2 ilo_moonshot ilo_mp ilo_ssh intelmodular
	ipdu ipmilan ironic kdump kubevirt ldom lpar mpath netio nutanix_ahv openstack ovh ovm powerman pve raritan
	raritan_px3 rcd_serial redfish rhevm rsa rsb sanbox2 sbd scsi skalar vbox virsh vmware vmware_rest vmware_soap
	vmware_vcloud wti xenapi`)
