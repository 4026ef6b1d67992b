package crmsh

import "strings"

// An inherited is a default that was a cluster property before Pacemaker 1.1.
type inherited struct {
	section, name, value string
	pair                 *element
}

// old says what became of a cluster property that Pacemaker 2.0 no longer has,
// as its own upgrade has it (upgrade-2.10.xsl): another name, in a section of
// defaults where one is given. Without a name it is gone, and do says what is
// there instead. That of an infrastructure is gone for some of its values.
func old(property, value string) (name, section, do string, is bool) {
	const threshold = "say rsc_defaults migration-threshold= if failures are to move resources"
	switch dashed := strings.ReplaceAll(property, "_", "-"); dashed {
	case "cluster-recheck-interval", "dc-deadtime", "election-timeout", "no-quorum-policy", "remove-after-stop", "shutdown-escalation", "startup-fencing",
		"stonith-action", "stonith-enabled", "stop-orphan-actions", "stop-orphan-resources", "symmetric-cluster":
		return dashed, "", "", dashed != property
	case "transition-idle-timeout":
		return "cluster-delay", "", "", true
	case "default-action-timeout":
		return "timeout", "op_defaults", "", true
	case "default-resource-stickiness":
		return "resource-stickiness", "rsc_defaults", "", true
	case "is-managed-default":
		return "is-managed", "rsc_defaults", "", true
	case "default-migration-threshold", "default-resource-failure-stickiness":
		return "", "", threshold, true
	case "expected-quorum-votes":
		return "", "", "Corosync counts votes; its configuration has them", true
	case "notification-agent", "notification-recipient":
		return "", "", "say alert instead", true
	case "cluster-infrastructure":
		gone := value == "heartbeat" || value == "cman" || strings.HasPrefix(value, "classic openais") || value == "openais"
		return "", "", "the cluster says itself that it runs on Corosync", gone
	}
	return "", "", "", false
}

// renew takes old properties out of a set, and gives the defaults among them to
// the build.
func (b *build) renew(set *element) {
	kept := set.children[:0]
	for _, pair := range set.children {
		name, section, do, is := "", "", "", false
		if pair.tag == "nvpair" && !pair.has("id-ref") {
			name, section, do, is = old(pair.get("name"), pair.get("value"))
		}
		switch {
		case !is:
		case name == "":
			pair.owner.sayAt(pair.at, "the property "+pair.get("name")+" is gone since Pacemaker 2.0", do)
			continue
		case section != "":
			b.inherits = append(b.inherits, inherited{section, name, pair.get("value"), pair})
			continue
		default:
			pair.set("name", name)
		}
		kept = append(kept, pair)
	}
	set.children = kept
}

// inherit puts those defaults where nothing else says them.
func (b *build) inherit(in *element) {
	var set *element
	for _, s := range in.children {
		if s.child("rule") == nil && !s.has("id-ref") {
			set = s
			break
		}
	}
	said := map[string]bool{}
	if set != nil {
		for _, pair := range set.children {
			said[pair.get("name")] = true
		}
	}
	for _, d := range b.inherits {
		if d.section != in.tag {
			continue
		}
		if set == nil {
			set = &element{tag: "meta_attributes", owner: d.pair.owner, at: d.pair.at}
			set.set("id", strings.TrimSuffix(in.tag, "_defaults")+"-options")
			in.add(set)
		}
		if !said[d.name] {
			said[d.name] = true
			pair := &element{tag: "nvpair", owner: d.pair.owner, at: d.pair.at}
			pair.set("name", d.name)
			pair.set("value", d.value)
			set.add(pair)
		}
	}
}
