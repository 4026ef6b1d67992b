package playbook

import "strings"

// AgentRef is the name of an agent, taken apart.
type AgentRef struct{ Standard, Provider, Type string }

// ParseAgent takes an agent's name apart. The forms are those of Pacemaker:
// ocf:PROVIDER:TYPE (also with two colons, as releases before 2.1 print it),
// STANDARD:TYPE (systemd, lsb, service, stonith), where TYPE may hold colons
// and slashes: systemd:m0d@0x72:0x9, stonith:external/ssh.
func ParseAgent(name string) AgentRef {
	standard, rest, ok := strings.Cut(name, ":")
	if !ok {
		return AgentRef{Type: name}
	}
	if standard != "ocf" {
		return AgentRef{Standard: standard, Type: rest}
	}
	provider, typ, _ := strings.Cut(strings.TrimPrefix(rest, ":"), ":")
	return AgentRef{Standard: standard, Provider: provider, Type: typ}
}

func (a AgentRef) String() string {
	switch {
	case a.Standard == "":
		return a.Type
	case a.Provider == "":
		return a.Standard + ":" + a.Type
	}
	return a.Standard + ":" + a.Provider + ":" + a.Type
}
